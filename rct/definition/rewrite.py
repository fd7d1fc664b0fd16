"""Marks of what nobody of this office has written yet: what was another city's in a trial that was adapted, an example's
words, or the words that `rct new` put where no answer was given. A person rewrites each before the plan can be locked,
or confirms it by taking the mark away.

A mark stands in the text itself (`REWRITE: Dana Reyes, Water Department`), so that nobody can overlook it, and `check`
and `lock` refuse a definition or a letter that still has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rct.definition.dates import MONTHS

MARK = "REWRITE:"

_PLACES = (
    r"https?://[^\s)\]>\"']+",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"\b(?:www\.)?[a-z0-9-]+\.(?:gov|org|com|net|us|example)(?:/[^\s)\]>\"']*)?",
    r"(?:\+?\d{1,2}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}",
    r"\b\d{1,5} (?:[NSEW]\.? )?(?:[A-Z][\w'.-]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Way)\b",
    rf"\b(?:{'|'.join(MONTHS)}) \d{{1,2}}(?:, \d{{4}})?\b",
    r"\b\d{1,2}/\d{1,2}/\d{2,4}\b",
    r"\$\d[\d,]*(?:\.\d\d)?",
)

# Fields, conditions, comments, and pictures by their paths: captured, so that a split keeps them.
_LEFT_ALONE = re.compile(
    r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|!?\[[^\]]*\]\([^)\s]+\.(?:png|jpe?g|gif|svg|webp)\))", re.DOTALL
)


def marked(text: str) -> str:
    """A text of the definition, marked as theirs."""
    return f"{MARK} {text}"


def in_letter(text: str) -> str:
    """Words of a letter, marked as not theirs yet."""
    return f"[[{MARK} {text}]]"


def is_marked(text: str) -> bool:
    return MARK in text


def unmarked(text: str) -> str:
    """A definition's text as if every mark in it were confirmed, to read its days and letters."""
    return text.replace(f"{MARK} ", "")


def mark_keys(toml: str, keys: Iterable[str]) -> str:
    """A trial.toml with the texts of these keys marked, each where it begins."""
    opening = re.compile(rf'(?m)^((?:{"|".join(keys)}) = (?:"""\n|"))(?!{MARK})')
    return opening.sub(rf"\g<1>{MARK} ", toml)


def mark_letter(text: str, names: Iterable[str]) -> tuple[str, int]:
    """The letter with each place that is surely theirs in `[[REWRITE: …]]`, and how many there are.

    `names` are names of theirs: city, department, people. Fields (`{{ … }}`) and conditions are left alone: they are
    the reader's own columns. Addresses, telephone numbers, web and mail addresses, days and amounts are marked.
    """
    own = [
        re.escape(name)
        for name in sorted({n.strip() for n in names if len(n.strip()) > 2}, key=len, reverse=True)
    ]
    pattern = re.compile("|".join([*(rf"\b{name}\b" for name in own), *_PLACES]))
    count = 0

    def mark(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return in_letter(match[0])

    parts = _LEFT_ALONE.split(text)
    parts[::2] = [pattern.sub(mark, part) for part in parts[::2]]
    return "".join(parts), count

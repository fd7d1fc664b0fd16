"""The language of a memo: English sentences are the keys, a catalogue in locale/ holds the others.

A catalogue is one gettext file, locale/CODE.po, read as it is; a further language is one further file.
Sentences have named places (`{arm}`); what goes into them is data and is never read as a template.
"""

from __future__ import annotations

import ast
import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rct.errors import stop

ENGLISH = "en"
_HERE = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Catalogue:
    """Translations: message → its forms (one, or one for each plural), and which form a count takes."""

    code: str
    messages: dict[str, tuple[str, ...]]
    plural: Callable[[int], int]


def _english_plural(count: int) -> int:
    return int(count != 1)


_ENGLISH = Catalogue(ENGLISH, {}, _english_plural)
_current: ContextVar[Catalogue] = ContextVar("language", default=_ENGLISH)


def languages() -> tuple[str, ...]:
    """Codes of the languages that a memo can be written in."""
    return (ENGLISH, *sorted(path.stem for path in _HERE.glob("*.po")))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Every sentence made inside is in this language. RctError where there is no such catalogue."""
    if code not in languages():
        stop(
            "memo_language",
            "There is no catalogue for this language.",
            f"Use one of: {', '.join(languages())}",
            field="--lang",
            found=code,
        )
    token = _current.set(_ENGLISH if code == ENGLISH else read(code))
    try:
        yield
    finally:
        _current.reset(token)


def code() -> str:
    """The language being spoken."""
    return _current.get().code


def t(message: str, /, **values: object) -> str:
    """The sentence in the language spoken, with its values."""
    found = _current.get().messages.get(message, (message,))
    return found[0].format(**values)


def tn(one: str, many: str, count: int, /, **values: object) -> str:
    """The sentence in the form that goes with the count; `{count}` is the count with separators."""
    catalogue = _current.get()
    forms = catalogue.messages.get(one, (one, many))
    return forms[catalogue.plural(count)].format(count=f"{count:,}", **values)


@cache
def read(code: str) -> Catalogue:
    """The catalogue locale/CODE.po."""
    messages: dict[str, tuple[str, ...]] = {}
    for entry in entries((_HERE / f"{code}.po").read_text(encoding="utf-8")):
        forms = tuple(entry[key] for key in sorted(entry) if key.startswith("msgstr"))
        messages[entry["msgid"]] = forms
    header = dict(line.split(": ", 1) for line in messages.pop("")[0].splitlines())
    rule = header["Plural-Forms"].partition("plural=")[2].rstrip("; ")
    return Catalogue(code, messages, gettext.c2py(rule))


def entries(text: str) -> list[dict[str, str]]:
    """The entries of a .po file: keyword (msgid, msgid_plural, msgstr, msgstr[1]) → text."""
    found: list[dict[str, str]] = [{}]
    keyword = ""
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            if found[-1]:
                found.append({})
            continue
        if not line.startswith('"'):
            keyword, _, line = line.partition(" ")
            found[-1][keyword] = ""
        found[-1][keyword] += str(ast.literal_eval(line))
    return [entry for entry in found if entry]

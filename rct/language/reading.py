"""How letters in a language are measured: locale/CODE.toml, which a language may do without.

Without one a letter is measured by its sentences alone, and no word of it is known to ask, to date or to be officialese.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rct.language import catalogue
from rct.language.catalogue import SOURCE


@dataclass(frozen=True)
class ReadabilityFormula:
    """A readability formula, linear in words a sentence and syllables a word; a `grade` is better low, an `ease` high."""

    name: str
    measure: Literal["grade", "ease"]
    words_per_sentence: float
    syllables_per_word: float
    constant: float
    limit: float

    def of(self, words: int, sentences: int, syllables: int) -> float:
        """The figure of a text with words in it."""
        a_sentence = self.words_per_sentence * (words / sentences)
        return a_sentence + self.syllables_per_word * syllables / words + self.constant


@dataclass(frozen=True)
class Syllables:
    """Runs of vowels, with those that are two (`apart`), those that are mute (`silent`), and words that no rule gets."""

    vowels: re.Pattern[str]
    apart: re.Pattern[str] | None
    silent: re.Pattern[str] | None
    exceptions: Mapping[str, int]

    def of(self, word: str) -> int:
        """The syllables of one word in lower case, at least 1."""
        if word in self.exceptions:
            return self.exceptions[word]
        count = len(self.vowels.findall(word))
        count += len(self.apart.findall(word)) if self.apart else 0
        count -= len(self.silent.findall(word)) if self.silent else 0
        return max(1, count)


@dataclass(frozen=True)
class LanguageWords:
    """A language's words, as patterns; None or empty where it names none.

    called       what a list may call the language beside its code
    officialese  each word's pattern with what people say instead
    asks         a sentence that asks for something
    days, dates  a day itself; that, or a number of days
    outs         by channel, a way out that a person can see
    """

    code: str
    called: tuple[str, ...] = ()
    officialese: tuple[tuple[re.Pattern[str], str], ...] = ()
    asks: re.Pattern[str] | None = None
    days: re.Pattern[str] | None = None
    dates: re.Pattern[str] | None = None
    contacts: re.Pattern[str] | None = None
    passive: re.Pattern[str] | None = None
    not_passive: frozenset[str] = frozenset()
    outs: Mapping[str, str] | None = None
    formula: ReadabilityFormula | None = None
    syllables: Syllables | None = None


def reading_of(code: str) -> LanguageWords:
    """How letters in this language are measured."""
    path = catalogue.HERE / f"{code}.toml"
    return _read(path) if path in catalogue.HERE.glob("*.toml") else LanguageWords(code)


def readings() -> tuple[LanguageWords, ...]:
    """Of every language that has words of its own, the source's first."""
    known = sorted((path.stem for path in catalogue.HERE.glob("*.toml")), key=lambda c: (c != SOURCE.code, c))
    return tuple(reading_of(code) for code in known)


@cache
def _read(path: Path) -> LanguageWords:
    given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    please, days, formula = given["please"], given["days"], given.get("reading")
    verbs = "|".join(given["actions"].split())
    return LanguageWords(
        path.stem,
        tuple(given["called"]),
        tuple((_word(word, given["endings"]), plain) for word, plain in given["officialese"].items()),
        _pattern(rf"^[^\w]*(?:[^.!?]{{0,40}}[,:;] )?(?:{please},? )?(?:{verbs})\b|\b{please}\b"),
        _pattern(days),
        _pattern(f"{days}|{given['counted_days']}"),
        _pattern(given["contacts"]),
        _pattern(given["passive"]),
        frozenset(given["not_passive"]),
        {key.removeprefix("out_"): out for key, out in given.items() if key.startswith("out_")},
        ReadabilityFormula(**formula) if formula else None,
        _syllables(given["syllables"]) if "syllables" in given else None,
    )


def _word(word: str, endings: str) -> re.Pattern[str]:
    return _pattern(rf"(?<!\w){re.escape(word)}{'' if ' ' in word else endings}(?!\w)")


def _syllables(given: Mapping[str, Any]) -> Syllables:
    exceptions = {
        word: int(count) for count, words in given.get("exceptions", {}).items() for word in words.split()
    }
    apart, silent = given.get("apart"), given.get("silent")
    return Syllables(
        re.compile(given["vowels"]),
        re.compile(apart) if apart else None,
        re.compile(silent) if silent else None,
        exceptions,
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)

"""Answers to the interview: one line of text each, judged when given, read when trial.toml is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rct.definition.rules_outcomes import EARLIEST, LATEST
from rct.errors import visible
from rct.tables.values import parse_date, parse_number, parse_yes_no

Answers = Mapping[str, str]
LONGEST = 2_000  # characters of one answer


@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer: `expects` says it in words; `fits` judges a text that is not blank."""

    name: str
    expects: str
    fits: Callable[[str], bool]


def whole(low: int, high: int) -> AnswerKind:
    return AnswerKind(
        "whole",
        f"a whole number from {low:,} to {high:,}",
        lambda text: re.fullmatch(r"[0-9]{1,10}", text) is not None and low <= int(text) <= high,
    )


def _positive(text: str) -> bool:
    number = parse_number(text)
    return number is not None and 0 < number < 1e12


def _number(text: str) -> bool:
    number = parse_number(text)
    return number is not None and abs(number) < 1e12


def _of_100(text: str) -> bool:
    number = parse_number(text.removesuffix("%").strip())
    return number is not None and 0.001 <= number <= 99.999


def _day(text: str) -> bool:
    day = parse_date(text) if len(text) == 10 else None
    return day is not None and EARLIEST <= day.year <= LATEST - 20  # room for the waiting time


TEXT = AnswerKind("text", "a line of text", lambda _: True)
DATE = AnswerKind("date", "a day such as 2026-01-12 (year, month, day)", _day)
YES_NO = AnswerKind("yes_no", "yes or no", lambda text: parse_yes_no(text) is not None)
POSITIVE = AnswerKind("positive", "a number above 0, such as 0.64", _positive)
NUMBER = AnswerKind("number", "a number, such as 61.5", _number)
OF_100 = AnswerKind("of_100", "a number above 0 and below 100, such as 2 or 1.5", _of_100)
COLUMN = AnswerKind("column", "the name of one column", lambda text: "," not in text)
COLUMNS = AnswerKind("columns", "names of columns with commas between", lambda text: all(columns(text)))
CHOICE = AnswerKind("choice", "one of the words shown", lambda _: True)


@dataclass(frozen=True)
class Question:
    """One question of the interview, for someone who never programmed.

    `choices` are (word, what it means); `also` judges the answer beside the earlier ones and says in plain
    words what is wrong. A blank answer is right only where the question is `optional`. `unanswered`: the
    default says only that nobody has written this yet.
    """

    key: str
    ask: str
    why: str
    example: str
    default: str
    kind: AnswerKind = TEXT
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    also: Callable[[str, Answers], str | None] = lambda _text, _answers: None
    unanswered: bool = False

    def problem(self, text: str, answers: Answers) -> str | None:
        """What is wrong with the answer `text`, in a plain sentence; None when it is right."""
        text = text.strip()
        if not text:
            return None if self.optional else "An answer is needed here."
        if len(text) > LONGEST:
            return f"Please use at most {LONGEST:,} characters."
        if visible(text) != text:
            return "The answer holds a hidden control character. Please type it again."
        if self.choices and text not in [word for word, _ in self.choices]:
            return "Please answer with one of: " + ", ".join(word for word, _ in self.choices) + "."
        if not self.kind.fits(text):
            return f"Please answer with {self.kind.expects}."
        return self.also(text, answers)


def columns(text: str) -> list[str]:
    """`name, street` → the names; a name between two commas may not be blank."""
    text = unicodedata.normalize("NFC", text)
    return [part.strip() for part in text.split(",")] if text.strip() else []


def yes(answers: Answers, key: str) -> bool:
    return parse_yes_no(answers.get(key, "")) is True


def day(answers: Answers, key: str) -> date:
    """The date answered; `ValueError` for an answer that was never judged."""
    return date.fromisoformat(answers[key].strip())


def of_100(text: str) -> float:
    """`2` or `2%` of 100 people → 0.02, exactly as decimals go."""
    return float(Decimal(text.strip().removesuffix("%").strip()) / 100)

"""How plain each letter is, as the plan prints it: what `rct lint` measured of the very letters that are locked."""

from __future__ import annotations

from collections.abc import Sequence

from rct.errors import visible
from rct.letters.lint import EASE, GRADE, MEAN_WORDS, MOST_WORDS, PASSIVE, Lint
from rct.report.blocks import Block, Bullets, Para, Table
from rct.report.record import Letter
from rct.report.words import numbers as show
from rct.report.words.phrases import listed, prose, quoted


def plainness(letters: Sequence[Letter]) -> list[Block]:
    """A table with a row a letter, then what each asks for and which words to mend; nothing where none is sent."""
    measured = [(letter, letter.lint) for letter in letters if letter.lint is not None]
    if not measured:
        return []
    wanted = (
        f"Wanted: a Flesch-Kincaid grade of 6 to {GRADE:.0f} in English (below is fine), a Szigriszt-Pazos ease of"
        f" {EASE:.0f} or more in Spanish; sentences of at most {MEAN_WORDS} words on average and {MOST_WORDS} at"
        f" most; at most {show.percent(PASSIVE, 0)} of them in the passive; an action, a date and a way to ask."
        " Syllables and passives are counted by rule. Measured at the lock, with an invented recipient's values."
    )
    header = ("Letter", "Reading", "Sentences", "Words each", "Longest", "Passive", "Date", "Contact")
    rows = tuple(
        (
            visible(letter.path),
            _reading(lint),
            f"{lint.sentences:,}",
            show.decimal(lint.words_per_sentence, 1),
            f"{lint.longest:,}",
            show.percent(lint.passive_share, 0),
            _dated(lint),
            _contact(lint),
        )
        for letter, lint in measured
    )
    right = (False, False, True, True, True, True, False, False)
    return [
        Para(wanted),
        Table("How plain each letter is", header, rows, right),
        Bullets(tuple(_told(letter.path, lint) for letter, lint in measured)),
    ]


def _reading(lint: Lint) -> str:
    if lint.grade is not None:
        return "grade 1 or below" if lint.grade < 1 else f"grade {show.decimal(lint.grade, 1)}"
    if lint.ease is not None:
        return f"ease {show.decimal(lint.ease, 0)}"
    return "not measured"


def _dated(lint: Lint) -> str:
    if not lint.dated:
        return "none"
    return "days only, no date" if lint.days_only else "yes"


def _contact(lint: Lint) -> str:
    if not lint.contact:
        return "none"
    return "yes" if lint.reached else "no number printed"


def _told(path: str, lint: Lint) -> str:
    asks = "It asks for nothing." if lint.action is None else f"It asks: {quoted(lint.action)}"
    if lint.action is not None and lint.action[-1] not in ".!?":
        asks += "."  # a heading ends without one
    if lint.action is not None and lint.late:
        asks += " That comes late in the letter."
    said = [f"{visible(path)}: {asks}"]
    if lint.officialese:
        words = [f"{quoted(hit)} (people say {quoted(plain)})" for hit, plain in lint.officialese]
        said.append(f"Officialese: {listed(words)}.")
    else:
        said.append("No officialese was found.")
    if lint.may_be_empty:
        fields = listed([prose(field) for field in lint.may_be_empty], "or")
        said.append(f"Where the list has no {fields}, the letter leaves a gap there: read it once without.")
    return " ".join(said)

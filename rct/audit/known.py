"""What was known of the data when a plan was locked: the five levels of the Open Science Framework's question.

A plan locked before its trial starts comes before its data, and nobody needs to be asked: outcomes are what happens
from the start on. Later only people can say who had seen what; a lock then takes their word, or records that
nobody said.
"""

from __future__ import annotations

from datetime import date

from rct.errors import stop
from rct.language import phrase, t

NOT_STATED = "not-stated"
# name: (the option of the OSF's form, what it means in plain words)
LEVELS: dict[str, tuple[str, str]] = {
    "before-data": ("Registration prior to creation of data", phrase("the data did not exist yet")),
    "before-observation": (
        "Registration prior to any human observation of the data",
        phrase("the data existed, but nobody had looked at them"),
    ),
    "before-access": (
        "Registration prior to accessing the data",
        phrase("the data existed, but nobody of this trial had access to them"),
    ),
    "before-analysis": (
        "Registration prior to analysis of the data",
        phrase("people of this trial had access to the data, but had not analyzed them"),
    ),
    "after-analysis": (
        "Registration following analysis of the data",
        phrase("some of the data had been analyzed"),
    ),
}


def level(said: str | None, start: date, today: date) -> str:
    """The level to record at a lock. RctError when it is said that no data exist, but the trial has started."""
    if said is None:
        return "before-data" if today < start else NOT_STATED
    if said == "before-data" and today >= start:
        stop(
            "data_may_exist",
            f"The trial started on {start}, so its data may exist already.",
            "Say which of the other levels holds.",
            field="--known",
            found=said,
        )
    return said


def since(recorded: str, start: date, today: date, *, loaded: bool, analyzed: bool) -> str:
    """The level on a later day, as a registry asks it of the day of registration: what the log shows to have happened
    since the lock, and not stated where the trial runs and only people know what was collected.
    """
    if analyzed:
        return "after-analysis"
    if loaded and recorded != NOT_STATED:
        return "before-analysis" if recorded != "after-analysis" else recorded
    if recorded == "before-data" and today >= start:
        return NOT_STATED
    return recorded


def sentence(recorded: str) -> str:
    """What the plan says of it, in the language spoken; the form's own options are English."""
    if recorded in LEVELS:
        form, plain = LEVELS[recorded]
        return f"{t(plain)} ({form})"
    return t("not stated: the plan was locked on or after the start, and nobody said who had seen the data")

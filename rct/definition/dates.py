"""The days that matter in a trial: when letters go out, when windows end, when results may be seen.

Pure: nothing here asks what day it is today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rct.language import tell

if TYPE_CHECKING:
    from rct.definition.resolve import Definition

Calendar = list[tuple[date, str]]

SENT = {
    "letter": tell("The letters go out (day 0)"),
    "postcard": tell("The postcards go out (day 0)"),
    "email": tell("The e-mails go out (day 0)"),
    "sms": tell("The text messages go out (day 0)"),
}
SLACK = 14  # days between the last day that counts and the results: data arrive late
AHEAD = 28  # days that a new trial usually needs before its letters go out

MONTHS = "January February March April May June July August September October November December".split()
_MONTHS = [month[:3] for month in MONTHS]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def calendar(definition: Definition, *, locked: date | None = None) -> Calendar:
    """(day, what happens) in order: lock, letters, the end of each window, results, end, deletion.

    Outcomes whose windows end on the same day share a line. Days that fall together stay in that order.
    """
    trial = definition.trial
    days: Calendar = [] if locked is None else [(locked, tell("The plan was locked"))]
    days.append((trial.start, SENT[trial.channel]))
    ends: dict[date, list[str]] = {}
    for name, outcome in definition.outcomes.items():
        end = definition.window_end(name)
        if end is not None:
            ends.setdefault(end, []).append(outcome.label)
    days += [
        (end, tell("Last day that counts for: {outcomes}", outcomes="; ".join(labels)))
        for end, labels in sorted(ends.items())
    ]
    days.append((definition.analysis.date, tell("Results may be seen from this day")))
    if trial.end is not None:
        days.append((trial.end, tell("The trial ends")))
    if trial.retain_until is not None:
        days.append((trial.retain_until, tell("Names and addresses are to be deleted")))
    return sorted(days, key=lambda entry: entry[0])


def calendar_lines(days: Sequence[tuple[date, str]]) -> list[str]:
    """A calendar as lines of text, with the days between one date and the next."""
    lines = []
    before: date | None = None
    for day, what in days:
        gap = 0 if before is None else (day - before).days
        between = "" if gap == 0 else f"+{gap:,} day" + ("s" if gap > 1 else "")
        lines.append(f"{long_date(day)}  {between:>11}  {what}".rstrip())
        before = day
    return lines


def long_date(day: date) -> str:
    """`Mon 12 Jan 2026`, in English on every machine."""
    return f"{_DAYS[day.weekday()]} {day.day:>2} {_MONTHS[day.month - 1]} {day.year}"


def usual_start(today: date) -> date:
    """The first Monday at least four weeks after `today`: time for the plan, the lock and the printer."""
    return _monday(today + timedelta(days=AHEAD))


def usual_results(start: date, wait: int) -> date:
    """The first Monday at least two weeks after the last of `wait` days: late data have arrived."""
    return _monday(start + timedelta(days=wait + SLACK))


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)

"""The calendar of a trial."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from rct.definition import Definition
from rct.definition.dates import calendar, calendar_lines, usual_results, usual_start


def test_the_days_of_a_trial_stand_in_order_with_the_days_between(
    read: Callable[[str], Definition], right: str
) -> None:
    more = right.replace(
        "start = 2026-01-12", "start = 2026-01-12\nend = 2026-03-02\nretain_until = 2027-01-31"
    )
    more += '\n[outcomes.late]\nlabel = "Late again"\nkind = "binary"\nwindow_days = 60\nmissing = "zero"\n'
    more += '\n[outcomes.fee]\nlabel = "Fee"\nkind = "binary"\nwindow_days = 30\nmissing = "zero"\n'
    assert calendar_lines(calendar(read(more), locked=date(2026, 1, 11))) == [
        "Sun 11 Jan 2026               The plan was locked",
        "Mon 12 Jan 2026       +1 day  The letters go out (day 0)",
        "Wed 11 Feb 2026     +30 days  Last day that counts for: Paid in full within 30 days; Fee",
        "Mon  2 Mar 2026     +19 days  Results may be seen from this day",
        "Mon  2 Mar 2026               The trial ends",
        "Fri 13 Mar 2026     +11 days  Last day that counts for: Late again",
        "Sun 31 Jan 2027    +324 days  Names and addresses are to be deleted",
    ]


@pytest.mark.parametrize(
    ("channel", "words"),
    [("letter", "letters"), ("postcard", "postcards"), ("email", "e-mails"), ("sms", "text messages")],
)
def test_what_goes_out_is_named(
    read: Callable[[str], Definition], right: str, channel: str, words: str
) -> None:
    found = calendar(read(right.replace('channel = "letter"', f'channel = "{channel}"')))
    assert found[0] == (date(2026, 1, 12), f"The {words} go out (day 0)")


@pytest.mark.parametrize("today", [date(2026, 1, day) for day in range(1, 15)])
def test_usual_days_are_mondays_that_leave_time(today: date) -> None:
    start = usual_start(today)
    results = usual_results(start, 30)
    assert start.weekday() == results.weekday() == 0
    assert 28 <= (start - today).days < 35
    assert 44 <= (results - start).days < 51

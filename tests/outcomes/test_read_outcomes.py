"""An outcomes file: units and events, windows and dates, whose row it is, and what is refused."""

from __future__ import annotations

import io
import random
from datetime import date

import openpyxl
import pytest

from rct.errors import RctError
from rct.outcomes.rows import OutcomeRows

from .conftest import Outcomes, outcome

UNIT = outcome("paid")
DATED = outcome("paid", date_column="paid_on", window_days=30)
EVENT = outcome("paid", rows="event", date_column="paid_on", window_days=30)
SUM = outcome("amount", "continuous", rows="event", date_column="on", window_days=30)
COUNT = outcome("calls", "count", rows="event", date_column="on", window_days=30)


def told(rows: OutcomeRows) -> list[tuple[str, int | None, int | None, str | None, str | None]]:
    return [(p.code, p.row, p.line, p.field, p.found) for p in rows.refusals.problems()]


def refused(outcomes: Outcomes, plan: str, content: str) -> tuple[str, str | None]:
    with pytest.raises(RctError) as error:
        outcomes(plan, content)
    (problem,) = error.value.problems
    return problem.code, problem.field


# -- one row a unit


def test_yes_and_no_are_read_and_empty_is_unobserved(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT, "account,paid,note\n001,yes,a\n002,0,b\n003,,c\n004,TRUE,d\n")
    assert rows.values == {"paid": {"001": 1.0, "002": 0.0, "003": None, "004": 1.0}}
    assert (rows.unobserved, rows.outside) == ({"paid": 1}, {"paid": 0})
    assert (rows.counts.rows, rows.counts.kept, rows.ignored) == (4, 4, ["note"])
    rows.settle(refuse_bad_rows=False)


def test_numbers_and_counts_are_read(outcomes: Outcomes) -> None:
    plan = outcome("amount", "continuous") + outcome("calls", "count")
    rows = outcomes(plan, "account,amount,calls\n001,-3.25,2\n002,,0\n003,1e2,\n")
    assert rows.values == {
        "amount": {"001": -3.25, "002": None, "003": 100.0},
        "calls": {"001": 2.0, "002": 0.0, "003": None},
    }


def test_a_file_may_hold_some_of_the_outcomes(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT + outcome("calls", "count"), "account,calls\n001,2\n")
    assert rows.values == {"calls": {"001": 2.0}}


def test_a_column_of_another_name_is_read(outcomes: Outcomes) -> None:
    rows = outcomes(outcome("paid", column="Paid?"), "account,Paid?\n001,y\n")
    assert rows.values == {"paid": {"001": 1.0}}
    rows = outcomes(UNIT, "Konto,bezahlt\n001,y\n", rename={"Konto": "account", "bezahlt": "paid"})
    assert rows.values == {"paid": {"001": 1.0}}


@pytest.mark.parametrize("value", ["ja", "2", "1.0", "NA"])
def test_what_is_neither_yes_nor_no_is_refused(outcomes: Outcomes, value: str) -> None:
    assert told(outcomes(UNIT, f"account,paid\n001,{value}\n002,y\n")) == [
        ("unreadable_yes_no", 1, 2, "paid", value)
    ]


@pytest.mark.parametrize(
    ("value", "code"), [("-1", "count_not_whole"), ("2.5", "count_not_whole"), ("x", "not_a_number")]
)
def test_a_count_is_whole_and_not_negative(outcomes: Outcomes, value: str, code: str) -> None:
    rows = outcomes(outcome("calls", "count"), f"account,calls\n001,{value}\n002,3.0\n")
    assert told(rows) == [(code, 1, 2, "calls", value)]
    assert rows.values == {"calls": {"002": 3.0}}


@pytest.mark.parametrize("value", ["1.234,56", "inf", "nan", "1_000", "٣"])
def test_what_is_no_number_is_refused(outcomes: Outcomes, value: str) -> None:
    rows = outcomes(outcome("amount", "continuous"), f'account,amount\n001,"{value}"\n')
    assert told(rows) == [("not_a_number", 1, 2, "amount", value)]


def test_someone_never_drawn_is_refused(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT, "account,paid\n001,1\nZ9,1\nZ9,0\n")
    assert told(rows) == [("unknown_unit", 2, 3, "account", None), ("unknown_unit", 3, 4, "account", None)]
    assert rows.values == {"paid": {"001": 1.0}}
    with pytest.raises(RctError):
        rows.settle(refuse_bad_rows=False)
    rows.settle(refuse_bad_rows=True)


@pytest.mark.parametrize(("given", "meant"), [("1", "001"), ("00001", "001"), ("12.0", "012"), ("x1", "X1")])
def test_an_id_that_a_spreadsheet_changed_is_recognized_and_still_refused(
    outcomes: Outcomes, given: str, meant: str
) -> None:
    rows = outcomes(UNIT, f"account,paid\n{given},1\n")
    (problem,) = rows.refusals.problems()
    assert problem.code == "unknown_unit"
    assert (
        problem.rule
        == "No unit of the frame has this id; it has one that differs only by zeros, '.0' or case."
    )
    assert meant not in problem.rule


def test_outcomes_of_an_excluded_unit_are_excluded_whatever_they_say(outcomes: Outcomes) -> None:
    rows = outcomes(DATED, "account,paid,paid_on\nX1,perhaps,someday\n X1 ,1,\n001,1,2026-01-20\nX2,,\n")
    assert rows.counts.reasons == {"excluded_unit": 3}
    assert (rows.counts.kept, told(rows)) == (1, [])


def test_several_rows_of_a_unit_are_all_refused(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT, "account,paid\n001,1\n002,0\n001 ,0\n003,1\n003,perhaps\n")
    assert rows.values == {"paid": {"002": 0.0}}
    assert told(rows) == [
        ("duplicate_id", 1, 2, "account", None),
        ("duplicate_id", 3, 4, "account", None),
        ("duplicate_id", 4, 5, "account", None),
        ("unreadable_yes_no", 5, 6, "paid", "perhaps"),
        ("duplicate_id", 5, 6, "account", None),
    ]
    assert rows.refusals.problems()[0].rule == "The same id stands in rows 1 and 3."


def test_bad_rows_are_named_as_in_a_frame(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT, 'account,paid,n\n001,1,"a\nb"\n\n,1,x\n002,1\n00\x073,1,x\n004,"1\n",x\n')
    assert told(rows) == [
        ("empty_id", 3, 5, "account", None),
        ("field_count", 4, 6, None, None),
        ("control_character", 5, 7, "account", None),
        ("control_character", 6, 8, "paid", "1\n"),
    ]
    assert rows.counts.reasons == {"blank_line": 1, "control_character": 2, "empty_id": 1, "field_count": 1}


def test_a_date_outside_the_window_is_a_defect_with_one_row_a_unit(outcomes: Outcomes) -> None:
    rows = outcomes(
        DATED,
        "account,paid,paid_on\n001,1,2026-01-11\n002,1,2026-01-12\n003,1,2026-02-11T09:00\n004,1,2026-02-12\n005,0,\n",
    )
    assert told(rows) == [
        ("date_outside_window", 1, 2, "paid_on", "2026-01-11"),
        ("date_outside_window", 4, 5, "paid_on", "2026-02-12"),
    ]
    assert "2026-01-12 to 2026-02-11" in rows.refusals.problems()[0].rule
    assert rows.values == {"paid": {"002": 1.0, "003": 1.0, "005": 0.0}}


def test_without_a_window_every_day_from_the_start_is_fine(outcomes: Outcomes) -> None:
    plan = outcome("paid", date_column="paid_on")
    rows = outcomes(plan, "account,paid,paid_on\n001,1,2026-01-11\n002,1,2026-03-31\n")
    assert told(rows) == [("date_outside_window", 1, 2, "paid_on", "2026-01-11")]


@pytest.mark.parametrize("plan", [DATED, EVENT])
@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-02-30", "not_a_date"),
        ("31.01.2026", "not_a_date"),
        ("2026-04-02", "date_in_future"),
        ("46053", "not_a_date"),
    ],
)
def test_impossible_days_and_days_to_come_are_refused(
    outcomes: Outcomes, plan: str, day: str, code: str
) -> None:
    assert told(outcomes(plan, f"account,paid,paid_on\n001,1,{day}\n")) == [(code, 1, 2, "paid_on", day)]


def test_today_is_not_in_the_future(outcomes: Outcomes) -> None:
    rows = outcomes(EVENT, "account,paid,paid_on\n001,1,2026-04-01\n")
    assert (told(rows), rows.outside) == ([], {"paid": 1})


@pytest.mark.parametrize("plan", [DATED, EVENT])
def test_a_value_without_its_date_is_refused_but_nothing_needs_no_date(outcomes: Outcomes, plan: str) -> None:
    rows = outcomes(plan, "account,paid,paid_on\n001,1,\n002,0,\n003,,\n")
    assert told(rows) == [("date_missing", 1, 2, "paid_on", None)]
    assert rows.refusals.problems()[0].rule == "There is a value in 'paid' and no date in 'paid_on'."
    assert rows.values == {"paid": {"002": 0.0, "003": None}}


# -- one row an event


def test_any_event_in_the_window_counts_and_others_are_outside(outcomes: Outcomes) -> None:
    rows = outcomes(
        EVENT,
        "account,paid,paid_on\n001,1,2026-01-11\n001,1,2026-01-12\n002,1,2026-02-12\n"
        "003,0,2026-01-20\n003,1,2026-02-11\n004,,2026-01-20\n005,0,2026-01-20\n",
    )
    assert rows.values == {"paid": {"001": 1.0, "002": 0.0, "003": 1.0, "004": None, "005": 0.0}}
    assert (rows.outside, rows.unobserved) == ({"paid": 2}, {"paid": 1})
    assert (rows.counts.rows, rows.counts.kept, told(rows)) == (7, 7, [])


def test_events_are_counted_and_summed(outcomes: Outcomes) -> None:
    lines = "account,calls,amount,on\n001,1,2.5,2026-01-12\n001,1,-1,2026-01-13\n001,0,4,2026-03-01\n002,1,,2026-02-20\n"
    rows = outcomes(COUNT + SUM, lines)
    assert rows.values == {"calls": {"001": 2.0, "002": 0.0}, "amount": {"001": 1.5, "002": None}}
    assert rows.outside == {"calls": 2, "amount": 1}


def test_a_count_may_be_a_sum_of_whole_numbers(outcomes: Outcomes) -> None:
    plan = outcome("calls", "count", rows="event", aggregate="sum", date_column="on", window_days=30)
    rows = outcomes(plan, "account,calls,on\n001,2,2026-01-12\n001,3,2026-01-13\n002,1.5,2026-01-13\n")
    assert rows.values == {"calls": {"001": 5.0}}
    assert told(rows) == [("count_not_whole", 3, 4, "calls", "1.5")]


def test_counting_takes_yes_or_no_and_says_so(outcomes: Outcomes) -> None:
    assert told(outcomes(COUNT, "account,calls,on\n001,3,2026-01-12\n")) == [
        ("unreadable_yes_no", 1, 2, "calls", "3")
    ]


def test_a_sum_does_not_hang_on_the_order_of_rows(outcomes: Outcomes) -> None:
    values = ["0.1", "0.2", "0.3", "1e16", "-1e16", "3.3"] * 5
    sums = set()
    for seed in range(4):
        random.Random(seed).shuffle(values)
        lines = "".join(f"001,{v},2026-01-20\n002,1,2026-01-21\n" for v in values)
        sums.add(outcomes(SUM, "account,amount,on\n" + lines).values["amount"]["001"])
    assert len(sums) == 1


def test_two_windows_over_one_column(outcomes: Outcomes) -> None:
    plan = "".join(
        outcome(f"paid_{d}", rows="event", column="paid", date_column="on", window_days=d) for d in (10, 60)
    )
    rows = outcomes(plan, "account,paid,on\n001,1,2026-01-15\n002,1,2026-02-15\n")
    assert rows.values == {"paid_10": {"001": 1.0, "002": 0.0}, "paid_60": {"001": 1.0, "002": 1.0}}


def test_a_bad_date_is_told_once_for_two_outcomes(outcomes: Outcomes) -> None:
    rows = outcomes(COUNT + SUM, "account,calls,amount,on\n001,1,2,soon\n")
    assert told(rows) == [("not_a_date", 1, 2, "on", "soon")]


def test_without_its_column_every_row_is_an_event_and_that_is_said(outcomes: Outcomes) -> None:
    rows = outcomes(
        EVENT + outcome("visits", "count", rows="event", date_column="paid_on"),
        "account,paid_on\n001,2026-01-12\n001,2026-03-12\n",
    )
    assert rows.values == {"paid": {"001": 1.0}, "visits": {"001": 2.0}}
    assert [(w.code, w.field) for w in rows.warnings] == [
        ("every_row_counts", "paid"),
        ("every_row_counts", "visits"),
    ]
    assert told(outcomes(EVENT, "account,paid_on\n001,\n")) == [("date_missing", 1, 2, "paid_on", None)]


def test_rows_of_another_outcome_are_not_its_events(outcomes: Outcomes) -> None:
    plan = outcome("calls", "count", rows="event", date_column="on") + SUM
    rows = outcomes(plan, "account,amount,on\n001,5,2026-01-12\n")
    assert rows.values == {"amount": {"001": 5.0}}


def test_rows_that_could_be_events_of_either_are_refused(outcomes: Outcomes) -> None:
    plan = outcome("a", rows="event", column="paid", date_column="on") + outcome(
        "b", rows="event", column="called", date_column="on"
    )
    assert refused(outcomes, plan, "account,on\n001,2026-01-12\n") == ("which_event", None)


def test_units_and_events_need_two_files(outcomes: Outcomes) -> None:
    with pytest.raises(RctError) as error:
        outcomes(UNIT + SUM, "account,paid,amount,on\n001,1,2,2026-01-20\n")
    (problem,) = error.value.problems
    assert problem.code == "mixed_rows"
    assert (
        problem.rule
        == "The file holds outcomes with one row a unit ('paid') and with one row an event ('amount')."
    )


def test_a_file_with_one_row_a_unit_holds_no_events_by_its_dates_alone(outcomes: Outcomes) -> None:
    plan = outcome("paid", date_column="on") + outcome("calls", "count", rows="event", date_column="on")
    assert set(outcomes(plan, "account,paid,on\n001,1,2026-01-20\n").values) == {"paid"}


def test_missing_columns_are_refused(outcomes: Outcomes) -> None:
    assert refused(outcomes, UNIT, "account,Bezahlt\n001,1\n") == ("no_outcome_column", None)
    assert refused(outcomes, UNIT, "konto,paid\n001,1\n") == ("missing_column", "account")
    assert refused(outcomes, DATED, "account,paid\n001,1\n") == ("missing_column", "paid_on")
    assert refused(outcomes, UNIT, "account,paid\n") == ("header_alone", None)


def test_a_file_of_another_trial_is_refused(outcomes: Outcomes) -> None:
    rows = outcomes(UNIT, "account,paid\nX1,1\nX2,1\n")
    with pytest.raises(RctError) as error:
        rows.settle(refuse_bad_rows=True)
    assert [p.code for p in error.value.problems] == ["no_outcome_rows"]


def test_a_workbook_with_dates_is_read(outcomes: Outcomes) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (
        ("account", "paid", "paid_on"),
        ("001", 1, date(2026, 1, 20)),
        ("002", True, "2026-01-21 10:00"),
        ("003", 1, 46053),
        ("004", date(2026, 1, 20), None),
        ("005", "=1", date(2026, 1, 20)),
    ):
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    rows = outcomes(EVENT, out.getvalue(), "paid.xlsx")
    assert rows.values == {"paid": {"001": 1.0, "002": 1.0}}
    assert [d[:4] for d in told(rows)] == [
        ("not_a_date", 3, 4, "paid_on"),
        ("spreadsheet_format", 4, 5, "paid"),
        ("spreadsheet_formula", 5, 6, "paid"),
    ]

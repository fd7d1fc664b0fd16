"""What `rct outcomes` takes, counts and refuses: windows, events, corrections, people never drawn."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import CANARY, Road, accounts, canary_id, definition, road_at

DAY = date.today()
START = DAY - timedelta(days=7)  # of the canary trial; its window is a week


def lines(*rows: str, head: str = "account,paid,amount,paid_on") -> str:
    return "\n".join([head, *rows]) + "\n"


def on(days: int) -> str:
    return (DAY + timedelta(days=days)).isoformat()


# name: (a row, the code, the field, words)
BAD = {
    "someone never drawn": (f"{CANARY.upper()}-9999,1,3,{DAY}", "unknown_unit", "account", "No unit"),
    "someone with other zeros": (f"{CANARY.upper()}-1,1,3,{DAY}", "unknown_unit", "account", ""),
    "nobody": (f",1,3,{DAY}", "empty_id", "account", "no id"),
    "30 February": (f"{canary_id(1)},1,3,2026-02-30", "not_a_date", "paid_on", "YYYY-MM-DD"),
    "a day first": (f"{canary_id(1)},1,3,03.02.2026", "not_a_date", "paid_on", "YYYY-MM-DD"),
    "tomorrow": (f"{canary_id(1)},1,3,{on(1)}", "date_in_future", "paid_on", "today"),
    "a value without its date": (f"{canary_id(1)},1,3,", "date_missing", "paid_on", "no date"),
    "a decimal comma": (f'{canary_id(1)},1,"1.234,56",{DAY}', "not_a_number", "amount", "decimal comma"),
    "infinity": (f"{canary_id(1)},1,inf,{DAY}", "not_a_number", "amount", ""),
    "a word for yes": (f"{canary_id(1)},ja,3,{DAY}", "unreadable_yes_no", "paid", "yes, y, true"),
    "a value too few": (f"{canary_id(1)},1,3", "field_count", None, "3 values"),
    "an escape code": (f"{canary_id(1)},1,\x1b[2J,{DAY}", "not_a_number", "amount", ""),
    "an id with a hidden character": (
        f"{canary_id(1)}\u200b,1,3,{DAY}",
        "control_character",
        "account",
        "U+200B",
    ),
}
FILES = {
    "empty": (b"", "empty_file"),
    "a header alone": (b"account,paid,amount,paid_on\n", "header_alone"),
    "no id column": (b"acct,paid,amount,paid_on\nx,1,2,2026-01-01\n", "missing_column"),
    "no date column": (f"account,paid,amount\n{canary_id(1)},1,2\n".encode(), "missing_column"),
    "NUL": (lines(f"{canary_id(1)},1,\x00,{DAY}").encode(), "nul_character"),
    "Windows-1252": (
        lines(f"{canary_id(1)},1,3,{DAY},é", head="account,paid,amount,paid_on,note").encode("cp1252"), "wrong_encoding"),
}  # fmt: skip


def unchanged(road: Road, before: dict[str, Any]) -> None:
    assert {k: v for k, v in road.tree().items() if k != "private/bills/refused.csv"} == before


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("drawn", tmp_path)


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_can_not_be(name: str, road: Road) -> None:
    row, code, field, words = BAD[name]
    before = road.tree()
    file = road.file("o.csv", lines(f"{canary_id(2)},1,5,{DAY}", row))
    problems = road.no("outcomes", "bills", file)
    assert {p["code"] for p in problems} == {code}
    first = problems[0]
    assert (first["row"], first["line"], first["field"], first["file"]) == (2, 3, field, "o.csv")
    assert words in f"{first['rule']} {first['found']}"
    assert first["fix"]
    unchanged(road, before)
    shown = road.rct("outcomes", "bills", file)
    assert (shown.code, shown.out) == (2, "")
    assert "\x1b" not in shown.err
    assert all(len(line) <= 80 for line in shown.err.splitlines())
    loaded = road.ok("outcomes", "bills", file, "--refuse-bad-rows", "--reason", "The export has gaps")
    assert (loaded["kept"], loaded["refused"], loaded["reasons"]) == (1, 1, {code: 1})


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none(name: str, road: Road) -> None:
    data, code = FILES[name]
    before = road.tree()
    assert road.no("outcomes", "bills", road.file("o.csv", data))[0]["code"] == code
    unchanged(road, before)


def simple(tmp_path: Path, **parts: Any) -> Road:
    """40 accounts, two arms, one row a unit, drawn."""
    road = Road(tmp_path)
    road.define(definition(**parts))
    road.ok("frame", "bills", road.file("a.csv", accounts(40)))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    return road


def test_a_file_with_no_outcome_of_the_plan(tmp_path: Path) -> None:
    road = simple(tmp_path)
    before = road.tree()
    file = road.file("o.csv", lines("00001,yes", head="account,payed"))
    (problem,) = road.no("outcomes", "bills", file)
    assert problem["code"] == "no_outcome_column"
    assert "--rename" in problem["fix"]
    unchanged(road, before)
    assert road.ok("outcomes", "bills", file, "--rename", "payed=paid")["new"] == 1


def test_without_a_column_every_row_in_the_window_is_an_event_and_that_is_said(road: Road) -> None:
    file = road.file(
        "o.csv", lines(f"{canary_id(1)},{DAY}", f"{canary_id(2)},{on(-60)}", head="account,paid_on")
    )
    loaded = road.ok("outcomes", "bills", file)
    assert [w["code"] for w in loaded["warnings"]] == ["every_row_counts"]
    assert loaded["outside"] == {"paid": 1}
    assert road.sql("select outcome, value from outcome_bills where value = 1") == [("paid", 1.0)]


# --- windows


def test_events_count_from_the_start_to_the_end_of_the_window_and_no_further(road: Road) -> None:
    """Day 0 is the start; both ends count; what is outside is counted, and is no defect."""
    rows = [
        f"{canary_id(1)},1,10,{START}",
        f"{canary_id(2)},1,10,{START + timedelta(days=7)}",
        f"{canary_id(3)},1,10,{START - timedelta(days=1)}",
        f"{canary_id(4)},1,10,{START} 23:59",
        f"{canary_id(5)},1,10,{START}T00:00:01Z",
        f"{canary_id(1)},1,5.5,{DAY}",
        f"{canary_id(6)},0,,",
    ]
    loaded = road.ok("outcomes", "bills", road.file("o.csv", lines(*rows)))
    assert loaded["outside"] == {"amount": 1, "paid": 1}
    assert (loaded["rows"], loaded["kept"], loaded["refused"]) == (7, 7, 0)
    sums = road.sql(
        "select value, count(*) from outcome_bills where outcome = 'amount' and value > 0 group by 1 order by 1"
    )
    assert sums == [(10.0, 3), (15.5, 1)]


def test_with_one_row_a_unit_a_date_outside_the_window_is_a_defect(tmp_path: Path) -> None:
    outcome = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\ndate_column = "day"\n'
    road = simple(tmp_path, start=START, outcomes=outcome + 'window_days = 3\nmissing = "zero"\n')
    good = f"00001,yes,{START}"
    before = road.tree()
    for row, code in {
        f"00002,yes,{START - timedelta(days=1)}": "date_outside_window",
        f"00002,yes,{START + timedelta(days=4)}": "date_outside_window",
        "00002,yes,": "date_missing",
        f"00001,no,{START}": "duplicate_id",
    }.items():
        file = road.file("o.csv", lines(good, row, head="account,paid,day"))
        assert code in {p["code"] for p in road.no("outcomes", "bills", file)}, row
    unchanged(road, before)
    road.ok("outcomes", "bills", road.file("o.csv", lines(good, "00002,,", head="account,paid,day")))


# --- the same, more, other


def test_the_same_rows_are_unchanged_more_are_new_and_others_need_a_reason(road: Road) -> None:
    first = road.file("o.csv", lines(f"{canary_id(1)},1,10,{DAY}"))
    assert road.ok("outcomes", "bills", first)["new"] == 2
    before = road.tree()
    again = road.ok("outcomes", "bills", first)
    assert (again["new"], again["unchanged"], again["changed"], again["fresh"]) == (0, 2, 0, False)
    assert road.tree() == before
    more = road.file("more.csv", lines(f"{canary_id(1)},1,10,{DAY}", f"{canary_id(2)},1,7,{DAY}"))
    added = road.ok("outcomes", "bills", more)
    assert (added["new"], added["unchanged"], added["changed"]) == (2, 2, 0)
    other = road.file("other.csv", lines(f"{canary_id(1)},1,11,{DAY}"))
    before = road.tree()
    (problem,) = road.no("outcomes", "bills", other)
    assert (problem["code"], problem["field"], problem["file"]) == ("outcome_changed", "amount", "other.csv")
    assert "--correct --reason" in problem["fix"]
    assert problem["found"] == "1 with another value"
    listed = (road.private / "bills" / "refused.csv").read_text("utf-8-sig").splitlines()
    assert listed == ["row,id,field,found,loaded", f"1,{canary_id(1)},amount,11,10"]
    assert road.no("outcomes", "bills", other, "--correct")[0]["code"] == "bad_reason"
    told = {f"private/bills{end}" for end in ("", "/refused.csv")}
    assert {k: v for k, v in road.tree().items() if k not in told} == {
        k: v for k, v in before.items() if k not in told
    }
    corrected = road.ok("outcomes", "bills", other, "--correct", "--reason", "A bounced cheque")
    assert (corrected["new"], corrected["unchanged"], corrected["changed"]) == (0, 1, 1)
    told = {d["code"]: d["text"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "1 outcome" in told["outcomes_corrected"]
    assert "A bounced cheque" in told["outcomes_corrected"]
    assert road.ok("verify", "bills")["failures"] == []


def test_one_outcome_now_and_the_other_later(road: Road) -> None:
    day = f"{DAY}"
    road.ok(
        "outcomes", "bills", road.file("a.csv", lines(f"{canary_id(1)},1,{day}", head="account,paid,paid_on"))
    )
    road.ok(
        "outcomes",
        "bills",
        road.file("b.csv", lines(f"{canary_id(1)},9,{day}", head="account,amount,paid_on")),
    )
    found = {r["outcome"] for r in road.ok("analyze", "bills")["results"]}
    assert found == {"paid", "amount"}


def test_new_outcomes_make_a_new_run_and_a_deviation(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    road.ok(
        "outcomes",
        "bills",
        road.file("more.csv", lines(f"{canary_id(2)},1,10,{DAY}", f"{canary_id(4)},1,10,{DAY}")),
    )
    assert "rct analyze" in road.ok("status", "bills")["trials"][0]["next"]
    assert road.no("report", "bills")[0]["code"] == "analysis_stale"
    again = road.ok("analyze", "bills")
    assert again["fresh"] is True
    assert "analyzed_again" in {d["code"] for d in again["deviations"]}
    assert [r for (r,) in road.sql("select distinct run from result order by 1")] == [1, 2]
    road.ok("report", "bills")
    assert road.ok("verify", "bills")["failures"] == []


# --- whose they are


def test_outcomes_of_the_excluded_are_excluded_and_not_unknown(road: Road) -> None:
    file = road.file(
        "o.csv",
        lines(f"{canary_id(240)},1,3,{DAY}", f"{canary_id(241)},1,3,{DAY}", f"{canary_id(1)},1,3,{DAY}"),
    )
    loaded = road.ok("outcomes", "bills", file)
    assert (loaded["kept"], loaded["excluded"], loaded["reasons"]) == (1, 2, {"excluded_unit": 2})


def test_a_file_of_nobody_who_takes_part(road: Road) -> None:
    before = road.tree()
    file = road.file("o.csv", lines(f"{canary_id(240)},1,3,{DAY}"))
    ran = road.rct("outcomes", "bills", file, "--json")
    assert "Traceback" not in ran.err
    if ran.code == 2:
        assert ran.problems[0]["code"] == "no_outcome_rows"
        unchanged(road, before)
    else:
        assert (ran.json["kept"], ran.json["excluded"]) == (0, 1)


def test_a_value_left_empty_is_unobserved_and_a_unit_left_out_is_as_the_plan_says(tmp_path: Path) -> None:
    road = simple(tmp_path)  # missing = "zero"
    rows = [f"{i:05d},{'' if i < 5 else 'yes'}" for i in range(30)]
    loaded = road.ok("outcomes", "bills", road.file("o.csv", lines(*rows, head="account,paid")))
    assert loaded["unobserved"] == {"paid": 5}
    (row,) = road.ok("analyze", "bills")["results"]
    assert (row["n"], row["n_missing"], row["n_drawn"]) == (35, 5, 40)


def test_what_came_back_before_the_draw_is_not_taken(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    before = road.tree()
    assert road.no("outcomes", "bills", road.root / "payments.csv")[0]["code"] == "not_drawn"
    assert road.tree() == before

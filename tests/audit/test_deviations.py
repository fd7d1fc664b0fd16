"""Deviations are read off log and data: whatever differs from the plan is told, and nothing else is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import Road, accounts, definition, road_at

KEYS = {"code", "seq", "time", "person", "text"}


def told(road: Road, *options: str) -> dict[str, dict[str, Any]]:
    found = road.ok("analyze", "bills", *options)["deviations"]
    assert all(set(d) == KEYS for d in found)
    return {d["code"]: d for d in found}


def walk(tmp_path: Path, *, rows: str | None = None, **parts: Any) -> Road:
    """A plain trial up to its outcomes, with nothing out of the way."""
    road = Road(tmp_path)
    road.define(definition(**parts))
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("a.csv", accounts(80)))
    road.ok("draw", "bills")
    paid = rows or "".join(f"{i:05d},{'yes' if i % 3 else 'no'}\n" for i in range(80))
    road.ok("outcomes", "bills", road.file("o.csv", "account,paid\n" + paid))
    return road


def test_a_trial_run_as_planned_has_none(tmp_path: Path) -> None:
    assert told(walk(tmp_path)) == {}


def test_a_lock_after_start_and_date(tmp_path: Path) -> None:
    road = Road(tmp_path)
    start = date.today() - timedelta(days=20)
    road.define(definition(start=start))
    road.edit(f"date = {date.today()}", f"date = {date.today() - timedelta(days=1)}")
    locked = road.ok("lock", "bills")
    assert len(locked["warnings"]) == 2
    road.ok("frame", "bills", road.file("a.csv", accounts(80)))
    road.ok("draw", "bills")
    road.ok("outcomes", "bills", road.file("o.csv", "account,paid\n00001,yes\n00002,no\n"))
    found = told(road)
    assert {"locked_after_start", "locked_after_date"} <= set(found)
    assert str(start) in found["locked_after_start"]["text"]
    assert found["locked_after_start"]["seq"] == 1
    assert found["locked_after_start"]["person"] == "Tess"


def test_an_edit_that_was_not_amended(tmp_path: Path) -> None:
    road = walk(tmp_path)
    road.edit("worthwhile = 0.01", "worthwhile = 0.05")
    found = told(road)
    assert "decision.worthwhile" in found["edited_after_lock"]["text"]
    assert found["edited_after_lock"]["seq"] is None
    road.edit("worthwhile = 0.05", "worthwhile = 0.01")
    assert "edited_after_lock" not in told(road)


def test_attrition_that_differs_by_arm(tmp_path: Path) -> None:
    outcome = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'
    road = walk(tmp_path, outcomes=outcome, rows="00000,yes\n00001,no\n")
    arm = dict(road.sql("select unit, arm from assignment_bills"))
    from rct.design.tickets import unit_id

    key = (road.private / "key").read_bytes()
    of = {i: arm[unit_id(key, "bills", f"{i:05d}")] for i in range(80)}
    rows = "".join(
        f"{i:05d},{'yes' if i % 3 else 'no'}\n" for i in range(2, 80) if of[i] == "letter" or i % 4 == 0
    )
    road.ok("outcomes", "bills", road.file("more.csv", "account,paid\n" + rows))
    found = told(road)
    assert "attrition" in found
    assert "sample_ratio" in found


def test_bad_rows_and_corrections_carry_their_reasons(tmp_path: Path) -> None:
    road = walk(tmp_path)
    bad = road.file("bad.csv", "account,paid\n99999,yes\n")
    road.no("outcomes", "bills", bad)
    more = road.file("more.csv", "account,paid\n00000,yes\n99999,yes\n")
    road.ok(
        "outcomes", "bills", more, "--refuse-bad-rows", "--correct", "--reason", "The bank sent a new file"
    )
    found = told(road)
    for code in ("outcomes_refused", "outcomes_corrected"):
        assert "The bank sent a new file" in found[code]["text"]
        assert found[code]["seq"] == 6


@pytest.mark.parametrize("stage", ["outcomes", "reported"])
def test_they_stay_told_when_asked_again(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    assert told(road) == told(road)

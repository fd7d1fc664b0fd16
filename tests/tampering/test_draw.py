"""A draw whose stored rows were changed by another program: no outcome is loaded beside it, and no command breaks on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence.test_certify import references
from support import Road, road_at

ONE = "(select unit from assignment_bills where arm = 'plain' limit 1)"
CHANGES = {
    "a row less": f"delete from assignment_bills where unit in {ONE}",
    "no row of an arm": "delete from assignment_bills where arm = 'plain'",
    "an arm that is none": f"update assignment_bills set arm = 'nobody' where unit in {ONE}",
    "another arm": f"update assignment_bills set arm = 'social' where unit in {ONE}",
    "another unit": f"update assignment_bills set unit = 'zz' where unit in {ONE}",
}


def codes(road: Road, *command: object) -> list[str]:
    ran = road.rct(*command, "--json")
    assert "Traceback" not in ran.err
    assert ran.code == 2
    return [p["code"] for p in ran.problems]


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_changed_draw_is_refused_before_outcomes_are_loaded(tmp_path: Path, statement: str) -> None:
    road = road_at("drawn", tmp_path)
    for (trigger,) in road.sql(
        "select name from sqlite_master where tbl_name = 'assignment_bills' and type = 'trigger'"
    ):
        road.sql(f"drop trigger {trigger}")
    road.sql(statement, unlocked=True)
    assert codes(road, "outcomes", "bills", road.root / "payments.csv") == ["assignment_changed"]
    assert "outcome_bills" not in [
        t for (t,) in road.sql("select name from sqlite_master where type = 'table'")
    ]
    assert road.ok("status")["ok"]
    assert "assignment_changed" in [f["code"] for f in road.rct("verify", "bills", "--json").json["failures"]]


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_no_command_breaks_on_a_draw_that_changed_later(tmp_path: Path, statement: str) -> None:
    road = road_at("reported", tmp_path)
    back = "".join(f"{code},returned,moved,\n" for code in references(road, "D0")[:5])
    road.ok("mailed", "bills", road.file("pieces.csv", f"reference,status,reason,date\n{back}"))
    for (trigger,) in road.sql(
        "select name from sqlite_master where tbl_name = 'assignment_bills' and type = 'trigger'"
    ):
        road.sql(f"drop trigger {trigger}")
    road.sql(statement, unlocked=True)
    for command in (
        ("outcomes", "bills", road.root / "payments.csv"),
        ("mailed", "bills", road.root / "pieces.csv"),
        ("analyze", "bills"),
        ("report", "bills"),
        ("share", "bills"),
        ("export", "bills", "--to", "csv"),
        ("letters", "bills"),
        ("verify", "bills"),
        ("site",),
        ("status",),
    ):
        ran = road.rct(*command, "--json")
        assert "Traceback" not in ran.err, command
        assert ran.code in (0, 1, 2), command

"""The order of rows is no key: rct.db beside the city's list tells nobody's arm or outcome."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from support import CANARY, Road, next_command, road_at

from rct.design.tickets import unit_id
from rct.frame import kept
from rct.registry import store

ROWS_OF_PEOPLE = {
    "frame_bills": "unit",
    "assignment_bills": "unit",
    "outcome_bills": "outcome || ' ' || unit",
    "excluded": "unit",
}


def listed(road: Road) -> list[str]:
    """The pseudonyms of the people who were drawn, in the order of the city's list."""
    key = (road.private / "key").read_bytes()
    rows = list(csv.DictReader(io.StringIO((road.root / "accounts.csv").read_text())))
    units = [unit_id(key, "bills", row["account"]) for row in rows if row["account"]]
    drawn = {unit for (unit,) in road.sql("select unit from assignment_bills")}
    return [unit for unit in units if unit in drawn]


def older(road: Road, monkeypatch: pytest.MonkeyPatch) -> Road:
    """The trial from its list to its memo, with the list stored as an older rct stored it: in the file's order."""
    made = kept.frame_of
    with monkeypatch.context() as patch:
        patch.setattr(kept, "frame_of", lambda *a: kept._in_order_of_the_file(made(*a), a[-1]))
        road.ok(*next_command(road, "locked"))
    for stage in ("ready", "drawn", "outcomes", "analyzed"):
        road.ok(*next_command(road, stage))
    assert [u for (u,) in road.sql("select unit from frame_bills order by row")] == listed(road)
    return road


def matched(road: Road) -> int:
    """How many people a finder of rct.db and the list pairs rightly, by the place of their rows alone."""
    people = listed(road)
    stored = [u for (u,) in road.sql("select unit from frame_bills order by row")]
    return sum(a == b for a, b in zip(people, stored, strict=True))


def test_each_table_is_in_order_of_the_codes(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    for table, key in ROWS_OF_PEOPLE.items():
        units = [unit for (unit,) in road.sql(f"select {key} from {table}")]
        assert units == sorted(units), table
    assert matched(road) < 8  # 240 at random: one, give or take


def test_the_same_list_in_another_order_is_the_same_list(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    head, *rows = (tmp_path / "accounts.csv").read_text().splitlines()
    again = road.ok("frame", "bills", road.file("turned.csv", "\n".join([head, *reversed(rows)]) + "\n"))
    assert again["fresh"] is False


def test_forget_puts_an_older_list_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road = older(road_at("locked", tmp_path), monkeypatch)
    people = listed(road)
    assert road.ok("frame", "bills", road.root / "accounts.csv")["fresh"] is False, (
        "it is still the same list"
    )
    assert matched(road) == len(people) == 240
    assert road.ok("verify", "bills")["ok"]
    results = (road.out / "results.csv").read_bytes()
    assert road.ok("forget", "bills", "--yes")["how"] == "people"
    stored = [u for (u,) in road.sql("select unit from frame_bills order by row")]
    assert stored == sorted(people)
    assert road.sql("pragma freelist_count") == [(0,)]
    assert road.ok("verify", "bills")["ok"]
    assert road.ok("analyze", "bills")["fresh"] is False, "plan, list and outcomes are what they were"
    assert (road.out / "results.csv").read_bytes() == results
    before = road.events()
    assert road.ok("forget", "bills", "--yes")["how"] == "already"
    assert road.events() == before
    database = (road.folder / "rct.db").read_bytes()
    places = [database.find(unit.encode()) for unit in people]
    assert places != sorted(places)
    assert CANARY.encode() not in database


def test_the_pages_hold_no_earlier_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A free page of the file may keep rows that SQL doesn't show any more."""
    road = older(road_at("locked", tmp_path), monkeypatch)
    rows = road.sql("select unit, block, cluster from frame_bills")
    cells = ["".join(row).encode() for row in rows]  # as SQLite lays them out, in frame and assignment alike

    def copies() -> int:
        database = (road.folder / "rct.db").read_bytes()
        return max(database.count(cell) for cell in cells)

    assert copies() == 2
    road.sql(
        "pragma secure_delete=off",
        "create table spare as select unit, block, cluster from frame_bills order by row",
        "drop table spare",
    )
    assert copies() > 2, "a list that was replaced stays in free pages"
    road.ok("forget", "bills", "--yes")
    assert copies() == 2


def test_a_trial_that_an_older_rct_forgot_is_put_in_order_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = older(road_at("locked", tmp_path), monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(store, "in_order", lambda *_: True)
        road.ok("forget", "bills", "--yes")
    assert road.ok("status")["trials"][0]["stage"] == "forgotten"
    road.ok("forget", "bills", "--yes")
    assert in_order(road)
    assert road.ok("verify", "bills")["ok"]


def in_order(road: Road) -> bool:
    units = [u for (u,) in road.sql("select unit from frame_bills order by row")]
    return units == sorted(units)


def test_rows_that_were_changed_before_stay_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Putting rows in order writes a new digest: it must not clear what someone did to them."""
    road = older(road_at("locked", tmp_path), monkeypatch)
    road.sql("update frame_bills set balance = balance + 1 where row = 1")
    road.ok("forget", "bills", "--yes")
    found = road.rct("verify", "bills", "--json")
    assert found.code == 1
    assert found.json["failures"][0]["code"] == "frame_changed"


def test_a_row_changed_after_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road = older(road_at("locked", tmp_path), monkeypatch)
    road.ok("forget", "bills", "--yes")
    road.sql("update frame_bills set balance = balance + 1 where row = 1")
    found = road.rct("verify", "bills", "--json")
    assert found.code == 1
    assert found.json["failures"][0]["code"] == "frame_changed"

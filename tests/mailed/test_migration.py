"""A registry of the first version: read as it is, brought up by the next writing command, wholly or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import Road, accounts, definition

from rct.registry import schema
from rct.registry.change import changing
from rct.registry.workspace import find


@pytest.fixture
def old(tmp_path: Path) -> Road:
    """A workspace with a loaded list whose registry is of version 1, as the first rct wrote it."""
    road = Road(tmp_path)
    road.define(definition())
    road.ok("frame", "bills", road.file("list.csv", accounts(12)))
    path = road.folder / "rct.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("drop table vendor_count")
        db.execute("drop table result")
        db.execute(next(t for t in schema.first_tables() if t.startswith("create table result")))
        db.execute("delete from _sqlite_migrations where name <> 'first'")
        db.execute("pragma user_version=1")
    return road


def version(road: Road) -> int:
    with closing(sqlite3.connect(road.folder / "rct.db")) as db:
        return int(db.execute("pragma user_version").fetchone()[0])


def tables(road: Road) -> dict[str, str]:
    with closing(sqlite3.connect(road.folder / "rct.db")) as db:
        return dict(db.execute("select name, sql from sqlite_master where type = 'table'"))


def test_reading_commands_read_it_and_leave_it(old: Road) -> None:
    before = (old.folder / "rct.db").read_bytes()
    assert old.ok("status")["trials"][0]["stage"] == "framed"
    assert old.ok("verify")["ok"]
    assert old.ok("log", "bills")["events"]
    assert (old.folder / "rct.db").read_bytes() == before


def test_the_next_writing_command_brings_it_up_with_all_its_rows(old: Road) -> None:
    old.ok("lock", "bills")
    assert version(old) == schema.VERSION == 3
    assert old.ok("verify")["ok"]
    assert old.ok("draw", "bills")["units"] == 12
    made = old.root / "made.db"
    schema.create(made)
    with closing(sqlite3.connect(made)) as db:
        expected = dict(db.execute("select name, sql from sqlite_master where type = 'table'"))
    assert expected.items() <= tables(old).items()


def test_a_change_that_fails_leaves_it_as_it_was(old: Road) -> None:
    def fail() -> None:
        with changing(find(old.folder), "bills", "Tess"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert version(old) == 1
    assert "vendor_count" not in tables(old)


def test_a_registry_of_a_later_version_is_refused(old: Road) -> None:
    with closing(sqlite3.connect(old.folder / "rct.db")) as db, db:
        db.execute(f"pragma user_version={schema.VERSION + 1}")
    assert [p["code"] for p in old.no("status")] == ["registry_version"]
    assert [p["code"] for p in old.no("lock", "bills")] == ["registry_version"]

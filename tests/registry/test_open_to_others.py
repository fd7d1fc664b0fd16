"""rct.db is plain SQLite: Datasette and sqlite-utils read it as it is, and can't change the log by mistake."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from support import Road, road_at

from rct.registry import schema


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    return road_at("reported", tmp_path_factory.mktemp("open"))


def test_datasette_opens_it_as_it_is(road: Road) -> None:
    for path, words in {
        "/rct.json": ("event", "frame_bills", "assignment_bills", "outcome_bills", "result"),
        "/rct/result.json?_shape=objects": ("estimate", "conf_low", "social"),
        "/rct/event.json?kind=draw": ("draw",),
    }.items():
        ran = subprocess.run(
            [sys.executable, "-m", "datasette", str(road.folder / "rct.db"), "--get", path],
            capture_output=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        json.loads(ran.stdout)
        assert all(word in ran.stdout.decode() for word in words)


def test_sqlite_utils_reads_rows_and_says_what_they_are(road: Road) -> None:
    db = sqlite_utils.Database(road.folder / "rct.db")
    assert db["frame_bills"].count == 240
    assert {row["arm"] for row in db["assignment_bills"].rows} == {"none", "plain", "social"}
    (arm,) = {r["arm"] for r in db.query("select arm from result where position = 1")}
    assert arm == "plain"
    joined = db.query(
        "select count(*) n from frame_bills join assignment_bills using (unit) join outcome_bills using (unit)"
    )
    assert next(iter(joined))["n"] > 0
    db.close()


WAYS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "update": lambda table, row: table.update((row["trial"], row["seq"]), {"person": "Kate"}),
    "delete": lambda table, _: table.delete_where("seq = 1"),
    "upsert": lambda table, row: table.upsert({**row, "person": "Kate"}, pk=("trial", "seq")),
    "replace": lambda table, row: table.insert({**row, "person": "Kate"}, replace=True),
    "insert": lambda table, row: table.insert(row),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_log_is_not_changed_by_mistake(way: str, tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    before = road.events()
    db = sqlite_utils.Database(road.folder / "rct.db")
    row = next(iter(db["event"].rows))
    with pytest.raises(sqlite3.IntegrityError):
        WAYS[way](db["event"], row)
    db.close()
    assert road.events() == before


def test_it_is_no_wal_and_has_no_side_files(road: Road) -> None:
    assert road.sql("pragma journal_mode") == [("delete",)]
    assert sorted(p.name for p in road.folder.glob("rct.db*")) == ["rct.db"]


@pytest.mark.parametrize("version", [0, schema.VERSION + 1, 99, -1])
def test_a_registry_of_another_version_is_refused(version: int, tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.sql(f"pragma user_version = {version}")
    before = road.tree()
    for command in (("status",), ("draw", "bills"), ("verify",)):
        (problem,) = road.no(*command)
        assert problem["code"] == "registry_version"
        assert problem["found"] == str(version)
    assert road.tree() == before


def test_opening_sets_what_safety_needs(road: Road) -> None:
    db = schema.open_for_writing(road.folder / "rct.db")
    try:
        settings = {
            name: db.execute(f"pragma {name}").fetchone()[0]
            for name in ("foreign_keys", "trusted_schema", "synchronous")
        }
        assert settings == {"foreign_keys": 1, "trusted_schema": 0, "synchronous": 3}
    finally:
        db.close()
    reader = schema.open_for_reading(road.folder / "rct.db")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("create table x (y)")
    reader.close()

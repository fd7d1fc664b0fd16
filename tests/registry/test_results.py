"""A column of the results is declared once: it is in rct.db, every file, every page, and another one is a line more."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from chances import install
from evidence.bundles import bundle_of, members_of, payments, walk
from support import Road, accounts, definition, road_at

from rct.cli.reference import results
from rct.evidence.site.copy import write_copy
from rct.registry.results import COLUMNS, NAMES, VERSIONS, Result, read_results
from rct.registry.schema import VERSION, open_for_reading
from rct.registry.workspace import find

ROOT = Path(__file__).parents[2]
TYPES = {str: "TEXT", int: "INTEGER", float: "REAL"}
JSON_TYPES = {str: "string", int: "integer", float: "number"}
# One more column, as it would be declared: a figure that estimates have and results have not.
DECLARED = """
    p_fisher: float | None = column(
        "Fisher's p.", "0 to 1", empty="where it was not asked", withheld="figure", since=4
    )
"""
MIGRATION = """
def fourth(db):
    _add_columns(db, 4)
"""


def test_every_column_is_in_the_registry_every_file_and_every_page(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    read = road.ok("analyze", "bills")["results"]
    in_csv = list(csv.DictReader((road.out / "results.csv").open(encoding="utf-8", newline="")))
    in_json = json.loads((road.out / "results.json").read_text())["results"]
    printed = json.loads((road.out / "appendix.json").read_text())["results"]
    road.ok("share", "bills")
    bundle = members_of(bundle_of(road))
    assert in_json == read
    for rows in (read, in_csv, in_json):
        assert all(tuple(row) == NAMES for row in rows), rows
    assert all(tuple(row) == (*NAMES, "withheld") for row in printed)
    assert bundle["results.csv"].split(b"\n")[0].decode().split(",") == list(NAMES)
    listed = json.loads(bundle["datapackage.json"])["resources"]
    (described,) = (r["schema"]["fields"] for r in listed if r["path"] == "results.csv")
    assert [(f["name"], f["type"]) for f in described] == [(c.name, JSON_TYPES[c.type]) for c in COLUMNS]
    write_copy(find(road.folder), tmp_path / "copy.db")
    for database in (road.folder / "rct.db", tmp_path / "copy.db"):
        with closing(sqlite3.connect(database)) as db:
            there = {row[1]: row[2].upper() for row in db.execute("pragma table_info(result)")}
        assert {c.name: TYPES[c.type] for c in COLUMNS}.items() <= there.items(), database
    for column in COLUMNS:
        assert f"| `{column.name}` | {column.meaning} |" in results()
        assert f"`{column.name}`" in (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_a_declaration_says_truly_what_may_be_empty(tmp_path: Path) -> None:
    """A column that an analysis never leaves empty is only None where a published row lost it."""
    road = road_at("analyzed", tmp_path)
    with closing(open_for_reading(road.folder / "rct.db")) as db:
        rows = read_results(db, "bills", 1)
    assert {row.term for row in rows} == {"arm", "interaction"}
    for column in COLUMNS:
        assert column.nullable == bool(column.empty or column.withheld), column.name
        values = [getattr(row, column.name) for row in rows]
        assert all(type(v) is column.type for v in values if v is not None), column.name
        assert column.empty or None not in values, column.name
        assert column.since <= VERSION
    assert VERSIONS[0] == COLUMNS
    assert [
        c for v in reversed(VERSIONS) for c in v if c not in COLUMNS[: len(v)]
    ] == []  # later ones come last


def test_a_row_of_an_older_version_is_a_row() -> None:
    older = {c.name: None for c in VERSIONS[-1]} | {"outcome": "paid", "withheld": True}
    row = Result.of(older)
    assert row.as_dict() == dict.fromkeys(NAMES) | {"outcome": "paid"}
    with pytest.raises(KeyError):
        Result.of({"outcome": "paid"})


def test_another_column_is_one_line_and_a_migration(tmp_path: Path) -> None:
    """rct with one column more: what it prints and shares has it, and trials and bundles from before still hold."""
    older = trial(tmp_path / "older")
    package = tmp_path / "newer"
    shutil.copytree(ROOT / "rct", package / "rct", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "tests", package / "tests", ignore=shutil.ignore_patterns("__pycache__", "hostile")
    )
    for shipped in ("templates", "trials"):
        (package / shipped).symlink_to(ROOT / shipped)
    declared, brought = (package / "rct" / "registry" / name for name in ("results.py", "schema.py"))
    edit(declared, "\n    @classmethod\n    def of(", DECLARED + "\n    @classmethod\n    def of(")
    edit(brought, "STEPS = (first, second, third)", MIGRATION + "STEPS = (first, second, third, fourth)")
    ran = subprocess.run(
        [sys.executable, package / "tests" / "registry" / "test_results.py", older.root, tmp_path],
        capture_output=True,
        text=True,
        cwd=package,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(package), str(package / "tests")))},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("p_fisher holds\n")


def trial(root: Path) -> Road:
    """A small trial of a yes/no outcome, from a definition to a bundle."""
    root.mkdir()
    road = Road(root)
    road.define(definition())
    road.edit("threshold = 10", "threshold = 3", road.folder / "rct.toml")
    return walk(road, accounts(40), payments(i < 8 for i in range(40)))  # under five in an arm: Fisher's test


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def newer(older: Road, root: Path) -> None:
    """What holds where `p_fisher` is a column; run by the rct that has it."""
    assert NAMES[-1] == "p_fisher"
    assert older.ok("verify")["ok"]
    assert older.rct("verify", bundle_of(older)).code == 0
    before = json.loads((older.out / "appendix.json").read_text())["results"][0]
    older.ok("report", "bills")
    after = json.loads((older.out / "appendix.json").read_text())["results"][0]
    (seen,) = older.sql("select p_fisher from result")
    assert seen == (None,)  # as the run stored it; the document has it as it is derived again
    assert (after.pop("p_fisher") is None) == after["withheld"]
    assert after == before
    assert older.ok("verify")["ok"]
    road = trial(root / "made")
    with (road.out / "results.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    ((stored,),) = road.sql("select p_fisher from result")
    assert float(row["p_fisher"]) == stored
    printed = json.loads((road.out / "appendix.json").read_text())["results"][0]
    assert printed["p_fisher"] == (None if printed["withheld"] else stored)
    assert b",p_fisher\n" in members_of(bundle_of(road))["results.csv"]
    assert road.rct("verify", bundle_of(road)).code == 0
    assert road.ok("verify")["ok"]
    assert "| `p_fisher` | Fisher's p. | 0 to 1 | where it was not asked |" in results()
    print("p_fisher holds")


if __name__ == "__main__":
    install()
    newer(Road(Path(sys.argv[1]), init=False), Path(sys.argv[2]))

"""An older rct.db put back beside a newer vault is noticed, also where what it lost never touched the vault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import Road, road_at

from rct.registry import change, vault
from rct.registry.workspace import find

LOST = (  # events that write nobody into the vault
    ("analyze", "bills"),
    ("report", "bills"),
    ("decide", "bills", "drop", "--note", "Not worth its postage."),
)


@pytest.mark.parametrize("lost", [1, 3])
def test_an_older_registry_is_refused_and_named(tmp_path: Path, lost: int) -> None:
    road = road_at("outcomes", tmp_path)
    database, older = road.folder / "rct.db", tmp_path / "older.db"
    shutil.copy(database, older)
    for command in LOST[:lost]:
        road.ok(*command)
    newer = database.read_bytes()
    shutil.copy(older, database)
    before = (road.private / "vault.db").read_bytes()
    (problem,) = road.no("stop", "bills", "--reason", "The budget is cut")
    assert problem["code"] == "registry_older_than_vault"
    assert "an old rct.db was put back" in problem["rule"]
    assert (road.private / "vault.db").read_bytes() == before
    failures = road.rct("verify", "--json").json["failures"]
    assert any(f["code"] == "vault_changed" and "older rct.db" in f["rule"] for f in failures)
    database.write_bytes(newer)
    assert road.ok("verify")["ok"]
    road.ok("stop", "bills", "--reason", "The budget is cut")


def test_the_vault_is_never_ahead_of_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that died between its commit and its settling: the next one tells the vault of both."""
    road = road_at("outcomes", tmp_path)
    told = known(road)
    monkeypatch.setattr(change, "_settle_after", lambda ws, db: False)
    road.ok("analyze", "bills")
    monkeypatch.undo()
    assert known(road) == told != last(road)
    assert road.ok("verify")["ok"]
    road.ok("report", "bills")
    assert known(road) == last(road)


def test_a_vault_of_an_older_rct_is_told_at_the_next_change(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    with vault.opened(find(road.folder), write=True) as opened:
        opened.execute("drop table latest")
    assert known(road) is None
    assert road.ok("verify")["ok"]
    road.ok("analyze", "bills")
    assert known(road) == last(road)


def known(road: Road) -> str | None:
    with vault.opened(find(road.folder)) as opened:
        return vault.latest(opened)


def last(road: Road) -> str:
    return str(road.sql("select token from batch order by rowid desc limit 1")[0][0])

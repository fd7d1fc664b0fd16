"""Invariant 9: a command killed at any instant leaves the state before it or after it; again changes nothing.

Killed at every call: tests/crash. Here: in the midst of a list that reaches the disk early, errors, and again.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crash.server import run as ask
from support import STAGES, Road, canary_accounts, next_command, road_at, run


def before_or_after(road: Road, command: tuple[object, ...], before: int, after: int) -> None:
    """Everything readable, whole, and on one side; the same command then reaches `after` with nothing left over."""
    for reading in (("verify",), ("status",), ("log",)):
        ran = road.rct(*reading, "--json")
        assert ran.code == 0, (reading, ran.out)
    assert len(road.events()) in (before, after)
    again = road.rct(*command, "--json")
    assert again.code == 0, again.out
    assert len(road.events()) == after
    assert road.leftovers() == []
    verified = road.rct("verify", "--json")
    assert verified.json["failures"] == []


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """By the clock, so that a kill can come inside a call too: a list big enough to reach the disk early."""
    big = canary_accounts(6_000)
    road = road_at("locked", tmp_path / "whole")
    before = len(road.events())
    whole = ask(["-C", road.folder, "frame", "bills", road.file("big.csv", big)])
    assert whole.code == 0
    after = len(road.events())
    rng = random.Random(9)
    for i in range(4):
        fresh = road_at("locked", tmp_path / f"{i}")
        command = ("frame", "bills", fresh.file("big.csv", big))
        ask(["-C", fresh.folder, *command], seconds=whole.seconds * rng.uniform(0.3, 1.0))
        before_or_after(fresh, command, before, after)


def test_killed_while_half_of_its_pages_are_on_disk(tmp_path: Path) -> None:
    """SQLite's journal is then 'hot': the next command of any kind takes it back."""
    for first in (("status",), ("frame", "bills")):
        road = road_at("locked", tmp_path / first[0])
        half_written(road)
        command = (*first, road.root / "accounts.csv") if first[0] == "frame" else first
        before = len(road.tree())
        assert road.rct(*command).code == 0
        assert road.leftovers() == []
        assert len(road.tree()) == before - 1
        assert road.rct("verify").code == 0


HALF = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("pragma cache_size = 1")
db.execute("begin immediate")
db.execute("create table junk (x text)")
db.executemany("insert into junk values (?)", (("x" * 900,) for _ in range(400)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def half_written(road: Road) -> None:
    ended = subprocess.run([sys.executable, "-c", HALF, str(road.folder / "rct.db")], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (road.folder / "rct.db-journal").stat().st_size > 0


# --- an error inside


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_an_error_in_the_middle_of_writing_leaves_the_state_before(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rct.registry.change import Change

    road = road_at(stage, tmp_path)
    before, done = road.tree(), Change.event

    def full(change: Change, *args: object) -> object:
        done(change, *args)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device", "rct.db")

    monkeypatch.setattr(Change, "event", full)
    ran = road.rct(*next_command(road, stage), "--json")
    assert ran.code == 2
    assert ran.problems[0]["code"] == "system"
    assert "No space left on device" in ran.problems[0]["rule"]
    monkeypatch.undo()
    assert {k: v for k, v in road.tree().items() if k != "private/vault.db"} == {
        k: v for k, v in before.items() if k != "private/vault.db"
    }
    road.ok(*next_command(road, stage))
    assert road.leftovers() == []
    assert road.ok("verify")["failures"] == []


# --- the same again


def given(road: Road) -> list[tuple[object, ...]]:
    name = road.name
    return [
        ("init", road.folder, "--city", "Testville"),
        ("lock", name),
        ("amend", name, "--reason", "Nothing was edited"),
        ("frame", name, road.root / "accounts.csv"),
        ("draw", name),
        ("outcomes", name, road.root / "payments.csv"),
        ("analyze", name),
        ("report", name),
    ]


def test_the_same_commands_again_change_nothing_and_say_so(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    before = road.tree()
    for command in given(road):
        ran = run(*command) if command[0] == "init" else road.rct(*command)
        assert ran.code == 0, command
        assert "nothing was changed" in " ".join(ran.out.split()), command
        assert road.tree() == before, command


def test_the_same_once_more_in_json_says_so_too(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    before = road.tree()
    for command in given(road)[1:]:
        assert road.ok(*command)["fresh"] is False, command
    assert road.tree() == before


def test_stopping_and_forgetting_again_change_nothing(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    for command in (("stop", "bills", "--reason", "The letter named a wrong number"), ("forget", "bills")):
        road.ok(*command)
        before = road.tree()
        ran = road.rct(*command)
        assert ran.code == 0
        assert "nothing was changed" in " ".join(ran.out.split())
        assert road.tree() == before


def test_the_same_list_in_other_bytes_is_the_same_list(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    before = road.tree()
    text = (road.root / "accounts.csv").read_text()
    for data in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), text.replace("\n", "\r\n").encode()):
        assert road.ok("frame", "bills", road.file("same.csv", data))["fresh"] is False
    assert road.tree() == before

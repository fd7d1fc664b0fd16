"""No other trial is a peephole: people in the arms of a trial that isn't due take no outcomes."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import Road, accounts, definition

from rct.registry import chain

N = 60
PAID = "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(N))


@pytest.fixture
def real(tmp_path: Path) -> Road:
    """A trial that is drawn; its results are due in thirty days. Its list for the sending system lies in private/."""
    road = Road(tmp_path)
    road.define(definition(wait=30))
    road.ok("frame", "bills", road.file("list.csv", accounts(N)))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    road.ok("handover", "bills")
    return road


def beside(road: Road, name: str, **parts: Any) -> Road:
    """Another trial of the same workspace on the same people, due today."""
    other = Road(road.root, name, init=False)
    other.define(definition(**parts))
    return other


def handed(road: Road) -> dict[str, str]:
    """The city's id → version letter, as the sending system sees it."""
    with (road.private / "bills" / "handover.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["version"] for row in csv.DictReader(file)}


def replayed(road: Road, *, practice: bool = False) -> tuple[Road, Path]:
    """A trial on the same people, locked, and the file that would give it the real trial's arms."""
    other = beside(road, "peek")
    if practice:
        other.toml.unlink()
        road.ok("new", "peek", "--from", "water-bills", "--practice", "--yes")
        other.define(definition(start=date.today() - timedelta(days=1)))
    other.ok("frame", "peek", road.root / "list.csv")
    other.ok("lock", "peek")
    first = min(handed(road).values())
    rows = [f"{id},{'control' if v == first else 'letter'}" for id, v in handed(road).items()]
    return other, road.file("arms.csv", "\n".join(["account,version", *rows]) + "\n")


@pytest.mark.parametrize("practice", [True, False])
def test_a_replay_of_its_arms_is_refused(real: Road, practice: bool) -> None:
    peek, arms = replayed(real, practice=practice)
    before = real.events()
    found = peek.no("draw", "peek", "--replay", arms, "--column", "version")
    assert [(p["code"], p["found"]) for p in found] == [("arms_of_another_trial", "bills")]
    assert real.events() == before


def test_arms_of_one_in_ten_changed_are_the_arms_all_the_same(real: Road) -> None:
    peek, arms = replayed(real)
    lines = arms.read_text().splitlines()
    turn = {"control": "letter", "letter": "control"}
    lines[1::12] = [f"{line.split(',')[0]},{turn[line.split(',')[1]]}" for line in lines[1::12]]
    arms.write_text("\n".join(lines) + "\n")
    assert (
        peek.no("draw", "peek", "--replay", arms, "--column", "version")[0]["code"] == "arms_of_another_trial"
    )


def test_outcomes_are_refused_where_an_older_rct_took_the_arms(
    real: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    peek, arms = replayed(real)
    with monkeypatch.context() as patch:
        patch.setattr("rct.acts.draw.refuse_arms_of_another", lambda *_: None)
        peek.ok("draw", "peek", "--replay", arms, "--column", "version")
    assert peek.no("outcomes", "peek", real.file("paid.csv", PAID))[0]["code"] == "arms_of_another_trial"


def test_a_column_that_holds_the_versions_is_no_way_round(real: Road) -> None:
    rows = "account,name,version\n" + "".join(f"{id},Person,{v}\n" for id, v in handed(real).items())
    peek = beside(
        real,
        "peek",
        frame='id = "account"\ncontact = ["name"]\ncategories = ["version"]',
        analysis='subgroups = ["version"]',
    )
    peek.ok("frame", "peek", real.file("versions.csv", rows))
    peek.ok("lock", "peek")
    peek.ok("draw", "peek")
    assert peek.no("outcomes", "peek", real.file("paid.csv", PAID))[0]["code"] == "arms_of_another_trial"


def test_lots_of_its_own_are_another_trial(real: Road) -> None:
    other = beside(real, "other")
    for command in (
        ("frame", real.root / "list.csv"),
        ("lock",),
        ("draw",),
        ("outcomes", real.file("p.csv", PAID)),
    ):
        other.ok(command[0], "other", *command[1:])
    assert other.ok("analyze", "other")["results"]


def test_once_it_is_given_up_nothing_stands_against_it(real: Road) -> None:
    peek, arms = replayed(real)
    real.ok("stop", "bills", "--reason", "the letters were never sent", "--yes")
    peek.ok("draw", "peek", "--replay", arms, "--column", "version")
    assert peek.ok("outcomes", "peek", real.file("paid.csv", PAID))["new"] == N


def test_after_its_date_it_may_be_replayed(real: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    peek, arms = replayed(real)

    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=60)

    monkeypatch.setattr(chain, "date", Later)
    peek.ok("draw", "peek", "--replay", arms, "--column", "version")

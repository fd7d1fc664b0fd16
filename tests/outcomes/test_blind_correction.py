"""A file of chosen people is no question about their outcomes: before the date no answer depends on how many differ."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from mailed_support import Mail
from support import accounts, definition

from rct.registry import chain

N = 60


@pytest.fixture
def road(tmp_path: Path) -> Mail:
    made = Mail(tmp_path)
    made.define(definition(wait=30))
    made.ok("frame", "bills", made.file("list.csv", accounts(N)))
    made.ok("lock", "bills")
    made.ok("draw", "bills")
    paid = "".join(f"{i:05d},{int(i % 3 == 0)}\n" for i in range(N))
    made.ok("outcomes", "bills", made.file("paid.csv", "account,paid\n" + paid))
    return made


def guess(road: Mail, arm: str, value: int) -> Path:
    rows = "".join(f"{i:05d},{value}\n" for i, a in road.arms().items() if a == arm)
    return road.file("guess.csv", "account,paid\n" + rows)


def said(road: Mail, file: Path) -> str:
    ran = road.rct("outcomes", "bills", file)
    assert ran.code == 2
    return ran.out + ran.err


def test_what_is_said_is_the_same_for_every_arm_and_value(road: Mail) -> None:
    told = {said(road, guess(road, arm, value)) for arm in ("control", "letter") for value in (0, 1)}
    assert len(told) == 1
    assert "another value" in told.pop()
    found = road.no("outcomes", "bills", guess(road, "letter", 0))
    assert [(p["code"], p["found"]) for p in found] == [("outcome_changed", None)]
    assert not (road.private / "bills" / "refused.csv").exists()


def test_from_the_date_on_staff_see_which_differ(road: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=60)

    monkeypatch.setattr(chain, "date", Later)
    payers = [i for i, a in road.arms().items() if a == "letter" and i % 3 == 0]
    found = road.no("outcomes", "bills", guess(road, "letter", 0))
    assert found[0]["found"] == f"{len(payers)} with another value"
    listed = (road.private / "bills" / "refused.csv").read_text("utf-8-sig").splitlines()[1:]
    assert {line.split(",")[1] for line in listed} == {f"{i:05d}" for i in payers}

"""The version to adopt held against the others that are sent: the choice that a city really has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind
from support import Road, definition

from rct.registry import state
from rct.registry.workspace import find
from rct.report.gather import memo_record
from rct.report.record import Between

N = 800
PAID = {"none": 320, "first": 400, "second": 470, "third": 488}  # of N each: 40, 50, 58.75 and 61 %
COST = {"first": 0.5, "second": 0.5, "third": 0.9}


def between(folder: Path, *, control_sent: bool) -> tuple[str | None, tuple[Between, ...]]:
    """The arm to adopt, and what it is held against, of a trial run through the commands."""
    road = Road(folder)
    (road.folder / "templates" / "letter.md").write_text("Dear {{ name }}, please pay.")
    letter = 'template = "letter.md"\n'
    arms = [
        f'[arms.none]\nlabel = "N"\ncontrol = true\n{f"unit_cost = 0.5{chr(10)}{letter}" if control_sent else ""}'
    ]
    arms += [f'[arms.{arm}]\nlabel = "{arm}"\nunit_cost = {cost}\n{letter}' for arm, cost in COST.items()]
    road.define(definition(arms="\n".join(arms), frame='id = "account"\ncontact = ["name"]'))
    rows = [f"{arm}{i},Ann,{arm},{int(i < paid)}" for arm, paid in PAID.items() for i in range(N)]
    data = road.file("data.csv", "\n".join(["account,name,sent,paid", *rows]) + "\n")
    road.ok("lock", "bills")
    road.ok("frame", "bills", data)
    road.ok("draw", "bills", "--replay", data, "--column", "sent")
    road.ok("outcomes", "bills", data)
    road.ok("analyze", "bills")
    ws = find(road.folder)
    with state.reading(ws) as db:
        record = memo_record(ws, db, state.read_state(db, "bills"))
    return record.decision.best, record.between


def welch(arm: str, other: str) -> tuple[float, float, float]:
    """Difference in shares with Welch's interval (scipy)."""
    ys = [np.repeat([1.0, 0.0], [PAID[a], N - PAID[a]]) for a in (arm, other)]
    interval = ttest_ind(*ys, equal_var=False).confidence_interval(0.95)
    return ys[0].mean() - ys[1].mean(), interval.low, interval.high


def test_it_is_held_against_what_it_cannot_be_told_apart_from_and_what_comes_next(tmp_path: Path) -> None:
    best, found = between(tmp_path, control_sent=False)
    assert best == "second"  # the third gains more, can't be told apart and costs more
    assert [(b.arm, b.other) for b in found] == [("second", "third"), ("second", "first")]
    for b in found:
        assert (b.estimate, b.conf_low, b.conf_high) == pytest.approx(welch(b.arm, b.other), rel=1e-8)


def test_where_the_control_is_sent_something_only_those_like_it_are(tmp_path: Path) -> None:
    best, found = between(tmp_path, control_sent=True)
    assert best == "second"
    assert [b.other for b in found] == ["third"]

"""The version to adopt held against the others that are sent: the choice that a city really has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind
from support import Road, definition

from rct.analysis.stored import current
from rct.registry.trial import opened
from rct.registry.workspace import find
from rct.report.gather import memo_record
from rct.report.record import Between

N = 800
PAID = {"none": 320, "first": 400, "second": 470, "third": 488}  # of N each: 40, 50, 58.75 and 61 %
COST = {"first": 0.5, "second": 0.5, "third": 0.9}


def between(folder: Path, *, control_sent: bool) -> tuple[str | None, tuple[Between, ...]]:
    """The arm to adopt, and what it is held against, of a trial run through the commands."""
    road = Road(folder)
    (road.folder / "templates" / "letter.md").write_text(
        "{{ name }}\n1 Main Street\n\nDear {{ name }}, please pay."
    )
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
    with opened(ws, "bills") as trial:
        record = memo_record(current(trial))
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


def test_a_fragile_gap_tells_no_two_versions_apart_by_the_t_test_alone(tmp_path: Path) -> None:
    """15 of 300 who were sent the dearer version pay 1,000 more; of 12 with the cheaper nobody does. Welch has p < .001;
    that none of the 15 falls among 12 of 312 has a chance of over half. So the two are alike, and the cheaper one it is."""
    road = Road(tmp_path)
    (road.folder / "templates" / "letter.md").write_text(
        "{{ name }}\n1 Main Street\n\nDear {{ name }}, please pay."
    )
    amounts = {
        "none": [100 + i % 5 for i in range(300)],
        "dear": [200 + i % 5 + 1000 * (i < 15) for i in range(300)],
        "cheap": [200 + i % 5 for i in range(12)],
    }
    assert ttest_ind(amounts["dear"], amounts["cheap"], equal_var=False).pvalue < 0.001
    letter = 'template = "letter.md"\n'
    arms = [
        '[arms.none]\nlabel = "N"\ncontrol = true\n',
        *(
            f'[arms.{a}]\nlabel = "{a}"\nunit_cost = {c}\n{letter}'
            for a, c in (("dear", 0.9), ("cheap", 0.5))
        ),
    ]
    outcomes = '[outcomes.paid]\nlabel = "Paid"\nkind = "continuous"\nprimary = true\nmissing = "drop"\n'
    frame = 'id = "account"\ncontact = ["name"]'
    road.define(definition(arms="\n".join(arms), frame=frame, outcomes=outcomes, decision="worthwhile = 5.0"))
    rows = [f"{arm}{i},Ann,{arm},{y}" for arm, ys in amounts.items() for i, y in enumerate(ys)]
    data = road.file("data.csv", "\n".join(["account,name,sent,paid", *rows]) + "\n")
    road.ok("lock", "bills")
    road.ok("frame", "bills", data)
    road.ok("draw", "bills", "--replay", data, "--column", "sent")
    road.ok("outcomes", "bills", data)
    rows = road.ok("analyze", "bills")["results"]
    gap = next(r for r in rows if r["term"] == "between")
    assert "skewed" in gap["fragile"]
    ws = find(road.folder)
    with opened(ws, "bills") as trial:
        decision = memo_record(current(trial)).decision
    assert (decision.best, decision.tied) == ("cheap", ("dear",))

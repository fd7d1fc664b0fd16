"""What `analyze` says beside its figures is so: which cells are small, what was left out, and a mean of nothing is 0."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from support import Road, accounts, definition

THREE = """[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Plain letter"

[arms.warm]
label = "Warm letter"
"""


def analyzed(root: Path, people: str, value: Any, **parts: str) -> Road:
    """A trial drawn elsewhere (the list says who is in which arm), with `value(i)` for everyone, analyzed."""
    road = Road(root)
    road.define(definition(**parts))
    listed = road.file("people.csv", people)
    road.ok("lock", road.name)
    road.ok("frame", road.name, listed)
    road.ok("draw", road.name, "--replay", listed, "--column", "arm")
    n = people.count("\n") - 1
    paid = "account,paid\n" + "".join(f"{i:05d},{value(i)}\n" for i in range(n))
    road.ok("outcomes", road.name, road.file("paid.csv", paid))
    road.ok("analyze", road.name)
    return road


def notes(road: Road) -> str:
    road.ok("report", road.name)
    said = json.loads((road.out / "appendix.json").read_text())["notes"]
    return " ".join(road.rct("analyze", road.name).out.split()) + " ".join(said)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
@pytest.mark.parametrize("design", ["complete", "blocked"])
def test_the_mean_of_a_control_without_an_event_is_zero(tmp_path: Path, estimator: str, design: str) -> None:
    arms = ("none", "plain", "warm")
    road = analyzed(
        tmp_path,
        accounts(
            210,
            columns="arm,balance,part",
            row=lambda i: f"{arms[i % 3]},{(i * 37) % 101 / 7},P{i // 3 % 5}",
        ),
        lambda i: 0 if i % 3 == 0 else (i * 13) % 11 / 3,
        arms=THREE,
        frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance"]',
        design='scheme = "complete"' if design == "complete" else 'scheme = "blocked"\nblocks = ["part"]',
        outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "continuous"\nprimary = true\nmissing = "drop"\n',
        analysis=f'estimator = "{estimator}"',
    )
    with (road.out / "results.csv").open(newline="") as f:
        means = [float(r["mean_control"]) for r in csv.DictReader(f) if r["term"] == "arm"]
    if estimator == "ols":  # it takes slopes over from the other arms: then the control's prediction is no 0
        assert len(set(means)) == 1
    else:
        assert means == [0.0, 0.0]


def test_a_control_of_zeros_without_covariates_is_zero_by_ols_too(tmp_path: Path) -> None:
    arms = ("none", "plain", "warm")
    road = analyzed(
        tmp_path,
        accounts(210, columns="arm", row=lambda i: arms[i % 3]),
        lambda i: 0 if i % 3 == 0 else 1.1 + (i * 13) % 11 / 3,
        arms=THREE,
        outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "continuous"\nprimary = true\nmissing = "drop"\n',
        analysis='estimator = "ols"',
    )
    with (road.out / "results.csv").open(newline="") as f:
        means = [r["mean_control"] for r in csv.DictReader(f) if r["term"] == "arm"]
    assert means == ["0.0", "0.0"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda i: 1, "fewer than 5 units without one in an arm"),
        (lambda i: int(i < 3), "fewer than 5 events in an arm"),
        (lambda i: i % 2, "fewer than 5 events and units without one in an arm"),
    ],
    ids=["all", "hardly any", "all of one, none of the other"],
)
def test_which_cells_are_small_is_said(tmp_path: Path, value: Any, said: str) -> None:
    road = analyzed(tmp_path, accounts(120, columns="arm", row=lambda i: ("control", "letter")[i % 2]), value)
    assert said in notes(road).lower()


def test_a_note_on_a_level_names_it(tmp_path: Path) -> None:
    """Everyone has a known outcome; only within 'rare' is there nobody with a letter."""
    road = analyzed(
        tmp_path,
        accounts(
            120,
            columns="arm,lang",
            row=lambda i: f"{('control', 'letter')[i % 2]},{'rare' if i == 4 else 'en'}",
        ),
        lambda i: int(i % 7 < 3),
        frame='id = "account"\ncontact = ["name"]\ncategories = ["lang"]',
        analysis='subgroups = ["lang"]\nestimator = "difference_in_means"',
    )
    told = notes(road)
    assert "ang 'rare': too few units with a known outcome in some arm, so nothing is estimated there" in told
    assert "has a known outcome" not in told.lower()


def test_columns_that_are_left_out_stand_in_the_log_and_in_the_appendix(tmp_path: Path) -> None:
    road = analyzed(
        tmp_path,
        accounts(
            120,
            columns="arm,balance,again,same",
            row=lambda i: f"{('control', 'letter')[i % 2]},{i % 9},{2 * (i % 9)},5",
        ),
        lambda i: int(i % 7 < 3),
        frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance", "again", "same"]',
    )
    road.ok("report", road.name)
    (event,) = [e for e in road.ok("log", road.name)["events"] if e["kind"] == "analyze"]
    assert event["body"]["dropped"] == ["again", "same"]  # in the plan's order
    appendix = (road.out / "appendix.html").read_text()
    assert "Covariate columns dropped: again" in appendix
    assert "named in the log and the appendix" in appendix
    assert road.rct("verify", road.name).code == 0

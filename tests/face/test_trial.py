"""A trial in Python: what the commands stored, with the refusals of the commands."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pandas as pd
import pytest
from face.city import opened, refusal
from support import CANARY, STAGES, road_at

import rct
from rct.registry.results import NAMES

BY_ARM = ("outcomes", "data", "results")


def test_the_tables_are_those_of_the_registry(tmp_path: Path) -> None:
    road, trial = opened("reported", tmp_path)
    frame, drawn, outcomes = trial.frame(), trial.assignment(), trial.outcomes()
    assert frame.index.name == "unit"
    assert len(frame) == len(drawn) == len(outcomes) == 240
    assert frame.index.is_monotonic_increasing
    assert frame["balance"].dtype == float
    assert frame["language"].dtype == "category"
    assert frame["district"].dtype == "category"
    assert list(drawn["arm"].cat.categories) == ["none", "plain", "social"]
    stored = pd.read_csv(road.out / "assignment.csv", dtype=str, keep_default_na=False).set_index("unit")
    assert stored["arm"].tolist() == drawn["arm"].astype(str).tolist()
    assert stored["cluster"].tolist() == drawn["cluster"].tolist()
    assert drawn["prob"].map(float).tolist() == [float(p) for p in stored["prob"]]
    paid = trial.data().groupby("arm", observed=True)["paid"].mean()
    results = (
        trial.results().query("outcome == 'paid' and term == 'arm' and subgroup.isna()").set_index("arm")
    )
    assert list(trial.results().columns) == list(NAMES)
    assert results["n_arm"].dtype == "Int64"
    assert set(paid.index) == {"none", "plain", "social"}
    again = json.loads((road.out / "results.json").read_text())["results"]
    assert results["estimate"].tolist() == [
        r["estimate"]
        for r in again
        if r["outcome"] == "paid" and r["term"] == "arm" and r["subgroup"] is None
    ]


def test_plan_log_and_deviations(tmp_path: Path) -> None:
    road, trial = opened("reported", tmp_path)
    assert trial.stage == "reported"
    assert trial.plan.control == "none"
    assert dict(trial.plan.arms) == {"none": 1, "plain": 1, "social": 2}
    assert trial.plan.hash == road.ok("lock", road.name)["plan_hash"]
    assert trial.log["kind"].tolist() == [e["kind"] for e in road.ok("log", road.name)["events"]]
    told = road.ok("analyze", road.name)["deviations"]
    assert trial.deviations["text"].tolist() == [d["text"] for d in told]
    assert trial.verify() == []


def test_nothing_in_a_table_or_a_page_is_a_persons(tmp_path: Path) -> None:
    _, trial = opened("reported", tmp_path)
    said = [trial.frame().reset_index().to_csv(), trial.data().reset_index().to_csv(), repr(trial)]
    said += [trial.log.to_csv(), trial.deviations.to_csv(), trial._repr_html_(), trial.plan._repr_html_()]
    said += [trial.explore("paid")._repr_html_(), trial.city._repr_html_(), repr(trial.plan)]
    for text in said:
        assert CANARY.lower() not in text.lower()


@pytest.mark.parametrize("stage", ["drawn", "outcomes"])
def test_before_the_date_nothing_by_arm(stage: str, tmp_path: Path) -> None:
    road, trial = opened(stage, tmp_path, wait=30)
    before = road.tree()
    (by_command,) = road.no("analyze", road.name)
    for name in BY_ARM:
        assert refusal(getattr(trial, name)).as_dict() == by_command
    assert refusal(trial.explore, "paid").as_dict() == by_command
    assert len(trial.assignment()) == len(trial.frame()) == 240  # lots and what was known before them
    assert refusal(rct.pool, [trial, trial], outcome="paid").code == "not_analyzed"
    assert road.tree() == before


def test_what_changed_since_an_early_look_stays_closed(tmp_path: Path) -> None:
    road, trial = opened("outcomes", tmp_path, wait=30)
    road.ok("analyze", road.name, "--early", "--reason", "The council votes on Monday")
    assert len(trial.outcomes()) == 240
    assert len(trial.results()) > 0
    text = (road.root / "payments.csv").read_text().replace(",1,10.25", ",1,11.25", 1)
    road.ok("outcomes", road.name, road.file("new.csv", text), "--correct", "--reason", "A wrong cell")
    assert refusal(trial.outcomes).code == "not_due"
    assert refusal(trial.explore, "paid").code == "not_due"
    assert refusal(trial.results).code == "analysis_stale"


def test_before_the_date_no_word_depends_on_who_paid(tmp_path: Path) -> None:
    """All that can be asked of two trials with one draw: in one arm `social` paid, in the other everyone else."""
    from invariants.test_05_blind_until_due import VARIES, payments

    said = []
    for social in (True, False):
        road = road_at("drawn", tmp_path / str(social), wait=30)
        road.ok("outcomes", road.name, road.file("who.csv", payments(road, social=social)))
        trial = rct.open(road.folder)[road.name]
        told = [trial.stage, repr(trial), trial.log.drop(columns="time").to_csv(), trial.deviations.to_csv()]
        told += [
            trial.frame().to_csv(),
            trial.assignment().to_csv(),
            trial.plan._repr_html_(),
            str(trial.verify()),
        ]
        told += [trial.city.trials.to_csv(), trial._repr_html_()]
        said.append([VARIES.sub("*", text) for text in told])
    assert said[0] == said[1]


def test_the_refusals_are_those_of_the_commands(tmp_path: Path) -> None:
    road, trial = opened("new", tmp_path)
    assert refusal(rct.open, tmp_path / "nowhere").code == "no_folder"
    assert refusal(rct.open, tmp_path).code == "no_workspace"
    assert refusal(trial.city.__getitem__, "bils").code == "no_trial"
    assert refusal(lambda: trial.plan).code == "not_locked"
    assert refusal(trial.frame).code == "no_frame"
    assert refusal(trial.assignment).code == "not_drawn"
    assert refusal(trial.results).code == "not_analyzed"
    assert road.name in trial.city
    assert "bils" not in trial.city
    assert list(trial.city) == [road.name]


@pytest.mark.parametrize("stage", STAGES)
def test_reading_writes_nothing_and_ends_in_a_table_or_a_problem(stage: str, tmp_path: Path) -> None:
    road, trial = opened(stage, tmp_path)
    before = road.tree()
    for name in (
        "stage",
        "plan",
        "log",
        "deviations",
        "frame",
        "assignment",
        "outcomes",
        "data",
        "results",
        "verify",
    ):
        with contextlib.suppress(rct.RctError):
            got = getattr(trial, name)
            got() if callable(got) else got
    with contextlib.suppress(rct.RctError):
        trial.explore("paid")
    assert road.tree() == before


def test_rows_that_were_changed_behind_rct_are_refused(tmp_path: Path) -> None:
    road, trial = opened("outcomes", tmp_path)
    road.sql("update outcome_bills set value = 1 where outcome = 'paid' and value = 0")
    road.sql("update outcome_bills set value = value + 1 where outcome = 'amount'")
    assert refusal(trial.outcomes).code == "outcomes_changed"
    assert refusal(trial.explore, "paid").code == "outcomes_changed"
    assert trial.verify() != []
    road.sql("update frame_bills set balance = balance + 1")
    assert refusal(trial.frame).code == "frame_changed"


def test_a_registry_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    road, trial = opened("drawn", tmp_path)
    (road.folder / "rct.db").write_bytes(b"no database" * 1000)
    assert refusal(trial.frame).code == "registry_damaged"


def test_exploring_as_planned_gives_the_plans_numbers(tmp_path: Path) -> None:
    _, trial = opened("analyzed", tmp_path)
    results = trial.results().query("term == 'arm' and subgroup.isna()").set_index(["outcome", "arm"])
    for outcome in ("paid", "amount"):
        for line in trial.explore(outcome):
            row = results.loc[(outcome, line.arm)]
            assert (line.estimate, line.std_error, line.df) == (row["estimate"], row["std_error"], row["df"])
    found = trial.explore("paid", estimator="difference_in_means", covariates=[])
    assert found.role == "exploratory"
    assert "exploratory" in repr(found)
    assert set(found.tidy()["role"]) == {"exploratory"}
    assert [x.estimator for x in trial.explore("paid", covariates="balance")] == ["lin"] * 2
    assert refusal(trial.explore, "nonsense").code == "no_such_outcome"
    assert refusal(trial.explore, "paid", alpha=5).code == "out_of_range"
    assert refusal(trial.explore, "paid", covariates=["street"]).code == "no_such_covariate"
    assert refusal(trial.explore, "paid", estimator="difference_in_means", covariates=["balance"]).code == (
        "covariates_unused"
    )
    assert refusal(trial.explore, "paid", estimator="probit").code == "unknown_estimator"


def test_a_trial_is_drawn_again_from_its_pseudonyms_and_its_key(tmp_path: Path) -> None:
    _, trial = opened("drawn", tmp_path)
    drawn = trial.assignment()
    key = trial.log.query("kind == 'draw'")["body"].iloc[0]["key"]
    table = drawn.reset_index().sample(frac=1, random_state=5)
    again = rct.draw(
        table, scheme="blocked_clustered", arms=dict(trial.plan.arms), blocks=["block"], clusters="cluster", id="unit",
        key=key,
    )  # fmt: skip
    assert again.astype(str).tolist() == table["arm"].astype(str).tolist()

"""A short run of benchmarks/validity: the promises hold on every scheme, within what so few draws can show.

Fixed seeds, so the counts are the same every time. The tolerance is 6 points, four Monte Carlo standard errors of a 5 %
share in 200 draws (nearly three in these 100): wide enough for a small-sample approximation, narrow enough to find an
error that is 40 % too small.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.validity import __main__ as program
from benchmarks.validity.agreement import Held, section
from benchmarks.validity.page import READING
from benchmarks.validity.scenarios import SCENARIOS, population
from benchmarks.validity.simulate import foreseen_of, replicate

DRAWS = 100
WIDE = 4 / math.sqrt(2)
TOLERANCE = WIDE * math.sqrt(0.05 * 0.95 / DRAWS)


LIMIT = "few are moved far"  # neither t nor redrawn lots see an effect of a few people where few of them are drawn to it


def test_where_a_verdict_errs_it_is_told():
    tally = replicate(LIMIT, 0, DRAWS)["difference_in_means", "null"]
    assert tally.decided / tally.lines > 0.05
    assert tally.untold_rejected <= 0.025 * tally.lines


@pytest.mark.parametrize("name", [s.name for s in SCENARIOS if s.name != LIMIT])
def test_type_one_error_and_coverage(name):
    """The verdict never errs more often than it may; test and interval keep their promise wherever no warning stands."""
    scenario = next(s for s in SCENARIOS if s.name == name)
    draws = round(DRAWS * scenario.part)
    tolerance = WIDE * math.sqrt(0.05 * 0.95 / draws)
    for (estimator, world), tally in replicate(name, 0, draws).items():
        assert tally.no_test == 0
        if world == "null":
            assert tally.decided / tally.lines <= 0.05 + tolerance, estimator
            assert tally.untold_rejected <= tally.lines * (0.05 + tolerance), estimator
        elif not tally.warned:
            assert tally.covered / tally.lines >= 0.95 - tolerance, estimator


ERR = [
    ("money, 1:4", "lin", "unequal_shares_amounts"),
    ("money, 9:1", "difference_in_means", "unequal_shares_amounts"),
    ("yes/no of 1 %, 9:1", "difference_in_means", "few_events_expected"),
    ("yes/no of 0.5 %, 3:1", "ols", "few_events_expected"),
    ("clustered, one large", "difference_in_means", "unlike_clusters"),
    ("clustered, unlike", "difference_in_means", "unlike_clusters"),
    ("clustered, six", "ols", "few_clusters"),
    ("blocked_clustered, ten fours", "ols", "unlike_clusters"),
    ("blocked_clustered, three tens", "ols", "unlike_clusters"),
    ("blocked_clustered, effect by size", "difference_in_means", "large_clusters_count_less"),
    ("pairs, eight", "lin", "few_pairs_for_covariates"),
]


@pytest.mark.parametrize(("name", "estimator", "code"), ERR)
def test_a_design_that_errs_is_told_before_the_lock(name, estimator, code):
    scenario = next(s for s in SCENARIOS if s.name == name)
    for number in range(3):
        found = foreseen_of(scenario, population(scenario, number), estimator)
        assert found[0].code == code


@pytest.mark.parametrize(
    "name",
    [
        "complete",
        "complete, small",
        "blocked",
        "pairs",
        "clustered",
        "blocked_clustered",
        "blocked_clustered, homes 8:2",
    ],
)
def test_a_design_that_keeps_its_promise_is_not_warned_of(name):
    scenario = next(s for s in SCENARIOS if s.name == name)
    for estimator in scenario.estimators:
        assert foreseen_of(scenario, population(scenario, 0), estimator) == []


def test_an_interval_that_is_too_short_would_be_found():
    """Intervals for 80 % must fail the test above: it is not blind."""
    tallies = replicate("blocked", 0, DRAWS, alpha=0.2)
    assert tallies["difference_in_means", "effects"].covered / DRAWS < 0.95 - TOLERANCE


def test_the_document_belongs_to_this_script():
    text = (Path(__file__).parents[2] / "docs" / "validity.md").read_text(encoding="utf-8")
    assert text.endswith(READING.rstrip() + "\n")
    for scenario in SCENARIOS:
        assert f"| {scenario.name} | `{scenario.scheme}` | {scenario.note} |" in text
        for estimator in scenario.estimators:
            assert f"| {scenario.name} | `{estimator}` |" in text


@pytest.mark.parametrize(("differences", "status"), [([], 0), (["seed 7 (pairs, ols): n 9, should be 8"], 1)])
def test_a_difference_of_the_two_implementations_fails_the_run(
    differences, status, monkeypatch, tmp_path, capsys
):
    """The page is written all the same: it says what differed."""
    found = Held(25, 60, 1, differences)
    monkeypatch.setattr(program, "held", lambda workers, trials: found)
    monkeypatch.setattr(program, "run", lambda replications, workers: {})
    assert program.main(["--replications", "10"], tmp_path / "validity.md") == status
    assert section(found) in (tmp_path / "validity.md").read_text(encoding="utf-8")
    assert all(text in capsys.readouterr().err for text in differences)

"""A short run of benchmarks/validity.py: the promises hold on every scheme, within what so few draws can show.

Fixed seeds, so the counts are the same every time. The tolerance is four Monte Carlo standard errors of a 5 %
share: wide enough for a small-sample approximation, narrow enough to find an error that is 40 % too small.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import pytest

DRAWS = 200
TOLERANCE = 4 * math.sqrt(0.05 * 0.95 / DRAWS)


def _load():
    path = Path(__file__).parents[2] / "benchmarks" / "validity.py"
    spec = importlib.util.spec_from_file_location("rct_validity", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


validity = _load()


@pytest.mark.parametrize("name", [s.name for s in validity.SCENARIOS])
def test_type_one_error_and_coverage(name):
    """The verdict never errs more often than it may; test and interval keep their promise wherever no warning stands."""
    scenario = next(s for s in validity.SCENARIOS if s.name == name)
    draws = round(DRAWS * scenario.part)
    tolerance = 4 * math.sqrt(0.05 * 0.95 / draws)
    for (estimator, world), tally in validity.replicate(name, 0, draws).items():
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
    ("pairs, eight", "lin", "few_pairs_for_covariates"),
]


@pytest.mark.parametrize(("name", "estimator", "code"), ERR)
def test_a_design_that_errs_is_told_before_the_lock(name, estimator, code):
    scenario = next(s for s in validity.SCENARIOS if s.name == name)
    for number in range(3):
        found = validity.foreseen_of(scenario, validity.population(scenario, number), estimator)
        assert [problem.code for problem in found] == [code]


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
    scenario = next(s for s in validity.SCENARIOS if s.name == name)
    for estimator in scenario.estimators:
        assert validity.foreseen_of(scenario, validity.population(scenario, 0), estimator) == []


def test_an_interval_that_is_too_short_would_be_found():
    """Intervals for 80 % must fail the test above: it is not blind."""
    tallies = validity.replicate("blocked", 0, DRAWS, alpha=0.2)
    assert tallies["difference_in_means", "effects"].covered / DRAWS < 0.95 - TOLERANCE


def test_the_document_belongs_to_this_script():
    text = (Path(__file__).parents[2] / "docs" / "validity.md").read_text(encoding="utf-8")
    assert text.endswith(validity.READING.rstrip() + "\n")
    for scenario in validity.SCENARIOS:
        assert f"| {scenario.name} | `{scenario.scheme}` | {scenario.note} |" in text
        for estimator in scenario.estimators:
            assert f"| {scenario.name} | `{estimator}` |" in text

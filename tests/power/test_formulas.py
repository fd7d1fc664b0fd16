"""Power of one comparison: R's numbers, statsmodels' number, and simulated trials."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from rct.power.formulas import design_effect, least, means, proportions

REFERENCE = Path(__file__).parents[1] / "reference"
R, INFERENCE, MORE = (
    json.loads((REFERENCE / f"{file}.json").read_text(encoding="utf-8"))[key]
    for file, key in (("reference", "power"), ("inference", "power"), ("methods", "power_more"))
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (proportions(0.30, 0.345, 1500, 1500, 0.05, pooled=True), R["prop"]),
        (proportions(0.30, 0.345, 1500, 1500, 0.05, pooled=True), INFERENCE["prop_test"]),
        (least(lambda n: proportions(0.30, 0.33, n, n, 0.05, pooled=True), 0.8, 2, 1e9), R["prop_n"]),
        (
            least(lambda n: proportions(0.30, 0.32, n, n, 0.05, pooled=True), 0.9, 2, 1e9),
            INFERENCE["prop_test_n"],
        ),
        (
            proportions(0.02, 0.035, 3000, 700, 0.05, pooled=True),
            MORE["binary_pooled_rare_small_arm"],
        ),
        (proportions(0.30, 0.345, 1500, 1500, 0.05), MORE["binary_unpooled"]),
        (proportions(0.02, 0.035, 3000, 700, 0.05), MORE["binary_unpooled_rare_small_arm"]),
        (means(0.25, 1, 200, 200, 0.05), R["t"]),
        (least(lambda n: means(0.2, 1, n, n, 0.05), 0.9, 2, 1e9), R["t_n"]),
        (least(lambda d: means(d, 1, 500, 500, 0.05), 0.8, 1e-3, 1e3), INFERENCE["t_delta"]),
        (means(0.3, 1, 150, 300, 0.05, both_tails=True), INFERENCE["t_unequal"]),
    ],
    ids=[
        "prop",
        "prop_test",
        "prop_n",
        "prop_test_n",
        "pooled",
        "unpooled",
        "unpooled_rare",
        "t",
        "t_n",
        "t_delta",
        "t_unequal",
    ],
)
def test_r_gives_the_same_number(found: float | None, expected: float) -> None:
    """R counts rejections in the right direction (strict = FALSE) everywhere but in t_unequal, which counts both."""
    assert found == pytest.approx(expected, rel=1e-8)


@given(st.floats(0.01, 1.5), st.integers(5, 2_000), st.floats(0.2, 5), st.floats(0.001, 0.2))
def test_statsmodels_gives_the_same_number(delta: float, n: int, ratio: float, alpha: float) -> None:
    theirs = TTestIndPower().power(delta, n, alpha, ratio=ratio, alternative="two-sided")
    assume(not math.isnan(theirs))  # scipy's far lower tail, which statsmodels passes on
    assert means(delta, 1, n, n * ratio, alpha, both_tails=True) == pytest.approx(theirs, rel=1e-8)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.integers(2, 5_000), st.integers(2, 5_000))
def test_a_share_and_its_complement_have_the_same_power(p1: float, p2: float, n1: int, n2: int) -> None:
    one, other = proportions(p1, p2, n1, n2, 0.05), proportions(1 - p1, 1 - p2, n1, n2, 0.05)
    assert one == pytest.approx(other, rel=1e-6, abs=1e-12)
    assert one == pytest.approx(proportions(p2, p1, n2, n1, 0.05), rel=1e-9, abs=1e-15)


def test_simulated_trials_find_unequal_shares_as_often_as_the_formula_says() -> None:
    """40,000 simulated trials, fixed seed; tolerance 4 Monte Carlo standard errors and 1 point of normal
    approximation."""
    rng = np.random.default_rng(20)
    n1, n2, p1, p2 = 900, 450, 0.30, 0.38
    a, b = rng.binomial(n1, p1, 40_000) / n1, rng.binomial(n2, p2, 40_000) / n2
    z = (b - a) / np.sqrt(a * (1 - a) / n1 + b * (1 - b) / n2)
    simulated = np.mean(z > stats.norm.isf(0.025))
    expected = proportions(p1, p2, n1, n2, 0.05)
    assert abs(simulated - expected) < 0.01 + 4 * np.sqrt(expected * (1 - expected) / 40_000)


def test_simulated_t_tests_find_unequal_means_as_often_as_the_formula_says() -> None:
    """20,000 simulated trials, fixed seed; tolerance 4 Monte Carlo standard errors."""
    rng = np.random.default_rng(21)
    a, b = rng.normal(0, 2, (20_000, 12)), rng.normal(1.8, 2, (20_000, 24))
    t = stats.ttest_ind(b, a, axis=1)
    simulated = np.mean((t.pvalue < 0.05) & (t.statistic > 0))
    expected = means(1.8, 2, 12, 24, 0.05)
    assert abs(simulated - expected) < 4 * np.sqrt(expected * (1 - expected) / 20_000)


def test_simulated_clusters_of_one_size_meet_the_design_effect() -> None:
    """t-tests of cluster means, 20,000 trials of 2 x 8 clusters of 15, ICC 0.1; 4 standard errors."""
    rng = np.random.default_rng(22)
    m, icc, k = 15, 0.1, 8
    spread = np.sqrt(icc + (1 - icc) / m)
    a, b = rng.normal(0, spread, (20_000, k)), rng.normal(0.5, spread, (20_000, k))
    t = stats.ttest_ind(b, a, axis=1)
    simulated = np.mean((t.pvalue < 0.05) & (t.statistic > 0))
    n = k * m / design_effect(m, icc)
    expected = means(0.5, 1, n, n, 0.05, df=2 * k - 2)
    assert abs(simulated - expected) < 4 * np.sqrt(expected * (1 - expected) / 20_000)


def test_the_design_effect_is_kishs_and_grows_with_unequal_sizes() -> None:
    assert design_effect(20, 0.05) == pytest.approx(1.95)
    assert design_effect(1, 0.3) == 1
    sizes = np.array([5, 10, 15, 30])
    m, cv = sizes.mean(), sizes.std() / sizes.mean()
    assert design_effect(m, 0.05, cv) == pytest.approx(1 + ((sizes**2).sum() / sizes.sum() - 1) * 0.05)


def test_what_cannot_be_found_has_no_least_value() -> None:
    assert least(lambda x: x / 10, 0.8, 0.1, 5) is None
    assert least(lambda x: x / 10, 0.8, 0.1, 9) == pytest.approx(8, rel=1e-12)


def test_an_effect_beyond_doubt_is_found_for_certain() -> None:
    for n in (30, 1_000, 10**6, 10**9):
        assert means(50, 1, n, n, 0.05) == means(50, 1, n, n, 0.05, both_tails=True) == 1


def test_no_degrees_of_freedom_no_power() -> None:
    assert means(5, 1, 1, 1, 0.05) == 0
    assert proportions(0.1, 0.9, 2, 2, 0.05, df=0) == 0
    assert proportions(0.0, 1.0, 3, 3, 0.05) == 1
    assert proportions(0.0, 1.0, 3, 3, 0.05, df=4) == 1

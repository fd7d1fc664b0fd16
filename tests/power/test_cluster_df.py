"""Degrees of freedom that clusters' sizes foretell: the formula for two arms, sizes scaled, guesses as good as lists."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rct.design.schemes import SCHEMES
from rct.estimate.estimators import ESTIMATORS
from rct.power import PowerRequest, foreseen
from rct.power.cluster_df import ROWS, cluster_df, guessed_sizes


def satterthwaite(sizes: NDArray[np.float64], treated: NDArray[np.bool_]) -> float:
    """Of CR2 for a difference in means of two arms: each arm's clusters have the quadratic form with weights
    1/((1 - m/M) M^2) and covariances m (1 - m/M), -m m'/M."""
    expected, squared = 0.0, 0.0
    for own in (sizes[treated], sizes[~treated]):
        whole = own.sum()
        weight = 1 / ((1 - own / whole) * whole**2)
        covariance = np.diag(own) - np.outer(own, own) / whole
        form = np.sqrt(weight)[:, None] * covariance * np.sqrt(weight)
        expected, squared = expected + np.trace(form), squared + (form**2).sum()
    return float(expected**2 / squared)


@pytest.mark.parametrize(
    "sizes",
    [
        [200, *range(5, 14)],
        [8] * 6,
        [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8],
        [40, 35, 30, 3, 2, 2, 1, 1, 50, 44],
    ],
    ids=["one-large", "six", "uneven", "two-kinds"],
)
def test_the_median_is_that_of_the_formula(sizes: list[int]) -> None:
    """Over 2,000 draws; the module's own 25 lie within a tenth, and two degrees more for chance."""
    rng = np.random.default_rng(1)
    treated = np.arange(len(sizes)) < len(sizes) // 2
    drawn = [satterthwaite(np.array(sizes, float), rng.permutation(treated)) for _ in range(2_000)]
    (found,) = cluster_df({"": sizes}, (1, 1), 0, ESTIMATORS["difference_in_means"], SCHEMES["clustered"])
    assert found.df == pytest.approx(float(np.median(drawn)), rel=0.1, abs=2 if len(sizes) > 6 else 0.3)
    assert found.alike == pytest.approx(len(sizes) - 2, rel=1e-9)
    assert found.clusters == len(sizes)


def test_only_the_ratios_of_sizes_count() -> None:
    small = [12, 40, 7, 90, 33, 25, 8, 61, 15, 20]
    (one,) = cluster_df({"": small}, (1, 1), 0, ESTIMATORS["ols"], SCHEMES["clustered"])
    (large,) = cluster_df(
        {"": [s * 1_000 for s in small]}, (1, 1), 0, ESTIMATORS["ols"], SCHEMES["clustered"]
    )
    assert sum(small) < ROWS < 1_000 * sum(small)
    assert large.df == pytest.approx(one.df, rel=0.02)


def test_guessed_sizes_have_the_mean_and_the_spread() -> None:
    sizes = np.array(guessed_sizes(40_000, 20, 1.0))
    assert len(sizes) == 2_000
    assert sizes.mean() == pytest.approx(20, rel=0.02)
    assert sizes.std() / sizes.mean() == pytest.approx(1.0, abs=0.05)
    assert guessed_sizes(600, 30, 0) == [1] * 20


def test_clusters_in_plenty_are_not_drawn() -> None:
    assert cluster_df({"": [2] * 50_000}, (3, 1), 0, ESTIMATORS["ols"], SCHEMES["clustered"]) == []


def test_the_smallest_arm_is_told_and_named() -> None:
    request = PowerRequest(
        "binary",
        ("a", "control", "b"),
        (6, 6, 1),
        control=1,
        clustered=True,
        icc=0.05,
        units=520,
        cluster_size=20.0,
    )
    (problem,) = foreseen.of_clusters(request, SCHEMES["clustered"], ESTIMATORS["difference_in_means"])
    assert problem.code == "few_clusters"
    assert problem.rule.startswith("Arms b and control would have about 14 clusters between them.")

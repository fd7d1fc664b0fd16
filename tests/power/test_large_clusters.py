"""What people in large clusters count for beside those in small ones: the estimator itself says it too."""

from __future__ import annotations

import numpy as np
import pytest

from rct.design.schemes import SCHEMES
from rct.estimate import Sample, estimate
from rct.estimate.estimators import ESTIMATORS
from rct.power.large_clusters import large_beside_small

SIZES = [1, 1, 2, 3, 1, 1, 4, 8]  # in 30 blocks of 4, two sorts in turn
BLOCKS, DRAWS = 30, 400
SCHEME = SCHEMES["blocked_clustered"]


def by_the_estimator(estimator: str, each: int) -> float:
    """The mean over draws of the estimate where the arm adds 1 to units of some clusters alone, a unit of theirs."""
    rng = np.random.default_rng(4)
    members = np.array(SIZES * (BLOCKS * each // len(SIZES)))
    home = np.arange(len(members)) // each
    cluster = np.repeat(np.arange(len(members)), members)
    ordered = np.sort(members)
    middle = ordered[np.searchsorted(np.cumsum(ordered), members.sum() / 2)]
    large = (members >= middle)[cluster]
    found = {True: [], False: []}
    for _ in range(DRAWS):
        arm = np.concatenate([rng.permutation(np.arange(each) % 2) for _ in range(BLOCKS)])[cluster]
        for of, got in found.items():
            y = ((large == of) & (arm == 1)).astype(float)
            sample = Sample(
                y, arm, ("control", "a"), (1, 1), home[cluster], tuple(f"B{b:02}" for b in range(BLOCKS)),
                tuple(range(BLOCKS)), cluster, np.empty((0, 0)), (),
            )  # fmt: skip
            got.append(float(estimate(sample, estimator, "CR2").lines[0].estimate or 0.0))
    return float(np.mean(found[True]) / large.mean() / (np.mean(found[False]) / (~large).mean()))


def sizes(each: int) -> dict[str, list[int]]:
    every = SIZES * (BLOCKS * each // len(SIZES))
    return {f"B{b:02}": every[b * each : (b + 1) * each] for b in range(BLOCKS)}


@pytest.mark.parametrize(
    ("estimator", "each"), [("difference_in_means", 4), ("ols", 4), ("difference_in_means", 8)]
)
def test_it_is_what_the_estimator_does(estimator: str, each: int) -> None:
    told = large_beside_small(sizes(each), (1, 1), 0, ESTIMATORS[estimator], SCHEME)
    assert told == pytest.approx(by_the_estimator(estimator, each), abs=0.05)
    assert told < 0.9


def test_in_pairs_both_clusters_count_alike() -> None:
    pairs = {f"P{b}": [1, 4] for b in range(30)}
    assert large_beside_small(pairs, (1, 1), 0, ESTIMATORS["difference_in_means"], SCHEME) == pytest.approx(
        0.25, abs=0.05
    )


@pytest.mark.parametrize("blocks", [{"": [1, 2, 3, 9]}, {f"B{b}": [5] * 4 for b in range(9)}])
def test_without_blocks_or_of_one_size_all_count_alike(blocks: dict[str, list[int]]) -> None:
    assert large_beside_small(blocks, (1, 1), 0, ESTIMATORS["ols"], SCHEME) == 1.0

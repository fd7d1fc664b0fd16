"""The chance that none of the last events is of an arm, by counting arrangements."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pytest

from rct.estimate.ends import cut_short
from rct.estimate.records import Sample


def made(arm: list[int], **parts: Any) -> Sample:
    arms = max(arm) + 1
    names = tuple("abc"[:arms])
    return Sample(
        y=np.zeros(len(arm)), arm=np.array(arm), arm_names=names, shares=(1,) * arms,
        **{"block": None, "block_labels": (), "cluster": None, "x": np.empty((0, 0)), "x_names": (), **parts},
    )  # fmt: skip


def test_it_is_the_share_of_arrangements_times_the_arms() -> None:
    """Ten units, four of them of arm 1, whose last day is 6: of the three later ones none is its own."""
    arm = [1, 0, 1, 0, 1, 1, 0, 0, 0, 0]
    days = np.array([1, 2, 3, 4, 5, 6, 6, 7, 8, 9])
    later = set(range(7, 10))
    none = sum(later.isdisjoint(own) for own in combinations(range(10), 4))
    assert cut_short(made(arm), days) == pytest.approx(2 * none / comb(10, 4))
    assert none / comb(10, 4) == comb(6, 3) / comb(10, 3)


def test_blocks_multiply() -> None:
    arm = [1, 0, 1, 0, 1, 0, 1, 0]
    days = np.array([1, 5, 1, 5, 2, 6, 2, 6])
    block = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    found = cut_short(made(arm, block=block, block_labels=("x", "y")), days)
    assert found == pytest.approx(2 * (1 / 6) * (1 / 6))


def test_who_has_no_event_does_not_count() -> None:
    assert cut_short(made([0, 1, 0, 1]), np.array([3, 0, 4, 0])) == 1.0
    assert cut_short(made([0, 1]), np.array([0, 0])) == 1.0


def test_a_cluster_counts_once_by_its_last_day() -> None:
    arm = [0] * 6 + [1] * 6
    cluster = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    days = np.array([9, 1, 9, 1, 9, 1, 2, 3, 2, 0, 2, 1])
    assert cut_short(made(arm, cluster=cluster), days) == pytest.approx(2 / comb(6, 3))


def test_under_equal_timing_it_seldom_is_small() -> None:
    rng = np.random.default_rng(7)
    arm = [0] * 40 + [1] * 20 + [2] * 5
    found = [cut_short(made(arm), rng.integers(1, 31, 65)) for _ in range(2_000)]
    assert np.mean(np.array(found) <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2_000)

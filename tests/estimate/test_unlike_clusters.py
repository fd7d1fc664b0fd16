"""A comparison that a few clusters decide is fragile, whatever the outcome; one of clusters alike is not."""

from __future__ import annotations

import numpy as np
import pytest

from rct.estimate import Sample, estimate


def reasons(
    sizes: list[int], arms: tuple[int, int], blocks: int = 1, estimator: str = "difference_in_means"
) -> set[str]:
    """What is told over 40 draws of clusters of these sizes, in turn over so many blocks: the reasons of every draw."""
    rng = np.random.default_rng(8)
    home = np.arange(len(sizes)) % blocks
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    y = rng.normal(0, 0.4, len(sizes))[cluster] + rng.normal(size=len(cluster))
    told: list[bool] = []
    for _ in range(40):
        arm = np.empty(len(sizes), dtype=np.int64)
        for b in range(blocks):
            mine = np.flatnonzero(home == b)
            treated = len(mine) * arms[1] // sum(arms)
            arm[mine] = rng.permutation(np.arange(len(mine)) < treated)
        labels = tuple(f"B{b}" for b in range(blocks)) if blocks > 1 else ()
        sample = Sample(
            y,
            arm[cluster],
            ("control", "a"),
            arms,
            home[cluster] if blocks > 1 else None,
            labels,
            None,
            cluster,
        )
        told.append("few_clusters" in estimate(sample, estimator, "CR2").lines[0].fragile)
    return {"fragile"} if all(told) else {"sturdy"} if not any(told) else {"both"}


@pytest.mark.parametrize(
    ("sizes", "arms", "blocks", "expected"),
    [
        ([200, *range(5, 14)], (1, 1), 1, "fragile"),
        ([60, 60, *[4] * 18], (1, 1), 1, "fragile"),
        ([300, 4, 5, 6, 5, 4, 6, 5, 4, 5, 6, 4], (1, 1), 3, "fragile"),
        ([9, 10, 11, 10, 9] * 2, (1, 1), 1, "sturdy"),
        ([1, 2, 3, 4] * 30, (1, 1), 1, "sturdy"),
        ([10] * 40, (1, 1), 10, "sturdy"),
    ],
    ids=["one-large", "two-large", "blocks-of-four-one-large", "ten-alike", "households", "blocks-of-four"],
)
def test_what_a_few_clusters_decide_is_fragile(
    sizes: list[int], arms: tuple[int, int], blocks: int, expected: str
) -> None:
    assert reasons(sizes, arms, blocks) == {expected}

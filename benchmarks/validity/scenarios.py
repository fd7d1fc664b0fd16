"""The designs of docs/validity.md, each on a population of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from benchmarks.validity.populations import (
    Build,
    Population,
    canceling,
    few_moved,
    in_blocks,
    in_clusters,
    lognormal,
    money,
    moved_by_size,
    one_column,
    one_large,
    plain,
    rare,
    tied_to_size,
    unlike,
)

SEED = "rct.validity.1"
POPULATIONS = 10


@dataclass(frozen=True)
class Scenario:
    """One design on one population, and the estimators that may analyze it.

    kind: of the outcome. weak: there is an effect in each unit, which is 0 on average, where others have none at all.
    part: of the draws that are asked for, where one takes long.
    """

    name: str
    scheme: str
    shares: tuple[int, ...]
    build: Build
    note: str
    estimators: tuple[str, ...] = ("difference_in_means", "ols", "lin")
    kind: str = "continuous"
    weak: bool = False
    part: float = 1.0


NO_LIN = ("difference_in_means", "ols")
SMALL = [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 14, 20, 30]
SCENARIOS = [
    Scenario("complete", "complete", (1, 1), plain(120), "120 units, 1:1"),
    Scenario("complete, small", "complete", (1, 1), plain(30), "30 units, 1:1"),
    Scenario("complete, unequal shares, 4 arms", "complete", (3, 1, 1, 1), plain(240), "240 units, 3:1:1:1"),
    Scenario("complete, rare yes/no", "complete", (1, 2), rare(900, 0.03), "900 units, 1:2, 3 % say yes", kind="binary"),
    Scenario("blocked", "blocked", (1, 1), in_blocks([12, 16, 24, 30, 38]), "5 blocks of 12 to 38, 1:1"),
    Scenario(
        "blocked, unequal shares, 3 arms", "blocked", (2, 1, 1), in_blocks([11, 14, 18, 21, 29, 34]),
        "6 blocks of 11 to 34, 2:1:1, counts uneven between blocks",
    ),
    Scenario("blocked, small blocks", "blocked", (1, 1), in_blocks(SMALL), "19 blocks of 1 to 30, 1:1: L, S and M"),
    Scenario(
        "blocked, small blocks, unequal, 3 arms", "blocked", (2, 1, 1), in_blocks(SMALL),
        "19 blocks of 1 to 30, 2:1:1: most small ones are merged",
    ),
    Scenario("blocked, triples", "blocked", (1, 2), in_blocks([3] * 40), "40 blocks of 3, 1:2: all small"),
    Scenario("pairs", "blocked", (1, 1), in_blocks([2] * 40), "40 pairs"),
    Scenario("pairs, few", "blocked", (1, 1), in_blocks([2] * 12), "12 pairs"),
    Scenario("clustered", "clustered", (1, 1), in_clusters([40], 2, 9, False), "40 clusters of 2 to 9, 1:1"),
    Scenario("clustered, few", "clustered", (1, 1), in_clusters([12], 3, 9, False), "12 clusters of 3 to 9, 1:1"),
    Scenario(
        "clustered, unequal shares, 3 arms", "clustered", (2, 1, 1), in_clusters([60], 1, 12, False),
        "60 clusters of 1 to 12, 2:1:1",
    ),
    Scenario(
        "blocked_clustered", "blocked_clustered", (1, 1), in_clusters([6, 8, 9, 11], 2, 8, True),
        "4 blocks of 6 to 11 clusters, 1:1",
    ),
    Scenario(
        "blocked_clustered, unequal shares, 3 arms", "blocked_clustered", (2, 1, 1),
        in_clusters([9, 10, 13, 17, 19], 2, 8, True), "5 blocks of 9 to 19 clusters, 2:1:1",
    ),
    Scenario(
        "blocked_clustered, small blocks", "blocked_clustered", (1, 1), in_clusters([2, 3, 3, 2, 4, 3, 6, 8, 9], 2, 6, True),
        "9 blocks of 2 to 9 clusters, 1:1: merged; lin is refused", NO_LIN,
    ),
    Scenario("money, 1:4", "complete", (1, 4), money(400), "400 units, 1:4, 85 % zero, else lognormal"),
    Scenario("money, 9:1", "complete", (9, 1), money(1000), "1,000 units, 9:1, 85 % zero, else lognormal"),
    Scenario("yes/no of 1 %, 9:1", "complete", (9, 1), rare(2000, 0.01), "2,000 units, 9:1, 1 % say yes", kind="binary"),
    Scenario(
        "yes/no of 0.5 %, 3:1", "complete", (3, 1), rare(4000, 0.005), "4,000 units, 3:1, 0.5 % say yes", kind="binary",
        part=0.5,
    ),
    Scenario("clustered, one large", "clustered", (1, 1), unlike(one_large), "10 clusters, one of 200, nine of 5 to 15"),
    Scenario(
        "clustered, unlike", "clustered", (1, 1), unlike(lognormal(20, 1.3)), "20 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario("clustered, six", "clustered", (1, 1), one_column(in_clusters([6], 5, 15, False)), "6 clusters of 5 to 15",
        NO_LIN),
    Scenario(
        "blocked_clustered, ten fours", "blocked_clustered", (1, 1), unlike(lognormal(40, 1.3), 10),
        "10 blocks of 4 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario(
        "blocked_clustered, three tens", "blocked_clustered", (1, 1), unlike(lognormal(30, 1.3), 3),
        "3 blocks of 10 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario(
        "blocked_clustered, homes 8:2", "blocked_clustered", (4, 1), tied_to_size(200, 10),
        "200 blocks of 10 homes, 4:1, yes/no that hangs on the home's size", NO_LIN, kind="binary", part=0.1,
    ),
    Scenario("pairs, eight", "blocked", (1, 1), one_column(in_blocks([2] * 8)), "8 pairs, one covariate"),
    Scenario(
        "effects that cancel", "complete", (3, 1), canceling(200),
        "200 units, 3:1; the null is weak: effects differ, and are 0 on average", weak=True,
    ),
    Scenario(
        "few are moved far", "complete", (1, 1), few_moved(400),
        "400 units, 1:1; 2 in 100 pay far more, the others a little less: 0 on average", ("difference_in_means",), weak=True,
    ),
    Scenario(
        "blocked_clustered, effect by size", "blocked_clustered", (1, 1), moved_by_size(50, 4),
        "50 blocks of 4 homes of 1 to 8; the effect goes with the home's size, and is 0 on average over people", NO_LIN,
        weak=True, part=0.5,
    ),
]  # fmt: skip


def population(scenario: Scenario, number: int) -> Population:
    """The scenario's units of that number: always the same."""
    seed = int.from_bytes(hashlib.sha256(f"{SEED}|{scenario.name}|{number}".encode()).digest()[:8], "big")
    return scenario.build(np.random.default_rng(seed), len(scenario.shares))


def draws_of(scenario: Scenario, replications: int) -> int:
    """Draws of each population."""
    return max(1, round(replications * scenario.part / POPULATIONS))

"""Over many seeds: each unit's frequencies, pairs of units, and leftovers meet the theory.

Seeds are fixed, so these tests always give the same answer. Tolerance: a chi-squared test of observed against
exact probabilities fails below p = 1e-4; about 40 such tests are made here, so a right program would have had
a chance of 1 in 250 of meeting an unlucky set of seeds.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import chisquare

from rct.design.deal import block_counts
from rct.design.probabilities import could_give, exact
from rct.design.schemes import conduct, declare

LEAST_P = 1e-4
SEEDS = 6_000
DESIGNS = [
    (["c", "a"], [1, 1]),
    (["c", "a", "b"], [1, 1, 2]),
    (["c", "a", "b", "d"], [3, 1, 1, 2]),
]


def key(i: int) -> str:
    return hashlib.sha256(f"fair {i}".encode()).hexdigest()


def count_distribution(n: int, shares: list[int]) -> dict[tuple[int, ...], Fraction]:
    """The exact chance of each set of counts: all orders of the arms and all starts u are equally likely."""
    W, k = sum(shares), len(shares)
    orders = list(permutations(range(k)))
    chance: Counter[tuple[int, ...]] = Counter()
    for order, u in product(orders, range(W)):
        counts, F = [n * w // W for w in shares], u
        for i in order:
            counts[i] += (F + n * shares[i] % W) // W - F // W
            F += n * shares[i] % W
        chance[tuple(counts)] += Fraction(1, len(orders) * W)
    return chance


def assert_fits(observed: dict, expected: dict) -> None:
    """Observed counts against exact probabilities; what has no probability must not occur."""
    assert set(observed) <= {x for x, p in expected.items() if p}
    cells = [x for x, p in expected.items() if p]
    total = sum(observed.values())
    if len(cells) > 1:
        found = chisquare([observed.get(x, 0) for x in cells], [float(expected[x]) * total for x in cells])
        assert found.pvalue > LEAST_P


@pytest.fixture(scope="module", params=DESIGNS, ids=lambda design: "-".join(map(str, design[1])))
def drawn(request):
    """Arms of seven units under many keys: four in block x, three in block y."""
    arms, shares = request.param
    design = declare("blocked", arms, shares)
    units, blocks = [f"u{i}" for i in range(7)], list("xxxxyyy")
    return shares, np.array([conduct(design, key(i), units, blocks).arm for i in range(SEEDS)])


def test_each_units_frequencies_are_its_shares(drawn) -> None:
    shares, arm = drawn
    for unit in range(7):
        assert_fits(Counter(arm[:, unit].tolist()), dict(enumerate(exact(shares))))


def test_pairs_of_units_meet_the_enumerated_joint_probabilities(drawn) -> None:
    shares, arm = drawn
    p, k = exact(shares), len(shares)
    for i, j, n in ((0, 1, 4), (1, 3, 4), (4, 6, 3), (2, 5, None)):
        expected = {}
        for a, c in product(range(k), repeat=2):
            expected[a, c] = p[a] * p[c]  # two blocks are drawn apart
            if n is not None:
                expected[a, c] = sum(
                    chance * Fraction(counts[a] * (counts[c] - (a == c)), n * (n - 1))
                    for counts, chance in count_distribution(n, shares).items()
                )
        assert sum(expected.values()) == 1
        assert_fits(Counter(zip(arm[:, i].tolist(), arm[:, j].tolist(), strict=True)), expected)


def test_the_enumeration_gives_each_arm_its_exact_share() -> None:
    for shares in ([1, 1], [1, 1, 2], [3, 1, 1, 2], [5, 2], [2, 2, 2]):
        for n in range(1, 9):
            chances = count_distribution(n, shares)
            for i, p in enumerate(exact(shares)):
                assert sum(chance * counts[i] for counts, chance in chances.items()) == n * p
            assert all(could_give(counts, shares) for counts in chances)


@pytest.mark.parametrize(
    ("n", "shares"), [(1, [1, 1, 1, 1]), (2, [1, 1, 1, 1]), (3, [2, 1, 1]), (5, [3, 2, 7])]
)
def test_leftovers_of_small_blocks_favour_nobody(n: int, shares: list[int]) -> None:
    arms = [f"arm{i}" for i in range(len(shares))]
    given = Counter(block_counts(key(0), f"block {b}", n, arms, shares) for b in range(6_000))
    assert_fits(given, count_distribution(n, shares))


def test_any_two_arms_can_meet_in_a_block_of_two() -> None:
    arms = ["a", "b", "c", "d"]
    met = {block_counts(key(1), f"pair {b}", 2, arms, [1, 1, 1, 1]) for b in range(400)}
    assert len(met) == 6


def test_each_clusters_frequencies_are_its_shares_whatever_its_size() -> None:
    arms, shares = ["c", "a", "b"], [2, 1, 2]
    clusters = ["one"] * 5 + ["two"] + ["three"] * 2 + ["four"]
    design = declare("clustered", arms, shares)
    units = [f"u{i}" for i in range(len(clusters))]
    arm = np.array([conduct(design, key(i), units, None, clusters).arm for i in range(3_000)])
    assert (arm[:, 0:1] == arm[:, 0:5]).all()
    for unit in (0, 5, 6, 8):
        assert_fits(Counter(arm[:, unit].tolist()), dict(enumerate(exact(shares))))


def test_twenty_thousand_units_in_small_blocks_come_out_even() -> None:
    """A rule that hands leftovers to the first arms would be off by hundreds here."""
    arms = ["a", "b", "c", "d"]
    units = [f"u{i}" for i in range(20_000)]
    draw = conduct(declare("blocked", arms), key(2), units, [f"b{i % 6_667}" for i in range(20_000)])
    # 6,667 blocks of 3, nearly all: each arm gets 3/4 of a place in each, so the spread of its count is
    # sqrt(6,667 * 3/16), about 35; five of those is the tolerance.
    assert all(abs(n - 5_000) < 5 * 35.4 for n in Counter(draw.arm_names).values())

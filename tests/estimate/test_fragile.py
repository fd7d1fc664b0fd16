"""Where the t test is known to err: what is flagged and what isn't, and the intervals that are told there."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from rct.estimate import Sample, estimate
from rct.estimate.cells import settle
from rct.estimate.fragile import newcombe, newcombe_of, own_skewness, skewness, wilson
from rct.estimate.randomization import randomization_test

FOLDER = Path(__file__).parents[1] / "reference"
METHODS = json.loads((FOLDER / "methods.json").read_text())


def two(y, arm, **more):
    return Sample(np.asarray(y, dtype=float), np.asarray(arm), ("c", "t"), (1, 1), **more)


def yes_no(control, letter):
    """Shares as (events, units)."""
    y = [1] * control[0] + [0] * (control[1] - control[0]) + [1] * letter[0] + [0] * (letter[1] - letter[0])
    return two(y, [0] * control[1] + [1] * letter[1])


def flagged(s, estimator="difference_in_means"):
    return estimate(s, estimator, "HC2" if s.cluster is None else "CR2").lines[0].fragile


@pytest.mark.parametrize("case", METHODS["two_proportions"], ids=lambda c: str(c["events"]))
def test_wilson_and_newcombe_are_rs(case):
    (a, b), (n, m) = case["events"], case["n"]
    assert wilson(a, n, 0.05) == pytest.approx(case["wilson_treated"], rel=1e-8, abs=1e-15)
    assert wilson(b, m, 0.05) == pytest.approx(case["wilson_control"], rel=1e-8, abs=1e-15)
    assert newcombe(((a, n - a), (b, m - b)), 0.05) == pytest.approx(case["newcombe"], rel=1e-8)
    s = yes_no((b, m), (a, n))
    cells = settle(s, 2)
    assert newcombe_of(cells, 1, 0, 0.05, a / n - b / m) == pytest.approx(case["newcombe"], rel=1e-8)


def test_blocks_split_alike_have_the_interval_of_no_blocks():
    s = yes_no((30, 200), (41, 200))
    block = np.arange(400) % 4
    blocked = replace(s, block=block, block_labels=("a", "b", "c", "d"))
    line = estimate(blocked, "difference_in_means", "HC2").lines[0]
    ends = newcombe_of(settle(blocked, 1, 0), 1, 0, 0.05, line.estimate)
    assert ends == pytest.approx(newcombe(((41, 159), (30, 170)), 0.05), rel=1e-9)
    moved = newcombe_of(settle(blocked, 1, 0), 1, 0, 0.05, line.estimate + 0.01)  # what covariates took out
    assert moved == pytest.approx([e + 0.01 for e in ends])


def test_few_events_are_those_of_either_arm_and_also_few_without():
    assert flagged(yes_no((10, 500), (10, 500))) == ()
    assert flagged(yes_no((10, 500), (9, 500))) == ("few_events",)
    assert flagged(yes_no((40, 500), (0, 500))) == ("few_events",)
    assert flagged(yes_no((491, 500), (480, 500))) == ("few_events",)


def test_an_amount_of_one_size_is_a_yes_or_no_in_disguise():
    s = yes_no((4, 1000), (0, 1000))
    assert flagged(replace(s, y=60 * s.y)) == flagged(s) == ("few_events", "unlike_skew")


def test_events_count_where_the_outcome_varies():
    """Block A: 3,000 people, 15 pay; block B: 1,000 who all pay. 9:1 in each: the small arm of A expects 1.5."""
    arm = np.tile([0] * 9 + [1], 400)
    block = np.repeat([0, 1], [3000, 1000])
    y = np.where(block == 1, 1.0, 0.0)
    y[:2800:200] = 1
    s = two(y, arm, block=block, block_labels=("A", "B"))
    assert "few_events" in flagged(s)


def test_skewness_is_of_unequal_arms_and_within_blocks():
    rng = np.random.default_rng(1)
    y = rng.lognormal(0, 1.5, 400)
    assert abs(skewness(y[:200], y[200:])) == 0
    assert "skewed" in flagged(two(y, [0] * 80 + [1] * 320))
    assert "skewed" not in flagged(two(y, [0] * 200 + [1] * 200))
    # two blocks of unlike level: skewed together, not inside
    z = np.concatenate([rng.normal(size=360), 50 + rng.normal(size=40)])
    arm = np.tile([0, 0, 0, 1], 100)
    blocked = two(z, arm, block=np.repeat([0, 1], [360, 40]), block_labels=("a", "b"))
    assert flagged(blocked) == ()
    assert "skewed" in flagged(two(np.concatenate([np.zeros(388), rng.normal(9, 1, 12)]), arm))


def test_opposite_shares_cancel_only_where_the_blocks_are_skewed_alike():
    """Two blocks of 400, split 9:1 and 1:9: what one block's few large values do, the other's don't undo."""
    rng = np.random.default_rng(5)
    rare, even = (rng.permutation(np.repeat(ends, [360, 40])) for ends in ([0, 1], [1, 0]))
    arm, block = np.concatenate([rare, even]), np.repeat([0, 1], 400)
    large, plain = rng.lognormal(0, 1.5, 400), 5 * rng.normal(size=400)
    opposite = two(np.concatenate([large, plain]), arm, block=block, block_labels=("a", "b"))
    assert "skewed" in flagged(opposite)
    assert abs(skewness(opposite.y[arm == 1], opposite.y[arm == 0])) < 0.01
    assert flagged(replace(opposite, y=np.concatenate([plain, plain]))) == ()


def test_a_version_that_moves_a_few_people_far_is_flagged_with_arms_of_one_size():
    """Everyone pays about 100; with the letter 2 in 100 pay far more and all others a little less: 0 on average. t finds
    harm in a tenth of the draws, where 2.5 % were meant; without a word those in which few of the 2 % are drawn to it."""
    rng = np.random.default_rng(11)
    without = rng.normal(100, 10, 400)
    with_letter = without.copy()
    with_letter[:8] += rng.lognormal(6, 1, 8)
    with_letter -= (with_letter - without).mean()
    harm = untold = seen = 0
    for _ in range(400):
        arm = rng.permutation(np.repeat([0, 1], 200))
        line = estimate(
            two(np.where(arm == 1, with_letter, without), arm), "difference_in_means", "HC2"
        ).lines[0]
        found = line.conf_high < 0
        harm, untold, seen = harm + found, untold + (found and not line.fragile), seen + bool(line.fragile)
    assert harm / 400 > 0.06
    assert untold / 400 < 0.04  # 2.5 % and 1.5 points
    assert seen / 400 > 0.9
    assert flagged(two(without, np.tile([0, 1], 200))) == ()


def test_the_skewness_of_two_arms_of_their_own():
    """By hand, of blocks of 3:5 and 4:4: weights n_b / N, moments about the means of the cells."""
    rng = np.random.default_rng(12)
    y, block = rng.lognormal(size=16), np.repeat([0, 1], 8)
    arm = np.array([0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1])
    third = error2 = 0.0
    for b in (0, 1):
        for a, sign in ((1, 1), (0, -1)):
            cell = y[(block == b) & (arm == a)]
            error2 += 0.25 * cell.var(ddof=1) / len(cell)
            third += sign * 0.125 * np.mean((cell - cell.mean()) ** 3) / len(cell) ** 2
    s = two(y, arm, block=block, block_labels=("a", "b"))
    assert own_skewness(settle(s, 1, 0), 1, 0) == pytest.approx(third / error2**1.5, rel=1e-12)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_a_small_arm_that_carries_the_error_is_flagged(estimator):
    rng = np.random.default_rng(2)
    arm = np.tile([0] * 49 + [1], 4)
    s = two(rng.normal(size=200), arm, block=np.repeat([0, 1], 100), block_labels=("a", "b"))
    assert flagged(s, estimator) == ("few_units",)
    even = replace(s, arm=np.tile([0, 1], 100))
    assert flagged(even, estimator) == ()
    blocks_of_four = two(
        rng.normal(size=120), np.tile([0, 1], 60), block=np.repeat(np.arange(30), 4),
        block_labels=tuple(f"{b:02}" for b in range(30)),
    )  # fmt: skip
    assert flagged(blocks_of_four, estimator) == ()


def test_slopes_of_a_small_arm_count():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 6))
    s = two(rng.normal(size=200), [0] * 188 + [1] * 12, x=x, x_names=tuple("abcdef"))
    assert flagged(s, "lin") == ("few_units",)
    assert flagged(replace(s, x=np.empty((0, 0)), x_names=())) == ()  # Welch counts the small arm's units


def test_few_or_unlike_clusters_are_flagged():
    rng = np.random.default_rng(4)
    for sizes, want in (([10] * 6, True), ([200, *[10] * 9], True), ([10] * 24, False)):
        cluster = np.repeat(np.arange(len(sizes)), sizes)
        s = two(rng.normal(size=len(cluster)), cluster % 2, cluster=cluster)
        assert ("few_clusters" in flagged(s)) == want


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("two blocks of 98 + 2", lambda rng: (rng.normal(size=200), np.tile([0] * 49 + [1], 4), np.repeat([0, 1], 100))),
        ("5 payers of 2,000", lambda rng: (60.0 * (np.arange(2000) < 4), np.tile([0, 1], 1000), None)),
        ("21 of 2,000", lambda rng: (1.0 * (np.arange(2000) < 21), np.tile([0, 1], 1000), None)),
    ],
)  # fmt: skip
def test_what_is_adopted_by_chance_is_as_rare_as_alpha_says(name, make):
    """600 draws of a sharp null: adopt or harm, as the rule lets a fragile line through, at most 5 % + 2.5 errors."""
    rng = np.random.default_rng(9)
    y, arm, block = make(rng)
    passed = 0
    for i in range(600):
        dealt = arm.copy()
        for b in np.unique(block) if block is not None else [None]:
            at = np.arange(len(arm)) if b is None else np.flatnonzero(block == b)
            dealt[at] = rng.permutation(arm[at])
        s = two(y, dealt) if block is None else two(y, dealt, block=block, block_labels=("a", "b"))
        line = estimate(s, "difference_in_means", "HC2").lines[0]
        if line.p_value is None or line.p_value > 0.05:
            continue
        test = randomization_test(s, 1, 0, draws=999, seed=b"%d" % i) if line.fragile else None
        passed += test is None or test.p_value <= 0.05
    assert passed / 600 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 600)


def test_what_covariates_explain_is_out_of_the_redrawn_statistic():
    """A covariate that is most of the outcome: the adjusted difference is found, the plain one drowns."""
    rng = np.random.default_rng(8)
    x = rng.lognormal(4, 1.5, 1000)
    arm = np.zeros(1000, dtype=int)
    arm[rng.permutation(1000)[:100]] = 1
    s = two(x + 8 * arm + rng.normal(0, 5, 1000), arm, x=x[:, None], x_names=("last",))
    line = estimate(s, "lin", "HC2").lines[0]
    plain, adjusted = (
        randomization_test(s, 1, 0, draws=2000, seed=b"s", alpha=0.05, adjusted=a) for a in (False, True)
    )
    assert plain.p_value > 0.05
    assert adjusted.p_value == 1 / 2001
    low, high = adjusted.interval
    assert low < line.estimate < high
    assert low < 8 < high
    assert high - low < 3
    ols = estimate(s, "ols", "HC2").lines[0]
    at_zero = randomization_test(
        replace(s, y=s.y - ols.estimate * arm), 1, 0, draws=500, seed=b"s", adjusted=True
    )
    assert at_zero.p_value > 0.99  # the middle of its interval is the coefficient of least squares


def test_adjusted_the_test_stays_exact():
    """All arrangements of 10 units: rejections at every alpha are no more than alpha."""
    rng = np.random.default_rng(12)
    x, y = rng.normal(size=10), rng.exponential(size=10)
    p = []
    for chosen in combinations(range(10), 4):
        arm = np.isin(np.arange(10), chosen).astype(int)
        s = two(y, arm, x=x[:, None], x_names=("x",))
        p.append(randomization_test(s, 1, 0, draws=300, seed=b"s", adjusted=True).p_value)
    for alpha in np.unique(p):
        assert np.mean(np.array(p) <= alpha) <= alpha + 1e-12

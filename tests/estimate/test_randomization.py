"""Randomization inference: against R, against every arrangement by itertools and the estimator itself, and
the drawn arrangements against the exact ones."""

from __future__ import annotations

import csv
import itertools
import json
from collections import Counter
from dataclasses import replace
from math import comb, prod
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rct.errors import RctError
from rct.estimate import Sample, estimate
from rct.estimate.randomization import RandomizationTest, randomization_test
from rct.estimate.redraws import COINS, RedrawnBlock, Urn, _coins, _count, by_coins, one_by_one

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "inference.json").read_text())
METHODS = json.loads((FOLDER / "methods.json").read_text())
SEED = b"a seed from the registry, 32 byte"
MANY = 200_000


def rows(name):
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def sample(y, arm, block=None, cluster=None, strata=None, arms=None):
    y, arm = np.asarray(y, dtype=float), np.asarray(arm)
    k = arms or int(arm.max()) + 1
    labels = () if block is None else tuple(f"B{b:02d}" for b in range(int(np.max(block)) + 1))
    return Sample(
        y,
        arm,
        tuple(f"arm{a}" for a in range(k)),
        (1,) * k,
        block=None if block is None else np.asarray(block),
        block_labels=labels,
        cluster=None if cluster is None else np.asarray(cluster),
        strata=strata,
    )


def every_arrangement(s, arm, reference):
    """Every relabelling of the observed units (clusters) of the two arms within blocks, as samples."""
    known = ~np.isnan(s.y)
    item = np.arange(len(s.y)) if s.cluster is None else s.cluster
    block = np.zeros(len(s.y), dtype=int) if s.block is None else s.block
    pools = []
    for b in np.unique(block):
        mine = known & (block == b) & np.isin(s.arm, [arm, reference])
        items = np.unique(item[mine])
        k = len(np.unique(item[mine & (s.arm == arm)]))
        pools.append([(items, set(c)) for c in itertools.combinations(items.tolist(), k)])
    for choice in itertools.product(*pools):
        labels = s.arm.copy()
        for items, chosen in choice:
            for i in items.tolist():
                labels[item == i] = arm if i in chosen else reference
        yield replace(s, arm=labels)


def by_brute_force(s, arm, reference):
    """Number of arrangements and p, with the package's own estimator and error as the statistic."""
    se_type = "HC2" if s.cluster is None else "CR2"

    def statistic(one):
        line = estimate(one, "difference_in_means", se_type, reference=reference).line(s.arm_names[arm])
        if line.std_error == 0:
            return np.inf if abs(line.estimate) > 1e-9 else 0.0
        return abs(line.estimate) / line.std_error

    observed = statistic(s)
    values = np.array([statistic(one) for one in every_arrangement(s, arm, reference)])
    return len(values), float(np.mean(values >= observed - 1e-9))


def assert_brute_force(s, arm=1, reference=0):
    count, p = by_brute_force(s, arm, reference)
    test = randomization_test(s, arm, reference, draws=MANY, seed=SEED)
    assert (test.draws, test.exact) == (count, True)
    assert test.p_value == pytest.approx(p, abs=1e-12)


def within_four_errors(p, exact, draws):
    return abs(p - exact) <= 4 * np.sqrt(exact * (1 - exact) / draws) + 1 / draws


def of_exact_csv():
    data = rows("exact")
    return sample([float(r["y"]) for r in data], [int(r["z"]) for r in data])


def of_pairs(pairs):
    data = [r for r in rows("pairs") if r["pair"] in {f"P{i:02d}" for i in range(1, pairs + 1)}]
    block = [int(r["pair"][1:]) - 1 for r in data]
    return sample([float(r["y"]) for r in data], [int(r["z"]) for r in data], block)


def test_all_arrangements_of_a_complete_draw_are_rs():
    want = R["exact"]
    test = randomization_test(of_exact_csv(), 1, 0, draws=want["assignments"], seed=SEED)
    assert test == RandomizationTest(pytest.approx(want["p_two_sided"], abs=1e-12), 12870, True)
    assert test.p_value == pytest.approx(want["coin_two_sided"], abs=1e-12)


def test_all_sign_flips_of_pairs_are_rs():
    test = randomization_test(of_pairs(12), 1, 0, draws=4096, seed=SEED)
    assert test == RandomizationTest(pytest.approx(R["exact_pairs"]["p_two_sided"], abs=1e-12), 4096, True)


def test_the_other_sign_gives_the_same_p():
    s = of_exact_csv()
    there, back = (randomization_test(s, a, 1 - a, draws=MANY, seed=SEED) for a in (1, 0))
    assert there.p_value == pytest.approx(back.p_value, abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e6, -1e9])
@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e5])
def test_ties_are_ties_in_any_unit_of_money(shift, unit):
    s = of_exact_csv()
    moved = replace(s, y=np.round(s.y * 4) / 4 * unit + shift * unit)
    want = randomization_test(replace(s, y=np.round(s.y * 4)), 1, 0, draws=MANY, seed=SEED)
    assert randomization_test(moved, 1, 0, draws=MANY, seed=SEED).p_value == want.p_value


def blocked_three_arms(seed=1):
    rng = np.random.default_rng(seed)
    arm = np.array([0, 0, 1, 1, 2, 2, 0, 0, 0, 1, 1, 2, 2, 2])
    return sample(np.round(rng.normal(size=14) + 0.8 * arm, 1), arm, np.repeat([0, 1], [6, 8]))


@pytest.mark.parametrize("arms", [(1, 0), (2, 0), (2, 1)])
def test_each_pair_of_several_arms_is_enumerated_with_the_weights_of_all_arms(arms):
    assert_brute_force(blocked_three_arms(), *arms)


def test_a_third_arm_that_is_left_alone_still_sets_the_weights():
    s = blocked_three_arms()
    of_two = replace(s.rows(s.arm != 2), arm_names=("arm0", "arm1"), shares=(1, 1))
    three, two = (randomization_test(one, 1, 0, draws=MANY, seed=SEED) for one in (s, of_two))
    assert three.draws == two.draws == 60
    assert three.p_value == pytest.approx(by_brute_force(s, 1, 0)[1], abs=1e-12)
    assert two.p_value == pytest.approx(by_brute_force(of_two, 1, 0)[1], abs=1e-12)
    assert three.p_value != two.p_value


def test_missing_outcomes_are_not_rearranged():
    s = blocked_three_arms(2)
    y = s.y.copy()
    y[[8, 13]] = np.nan
    assert_brute_force(replace(s, y=y))


def test_labels_move_inside_the_blocks_of_the_draw_not_inside_merged_strata():
    rng = np.random.default_rng(3)
    block = np.repeat([0, 1, 2], [3, 3, 8])
    arm = np.array([0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    s = sample(np.round(rng.normal(size=14), 1), arm, block, strata=(0, 0, 1))
    assert_brute_force(s)
    assert randomization_test(s, 1, 0, draws=MANY, seed=SEED).draws == 3 * 3 * comb(8, 4)


def test_a_block_without_one_of_the_arms_counts_but_is_not_rearranged():
    rng = np.random.default_rng(4)
    block = np.repeat([0, 1, 2], [3, 6, 6])
    arm = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0])
    s = sample(np.round(rng.normal(size=15), 1), arm, block, strata=(0, 0, 1))
    assert_brute_force(s)
    assert randomization_test(s, 1, 0, draws=MANY, seed=SEED).draws == comb(6, 3) ** 2


@pytest.mark.parametrize("sizes", [[1, 2, 3, 4, 2, 3, 5, 1], [3] * 8])
def test_clusters_are_rearranged_whole(sizes):
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(8), sizes)
    arm = np.array([0, 1, 0, 1, 1, 0, 0, 1])[cluster]
    y = np.round(rng.normal(size=len(cluster)) + rng.normal(size=8)[cluster], 1)
    assert_brute_force(sample(y, arm, cluster=cluster))


@pytest.mark.parametrize("arms", [(1, 0), (2, 1)])
def test_clusters_in_blocks_with_missing_outcomes(arms):
    rng = np.random.default_rng(6)
    sizes = np.array([2, 2, 2, 2, 2, 2, 2, 3, 1, 2, 4, 1, 2, 3, 2])
    cluster = np.repeat(np.arange(15), sizes)
    of_cluster = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    block = np.repeat([0, 1], [6, 9])[cluster]
    y = np.round(rng.normal(size=len(cluster)) + rng.normal(size=15)[cluster], 1)
    y[[0, 15, 20]] = np.nan
    assert_brute_force(sample(y, of_cluster[cluster], block, cluster), *arms)


def test_an_exact_test_rejects_no_more_often_than_alpha_over_all_arrangements():
    s = sample(np.round(of_exact_csv().y[:10]), np.repeat([0, 1], [6, 4]))
    p = np.array(
        [randomization_test(o, 1, 0, draws=MANY, seed=SEED).p_value for o in every_arrangement(s, 1, 0)]
    )
    assert len(p) == comb(10, 4)
    for alpha in np.unique(p):
        assert np.mean(p <= alpha) <= alpha + 1e-12


@pytest.mark.parametrize("seed", [b"one", b"two", b"three"])
def test_drawn_arrangements_agree_with_all_of_them(seed):
    exact = R["exact"]["p_two_sided"]
    test = randomization_test(of_exact_csv(), 1, 0, draws=12_869, seed=seed)
    assert not test.exact
    assert within_four_errors(test.p_value, exact, test.draws)


def test_drawn_arrangements_of_unequal_clusters_agree_with_all_of_them():
    rng = np.random.default_rng(7)
    cluster = np.repeat(np.arange(20), rng.integers(1, 6, 20))
    arm = np.tile([0, 1], 10)[cluster]
    block = np.repeat([0, 1], 10)[cluster]
    s = sample(rng.normal(size=len(cluster)) + 0.3 * arm, arm, block, cluster)
    exact = randomization_test(s, 1, 0, draws=MANY, seed=SEED)
    drawn = randomization_test(s, 1, 0, draws=20_000, seed=SEED)
    assert (exact.exact, exact.draws, drawn.exact) == (True, comb(10, 5) ** 2, False)
    assert within_four_errors(drawn.p_value, exact.p_value, drawn.draws)


def test_drawn_arrangements_of_pairs_agree_with_all_of_them():
    s = of_pairs(16)
    exact = randomization_test(s, 1, 0, draws=MANY, seed=SEED)
    drawn = randomization_test(s, 1, 0, draws=20_000, seed=SEED)
    assert within_four_errors(drawn.p_value, exact.p_value, drawn.draws)


def test_the_statistic_beside_a_t_test_is_the_estimate():
    """With normal outcomes and many units the two p-values are nearly the same number."""
    rng = np.random.default_rng(8)
    block = np.repeat(np.arange(24), 50)
    arm = np.tile(np.arange(3), 400)
    s = sample(rng.normal(size=1200) + 0.1 * (arm == 1) + block, arm, block)
    line = estimate(s, "difference_in_means", "HC2").line("arm1")
    test = randomization_test(s, 1, 0, draws=20_000, seed=SEED)
    assert test.p_value == pytest.approx(line.p_value, abs=0.015)


def urns_of_one_block(n, events, takes):
    """The same block twice: drawn as lots of equal items, and one by one because no two items are equal."""
    event = np.repeat([0.0, 1.0], [n - events, events])
    return Urn([RedrawnBlock(event[None, :], takes)]), Urn(
        [RedrawnBlock(np.stack([event, np.arange(n) + 1.0]), takes)]
    )


@pytest.mark.parametrize(("n", "events", "takes"), [(100, 30, 50), (80, 40, 11), (60, 27, 59), (700, 31, 50)])
def test_lots_single_items_and_coins_have_the_same_distribution(n, events, takes):
    lots, single = urns_of_one_block(n, events, takes)
    assert lots.columns.shape[2] == 0
    assert single.columns.shape[2] == n  # of 700 each by a coin, and mended
    rng = np.random.default_rng(9)
    expected = stats.hypergeom(n, events, takes).pmf(np.arange(events + 1)) * 20_000
    usual = expected >= 5
    for urn in (lots, single):
        seen = np.bincount(urn.sums(rng, 20_000)[0, 0].round().astype(int), minlength=events + 1)
        cells = np.append(seen[usual], seen[~usual].sum()), np.append(expected[usual], expected[~usual].sum())
        keep = cells[1] > 0
        assert stats.chisquare(cells[0][keep], cells[1][keep]).pvalue > 1e-3


def test_lots_mixed_with_single_items_take_exactly_what_the_block_needs():
    rng = np.random.default_rng(10)
    value = np.sort(np.where(rng.random(70) < 0.5, 0.0, rng.normal(size=70)))
    for k in (7, 35, 69):
        urn = Urn([RedrawnBlock(np.stack([value, np.ones(70)]), k)])
        assert len(urn.lots) == 1
        sums = urn.sums(rng, 4000)[:, 0]
        assert np.all(sums[1] == k)
        variance = k * (70 - k) / 70 * value.var(ddof=1)
        assert sums[0].mean() == pytest.approx(k * value.mean(), abs=4 * np.sqrt(variance / 4000))
        assert sums[0].var() == pytest.approx(variance, rel=0.1)


def test_blocks_side_by_side_are_drawn_each_for_itself():
    columns = [np.arange(6.0)[None, :] * 10**b for b in range(3)]
    sums = Urn([RedrawnBlock(c, 2) for c in columns]).sums(np.random.default_rng(2), 20_000)[0]
    assert sums.shape == (3, 20_000)
    assert np.corrcoef(sums) == pytest.approx(np.eye(3), abs=0.03)
    assert sums.mean(axis=1) == pytest.approx([5, 50, 500], rel=0.02)


@pytest.mark.parametrize("draw", ["one by one", "coins"])
def test_every_subset_is_equally_likely(draw):
    rng = np.random.default_rng(11)
    taken = by_coins(rng, 6, np.full(30_000, 2)) if draw == "coins" else one_by_one(rng, 6, 2, 30_000)
    seen = Counter((2 ** np.arange(6) @ taken).tolist())
    assert set(seen) == {2**a + 2**b for a, b in itertools.combinations(range(6), 2)}
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3


@pytest.mark.parametrize("begun", [0, 1, 2])
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (5, 7), (COINS, 201), (2 * COINS + 1, 97)])
def test_coins_are_the_generators_own_numbers(shape, begun):
    """`integers` of numpy, number by number: also where half a word is left from before, or is left over."""
    coins, numbers = (np.random.Generator(np.random.PCG64(5)) for _ in range(2))
    for rng in (coins, numbers):
        rng.integers(0, 10, begun, dtype=np.uint32)
    for _ in range(2):
        expected = numbers.integers(0, 1 << 16, shape, dtype=np.uint16) < 20_000
        assert np.array_equal(_coins(coins, *shape, 20_000), expected)
    assert np.array_equal(coins.integers(0, 10, 9), numbers.integers(0, 10, 9))
    assert np.array_equal(coins.random(9), numbers.random(9))


@pytest.mark.parametrize("n", [1, 255, 256, 1_000])
def test_coins_are_counted_whole(n):
    taken = np.random.default_rng(8).random((n, 50)) < 0.999
    assert np.array_equal(_count(taken), np.count_nonzero(taken, axis=0))


@pytest.mark.parametrize("k", [1, 37, COINS, 2 * COINS])
def test_coins_take_exactly_as_many_as_asked(k):
    taken = by_coins(np.random.default_rng(3), 2 * COINS, np.full(500, k))
    assert np.all(taken.sum(axis=0) == k)
    assert taken.mean(axis=1) == pytest.approx(np.full(2 * COINS, k / (2 * COINS)), abs=0.12)


def test_a_million_yes_or_no_outcomes_agree_with_the_hypergeometric():
    n, n_arm, events, found = 1_000_000, 400_000, 3000, 1230
    arm = (np.arange(n) < n_arm).astype(int)
    y = np.zeros(n)
    y[:found] = 1
    y[n_arm : n_arm + events - found] = 1
    test = randomization_test(sample(y, arm), 1, 0, draws=20_000, seed=SEED)
    count = np.arange(events + 1)
    share, other = count / n_arm, (events - count) / (n - n_arm)
    variance = share * (1 - share) / (n_arm - 1) + other * (1 - other) / (n - n_arm - 1)
    t = np.abs(share - other) / np.sqrt(variance)
    pmf = stats.hypergeom(n, events, n_arm).pmf(count)
    exact = float(pmf[t >= t[found] - 1e-9].sum())
    assert within_four_errors(test.p_value, exact, 20_000)


def test_a_p_value_from_draws_is_never_zero():
    arm = np.tile([0, 1], 100)
    test = randomization_test(sample(arm * 100.0 + np.arange(200), arm), 1, 0, draws=999, seed=SEED)
    assert test == RandomizationTest(1 / 1000, 999, False)


@pytest.mark.parametrize("clustered", [False, True])
def test_true_nulls_are_rejected_as_often_as_alpha_says(clustered):
    """400 draws of three arms in blocks, skewed outcomes: rejections at 10 % within 4 standard errors."""
    rng = np.random.default_rng(12)
    cluster = np.repeat(np.arange(60), rng.integers(1, 4, 60))
    block = np.repeat([0, 1, 2], 20)
    y = rng.exponential(size=len(cluster)) * rng.exponential(size=60)[cluster] + block[cluster]
    low = 0
    for i in range(400):
        of_cluster = np.concatenate([rng.permutation(np.arange(20) % 3) for _ in range(3)])
        if clustered:
            s = sample(y, of_cluster[cluster], block[cluster], cluster)
        else:
            s = sample(y[np.searchsorted(cluster, np.arange(60))], of_cluster, block)
        low += randomization_test(s, 1, 0, draws=199, seed=b"%d" % i).p_value <= 0.1
    assert abs(low / 400 - 0.1) <= 4 * np.sqrt(0.1 * 0.9 / 400)


def drawn_samples():
    rng = np.random.default_rng(13)
    block = rng.integers(0, 5, 300)
    arm = rng.integers(0, 3, 300)
    y = np.where(rng.random(300) < 0.6, 0, np.round(rng.gamma(2, 30, 300), 2))
    y[rng.random(300) < 0.1] = np.nan
    cluster = block * 12 + rng.integers(0, 12, 300)
    yield sample(y, arm, block)
    yield sample(y, arm)
    yield sample(y, cluster % 3, block, cluster)


def test_the_same_seed_gives_the_same_p_and_another_seed_another():
    for s in drawn_samples():
        one, again, other = (
            randomization_test(s, 1, 0, draws=1500, seed=seed).p_value for seed in (SEED, SEED, b"another")
        )
        assert one == again
        assert one != other


def test_the_order_of_rows_does_not_matter():
    order = np.random.default_rng(14).permutation(300)
    for s in drawn_samples():
        renamed = None if s.cluster is None else 1000 - s.cluster[order]
        block = None if s.block is None else s.block[order]
        moved = replace(s, y=s.y[order], arm=s.arm[order], block=block, cluster=renamed)
        here, there = (randomization_test(one, 2, 0, draws=1500, seed=SEED) for one in (s, moved))
        assert here == there


def test_draws_in_several_batches_are_counted_once_each():
    s = next(drawn_samples())
    test = randomization_test(s, 1, 0, draws=12_345, seed=SEED)
    assert test.draws == 12_345
    far = test.p_value * 12_346 - 1
    assert far == pytest.approx(round(far), abs=1e-6)
    small = randomization_test(s, 1, 0, draws=4000, seed=b"x").p_value
    assert abs(test.p_value - small) <= 5 * np.sqrt(0.25 / 4000)


def test_without_another_arrangement_there_is_no_p():
    block = np.array([0, 0, 1, 1])
    s = sample([1.0, 2.0, 3.0, 5.0], [0, 0, 1, 1], block, strata=(0, 0))
    assert randomization_test(s, 1, 0, draws=1000, seed=SEED) == RandomizationTest(None, 1, True)


def test_outcomes_all_alike_give_p_one():
    arm = np.tile([0, 1], 30)
    assert randomization_test(sample(np.full(60, 3.7), arm), 1, 0, draws=500, seed=SEED).p_value == 1.0


def test_arrangements_are_counted_before_any_is_made():
    s = sample(np.arange(40.0), np.tile([0, 1], 20), np.repeat(np.arange(5), 8))
    count = prod([comb(8, 4)] * 5)
    assert count > MANY
    assert not randomization_test(s, 1, 0, draws=100, seed=SEED).exact


@pytest.mark.parametrize("name", ["exact", "exact_unequal"])
def test_the_interval_is_the_test_inverted_as_in_r(name):
    data = rows(name)
    s = sample([float(r["y"]) for r in data], [int(r["z"]) for r in data])
    want = METHODS["exact_inversion"] if name == "exact" else METHODS["exact_unequal"]["studentized"]
    test = randomization_test(s, 1, 0, draws=MANY, seed=SEED, alpha=0.05)
    assert test.p_value == pytest.approx(want["p_at_0"], rel=1e-8)
    assert test.interval == pytest.approx((want["low"], want["high"]), rel=1e-8)
    moved = replace(s, y=s.y - s.arm)
    shifted = randomization_test(moved, 1, 0, draws=MANY, seed=SEED, alpha=0.05)
    assert shifted.p_value == pytest.approx(want["p_at_1"], rel=1e-8)
    assert shifted.interval == pytest.approx((want["low"] - 1, want["high"] - 1), rel=1e-7)


@pytest.mark.parametrize("kind", ["blocks", "clusters", "pairs of clusters", "pairs"])
def test_an_interval_holds_the_effects_that_are_not_rejected(kind):
    rng = np.random.default_rng(21)
    cluster = np.repeat(np.arange(16), rng.integers(1, 5, 16))
    of_cluster = np.tile([0, 1], 8)
    block = np.repeat(np.arange(8), 2) if "pairs" in kind else np.repeat([0, 1], 8)
    if "clusters" in kind:
        y = rng.exponential(size=16)[cluster] + rng.normal(size=len(cluster)) + of_cluster[cluster]
        s = sample(y, of_cluster[cluster], block[cluster] if kind != "clusters" else None, cluster)
    else:
        s = sample(rng.exponential(size=16) + of_cluster, of_cluster, block)
    low, high = randomization_test(s, 1, 0, draws=MANY, seed=SEED, alpha=0.1).interval

    def p(effect):
        return randomization_test(replace(s, y=s.y - effect * s.arm), 1, 0, draws=MANY, seed=SEED).p_value

    assert low < high
    assert min(p(low + 1e-6), p(high - 1e-6)) > 0.1
    assert max(p(low - 1e-6), p(high + 1e-6)) <= 0.1


def test_pairs_of_clusters_are_flipped():
    rng = np.random.default_rng(22)
    cluster = np.repeat(np.arange(14), rng.integers(1, 5, 14))
    y = rng.normal(size=14)[cluster] + rng.normal(size=len(cluster))
    s = sample(np.round(y, 1), np.tile([0, 1], 7)[cluster], np.repeat(np.arange(7), 2)[cluster], cluster)
    assert_brute_force(s)
    assert randomization_test(s, 1, 0, draws=MANY, seed=SEED).draws == 2**7


def test_single_units_in_some_blocks_are_studentized_by_their_own_variance():
    rng = np.random.default_rng(23)
    block = np.repeat([0, 1, 2, 3], [3, 3, 3, 6])
    arm = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1])
    assert_brute_force(sample(np.round(rng.exponential(size=15), 1), arm, block))


def test_effects_that_average_zero_are_not_found_in_unequal_arms():
    """Weak null: a small arm three times as spread out as the control. Errors at 5 % within 4 standard errors of what
    Welch's t has; the difference alone would reject three times as often."""
    rng = np.random.default_rng(24)
    errors = 0
    for i in range(600):
        y = np.concatenate([rng.normal(size=60), 3 * rng.normal(size=20)])
        test = randomization_test(sample(y, np.repeat([0, 1], [60, 20])), 1, 0, draws=399, seed=b"%d" % i)
        errors += test.p_value <= 0.05
    assert errors / 600 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 600)


def test_no_draws_or_one_arm_twice_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at least one draw"):
        randomization_test(of_exact_csv(), 1, 0, draws=0, seed=SEED)
    with pytest.raises(ValueError, match="two different arms"):
        randomization_test(of_exact_csv(), 1, 1, draws=10, seed=SEED)


def test_an_arm_without_outcomes_is_refused_as_the_estimator_refuses_it():
    s = of_exact_csv()
    with pytest.raises(RctError, match="no unit of the arm"):
        randomization_test(replace(s, y=np.where(s.arm == 1, np.nan, s.y)), 1, 0, draws=10, seed=SEED)

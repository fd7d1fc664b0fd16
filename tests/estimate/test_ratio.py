"""Whether a yes or no fell on the arms as lots would have it: R's answers, exact answers, and how often it is wrong."""

from __future__ import annotations

import csv
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rct.estimate import Sample
from rct.estimate.ratio import TableTest, emptiest, table_test

FOLDER = Path(__file__).parents[1] / "reference"
METHODS = json.loads((FOLDER / "methods.json").read_text())


def table(drawn, yes, block=None, cluster=None) -> Sample:
    """A sample of `drawn` units by arm, of whom the first `yes` say yes."""
    arm = np.repeat(np.arange(len(drawn)), drawn)
    y = np.concatenate([(np.arange(d) < o).astype(float) for d, o in zip(drawn, yes, strict=True)])
    return made(arm, y, block, cluster)


def made(arm, y, block=None, cluster=None) -> Sample:
    arms = int(arm.max()) + 1
    labels = () if block is None else tuple(f"b{i:04d}" for i in range(int(block.max()) + 1))
    names = tuple(f"arm{i}" for i in range(arms))
    return Sample(y.astype(float), arm, names, (1,) * arms, block=block, block_labels=labels, cluster=cluster)


def test_pearson_on_the_table_is_rs() -> None:
    r = METHODS["observed_by_arm"]
    found = table_test(table(r["drawn"], r["observed"]))
    assert found.method == "pearson"
    assert found.statistic == pytest.approx(r["chisq"], rel=1e-8)
    assert (found.df, found.p_value) == (r["df"], pytest.approx(r["p"], rel=1e-8))
    assert found.warns
    # Against a multinomial the same counts look like chance.
    expected = np.array(r["drawn"]) * sum(r["observed"]) / sum(r["drawn"])
    assert stats.chisquare(r["observed"], expected).pvalue == pytest.approx(
        r["wrong_multinomial_p"], rel=1e-8
    )


def test_within_blocks_it_is_the_test_of_cochran_mantel_and_haenszel() -> None:
    r = METHODS["blocked_binary"]
    with (FOLDER / "cace_blocked.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = sorted({row["block"] for row in rows})
    block = np.array([labels.index(row["block"]) for row in rows])
    found = table_test(
        made(np.array([int(row["z"]) for row in rows]), np.array([float(row["y"]) for row in rows]), block)
    )
    assert found.method == "blocks"
    assert found.statistic == pytest.approx(r["cmh_chisq"], rel=1e-8)
    assert found.p_value == pytest.approx(r["cmh_p"], rel=1e-8)


def test_a_hundred_of_five_thousand_is_no_chance() -> None:
    found = table_test(table((5_000, 5_000), (4_900, 4_800)))
    assert found.p_value == pytest.approx(4.5704e-9, rel=1e-4)
    assert found.warns


@pytest.mark.parametrize(
    ("drawn", "yes", "p"),
    [((990, 10), (0, 1), 0.01), ((990, 10), (10, 2), 0.0056356), ((990, 10), (12, 0), 1.0)],
)
def test_few_are_told_exactly_and_raise_no_alarm(drawn, yes, p) -> None:
    found = table_test(table(drawn, yes))
    assert found.method == "exact"
    assert found.p_value == pytest.approx(p, rel=1e-4)
    assert not found.warns


def test_exact_is_the_share_of_all_arrangements() -> None:
    """Two blocks, two arms; and one block, three arms: every table weighed by how many arrangements give it."""
    block = np.array([0] * 6 + [1] * 5)
    arm = np.array([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1])
    y = np.array([1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0])
    assert table_test(made(arm, y, block)) == TableTest(
        pytest.approx(_cmh(arm, y, block)), None, pytest.approx(_enumerated(arm, y, block)), "exact"
    )
    arm3, y3 = np.repeat([0, 1, 2], [4, 3, 2]), np.array([1, 1, 0, 0, 0, 0, 0, 1, 1])
    found = table_test(made(arm3, y3))
    assert found.p_value == pytest.approx(_enumerated(arm3, y3, np.zeros(9, dtype=int)))


def _cmh(arm, y, block) -> float:
    """The statistic from its definition, arms but the last."""
    arms = int(arm.max()) + 1
    gap, cov = np.zeros(arms), np.zeros((arms, arms))
    for b in np.unique(block):
        mine = block == b
        n, m = mine.sum(), y[mine].sum()
        p = np.bincount(arm[mine], minlength=arms) / n
        gap += np.bincount(arm[mine], weights=y[mine], minlength=arms) - m * p
        cov += m * (n - m) / (n - 1) * (np.diag(p) - np.outer(p, p))
    return float(gap[:-1] @ np.linalg.solve(cov[:-1, :-1], gap[:-1]))


def _enumerated(arm, y, block) -> float:
    seen = _cmh(arm, y, block)
    per_block = [sorted(set(itertools.permutations(arm[block == b].tolist()))) for b in np.unique(block)]
    far = [_cmh(np.concatenate(arms), y, block) >= seen - 1e-9 for arms in itertools.product(*per_block)]
    return float(np.mean(far))


def test_more_arms_in_blocks_are_drawn_and_near_the_exact_answer() -> None:
    block = np.repeat([0, 1], 9)
    arm = np.tile(np.repeat([0, 1, 2], 3), 2)
    y = np.zeros(18)
    y[[0, 1, 9]] = 1
    found = table_test(made(arm, y, block))
    assert found.method == "redraws"
    # 3 yeses, 2 and 1 in the blocks, all of one arm: P = 3 (3/9 2/8) (3/9) = 1/12, and as far or farther is nothing.
    assert found.p_value == pytest.approx(1 / 12, abs=4 * math.sqrt(1 / 12 * 11 / 12 / 10_000))
    assert table_test(made(arm, y, block)) == found


def test_clusters_count_as_drawn_not_their_units() -> None:
    """Whole households that miss are one loss each: 30 of 300 units in 3 of 30 households."""
    cluster = np.arange(600) // 10
    arm = (cluster >= 30).astype(int)
    y = np.where((cluster < 3), 0.0, 1.0)
    assert table_test(made(arm, y)).warns
    found = table_test(made(arm, y, cluster=cluster))
    assert found.method == "redraws"
    exact = 2 * math.comb(30, 3) / math.comb(60, 3)
    assert found.p_value == pytest.approx(exact, abs=4 * math.sqrt(exact / 10_000))
    many = table_test(made(arm, np.where(np.arange(600) % 10 < 3 * (1 - arm), 0.0, 1.0), cluster=cluster))
    assert many.p_value < 0.001


def test_nothing_can_fall_otherwise() -> None:
    assert table_test(table((10, 10), (10, 10))).p_value == 1.0
    block = np.repeat([0, 1], 10)
    whole = made(np.tile([0, 1], 10), (block == 0).astype(float), block)
    assert table_test(whole).p_value == 1.0
    with pytest.raises(ValueError, match="0 or 1"):
        table_test(made(np.array([0, 1]), np.array([1.0, np.nan])))


def test_an_arm_without_a_single_yes() -> None:
    assert emptiest(table((200, 200), (0, 3))) == pytest.approx(2 * stats.hypergeom.pmf(0, 400, 200, 3))
    assert emptiest(table((200, 200), (1, 3))) is None
    # One of 30 blocks lacks its control: 10 of 10 and 0 of 10, all others complete.
    block = np.repeat(np.arange(30), 20)
    arm = np.tile(np.repeat([0, 1], 10), 30)
    y = np.where((block == 0) & (arm == 0), 0.0, 1.0)
    assert emptiest(made(arm, y, block)) == pytest.approx(4 / math.comb(20, 10))
    # Two blocks that lack an arm each cancel in the whole, not by block.
    y = np.where((block == 0) & (arm == 0) | (block == 1) & (arm == 1), 0.0, 1.0)
    assert table_test(made(arm, y, block)).p_value > 0.9
    assert emptiest(made(arm, y, block)) < 0.001


# --- how often it is wrong where nothing is. Of 1,000 trials a rate of .05 has a standard error of .0069.

TRIALS, SLACK = 1_000, 3 * 0.0069


def rate(draw) -> float:
    rng = np.random.default_rng(20_260_301)
    return float(np.mean([table_test(draw(rng)).p_value <= 0.05 for _ in range(TRIALS)]))


@pytest.mark.parametrize("missing", [0.05, 0.3])
def test_of_null_trials_one_in_twenty_is_rejected(missing: float) -> None:
    def draw(rng):
        known = (rng.random(1_200) >= missing).astype(float)
        return made(rng.permutation(np.repeat([0, 1, 2], [600, 400, 200])), known)

    assert rate(draw) == pytest.approx(0.05, abs=SLACK)


def test_of_null_trials_in_blocks_one_in_twenty_is_rejected() -> None:
    block = np.repeat(np.arange(20), 20)

    def draw(rng):
        share = rng.beta(1, 5, 20)[block]  # blocks lose very different shares
        arm = np.concatenate([rng.permutation(np.repeat([0, 1], 10)) for _ in range(20)])
        return made(arm, (rng.random(400) >= share).astype(float), block)

    assert rate(draw) == pytest.approx(0.05, abs=SLACK)


def test_of_null_trials_with_clusters_one_in_twenty_is_rejected() -> None:
    cluster = np.repeat(np.arange(60), 8)

    def draw(rng):
        arm = rng.permutation(np.repeat([0, 1], 30))[cluster]
        lost = rng.beta(0.5, 3, 60)[cluster]  # a household is lost together, more or less
        return made(arm, (rng.random(480) >= lost).astype(float), cluster=cluster)

    assert rate(draw) == pytest.approx(0.05, abs=SLACK)


def test_exact_rejects_no_more_than_it_says() -> None:
    def draw(rng):
        y = (rng.random(300) < 0.04).astype(float)
        return made(rng.permutation(np.repeat([0, 1], [270, 30])), y)

    assert rate(draw) <= 0.05 + SLACK

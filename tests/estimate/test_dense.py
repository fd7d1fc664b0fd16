"""The engine against a second, dense implementation of the same rules, on random trials of every kind.

`make validity` runs the same check on 5,000 trials.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from estimate.dense import RefusedError, dense
from estimate.random_trials import (
    ESTIMATORS,
    Agreement,
    agreement,
    compare,
    rearrangements,
    sorted_for,
    trial,
)
from reference_tables import answers, sample, table

from rct.errors import RctError
from rct.estimate import estimate
from rct.estimate.randomization import randomization_test

TRIALS = 350
PARTS = 10
R = answers("reference") | answers("inference")
NEW = answers("blocked_clusters")
PAIRS = answers("studentized")["pairs_of_clusters"]
FOUR = ("control", "simple", "social", "deadline")
ANCHORS = [  # (file, columns, estimator, arm, R's answer)
    ("complete", {"y": "paid"}, "difference_in_means", 1, R["complete"]["dim_paid"]),
    ("complete", {"y": "paid", "x": ("x1", "x2")}, "ols", 1, R["complete"]["ols_hc2"]),
    ("complete", {"y": "amount", "x": ("x1", "x2")}, "lin", 1, R["complete"]["lin_amount"]),
    ("blocked", {"block": "block"}, "difference_in_means", 1, R["blocked"]["dim"]),
    ("blocked", {"block": "block"}, "ols", 1, R["blocked"]["ols_block_fe_weighted_hc2"]),
    ("blocked", {"block": "block", "x": ("x1",)}, "lin", 1, R["blocked"]["lin_block_hc2"]),
    ("blocked_arms", {"arm": "arm", "arms": FOUR[:3], "block": "block"}, "difference_in_means", 1,
     R["blocked_arms"]["simple"]),
    ("four_arms", {"arm": "arm", "arms": FOUR}, "ols", 2, R["four_arms"]["hc2"]["armsocial"]),
    ("four_arms", {"arm": "arm", "arms": FOUR, "x": ("x1",)}, "lin", 3, R["four_arms"]["lin"]["armdeadline"]),
    *(("pairs", {"block": "pair"}, e, 1, R["pairs"]["dim"]) for e in ESTIMATORS),
    ("pairs_of_clusters", {"block": "pair", "cluster": "cluster"}, "difference_in_means", 1, PAIRS["dim"]),
    ("pairs_of_clusters", {"block": "pair", "cluster": "cluster"}, "ols", 1, PAIRS["ols"]),
    ("small_blocks", {"block": "block"}, "difference_in_means", 1, R["small_blocks"]),
    ("clustered", {"cluster": "cluster"}, "difference_in_means", 1, R["clustered"]["dim"]),
    ("clustered", {"cluster": "cluster", "x": ("x1",)}, "ols", 1, R["clustered"]["cr2"]),
    ("clustered", {"cluster": "cluster", "x": ("x1",)}, "lin", 1, R["clustered"]["lin_cr2"]),
    ("blocked_clustered", {"block": "block", "cluster": "cluster"}, "ols", 1, R["blocked_clustered"]["cr2_block_fe"]),
    ("blocked_clustered_x", {"block": "block", "cluster": "cluster", "x": ("x1",)}, "ols", 1, R["absorbed"]["cr2_x"]),
    ("blocked_clustered", {"block": "block", "cluster": "cluster"}, "difference_in_means", 1, NEW["equal"]),
    ("blocked_clustered_x", {"block": "block", "cluster": "cluster", "x": ("x1",)}, "lin", 1, NEW["equal_lin"]),
    ("cace_clustered", {"block": "block", "cluster": "cluster"}, "difference_in_means", 1, NEW["unequal"]),
    ("cace_clustered", {"block": "block", "cluster": "cluster", "x": ("x1",)}, "ols", 1, NEW["unequal_ols"]),
    ("cace_clustered", {"block": "block", "cluster": "cluster", "x": ("x1",)}, "lin", 1, NEW["unequal_lin"]),
]  # fmt: skip
NAMES = {
    "estimate": "estimate",
    "std.error": "std_error",
    "df": "df",
    "p.value": "p_value",
    "conf.low": "conf_low",
}


@pytest.mark.parametrize(("file", "columns", "estimator", "arm", "want"), ANCHORS)
def test_the_dense_implementation_gives_the_answers_of_r(file, columns, estimator, arm, want):
    line = dense(sample(table(file), **{"y": "y", **columns}), estimator).lines[arm - 1]
    for theirs, ours in NAMES.items():
        if theirs not in want:
            continue
        assert getattr(line, ours) == pytest.approx(want[theirs], rel=1e-9), ours


@pytest.mark.parametrize("part", range(PARTS))
def test_the_engine_agrees_on_random_trials(part):
    found = agreement(range(part, TRIALS, PARTS))
    assert found.trials == TRIALS // PARTS
    assert found.lines > 4 * found.trials
    assert not found.differences, "\n".join(found.differences)


@pytest.mark.parametrize("first", [0, 1, 5, 7])
def test_the_order_of_the_arms_decides_no_column(first):
    """Seed 392: in one arm of three x2 follows from x0 and x1, in another x0 is constant. Whichever is judged first,
    both go; were only one gone, as many columns as rows would be left in the arm of three."""
    _, s = trial(392)
    other = {0: first, first: 0}
    swapped = replace(s, arm=np.array([other.get(a, a) for a in s.arm.tolist()]))
    found = Agreement()
    compare(swapped, "lin", "seed 392", found)
    assert (found.lines, found.refused, found.differences) == (7, 0, [])
    assert [name for name, _ in estimate(swapped, "lin", "HC2").dropped] == ["x0", "x2"]


MOST = 40  # arrangements


def size_of_t(s, arm):
    line = dense(s, "difference_in_means").lines[arm - 1]
    return abs(line.statistic) if line.statistic is not None else math.inf


@pytest.mark.parametrize("part", range(3))  # many trials have too many arrangements
def test_the_exact_randomization_p_is_that_of_every_arrangement_analyzed_anew(part):
    """All arrangements, where they are few: the design's own t of each, by the dense implementation."""
    compared = 0
    for seed in range(part, TRIALS, 3):
        _, s = trial(seed)
        for arm in range(1, s.arms):
            every = rearrangements(s, arm, MOST)
            if every is None or len(every) == 1:
                continue
            try:
                every = [sorted_for(one, "difference_in_means") for one in every]
                observed = size_of_t(sorted_for(s, "difference_in_means"), arm)
            except (RctError, RefusedError):
                continue
            if not 0 < observed < math.inf:
                continue
            far = [size_of_t(one, arm) >= observed * (1 - 1e-9) for one in every]
            found = randomization_test(
                sorted_for(s, "difference_in_means"), arm, 0, draws=MOST, seed=bytes(32)
            )
            assert found.p_value == pytest.approx(np.mean(far), rel=1e-12), (seed, arm)
            compared += 1
    assert compared

"""Holm, Fisher, differential attrition."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rct.estimate import Sample
from rct.estimate.attrition import differential_attrition
from rct.estimate.checks import fisher
from rct.estimate.multiplicity import holm

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "reference.json").read_text())
INFERENCE = json.loads((FOLDER / "inference.json").read_text())


def test_holm_is_rs():
    arms = ("armsimple", "armsocial", "armdeadline")
    plain = [R["four_arms"]["hc2"][a]["p.value"] for a in arms]
    assert holm(plain) == pytest.approx([R["four_arms"]["p_holm"][a] for a in arms], rel=1e-8)


def test_an_empty_p_stays_empty_but_counts():
    assert holm([0.01, None]) == [pytest.approx(0.02), None]
    assert holm([None, None]) == [None, None]
    assert holm([]) == []


def test_fisher_is_rs():
    assert fisher(((12, 27), (188, 173))) == pytest.approx(R["tables"]["fisher"], rel=1e-8)


def sample(seed, rates, cluster=None, block=None):
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(len(rates)), 200)
    if cluster is not None:
        cluster = np.arange(len(arm)) // 10
    y = rng.normal(size=len(arm))
    y[rng.random(len(arm)) < np.array(rates)[arm]] = np.nan
    names = tuple(f"arm{a}" for a in range(len(rates)))
    return Sample(y, arm, names, (1,) * len(rates), cluster=cluster)


def test_nobody_missing_is_no_test():
    made = differential_attrition(sample(1, (0, 0, 0)))
    assert (made.p_value, made.warns, made.missing, made.lines) == (None, False, (0, 0, 0), ())


def test_more_missing_in_one_arm_warns():
    s = sample(2, (0.1, 0.1, 0.3))
    made = differential_attrition(s)
    assert made.warns
    known = ~np.isnan(s.y)
    share = [known[s.arm == a].mean() for a in range(3)]
    assert [line.estimate for line in made.lines] == pytest.approx([share[1] - share[0], share[2] - share[0]])
    welch = [stats.ttest_ind(known[s.arm == a], known[s.arm == 0], equal_var=False).pvalue for a in (1, 2)]
    assert made.p_value == pytest.approx(2 * min(welch))
    assert made.drawn == (200, 200, 200)


def test_one_arm_wholly_observed_is_still_compared():
    made = differential_attrition(sample(3, (0.0, 0.2)))
    assert made.warns


def test_attrition_of_clusters_uses_clusters():
    s = sample(4, (0.1, 0.2), cluster=True)
    assert differential_attrition(s).lines[0].n_clusters == 40
    assert differential_attrition(replace(s, cluster=None)).lines[0].n_clusters is None


def lost(drawn, missing, block=None):
    """A sample of `drawn` units by arm, of whom the first `missing` have no outcome."""
    arm = np.repeat(np.arange(len(drawn)), drawn)
    y = np.concatenate([np.where(np.arange(d) < m, np.nan, 1.0) for d, m in zip(drawn, missing, strict=True)])
    labels = () if block is None else tuple(f"b{i}" for i in range(int(block.max()) + 1))
    names = tuple(f"arm{a}" for a in range(len(drawn)))
    return Sample(y, arm, names, (1,) * len(drawn), block=block, block_labels=labels)


def test_few_missing_are_tested_exactly():
    """Four of 200 against none: Welch says .045, as if a share of 0 had no error."""
    made = differential_attrition(lost((200, 200), (0, 4)))
    assert made.lines[0].p_value < 0.05
    assert made.p_value == pytest.approx(fisher(((200, 0), (196, 4))))
    assert not made.warns


def test_a_block_that_lost_one_arm_and_nothing_else_warns():
    """Three blocks of 50 and 50; the control of the first is lost. Inside the cells nothing varies."""
    block = np.tile(np.repeat([0, 1, 2], 50), 2)
    made = differential_attrition(lost((150, 150), (50, 0), block))
    assert made.lines[0].p_value is None
    assert made.lines[0].estimate == pytest.approx(1 / 3)
    assert made.warns
    # Nor is there a p-value of units without blocks where blocks were not split alike.
    uneven = replace(lost((150, 150), (50, 0), block), shares=(1, 2))
    alone = differential_attrition(uneven)
    assert (alone.p_value, alone.warns) == (None, True)


def test_what_only_units_without_blocks_show_is_tested_too():
    """Each of 40 pairs lost at most one unit, 12 of arm 0 and 1 of arm 1."""
    block = np.tile(np.arange(40), 2)
    made = differential_attrition(lost((40, 40), (12, 1), block))
    assert made.warns

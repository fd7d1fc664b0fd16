"""Holm, sample ratio, Fisher, differential attrition."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rct.estimate import Sample
from rct.estimate.attrition import differential_attrition
from rct.estimate.checks import fisher, sample_ratio
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


def test_sample_ratio_is_rs():
    assert sample_ratio((5021, 4870, 5109), (1, 1, 1)).p_value == pytest.approx(R["tables"]["srm"], rel=1e-8)
    weighted = sample_ratio((10210, 9790, 20150), (1, 1, 2))
    assert weighted.p_value == pytest.approx(INFERENCE["proportions"]["srm"], rel=1e-8)
    assert not weighted.warns
    assert sample_ratio((5300, 4870, 4830), (1, 1, 1)).warns


def test_sample_ratio_needs_counts():
    with pytest.raises(ValueError, match="counts"):
        sample_ratio((0, 0), (1, 1))


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

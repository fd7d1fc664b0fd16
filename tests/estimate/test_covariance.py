"""Covariances against what they must do: the variance of a difference of arms, of a sum of outcomes; simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import blocked, clusters, units, with_strata

from rct.estimate.covariance import covariance, shares
from rct.estimate.records import Sample
from rct.estimate.registry import fit

SAMPLES = {
    "complete": replace(units(1), block=None, block_labels=()),
    "blocked": units(2),
    "clustered": clusters(3, blocks=False),
    "blocked_clustered": clusters(4, sizes=(12, 14, 16)),
}
CASES = [(s, e) for s in SAMPLES for e in ("difference_in_means", "ols", "lin")]


def se_type(s: Sample) -> str:
    return "HC2" if s.cluster is None else "CR2"


def of(s: Sample, estimator: str, arm: int, reference: int = 0):
    made = fit(s, estimator, se_type(s), reference)
    return made.effects[arm].variance, shares(made, arm, se_type(s))


@pytest.mark.parametrize(("scheme", "estimator"), CASES)
def test_with_itself_it_is_the_variance(scheme, estimator):
    variance, mine = of(SAMPLES[scheme], estimator, 1)
    assert covariance(mine, mine) == pytest.approx(variance, rel=1e-10)


# With blocks of clusters each pair of arms has weights of its own, so a third comparison follows from no two.
@pytest.mark.parametrize(
    ("scheme", "estimator"), [c for c in CASES if c != ("blocked_clustered", "difference_in_means")]
)
def test_arms_of_one_control_give_the_variance_of_their_difference(scheme, estimator):
    s = SAMPLES[scheme]
    (one, a), (other, b) = of(s, estimator, 1), of(s, estimator, 2)
    between, _ = of(s, estimator, 1, reference=2)
    found = covariance(a, b)
    assert found is not None
    assert one + other - 2 * found == pytest.approx(between, rel=1e-9)
    assert abs(found) > 0.05 * one


@pytest.mark.parametrize(("scheme", "estimator"), CASES)
@pytest.mark.parametrize("arms", [(1, 1), (1, 2)])
def test_outcomes_of_the_same_people_give_the_variance_of_their_sum(scheme, estimator, arms):
    s = SAMPLES[scheme]
    rng = np.random.default_rng(8)
    second = replace(s, y=0.6 * s.y + rng.normal(size=len(s.y)))
    (v1, a), (v2, b) = of(s, estimator, arms[0]), of(second, estimator, arms[1])
    found = covariance(a, b)
    assert found is not None
    if arms[0] == arms[1]:
        whole, _ = of(replace(s, y=s.y + second.y), estimator, 1)
        assert v1 + v2 + 2 * found == pytest.approx(whole, rel=1e-9)
        return
    # four arms' worth: cov(a, o1; b, o2) + cov(a, o2; b, o1) is what the sum's own covariance adds
    crossed = covariance(of(second, estimator, arms[0])[1], of(s, estimator, arms[1])[1])
    own = covariance(of(s, estimator, 1)[1], of(s, estimator, 2)[1])
    theirs = covariance(of(second, estimator, 1)[1], of(second, estimator, 2)[1])
    y = replace(s, y=s.y + second.y)
    whole = covariance(of(y, estimator, 1)[1], of(y, estimator, 2)[1])
    assert None not in (crossed, own, theirs, whole)
    assert own + theirs + found + crossed == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_pairs_and_small_blocks(estimator):
    pairs = with_strata(blocked([2] * 12, [(1, 1)] * 12, p=1), estimator)
    small = with_strata(blocked([3] * 6 + [8, 9], [(1, 2)] * 6 + [(4, 4), (4, 5)], p=1), estimator)
    for s in (pairs, small):
        variance, mine = of(s, estimator, 1)
        assert covariance(mine, mine) == pytest.approx(variance, rel=1e-10)
        again, other = of(replace(s, y=3 * s.y), estimator, 1)
        assert covariance(mine, other) == pytest.approx(3 * variance, rel=1e-9)
        assert again == pytest.approx(9 * variance, rel=1e-9)


def test_other_strata_have_no_covariance():
    s = units(2)
    lost = s.y.copy()
    lost[(s.block == 0) & (s.arm == 1)] = np.nan
    one, other = of(s, "ols", 1)[1], of(replace(s, y=lost), "ols", 1)[1]
    assert one.members != other.members
    assert covariance(one, other) is not None  # a regression's rows can be put side by side all the same
    tiny = with_strata(blocked([3] * 6, [(1, 2)] * 6), "difference_in_means")
    y = tiny.y.copy()
    y[tiny.block == 0] = np.nan
    a, b = of(tiny, "difference_in_means", 1)[1], of(replace(tiny, y=y), "difference_in_means", 1)[1]
    assert covariance(a, b) is None


def test_it_is_what_repeated_draws_show():
    """A control shared by two arms, one of them with a cell of one unit in some blocks; two outcomes."""
    rng = np.random.default_rng(11)
    sizes = np.array([5] * 8 + [9] * 6)
    block = np.repeat(np.arange(14), sizes)
    base = rng.normal(size=len(block)) * 2 + block % 3
    second = 0.7 * base + rng.normal(size=len(block))
    labels = tuple(f"B{b:02}" for b in range(14))
    estimates, said = [], []
    for _ in range(1500):
        arm = np.empty(len(block), dtype=np.int64)
        for b, size in enumerate(sizes):
            dealt = [0, 0, 1, 2, 2] if size == 5 else [0, 0, 0, 1, 1, 1, 2, 2, 2]
            arm[block == b] = rng.permutation(dealt)
        s = Sample(base, arm, ("c", "a", "b"), (1, 1, 1), block, labels)
        one = fit(s, "difference_in_means", "HC2")
        two = fit(replace(s, y=second), "difference_in_means", "HC2")
        estimates.append([one.effects[1].estimate, one.effects[2].estimate, two.effects[2].estimate])
        a, b, c = (shares(f, i, "HC2") for f, i in ((one, 1), (one, 2), (two, 2)))
        said.append([covariance(a, b), covariance(a, c), covariance(b, c)])
    true = np.cov(np.array(estimates).T)
    # Neyman's variance is too large by the spread of effects, which here is none: so the covariances fit
    for got, want in zip(np.mean(said, axis=0), (true[0, 1], true[0, 2], true[1, 2]), strict=True):
        assert got == pytest.approx(want, rel=0.12)

"""The answers of make_methods.R and make_studentized.R, for every number that rct computes.

CACE, logit margins, rate ratios, time to event, bounds, weights for attrition, Dunnett, max-t, sequential looks and
the wild bootstrap have answers there too: they are held when rct has the numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from reference_tables import TOLERANCE, answers, meets, sample, table

from rct.estimate import estimate
from rct.estimate.checks import fisher
from rct.estimate.multiplicity import holm
from rct.estimate.pool import pool, within
from rct.estimate.printed import difference, share, usual_intervals, usual_p_values, wilson
from rct.estimate.randomization import randomization_test
from rct.estimate.registry import compare

R = answers("methods")
STUDENTIZED = answers("studentized")
SEED = bytes(32)
ALL = 10_000  # arrangements that are all gone through
Z95 = 1.959963984540054


def close(value):
    return pytest.approx(value, rel=TOLERANCE, abs=1e-13)


# several tests at once


def test_holm_with_ties_and_ones():
    assert holm(R["p_adjust"]["p"]) == close(R["p_adjust"]["holm"])


# two shares, rare and empty cells too


@pytest.mark.parametrize("want", R["two_proportions"], ids=lambda w: "{}-{}".format(*w["events"]))
def test_two_proportions(want):
    (x1, x0), (n1, n0) = want["events"], want["n"]
    treated, control = share(n1, x1), share(n0, x0)
    assert difference(treated, control).estimate == close(want["difference"])
    assert wilson(treated, Z95) == close(tuple(want["wilson_treated"]))
    assert wilson(control, Z95) == close(tuple(want["wilson_control"]))
    assert usual_intervals(treated, control, 0.95)[-1] == close(tuple(want["newcombe"]))
    assert fisher(((x1, n1 - x1), (x0, n0 - x0))) == close(want["fisher_p"])
    if want.get("score_p") is not None:
        found = usual_p_values(treated, control)
        assert min(abs(p / want["score_p"] - 1) for p in found) < TOLERANCE


# least squares, clusters, blocks


@pytest.mark.parametrize("estimator", ["ols", "lin"])
def test_a_cluster_that_all_but_decides_a_slope(estimator):
    data = sample(table("near_leverage"), "y", x=("x1",), cluster="cluster")
    meets(estimate(data, estimator, "CR2").lines[0], R["near_leverage"][f"{estimator}_cr2"])


def test_few_clusters():
    data = sample(table("few_clusters"), "y", cluster="cluster")
    for estimator in ("difference_in_means", "ols"):
        meets(estimate(data, estimator, "CR2").lines[0], R["few_clusters"]["cr2"])


@pytest.mark.parametrize(("estimator", "key"), [("difference_in_means", "dim"), ("ols", "ols")])
def test_pairs_of_clusters(estimator, key):
    data = sample(table("pairs_of_clusters"), "y", block="pair", cluster="cluster")
    meets(estimate(data, estimator, "CR2").lines[0], STUDENTIZED["pairs_of_clusters"][key])


def test_receiving_as_the_outcome_in_blocks_of_unequal_shares():
    data = sample(table("cace_blocked"), "received", block="block")
    want = R["cace_blocked"]
    meets(estimate(data, "difference_in_means", "HC2").lines[0], want["first_stage"])
    meets(estimate(data, "ols", "HC2").lines[0], want["first_stage_weighted_hc2"])


def test_receiving_as_the_outcome_without_blocks():
    line = estimate(sample(table("noncompliance"), "received"), "difference_in_means", "HC2").lines[0]
    assert line.statistic**2 == close(R["cace_complete"]["first_stage_f"])


def test_a_count_per_unit():
    line = estimate(sample(table("counts"), "visits"), "difference_in_means", "HC2").lines[0]
    meets(line, R["rate_ratio"]["per_unit_difference"])


def test_several_arms_each_by_its_own_welch_statistic():
    four = ("control", "simple", "social", "deadline")
    fit = estimate(sample(table("four_arms"), "y", arm="arm", arms=four), "difference_in_means", "HC2")
    for arm, want in R["dunnett"]["statistic"].items():
        assert abs(fit.line(arm).statistic) == close(want)
    fit = estimate(
        sample(table("maxt"), "y", arm="arm", arms=("control", "a", "b")), "difference_in_means", "HC2"
    )
    for arm, want in R["max_t"]["arms"]["statistic"].items():
        assert abs(fit.line(arm).statistic) == close(abs(want))


# the cells of a factorial as arms


def test_simple_effects_of_a_factorial_are_arms_held_against_each_other():
    data = table("factorial23")
    names = tuple(f"{a}:{b}" for b in ("none", "call", "text") for a in (0, 1))
    data["cell"] = np.array([f"{a}:{b}" for a, b in zip(data["a"], data["b"], strict=True)])
    cells = sample(data, "y", arm="cell", arms=names)
    for level, want in R["factorial23"]["a_within"].items():
        one, zero = names.index(f"1:{level}"), names.index(f"0:{level}")
        meets(compare(cells, "ols", "HC2", 0.05, one, zero), want)


def test_one_factor_alone():
    data = table("factorial")
    marginal = estimate(sample(data, "y", arm="a"), "difference_in_means", "HC2").lines[0]
    meets(marginal, R["factorial22"]["a_marginal_means"])
    for level, key in (("0", "a_without_b"), ("1", "a_with_b")):
        inside = {k: v[data["b"] == level] for k, v in data.items()}
        meets(estimate(sample(inside, "y", arm="a"), "ols", "HC2").lines[0], R["factorial22"][key])


# randomization inference: all arrangements, studentized


def shifted(s, tau):
    return replace(s, y=s.y - tau * s.arm)


@pytest.mark.parametrize("tau", [0, 1])
def test_exact_p_of_equal_arms(tau):
    s = shifted(sample(table("exact"), "y"), tau)
    test = randomization_test(s, 1, 0, draws=20_000, seed=SEED)
    assert (test.draws, test.exact) == (math.comb(16, 8), True)
    assert test.p_value == close(R["exact_inversion"][f"p_at_{tau}"])


@pytest.mark.parametrize("tau", [0, 1])
def test_exact_p_of_unequal_arms(tau):
    s = shifted(sample(table("exact_unequal"), "y"), tau)
    test = randomization_test(s, 1, 0, draws=ALL, seed=SEED)
    assert (test.draws, test.exact) == (2002, True)
    assert test.p_value == close(R["exact_unequal"]["studentized"][f"p_at_{tau}"])


@pytest.mark.parametrize(
    ("file", "want"),
    [("exact", R["exact_inversion"]), ("exact_unequal", R["exact_unequal"]["studentized"])],
)
def test_exact_interval(file, want):
    test = randomization_test(sample(table(file), "y"), 1, 0, draws=20_000, seed=SEED, alpha=0.05)
    assert test.interval == pytest.approx((want["low"], want["high"]), rel=1e-8)


def test_exact_p_in_blocks():
    s = sample(table("exact_blocks"), "y", block="block")
    test = randomization_test(s, 1, 0, draws=ALL, seed=SEED)
    assert (test.draws, test.exact) == (R["exact_blocks"]["arrangements"], True)
    assert test.p_value == close(STUDENTIZED["blocks"]["p_studentized"])


def test_exact_p_of_clusters():
    s = sample(table("few_clusters"), "y", cluster="cluster")
    test = randomization_test(s, 1, 0, draws=ALL, seed=SEED)
    assert (test.draws, test.exact) == (STUDENTIZED["clusters"]["arrangements"], True)
    assert test.p_value == close(STUDENTIZED["clusters"]["p_studentized"])


@pytest.mark.parametrize("arm", ["a", "b"])
def test_exact_p_of_one_arm_of_several(arm):
    names = ("control", "a", "b")
    s = sample(table("maxt"), "y", arm="arm", arms=names)
    test = randomization_test(s, names.index(arm), 0, draws=ALL, seed=SEED)
    assert (test.draws, test.exact) == (STUDENTIZED["arms"][arm]["arrangements"], True)
    assert test.p_value == close(STUDENTIZED["arms"][arm]["p_studentized"])


# pooling


def pooled(line, want, interval):
    assert line.estimate == close(want["estimate"])
    assert interval.std_error == close(want["std.error"])
    assert (interval.conf_low, interval.conf_high) == close((want["conf.low"], want["conf.high"]))
    assert interval.p_value == close(want["p.value"])
    assert line.tau2 == close(want["tau2"])


def test_trials_that_agree_by_luck():
    want = R["pooling_more"]["alike"]
    v = [e**2 for e in want["se"]]
    knha = pool(want["y"], v, "REML", "hartung_knapp")
    pooled(knha, want["knha"], knha.interval)
    pooled(knha, want["adhoc"], knha.truncated)
    wald = pool(want["y"], v, "REML", "normal")
    pooled(wald, want["wald"], wald.interval)


def test_arms_that_share_a_control_pooled():
    data = table("pool_arms")
    made = []
    for trial in np.unique(data["trial"]):
        own = data["trial"] == trial
        arm, control = (data[k][own].astype(float) for k in ("v_arm", "v_control"))
        made.append(within(data["y"][own].astype(float), np.diag(arm) + control[0]))
    found = pool([m.estimate for m in made], [m.variance for m in made], "REML", "normal")
    want = R["pool_arms"]
    for ours, theirs in (
        (found.estimate, "estimate"),
        (found.interval.std_error, "std.error"),
        (found.interval.conf_low, "conf.low"),
        (found.interval.conf_high, "conf.high"),
        (found.tau2, "tau2"),
    ):
        assert ours == pytest.approx(want[theirs], rel=20 * want["tolerance"]), theirs

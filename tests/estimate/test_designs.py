"""What estimators do with small cells, missing outcomes, odd columns, and what must not change a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import blocked, with_strata

from rct.design.strata import sort_blocks
from rct.errors import RctError
from rct.estimate import Sample, compare, estimate
from rct.estimate.estimators import ESTIMATORS


def complete(y, arm, **more):
    arm = np.asarray(arm)
    names = tuple(f"arm{a}" for a in range(arm.max() + 1))
    return Sample(np.asarray(y, dtype=float), arm, names, (1,) * len(names), **more)


FISHER = 0.0318670415124613  # R: fisher.test(matrix(c(12, 188, 3, 197), 2))$p.value


def numbers(line):
    return np.array([line.estimate, line.std_error, line.df, line.p_value, line.mean_control])


# invariances


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_the_order_of_units_does_not_matter(estimator):
    s = blocked([9, 12, 15], [(3, 6), (5, 7), (6, 9)], p=2)
    order = np.random.default_rng(1).permutation(36)
    moved = replace(s, y=s.y[order], arm=s.arm[order], block=s.block[order], x=s.x[order])
    a, b = (estimate(v, estimator, "HC2").lines[0] for v in (s, moved))
    assert numbers(a) == pytest.approx(numbers(b), rel=1e-11)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_scale_and_place_of_the_outcome_carry_through(estimator):
    s = blocked([9, 12, 15], [(3, 6), (5, 7), (6, 9)], p=2)
    a = estimate(s, estimator, "HC2").lines[0]
    b = estimate(replace(s, y=1e6 - 1000 * s.y), estimator, "HC2").lines[0]
    assert b.estimate == pytest.approx(-1000 * a.estimate, rel=1e-9)
    assert b.std_error == pytest.approx(1000 * a.std_error, rel=1e-9)
    assert b.df == pytest.approx(a.df, rel=1e-9)


@pytest.mark.parametrize("estimator", ["difference_in_means", "lin", "ols"])
def test_effects_add_up_between_arms(estimator):
    s = with_strata(blocked([9, 14, 20], [(3, 3, 3), (4, 6, 4), (8, 6, 6)], p=1), estimator)
    between = compare(s, estimator, "HC2", 0.05, 2, 1)
    against_control = estimate(s, estimator, "HC2")
    sum_of_two = against_control.line("arm1").estimate + between.estimate
    assert sum_of_two == pytest.approx(against_control.line("arm2").estimate, rel=1e-10)
    assert (between.arm, between.control) == ("arm2", "arm1")


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_swapping_the_arms_turns_the_sign_only(estimator):
    s = blocked([9, 12], [(3, 6), (5, 7)], p=1)
    forth, back = (estimate(s, estimator, "HC2", reference=r).lines[0] for r in (0, 1))
    assert back.estimate == pytest.approx(-forth.estimate, rel=1e-10)
    assert back.std_error == pytest.approx(forth.std_error, rel=1e-10)
    assert back.mean_control == pytest.approx(forth.mean_control + forth.estimate, rel=1e-10)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_control_mean_and_effect_make_the_arms_mean(estimator):
    s = blocked([9, 14, 20], [(3, 3, 3), (4, 6, 4), (8, 6, 6)], p=1)
    own = {line.arm: line.mean_control + line.estimate for line in estimate(s, estimator, "HC2").lines}
    for arm in (1, 2):
        other = estimate(s, estimator, "HC2", reference=arm).lines[0].mean_control
        assert own[f"arm{arm}"] == pytest.approx(other, rel=1e-10)


def test_covariates_do_not_touch_the_difference_in_means():
    s = blocked([9, 12], [(3, 6), (5, 7)], p=2)
    bare = replace(s, x=np.empty((0, 0)), x_names=())
    assert estimate(s, "difference_in_means", "HC2") == estimate(bare, "difference_in_means", "HC2")


# zero variance, few units


def test_no_variance_in_one_arm_leaves_welch_the_other_arms_df():
    s = complete([0, 0, 0, 0, 1, 2, 4], [0, 0, 0, 0, 1, 1, 1])
    line = estimate(s, "difference_in_means", "HC2").lines[0]
    assert line.df == pytest.approx(2)
    assert line.p_value is not None


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_no_variance_at_all_gives_no_test(estimator):
    s = complete([0.1] * 5 + [0.4] * 6, [0] * 5 + [1] * 6)
    line = estimate(s, estimator, "HC2").lines[0]
    assert line.std_error == 0
    assert line.estimate == pytest.approx(0.3)
    assert (line.p_value, line.statistic, line.df, line.conf_low, line.conf_high) == (None,) * 5
    assert [n.code for n in line.notes] == ["zero_variance"]


def test_nobody_paid_in_clusters():
    s = complete(np.zeros(24), np.repeat([0, 1], 12), cluster=np.arange(24) // 3)
    for estimator in ("difference_in_means", "ols", "lin"):
        assert estimate(s, estimator, "CR2").lines[0].p_value is None


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_an_arm_of_one_unit_is_refused(estimator):
    with pytest.raises(RctError) as error:
        estimate(complete([1.0, 2, 3, 4], [0, 0, 0, 1]), estimator, "HC2")
    assert error.value.problems[0].code == "too_few_units"


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_an_arm_of_one_cluster_is_refused(estimator):
    s = complete(np.arange(12.0), np.repeat([0, 1], [9, 3]), cluster=np.arange(12) // 3)
    with pytest.raises(RctError) as error:
        estimate(s, estimator, "CR2")
    assert error.value.problems[0].code == "too_few_units"


def test_few_clusters_are_said():
    rng = np.random.default_rng(1)
    s = complete(rng.normal(size=40), np.repeat([0, 1], 20), cluster=np.arange(40) // 10)
    line = estimate(s, "difference_in_means", "CR2").lines[0]
    assert line.df < 4
    assert [n.code for n in line.notes] == ["few_clusters"]


def test_clusters_of_one_unit_are_units():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 1))
    plain = complete(rng.normal(size=60), np.repeat([0, 1], [25, 35]), x=x, x_names=("x",))
    singles = replace(plain, cluster=np.arange(60))
    for estimator in ("ols", "lin"):
        a = estimate(plain, estimator, "HC2").lines[0]
        b = estimate(singles, estimator, "CR2").lines[0]
        assert (b.estimate, b.std_error) == pytest.approx((a.estimate, a.std_error), rel=1e-10)


def test_more_coefficients_than_units_is_refused():
    rng = np.random.default_rng(3)
    s = complete(rng.normal(size=10), np.repeat([0, 1], 5), x=rng.normal(size=(10, 4)), x_names=tuple("abcd"))
    with pytest.raises(RctError) as error:
        estimate(s, "lin", "HC2")
    assert error.value.problems[0].code == "too_few_for_covariates"


@pytest.mark.parametrize(("estimator", "se_type", "code"), [
    ("lin", "CR2", "standard_errors_do_not_fit"),
    ("ols", "HC9", "standard_errors_do_not_fit"),
    ("anova", "HC2", "unknown_estimator"),
])  # fmt: skip
def test_what_does_not_fit_the_design_is_refused(estimator, se_type, code):
    with pytest.raises(RctError) as error:
        estimate(complete([1.0, 2, 3, 4], [0, 0, 1, 1]), estimator, se_type)
    assert error.value.problems[0].code == code


# Fisher


def test_fisher_stands_beside_when_events_are_few():
    y = np.zeros(400)
    y[:12], y[200:203] = 1, 1
    line = estimate(complete(y, np.repeat([0, 1], 200)), "difference_in_means", "HC2").lines[0]
    assert line.p_fisher == pytest.approx(FISHER, rel=1e-8)
    assert "few_events" in [n.code for n in line.notes]
    many = y.copy()
    many[203:210] = 1
    assert (
        estimate(complete(many, np.repeat([0, 1], 200)), "difference_in_means", "HC2").lines[0].p_fisher
        is None
    )


def test_fisher_does_not_look_across_blocks():
    """Of all blocks together p would be under .001, though nothing differs inside them."""
    y = np.concatenate([[1], np.zeros(399), np.ones(3), np.zeros(17), np.ones(60), np.zeros(320)])
    arm, block = np.repeat([0, 1, 0, 1], [380, 20, 20, 380]), np.repeat([0, 1], 400)
    made = complete(y, arm, block=block, block_labels=("a", "b"), strata=(0, 1))
    line = estimate(made, "difference_in_means", "HC2").lines[0]
    assert line.p_value > 0.9
    assert "few_events" in line.fragile
    assert line.p_fisher is None
    assert line.notes == ()


def test_fisher_is_only_for_yes_or_no():
    y = np.array([0.0, 0, 2, 0, 1, 0, 0, 1, 0, 3])
    assert estimate(complete(y, np.repeat([0, 1], 5)), "difference_in_means", "HC2").lines[0].p_fisher is None


# columns


def test_a_column_constant_in_one_arm_is_dropped_for_all_arms():
    rng = np.random.default_rng(4)
    arm = np.repeat([0, 1, 2], 30)
    odd = np.where(arm == 2, 0.0, rng.normal(size=90))
    x = np.column_stack([rng.normal(size=90), odd])
    s = complete(rng.normal(size=90), arm, x=x, x_names=("age", "odd"))
    fit = estimate(s, "lin", "HC2")
    assert [name for name, _ in fit.dropped] == ["odd"]
    assert fit.lines == estimate(replace(s, x=x[:, :1], x_names=("age",)), "lin", "HC2").lines
    assert estimate(s, "ols", "HC2").dropped == ()


def test_an_indicator_of_a_single_unit_of_an_arm_is_dropped_not_trusted():
    rng = np.random.default_rng(5)
    arm = np.repeat([0, 1], 40)
    rare = np.zeros(80)
    rare[[3, 9, 50]] = 1  # one of them in arm 1: its slope would rest on that unit
    x = np.column_stack([rng.normal(size=80), rare])
    s = complete(rng.normal(size=80), arm, x=x, x_names=("age", "language=other"))
    fit = estimate(s, "lin", "HC2")
    assert fit.dropped == (("language=other", "rests on one unit or cluster alone (arm arm1)"),)
    assert fit.lines[0].df == 80 - 4
    assert estimate(s, "ols", "HC2").dropped == ()


def test_a_dummy_trap_changes_nothing():
    rng = np.random.default_rng(6)
    level = np.resize([0, 1, 2], 90)
    rng.shuffle(level)
    all_levels = (level[:, None] == [0, 1, 2]).astype(float)
    s = complete(rng.normal(size=90) + level, np.repeat([0, 1], 45), x=all_levels, x_names=tuple("abc"))
    for estimator in ("ols", "lin"):
        fit = estimate(s, estimator, "HC2")
        assert len(fit.dropped) == 1
        less = estimate(replace(s, x=all_levels[:, 1:], x_names=tuple("bc")), estimator, "HC2")
        assert numbers(fit.lines[0]) == pytest.approx(numbers(less.lines[0]), rel=1e-10)


# small blocks


def test_pairs_mixed_with_larger_blocks_are_not_treated_as_pairs_all_over():
    counts = [(1, 1)] * 6 + [(8, 7), (6, 9)]
    s = with_strata(blocked([sum(c) for c in counts], counts), "difference_in_means")
    fit = estimate(s, "difference_in_means", "HC2")
    assert fit.merged == 0
    large = blocked_part(s, [6, 7])
    small = blocked_part(s, range(6))
    assert fit.lines[0].estimate == pytest.approx((30 * large.estimate + 12 * small.estimate) / 42)
    v_l, v_s = (30 / 42 * large.std_error) ** 2, (12 / 42 * small.std_error) ** 2
    assert fit.lines[0].std_error == pytest.approx(np.sqrt(v_l + v_s))
    assert fit.lines[0].df == pytest.approx((v_l + v_s) ** 2 / (v_l**2 / 26 + v_s**2 / 5))


def blocked_part(s, blocks):
    return estimate(s.rows(np.isin(s.block, list(blocks))), "difference_in_means", "HC2").lines[0]


def test_merged_blocks_are_one_stratum_in_the_formula():
    counts = [(1, 1), (0, 1), (10, 10), (1, 0), (2, 2), (7, 9)]
    s = with_strata(blocked([sum(c) for c in counts], counts), "difference_in_means")
    fit = estimate(s, "difference_in_means", "HC2")
    assert ("B00", "B01", "B03") in fit.strata
    joined = replace(s, block=np.where(np.isin(s.block, [1, 3]), 0, s.block), strata=None)
    again = estimate(joined, "difference_in_means", "HC2").lines[0]
    assert numbers(fit.lines[0]) == pytest.approx(numbers(again))
    assert fit.lines[0].n_blocks == 4


@pytest.mark.parametrize("estimator", ["ols", "lin"])
def test_small_blocks_give_finite_answers_in_regressions(estimator):
    counts = [(1, 2)] * 9 + [(1, 3), (5, 7), (10, 15)]
    s = with_strata(blocked([sum(c) for c in counts], counts, p=1), estimator)
    fit = estimate(s, estimator, "HC2")
    assert fit.lines[0].std_error > 0
    assert (fit.merged > 0) == (estimator == "lin")


# missing outcomes


def test_missing_outcomes_are_left_out_and_counted():
    s = blocked([9, 12], [(3, 6), (5, 7)], p=1)
    y = s.y.copy()
    y[[0, 10, 15]] = np.nan
    known = ~np.isnan(y)
    for estimator in ("difference_in_means", "ols", "lin"):
        line = estimate(replace(s, y=y), estimator, "HC2").lines[0]
        observed = estimate(s.rows(known), estimator, "HC2").lines[0]
        assert numbers(line) == pytest.approx(numbers(observed))
        assert (line.n, line.n_drawn, line.n_missing) == (18, 21, 3)
        assert (observed.n_drawn, observed.n_missing) == (18, 0)


def test_counts_are_of_the_two_arms_for_a_difference_and_of_all_for_a_regression():
    s = blocked([12, 12], [(4, 4, 4), (4, 4, 4)], p=1)
    y = s.y.copy()
    y[np.flatnonzero(s.arm == 2)[:2]] = np.nan
    s = replace(s, y=y)
    line = estimate(s, "difference_in_means", "HC2").line("arm1")
    assert (line.n, line.n_arm, line.n_control, line.n_drawn, line.n_missing) == (16, 8, 8, 16, 0)
    line = estimate(s, "ols", "HC2").line("arm1")
    assert (line.n, line.n_arm, line.n_control, line.n_drawn, line.n_missing) == (22, 8, 8, 24, 2)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_a_block_emptied_by_missing_outcomes_is_without_comparison_and_a_deviation(estimator):
    s = with_strata(blocked([6, 12, 15], [(3, 3), (5, 7), (7, 8)]), estimator)
    y = s.y.copy()
    y[(s.block == 0) & (s.arm == 1)] = np.nan
    fit = estimate(replace(s, y=y), estimator, "HC2")
    line = fit.lines[0]
    assert fit.strata == (("B01",), ("B02",))
    assert [(n.code, n.deviation) for n in fit.notes] == [("without_comparison", True)]
    assert (line.n, line.n_drawn, line.n_missing, line.n_without_comparison) == (27, 33, 3, 3)
    rest = estimate(with_strata(s.rows(s.block > 0), estimator), estimator, "HC2").lines[0]
    assert numbers(line) == pytest.approx(numbers(rest))


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_what_missing_outcomes_emptied_does_not_turn_the_sign(estimator):
    """Three districts of 100 that differ by 5, an effect of 1, one district's control lost."""
    rng = np.random.default_rng(5)
    block, arm = np.repeat([0, 1, 2], 100), np.tile([0, 1], 150)
    y = 2 + 5 * block + arm + rng.normal(size=300)
    y[(block == 0) & (arm == 0)] = np.nan
    s = Sample(y, arm, ("control", "a"), (1, 1), block, ("D0", "D1", "D2"))
    line = estimate(s, estimator, "HC2").lines[0]
    assert line.conf_low < 1 < line.conf_high
    assert line.n_without_comparison == 50
    assert line.estimate == pytest.approx(
        np.mean([y[(block == b) & (arm == 1)].mean() - y[(block == b) & (arm == 0)].mean() for b in (1, 2)])
    )


def test_a_cell_that_missing_outcomes_left_with_one_leaves_too_where_no_set_of_such_stands():
    s = blocked([10, 12, 12], [(5, 5), (6, 6), (6, 6)])
    y = s.y.copy()
    y[np.flatnonzero((s.block == 0) & (s.arm == 1))[:4]] = np.nan
    fit = estimate(replace(s, y=y), "difference_in_means", "HC2")
    assert (fit.strata, fit.lines[0].n_without_comparison) == ((("B01",), ("B02",)), 6)


def test_replayed_blocks_of_other_shares_are_not_merged():
    """Three districts whose shares differ: 10:190, 0:300, 120:120; outcome 2 + 5 a district + 1 with the letter."""
    counts = np.array([(10, 190), (0, 300), (120, 120)])
    block = np.repeat([0, 1, 2], counts.sum(axis=1))
    arm = np.concatenate([np.repeat([0, 1], c) for c in counts])
    y = 2 + 5 * block + arm + np.random.default_rng(1).normal(size=len(arm)) / 10
    s = Sample(y, arm, ("control", "a"), (1, 1), block, ("D0", "D1", "D2"))
    for estimator in ("difference_in_means", "ols", "lin"):
        strata = sort_blocks(s.block_labels, counts, s.shares, ESTIMATORS[estimator])
        line = estimate(replace(s, strata=strata.of, possible=strata.possible), estimator, "HC2").lines[0]
        assert line.estimate == pytest.approx(1, abs=0.05)
        assert (line.n_without_comparison, line.n) == (300, 440)


def test_where_no_block_keeps_both_arms_nothing_is_compared():
    s = blocked([12, 12], [(6, 6), (6, 6)])
    y = s.y.copy()
    y[s.block != s.arm] = np.nan
    with pytest.raises(RctError) as error:
        estimate(replace(s, y=y), "ols", "HC2")
    assert error.value.problems[0].code == "no_block_compares"


def test_a_pair_that_lost_one_is_without_comparison():
    s = with_strata(blocked([2] * 12, [(1, 1)] * 12, p=1), "lin")
    y = s.y.copy()
    y[0] = np.nan
    for estimator in ("difference_in_means", "ols", "lin"):
        fit = estimate(replace(s, y=y), estimator, "HC2")
        assert fit.strata == tuple((f"B{b:02d}",) for b in range(1, 12))
        line = fit.lines[0]
        assert (line.n, line.n_missing, line.n_without_comparison) == (22, 1, 1)
        whole = replace(s, y=np.where(s.block == 0, np.nan, s.y))
        alone = estimate(whole, estimator, "HC2").lines[0]
        assert (line.estimate, line.std_error) == (alone.estimate, alone.std_error)


def test_sorted_pairs_that_lose_members_of_one_arm_find_no_effect():
    """Joined to the next pair, as labels lie, 38 of 100 draws found one."""
    rng = np.random.default_rng(12)
    block, level = np.repeat(np.arange(60), 2), np.repeat(np.sort(rng.normal(0, 3, 60)), 2)
    labels = tuple(f"P{b:02d}" for b in range(60))
    found = 0
    for _ in range(400):
        arm = np.argsort(rng.random((60, 2)), axis=1).ravel()
        y = level + rng.normal(0, 0.3, 120)
        y[(arm == 1) & (rng.random(120) < 0.3)] = np.nan
        (line,) = estimate(
            Sample(y, arm, ("c", "t"), (1, 1), block, labels), "difference_in_means", "HC2"
        ).lines
        found += line.p_value <= 0.05
    assert found / 400 <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_an_arm_nobody_answered_in_is_refused_by_name():
    s = complete([1.0, 2, 3, np.nan, np.nan], [0, 0, 0, 1, 1])
    with pytest.raises(RctError) as error:
        estimate(s, "difference_in_means", "HC2")
    problem = error.value.problems[0]
    assert (problem.code, problem.found) == ("arm_without_outcomes", "arm1")


def test_a_sample_with_unlike_lengths_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="one row a unit"):
        complete([1.0, 2, 3], [0, 1])


@pytest.mark.parametrize("estimator", ["ols", "lin"])
def test_a_covariate_far_from_zero_changes_no_digit(estimator):
    rng = np.random.default_rng(77)
    n = 4000
    x = np.round(rng.normal(size=(n, 2)) * 1e-3, 9)
    arm = rng.permutation(np.arange(n) % 3)
    y = 200 * x[:, 0] + 0.2 * arm + rng.normal(size=n)
    far = x + 2.0**20
    near = far - 2.0**20  # exact: the same numbers with the shift taken off again
    lines = [
        estimate(Sample(y, arm, ("c", "t", "u"), (1, 1, 1), x=z, x_names=("a", "b")), estimator, "HC2").lines
        for z in (near, far)
    ]
    for one, other in zip(*lines, strict=True):
        got = (other.estimate, other.std_error, other.df, other.mean_control)
        assert got == pytest.approx((one.estimate, one.std_error, one.df, one.mean_control), rel=1e-11)


# which column is dropped


def test_the_dropped_column_hangs_neither_on_the_names_of_pairs_nor_on_rounding():
    """One pair and one stratum of three (a pair that a single unit joined) alone have the covariate: both are lone, and
    each would have another of its two columns go."""
    rng = np.random.default_rng(5)
    block = np.delete(np.repeat(np.arange(24), 2), 6)  # block 3 is a single unit
    arm = np.delete(np.tile([0, 1], 24), 6)
    y = rng.normal(size=47) + arm
    x = np.zeros((47, 1))
    x[[6, 29]] = 1.0
    labels = tuple(f"P{b:02d}" for b in range(24))

    def fit_of(named):
        single = named[3]
        strata = tuple(b - (b > single) for b in range(24))  # it shares one with the next
        return estimate(
            Sample(y, arm, ("c", "t"), (1, 1), named[block], labels, strata, x=x, x_names=("alone",)),
            "lin",
            "HC2",
        )

    first = fit_of(np.arange(24))
    assert [why for _, why in first.dropped] == ["rests on one pair alone"]
    for seed in range(30):  # the three stay together, all else is named anew
        named = np.random.default_rng(seed).permutation(23).astype(float)
        fit = fit_of(np.insert(named, 4, named[3] + 0.5).argsort().argsort())
        assert fit.dropped == first.dropped
        assert fit.lines[0].estimate == pytest.approx(first.lines[0].estimate, rel=1e-10)


def test_a_covariate_that_goes_for_all_arms_is_named_once():
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(36), 4)
    age = rng.normal(size=144)
    s = Sample(
        rng.normal(size=144), (cluster % 12) // 4, ("c", "a", "b"), (1, 1, 1), cluster // 12, ("A", "B", "C"),
        cluster=cluster, x=np.column_stack([age, 2 * age + 3]), x_names=("age", "age again"),
    )  # fmt: skip
    assert [name for name, _ in estimate(s, "lin", "CR2").dropped] == ["age again"]


def test_a_covariate_that_must_go_is_no_reason_to_refuse():
    """In the control's two rows it leaves nothing over; but it never varies in the other arm, so it goes first."""
    s = complete(
        [1.0, 2, 4, 3, 5, 4], [0, 0, 1, 1, 1, 1], x=np.array([[0.3, 0.9, 2, 2, 2, 2]]).T, x_names=("x",)
    )
    fit = estimate(s, "lin", "HC2")
    assert [name for name, _ in fit.dropped] == ["x"]
    assert fit.lines[0].df == 4


def test_of_covariates_of_the_cluster_as_many_are_kept_as_can_be_told_apart():
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(8), 5)
    x = rng.normal(size=(8, 4))[cluster]
    s = Sample(
        rng.normal(size=40), cluster % 2, ("c", "t"), (1, 1), cluster // 4, ("A", "B"), cluster=cluster, x=x,
        x_names=("one", "two", "three", "four"),
    )  # fmt: skip
    dropped = [name for name, _ in estimate(s, "lin", "CR2").dropped]
    assert "one" not in dropped
    assert {"three", "four"} <= set(dropped)


def test_one_pair_of_clusters_left_is_refused():
    cluster = np.repeat(np.arange(6), 3)
    y = np.arange(18.0)
    y[np.isin(cluster, [1, 3])] = np.nan  # of three pairs one is whole, and the others join it
    s = Sample(y, cluster % 2, ("c", "t"), (1, 1), cluster // 2, ("A", "B", "C"), cluster=cluster)
    with pytest.raises(RctError) as error:
        estimate(s, "difference_in_means", "CR2")
    assert error.value.problems[0].code == "too_few_units"


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_values_that_differ_by_rounding_are_one_value(estimator):
    s = complete([0.1 + 0.2, 0.3] * 10, [0, 1] * 10)
    line = estimate(s, estimator, "HC2").lines[0]
    assert (line.std_error, line.p_value) == (0.0, None)

"""The rule agreed in advance, word by word."""

from __future__ import annotations

import pytest

from rct.estimate.decision import ArmInput, cost_per_outcome, decide


def rule(*arms, worthwhile=0.01, alpha=0.05, sign=1, between=lambda a, b: 0.001):
    return decide(arms, worthwhile=worthwhile, alpha=alpha, sign=sign, between=between)


def arm(estimate, half, p, name="a", cost=None):
    return ArmInput(name, estimate, estimate - half, estimate + half, p, cost)


@pytest.mark.parametrize(("estimate", "half", "p", "verdict", "reason"), [
    (0.03, 0.02, 0.004, "adopt", "worthwhile"),
    (0.01, 0.005, 0.05, "adopt", "worthwhile"),  # both edges belong to adopt
    (0.009, 0.005, 0.001, "adapt", "short"),  # real but maybe not worth it
    (0.03, 0.04, 0.14, "adapt", "chance"),
    (0.002, 0.005, 0.4, "drop", "too_small"),
    (0.002, 0.001, 0.001, "drop", "too_small"),
    (-0.03, 0.02, 0.004, "drop", "harmful"),
    (-0.03, 0.05, 0.3, "adapt", "chance"),
    (-0.002, 0.012, 0.7, "adapt", "chance"),  # u is .01, not under it
])  # fmt: skip
def test_one_arm(estimate, half, p, verdict, reason):
    made = rule(arm(estimate, half, p))
    assert (made.verdict, made.arms[0].reason) == (verdict, reason)
    assert made.chosen == ("a" if verdict == "adopt" else None)


def test_signs_are_turned_where_less_is_better():
    made = rule(arm(-0.03, 0.02, 0.004), sign=-1)
    assert (made.verdict, made.arms[0].reason) == ("adopt", "worthwhile")
    assert rule(arm(0.03, 0.02, 0.004), sign=-1).arms[0].reason == "harmful"


def test_an_empty_p_value_settles_nothing():
    made = rule(ArmInput("a", 0.5, None, None, None))
    assert (made.verdict, made.arms[0].reason) == ("adapt", "no_test")
    assert rule(ArmInput("a", None, None, None, None)).verdict == "adapt"


@pytest.mark.parametrize(("low", "high", "verdict", "reason"), [
    (0.004, 0.24, "adopt", "worthwhile"),
    (-0.005, 0.24, "adapt", "holds_zero"),  # both tests reject, and the interval that is told holds 0
    (None, None, "adapt", "endless"),
    (-0.24, -0.004, "drop", "harmful"),
    (-0.24, 0.015, "adapt", "holds_zero"),
    (-0.24, 0.005, "drop", "too_small"),
])  # fmt: skip
def test_a_fragile_comparison_also_needs_an_interval_without_zero(low, high, verdict, reason):
    benefit = 0.13 if low is None or low + high > 0 else -0.13
    made = rule(ArmInput("a", benefit, low, high, 0.03, fragile=True, p_randomization=0.04))
    assert (made.verdict, made.arms[0].reason) == (verdict, reason)


@pytest.mark.parametrize("p", [0.06, None])
def test_a_fragile_comparison_that_the_lots_do_not_bear_out_is_refuted(p):
    made = rule(ArmInput("a", 0.13, 0.004, 0.24, 0.03, fragile=True, p_randomization=p))
    assert (made.verdict, made.arms[0].reason) == ("adapt", "refuted")


def test_what_is_exploratory_settles_nothing():
    made = rule(ArmInput("a", 0.13, 0.004, 0.24, 0.03, planned=False))
    assert (made.verdict, made.arms[0].reason) == ("adapt", "unplanned")


def test_where_figures_are_no_measurements_no_arm_gets_a_verdict():
    arms = [arm(0.03, 0.01, 0.001, "a", 0.9), arm(0.0, 0.005, 0.9, "b")]
    made = decide(arms, worthwhile=0.01, alpha=0.05, sign=1, between=lambda a, b: 0.4, refused=True)
    assert [(a.verdict, a.reason, a.cost) for a in made.arms] == [("adapt", "refused", None)] * 2
    assert (made.verdict, made.chosen, made.tied) == ("adapt", None, ())


def test_over_arms_adopt_if_any_drop_if_all_else_adapt():
    good, poor, open_ = (0.03, 0.01, 0.001), (0.0, 0.005, 0.9), (0.01, 0.02, 0.3)
    assert rule(arm(*good, "a"), arm(*poor, "b")).verdict == "adopt"
    assert rule(arm(*poor, "a"), arm(*poor, "b")).verdict == "drop"
    assert rule(arm(*poor, "a"), arm(*open_, "b")).verdict == "adapt"


def test_of_several_adoptable_arms_the_largest():
    made = rule(arm(0.03, 0.01, 0.001, "a", 0.1), arm(0.05, 0.01, 0.001, "b", 0.9))
    assert (made.chosen, made.tied) == ("b", ())


def test_of_arms_that_cannot_be_told_apart_the_cheaper():
    arms = [
        arm(0.05, 0.01, 0.001, "a", 0.9),
        arm(0.04, 0.01, 0.001, "b", 0.1),
        arm(0.03, 0.01, 0.001, "c", 0.05),
    ]
    p = {("a", "b"): 0.4, ("a", "c"): 0.01}
    made = rule(*arms, between=lambda x, y: p[x, y])
    assert (made.chosen, made.tied) == ("b", ("a",))


def test_without_known_costs_the_largest_is_kept_and_the_tie_is_said():
    arms = [arm(0.05, 0.01, 0.001, "a"), arm(0.04, 0.01, 0.001, "b", 0.1)]
    made = rule(*arms, between=lambda x, y: 0.4)
    assert (made.chosen, made.tied) == ("a", ("b",))
    assert rule(*arms, between=lambda x, y: None).tied == ("b",)


def test_cost_per_additional_outcome_is_a_set():
    bounded = cost_per_outcome(0.5, 0.04, 0.02, 0.05)
    assert (bounded.kind, bounded.value, bounded.low, bounded.high) == ("bounded", 12.5, 10.0, 25.0)
    unlimited = cost_per_outcome(0.5, 0.02, -0.01, 0.05)
    assert (unlimited.kind, unlimited.value, unlimited.low, unlimited.high) == (
        "no_upper_limit",
        None,
        10.0,
        None,
    )
    assert cost_per_outcome(0.5, 0.02, 0.0, 0.05).kind == "no_upper_limit"
    none = cost_per_outcome(0.5, -0.02, -0.03, 0.0)
    assert (none.kind, none.value, none.low, none.high) == ("no_additional_outcomes", None, None, None)
    assert cost_per_outcome(0.0, 0.02, 0.01, 0.05).kind == "no_extra_cost"
    assert cost_per_outcome(-0.3, 0.02, 0.01, 0.05).kind == "no_extra_cost"
    assert cost_per_outcome(None, 0.02, 0.01, 0.05) is None

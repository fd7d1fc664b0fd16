"""The rule agreed in advance: adopt, adapt or drop, which arm, and at what cost per additional outcome.

Estimates are turned into gains on their own scale: benefit is positive, no difference 0 (of a ratio, 0.1 is ten percent).
Adopt: adjusted p <= alpha and gain >= worthwhile. Drop: the interval's upper end under worthwhile, or harmful with adjusted
p <= alpha. Adapt: all else, and an empty p. Of a fragile comparison (`rct.estimate.fragile`) adopt and harmful also ask for
the randomization test's adjusted p <= alpha and that the interval, which is the one that is told there, leaves out no
difference: it is of another test than either p.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rct.estimate.scales import DIFFERENCE, EffectScale

Verdict = Literal["adopt", "adapt", "drop"]
Reason = Literal["worthwhile", "too_small", "harmful", "not_settled", "fragile", "no_test", "refused"]
CostKind = Literal["bounded", "no_upper_limit", "no_additional_outcomes", "no_extra_cost"]


@dataclass(frozen=True)
class ArmInput:
    """One arm's line on the first primary outcome, signs as estimated.

    p_value: adjusted (the plain one where the plan adjusts nothing). extra_cost: the arm's unit cost less the
    control's, None when either is unknown. control: the control's level, which a ratio's cost hangs on. fragile: the t test
    may mislead, so p_randomization (adjusted in the same family) has a say, and low and high are the interval that is told
    in its place.
    """

    arm: str
    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    extra_cost: float | None = None
    control: float | None = None
    fragile: bool = False
    p_randomization: float | None = None


@dataclass(frozen=True)
class Cost:
    """Cost per additional outcome, c / effect, as a set.

    bounded: value, low, high. no_upper_limit: low alone ('at least'). The other kinds hold no number.
    """

    kind: CostKind
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ArmDecision:
    """One arm. benefit, low, high are gains: benefit positive; effects outside [low, high] are unlikely.

    worthwhile_ruled_out: the interval lies wholly under the least worthwhile effect. cost: None when unknown.
    """

    arm: str
    verdict: Verdict
    reason: Reason
    benefit: float | None
    low: float | None
    high: float | None
    worthwhile_ruled_out: bool
    cost: Cost | None


@dataclass(frozen=True)
class Decision:
    """verdict over all arms; chosen: the arm to adopt; tied: adoptable arms that can't be told apart from the
    largest (the largest among them when a cheaper one was chosen); largest: the adoptable arm with the
    largest effect; leans_high: several arms were tried, so the winner's figure leans high; refused: as told to
    `decide`."""

    verdict: Verdict
    arms: tuple[ArmDecision, ...]
    chosen: str | None
    largest: str | None
    tied: tuple[str, ...]
    leans_high: bool
    refused: bool = False

    def arm(self, name: str) -> ArmDecision:
        """One arm's decision by name. Raises KeyError."""
        for a in self.arms:
            if a.arm == name:
                return a
        raise KeyError(name)


Between = Callable[[str, str], float | None]  # two arms' names -> unadjusted p of their difference


def decide(
    inputs: Sequence[ArmInput],
    *,
    worthwhile: float,
    alpha: float,
    sign: int,
    between: Between,
    refused: bool = False,
    scale: EffectScale = DIFFERENCE,
) -> Decision:
    """Apply the rule. sign is 1 when an increase is good, -1 when a decrease is. worthwhile: a gain on `scale`.

    Adopt if any arm is, drop if all are, else adapt. Of several adoptable arms the largest; among those that
    can't be told apart from it (p > alpha, or no p), the cheapest whose cost is known and lower.

    refused: the outcome's figures are no measurements of the arms, so no arm gets a verdict: adapt, without costs.
    """
    arms = tuple(_one(a, worthwhile, alpha, sign, scale) for a in inputs)
    if refused:
        arms = tuple(replace(a, verdict="adapt", reason="refused", cost=None) for a in arms)
    adoptable = sorted((a for a in arms if a.verdict == "adopt"), key=lambda a: -(a.benefit or 0.0))
    if not adoptable:
        dropped = bool(arms) and all(a.verdict == "drop" for a in arms)
        return Decision("drop" if dropped else "adapt", arms, None, None, (), len(arms) > 1, refused)
    largest = adoptable[0].arm
    alike = [a.arm for a in adoptable[1:] if not _told_apart(between(largest, a.arm), alpha)]
    cost = {a.arm: a.extra_cost for a in inputs}
    chosen = largest
    for name in alike:
        own, best = cost[name], cost[chosen]
        if own is not None and best is not None and own < best:
            chosen = name
    tied = tuple(name for name in [largest, *alike] if name != chosen) if alike else ()
    return Decision("adopt", arms, chosen, largest, tied, len(arms) > 1)


def reaches(value: float, least: float) -> bool:
    """value >= least, where binary dust is no shortfall: 0.43 - 0.42 reaches 0.01."""
    return value >= least or math.isclose(value, least, rel_tol=1e-9)


def holds_zero(low: float | None, high: float | None) -> bool:
    """Whether an interval leaves open that nothing was moved; one without ends does."""
    return low is None or high is None or low <= 0 <= high


def _told_apart(p: float | None, alpha: float) -> bool:
    return p is not None and p <= alpha


def _one(a: ArmInput, worthwhile: float, alpha: float, sign: int, scale: EffectScale) -> ArmDecision:
    benefit = None if a.estimate is None else scale.gain(a.estimate, sign)
    low = high = None
    if a.low is not None and a.high is not None:
        low, high = sorted((scale.gain(a.low, sign), scale.gain(a.high, sign)))
    verdict, reason = _verdict(a, benefit, low, high, worthwhile, alpha)
    return ArmDecision(
        a.arm,
        verdict,
        reason,
        benefit,
        low,
        high,
        high is not None and not reaches(high, worthwhile),
        cost_per_outcome(
            a.extra_cost, *(_outcomes(a.control, gain, sign, scale) for gain in (benefit, low, high))
        ),
    )


def _outcomes(control: float | None, gain: float | None, sign: int, scale: EffectScale) -> float | None:
    """How many more outcomes a unit has by a gain (fewer, where less is better), at the control's level as measured."""
    more = None if gain is None else scale.more(control, scale.at_gain(gain, sign))
    return None if more is None else sign * more


def _verdict(
    a: ArmInput, benefit: float | None, low: float | None, high: float | None, worthwhile: float, alpha: float
) -> tuple[Verdict, Reason]:
    p = a.p_value
    if benefit is None or p is None or (high is None and not a.fragile):
        return "adapt", "no_test"
    unsure = a.fragile and (a.p_randomization is None or a.p_randomization > alpha or holds_zero(low, high))
    if p <= alpha and not unsure:
        if reaches(benefit, worthwhile):
            return "adopt", "worthwhile"
        if benefit < 0:
            return "drop", "harmful"
    if high is not None and not reaches(high, worthwhile):  # a fragile one's interval may have no end
        return "drop", "too_small"
    return "adapt", "fragile" if p <= alpha and unsure else "not_settled"


def cost_per_outcome(
    extra_cost: float | None, benefit: float | None, low: float | None, high: float | None
) -> Cost | None:
    """extra_cost / benefit with [extra_cost / high, extra_cost / low], as a set; None when not known.

    An arm that costs no more than the control has no cost per additional outcome. No money value is given for
    a set without an upper limit but its lower end.
    """
    if extra_cost is None or benefit is None or low is None or high is None:
        return None
    if high <= 0:
        return Cost("no_additional_outcomes")
    if extra_cost <= 0:
        return Cost("no_extra_cost")
    if low <= 0:
        return Cost("no_upper_limit", low=extra_cost / high)
    return Cost("bounded", extra_cost / benefit, extra_cost / high, extra_cost / low)

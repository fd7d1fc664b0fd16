"""The rule agreed in advance: adopt, adapt or drop, which arm, and at what cost per additional outcome.

Estimates are turned into gains on their own scale: benefit is positive, no difference 0 (of a ratio, 0.1 is ten percent).
Adopt: adjusted p <= alpha and gain >= worthwhile. Drop: the interval's upper end under worthwhile, or harmful with adjusted
p <= alpha. Adapt: all else, and an empty p. Of a fragile comparison (`rct.estimate.fragile`) adopt and harmful also ask for
the randomization test's adjusted p <= alpha and that the interval, which is the one that is told there, leaves out no
difference: it is of another test than either p.

Why an arm is adopted, dropped or neither is one of the `Reason`s, and the verdict follows from it: what is told of a
verdict words the reason, and decides nothing again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rct.estimate.scales import DIFFERENCE, EffectScale

Verdict = Literal["adopt", "adapt", "drop"]
Reason = Literal[
    "worthwhile",  # the test finds a gain, no less than the least worthwhile effect
    "harmful",  # the test finds a loss
    "too_small",  # the interval ends short of the least worthwhile effect
    "short",  # the test finds an effect short of it, and the interval holds more
    "chance",  # the test does not rule out chance
    "refuted",  # of a fragile comparison: drawing the lots anew bears no difference out
    "holds_zero",  # of one: the tests do, and the interval that is told holds zero
    "endless",  # of one: that interval has no end
    "unplanned",  # the row is exploratory
    "no_test",  # there is no p-value
    "refused",  # the outcome's figures are no measurements of the arms
]
VERDICTS: dict[Reason, Verdict] = {
    "worthwhile": "adopt",
    "harmful": "drop",
    "too_small": "drop",
}  # else adapt
CostKind = Literal["bounded", "no_upper_limit", "no_additional_outcomes", "no_extra_cost"]


@dataclass(frozen=True)
class ArmInput:
    """One arm's line on the first primary outcome, signs as estimated.

    p_value: adjusted (the plain one where the plan adjusts nothing). extra_cost: the arm's unit cost less the
    control's, None when either is unknown. control: the control's level, which a ratio's cost hangs on. planned: the row
    is confirmatory. fragile: the t test may mislead, so p_randomization (adjusted in the same family) has a say, and low
    and high are the interval that is told in its place.
    """

    arm: str
    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    extra_cost: float | None = None
    control: float | None = None
    planned: bool = True
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
    """What the rule says of one arm, and why. cost: None when unknown."""

    arm: str
    reason: Reason
    cost: Cost | None

    @property
    def verdict(self) -> Verdict:
        return VERDICTS.get(self.reason, "adapt")


@dataclass(frozen=True)
class DecisionResult:
    """verdict over all arms; chosen: the arm to adopt; tied: adoptable arms that can't be told apart from the
    largest (the largest among them when a cheaper one was chosen); refused: as told to `decide`."""

    verdict: Verdict
    arms: tuple[ArmDecision, ...]
    chosen: str | None
    tied: tuple[str, ...] = ()
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
) -> DecisionResult:
    """Apply the rule. sign is 1 when an increase is good, -1 when a decrease is. worthwhile: a gain on `scale`.

    Adopt if any arm is, drop if all are, else adapt. Of several adoptable arms the largest; among those that
    can't be told apart from it (p > alpha, or no p), the cheapest whose cost is known and lower.

    refused: the outcome's figures are no measurements of the arms, so no arm gets a verdict: adapt, without costs.
    """
    if refused:
        return DecisionResult(
            "adapt", tuple(ArmDecision(a.arm, "refused", None) for a in inputs), None, refused=True
        )
    arms = tuple(_one(a, worthwhile, alpha, sign, scale) for a in inputs)
    gains = {a.arm: scale.gain(a.estimate, sign) for a in inputs if a.estimate is not None}
    adoptable = sorted((a.arm for a in arms if a.verdict == "adopt"), key=lambda arm: -gains[arm])
    if not adoptable:
        dropped = bool(arms) and all(a.verdict == "drop" for a in arms)
        return DecisionResult("drop" if dropped else "adapt", arms, None)
    largest = adoptable[0]
    alike = [arm for arm in adoptable[1:] if not _told_apart(between(largest, arm), alpha)]
    cost = {a.arm: a.extra_cost for a in inputs}
    chosen = largest
    for name in alike:
        own, best = cost[name], cost[chosen]
        if own is not None and best is not None and own < best:
            chosen = name
    tied = tuple(name for name in [largest, *alike] if name != chosen) if alike else ()
    return DecisionResult("adopt", arms, chosen, tied)


def reaches(value: float, least: float) -> bool:
    """value >= least, where binary dust is no shortfall: 0.43 - 0.42 reaches 0.01."""
    return value >= least or math.isclose(value, least, rel_tol=1e-9)


def holds_zero(low: float | None, high: float | None) -> bool:
    """Whether an interval leaves open that nothing was moved; one without ends does."""
    return low is None or high is None or low <= 0 <= high


def _told_apart(p: float | None, alpha: float) -> bool:
    return p is not None and p <= alpha


def _one(a: ArmInput, worthwhile: float, alpha: float, sign: int, scale: EffectScale) -> ArmDecision:
    gain = None if a.estimate is None else scale.gain(a.estimate, sign)
    low = high = None
    if a.low is not None and a.high is not None:
        low, high = sorted((scale.gain(a.low, sign), scale.gain(a.high, sign)))
    reason = _reason(a, gain, low, high, worthwhile, alpha)
    more = (_outcomes(a.control, each, sign, scale) for each in (gain, low, high))
    return ArmDecision(a.arm, reason, cost_per_outcome(a.extra_cost, *more))


def _outcomes(control: float | None, gain: float | None, sign: int, scale: EffectScale) -> float | None:
    """How many more outcomes a unit has by a gain (fewer, where less is better), at the control's level as measured."""
    more = None if gain is None else scale.more(control, scale.at_gain(gain, sign))
    return None if more is None else sign * more


def _reason(
    a: ArmInput, gain: float | None, low: float | None, high: float | None, worthwhile: float, alpha: float
) -> Reason:
    p = a.p_value
    if gain is None or p is None or (high is None and not a.fragile):
        return "no_test"
    if not a.planned:
        return "unplanned"
    refuted = a.fragile and (a.p_randomization is None or a.p_randomization > alpha)
    unsure = refuted or (a.fragile and holds_zero(low, high))
    if p <= alpha and not unsure:
        if reaches(gain, worthwhile):
            return "worthwhile"
        if gain < 0:
            return "harmful"
    if high is not None and not reaches(high, worthwhile):
        return "too_small"
    if p > alpha:
        return "chance"
    if high is None:
        return "endless"
    return "refuted" if refuted else "holds_zero" if unsure else "short"


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

"""Power of a whole trial: several arms against the control, multiplicity, shares, clusters, covariates.

How each enters (all approximations are on the careful side or said aloud in the notes):

- multiplicity: Holm's first step tests the smallest p-value at alpha / m, m = primary outcomes x arms that
  are not the control. Planning for alpha / m is conservative: later steps only get easier.
- shares: arm i of n units has n w_i / W of them, not rounded.
- clusters: sizes are divided by the design effect, and the t-test has clusters - 2 degrees of freedom, of shares too.
- a share of which few events are expected gets binomial counts (rct.power.rare), little by little, so that power has
  no step.
- covariates and blocks: they leave 1 - R2 of the variance, so sizes are divided by that (for a binary outcome
  an approximation, as its variance is bound to its mean).
- a count has the standard deviation sqrt(baseline), Poisson's, unless sd is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rct.errors import RctError
from rct.kinds import kind_of
from rct.power import words
from rct.power.formulas import design_effect, least, means, proportions
from rct.power.rare import fewest, rare_proportions, weight
from rct.power.request import MAX_UNITS, Comparison, PowerReport, PowerRequest, problems, room, shifted


@dataclass(frozen=True)
class Setting:
    """A request with all that power needs: the level of each comparison, what a unit is worth, the spread."""

    request: PowerRequest
    alpha: float
    worth: float  # effective units for one real unit: 1 / (design effect x (1 - R2))
    sd: float

    def sizes(self, arm: int, units: float) -> tuple[float, float]:
        """Expected real units in the arm and in the control."""
        r = self.request
        return units * r.shares[arm] / sum(r.shares), units * r.shares[r.control] / sum(r.shares)

    def power(self, arm: int, effect: float, units: float) -> float:
        """The chance of finding `effect` (positive) in the comparison of `arm` with the control."""
        r = self.request
        n_arm, n_control = self.sizes(arm, units)
        if min(n_arm, n_control) < (2 * (r.cluster_size or 1) if r.clustered else 2):
            return 0.0  # an arm of fewer than two has no standard error
        a, c = n_arm * self.worth, n_control * self.worth
        df = (n_arm + n_control) / (r.cluster_size or 1) - 2 if r.clustered else None
        if not kind_of(r.kind).share:
            return means(effect, self.sd, c, a, self.alpha, df=n_arm + n_control - 2 if df is None else df)
        p = r.baseline or 0.0
        moved = shifted(r, effect)
        by_normal = proportions(p, moved, c, a, self.alpha, df)
        few = 0.0 if r.clustered else weight(fewest(p, moved, n_control, n_arm))
        return (
            by_normal
            if few == 0
            else (1 - few) * by_normal + few * rare_proportions(p, moved, c, a, self.alpha)
        )

    def least_effect(self, arm: int, units: float, target: float | None = None) -> float | None:
        """The minimum detectable effect at the power asked for, or `target`; None: none that is possible."""
        r = self.request

        def at(effect: float) -> float:
            return self.power(arm, effect, units)

        start, high = self.effects()
        return least(at, r.power if target is None else target, start, high)

    def effects(self) -> tuple[float, float]:
        """An effect too small to find, and the greatest there can be."""
        if kind_of(self.request.kind).share:
            return room(self.request) / 2**20, room(self.request)
        return self.sd / 2**20, self.sd * 2**20

    def least_units(self, arm: int, effect: float, target: float | None = None) -> float | None:
        """Units in the whole trial, not rounded, that find `effect` so often; None: no number does."""
        wanted = self.request.power if target is None else target
        return least(lambda units: self.power(arm, effect, units), wanted, 2.0, MAX_UNITS)


def setting(request: PowerRequest) -> Setting | None:
    """What the formulas need; None when something that they need is not known."""
    if words.lacks_of_formula(request):
        return None
    r = request
    effect = design_effect(r.cluster_size or 1, r.icc or 0, r.cluster_size_cv) if r.clustered else 1.0
    return Setting(r, level(r), 1 / (effect * (1 - r.r2)), kind_of(r.kind).spread(r.baseline, r.sd))


def planned(request: PowerRequest) -> int:
    """m: how many confirmatory comparisons share alpha; 1 without multiplicity."""
    return request.n_primary * (len(request.arms) - 1) if request.multiplicity != "none" else 1


def hardest(request: PowerRequest) -> int:
    """The place of the arm hardest to tell from the control: the smallest, as all share one control."""
    others = (i for i in range(len(request.arms)) if i != request.control)
    return min(others, key=lambda i: request.shares[i])


def level(request: PowerRequest) -> float:
    """The level that one comparison is planned at."""
    return request.alpha / planned(request)


def assess(request: PowerRequest) -> PowerReport:
    """Minimum detectable effect and needed units for every arm, and plain warnings.

    Raises RctError (`out_of_range`) with everything in the request that makes no sense.
    """
    if wrong := problems(request):
        raise RctError(wrong)
    chosen = setting(request)
    others = [i for i in range(len(request.arms)) if i != request.control]
    comparisons = [_comparison(chosen, i) if chosen else Comparison(request.arms[i]) for i in others]
    worst = comparisons[others.index(hardest(request))]
    r = request
    report = PowerReport(
        request=r,
        alpha=level(r),
        comparisons_planned=planned(r),
        design_effect=_design_effect(r),
        comparisons=tuple(comparisons),
        weakest=worst.arm,
        mde=worst.mde,
        power=worst.power,
        units=worst.units,
        clusters=math.ceil(worst.units / r.cluster_size)
        if worst.units and r.clustered and r.cluster_size
        else None,
        lacks=tuple(words.lacks(r)),
    )
    return replace(report, warnings=tuple(words.warnings(report)), notes=tuple(words.notes(report)))


def _design_effect(r: PowerRequest) -> float | None:
    if not r.clustered:
        return 1.0
    if r.icc is None or r.cluster_size is None:
        return None
    return design_effect(r.cluster_size, r.icc, r.cluster_size_cv)


def _comparison(chosen: Setting, arm: int) -> Comparison:
    r = chosen.request
    comparison = Comparison(r.arms[arm])
    if r.units is not None:
        n_arm, n_control = chosen.sizes(arm, r.units)
        comparison = replace(
            comparison, n_arm=n_arm, n_control=n_control, mde=chosen.least_effect(arm, r.units)
        )
        if kind_of(r.kind).share and room(r) > words.AVERAGE:
            comparison = replace(comparison, power_at_average=chosen.power(arm, words.AVERAGE, r.units))
    if r.minimum_effect is not None:
        if r.units is not None:
            comparison = replace(comparison, power=chosen.power(arm, r.minimum_effect, r.units))
        needed = chosen.least_units(arm, r.minimum_effect)
        comparison = replace(comparison, units=None if needed is None else math.ceil(round(needed, 6)))
    return comparison

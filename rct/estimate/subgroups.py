"""Subgroups: the plan's estimator inside each level, and how a level's effect differs from the reference level's.

The interaction is the plan's regression crossed with level: every coefficient has its own value in each
level, so it equals the difference of the within-level estimates. Its df are rows less rank over all levels;
with clusters Satterthwaite's, with the covariance of clusters that lie in both levels. On any scale it is a difference
(of ratios, say), tested against 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rct.errors import RctError
from rct.estimate.clusters import combine
from rct.estimate.effects import Counted, Effect, Fitted, line
from rct.estimate.estimators import estimator_of
from rct.estimate.levels import in_order, reference_level
from rct.estimate.records import Estimate, Fit, Mask, Note, Sample
from rct.estimate.registry import finish, fit

Values = Sequence[str] | NDArray[Any]


@dataclass(frozen=True)
class Subgroup:
    """Levels in order. within: (level, fit) of each; interactions: (level, fit) of all but the reference level."""

    within: tuple[tuple[str, Fit], ...]
    interactions: tuple[tuple[str, Fit], ...]


def subgroup(
    sample: Sample,
    values: Values,
    estimator: str,
    se_type: str,
    alpha: float = 0.05,
    *,
    reference: int = 0,
    column: str = "level",
) -> Subgroup:
    """Both parts at once. values: n texts, the level of every drawn unit; column: what notes call it.

    A level with too few units for the estimator gives lines without numbers and a note that says why; it
    takes no part in the interactions of the others. Raises RctError as `estimate` does when the estimator does not fit
    the design.
    """
    levels, inside_of = by_level(sample, values)
    fitted: dict[str, Fitted] = {}
    unfitted: dict[str, str] = {}
    within = []
    for level, inside in inside_of:
        try:
            fitted[level] = fit(inside, estimator, se_type, reference)
        except RctError as error:
            if error.problems[0].code in ("unknown_estimator", "standard_errors_do_not_fit"):
                raise
            unfitted[level] = f"{column} '{level}': {_why(error)}, so nothing is estimated there"
            within.append((level, _empty(inside, unfitted[level], estimator, se_type, alpha, reference)))
            continue
        made = finish(inside, fitted[level], alpha, estimator, se_type)
        within.append((level, _of_level(made, f"{column} '{level}'")))
    first = reference_level(levels, fitted)
    if first is None:
        return Subgroup(tuple(within), ())
    crossed = []
    for level in levels:
        if level == first:
            continue
        lines = []
        for arm in range(sample.arms):
            if arm != reference:
                lines.append(
                    _interaction(
                        sample, fitted, unfitted, first, level, arm, reference, estimator, se_type, alpha
                    )
                )
        crossed.append((level, _of_level(Fit(tuple(lines)), f"{column} '{level}' less '{first}'", unfitted)))
    return Subgroup(tuple(within), tuple(crossed))


def by_level(sample: Sample, values: Values) -> tuple[list[str], Iterator[tuple[str, Sample]]]:
    """The levels in order, and the trial seen on each in turn, without the subgroup's own indicators."""
    values = np.asarray(values, dtype=str)
    levels = in_order(str(v) for v in values)
    kept = _without_levels_own_columns(sample, values, levels)
    return levels, ((level, kept.rows(values == level)) for level in levels)


def within(
    sample: Sample, values: Values, estimator: str, se_type: str, alpha: float = 0.05
) -> tuple[tuple[str, Fit], ...]:
    """The plan's estimator inside each level: see `subgroup`."""
    return subgroup(sample, values, estimator, se_type, alpha).within


def interactions(
    sample: Sample, values: Values, estimator: str, se_type: str, alpha: float = 0.05
) -> tuple[tuple[str, Fit], ...]:
    """Each level's effect less the reference level's: see `subgroup`."""
    return subgroup(sample, values, estimator, se_type, alpha).interactions


def _interaction(
    sample: Sample,
    fitted: dict[str, Fitted],
    unfitted: dict[str, str],
    first: str,
    level: str,
    arm: int,
    reference: int,
    estimator: str,
    se_type: str,
    alpha: float,
) -> Estimate:
    names, chosen = (sample.arm_names[arm], sample.arm_names[reference]), estimator_of(estimator)
    if first not in fitted or level not in fitted:
        why = unfitted[level if level in unfitted else first]
        return _empty_line(sample, names, arm, reference, why, estimator, se_type, alpha)
    a, b = fitted[level].effects[arm], fitted[first].effects[arm]
    difference = a.estimate - b.estimate
    if a.parts:
        variance, df = combine((*a.parts, *((-sign, part) for sign, part in b.parts)))
    else:
        variance = a.variance + b.variance
        residuals = [f.effects[arm].residual_df for f in fitted.values()]
        whole = [r for r in residuals if r is not None]
        df = float(sum(whole)) if len(whole) == len(residuals) else _satterthwaite(a, b)
    effect = Effect(difference, variance, df, None, None, dust=math.hypot(a.dust, b.dust))
    counted = _total([f.counted[arm] for f in fitted.values()])
    if sample.cluster is not None:
        in_fit = np.full(len(sample.y), True)
        if not chosen.joint:
            in_fit = np.isin(sample.arm, [arm, reference])
        known = in_fit & ~np.isnan(sample.y)
        counted = replace(counted, n_clusters=len(np.unique(sample.cluster[known])))
    return line(effect, counted, names, alpha, chosen, se_type, null=0.0)


def _satterthwaite(a: Effect, b: Effect) -> float | None:
    spread = sum(e.variance**2 / e.df for e in (a, b) if e.df)
    return (a.variance + b.variance) ** 2 / spread if spread > 0 else None


def _total(counts: list[Counted]) -> Counted:
    """Sums over levels; blocks are not added up, a level's strata being the trial's."""
    first = counts[0]
    for c in counts[1:]:
        first = first + c
    blocks = [c.n_blocks for c in counts if c.n_blocks is not None]
    return replace(first, n_blocks=max(blocks) if blocks else None)


def _without_levels_own_columns(sample: Sample, values: NDArray[Any], levels: list[str]) -> Sample:
    """Leave out covariates that are the same for everyone in every level: the subgroup's own indicators."""
    keep = [
        j
        for j in range(len(sample.x_names))
        if any(np.ptp(sample.x[values == level, j]) > 0 for level in levels)
    ]
    return (
        replace(sample, x=sample.x[:, keep], x_names=tuple(sample.x_names[j] for j in keep))
        if sample.x_names
        else sample
    )


def _why(error: RctError) -> str:
    """Why a level has no estimate, without the counts of its few people: notes are printed for everyone."""
    problem = error.problems[0]
    if problem.code in ("arm_without_outcomes", "too_few_units"):
        return "too few units with a known outcome in some arm"
    return problem.rule


def _of_level(made: Fit, where: str, told: Mapping[str, str] = MappingProxyType({})) -> Fit:
    """Notes say of which level they are; `told` do already. Strata that had to join inside a level are no deviation:
    the plan foresees levels."""

    def placed(notes: Sequence[Note]) -> tuple[Note, ...]:
        return tuple(
            n if n.text in told.values() else replace(n, text=f"{where}: {n.text}", deviation=False)
            for n in notes
        )

    lines = tuple(replace(line, notes=placed(line.notes)) for line in made.lines)
    return replace(made, lines=lines, notes=placed(made.notes))


def _empty(inside: Sample, why: str, estimator: str, se_type: str, alpha: float, reference: int) -> Fit:
    return Fit(
        tuple(
            _empty_line(
                inside,
                (inside.arm_names[arm], inside.arm_names[reference]),
                arm,
                reference,
                why,
                estimator,
                se_type,
                alpha,
            )
            for arm in range(inside.arms)
            if arm != reference
        )
    )


def _empty_line(
    sample: Sample,
    names: tuple[str, str],
    arm: int,
    reference: int,
    why: str,
    estimator: str,
    se_type: str,
    alpha: float,
) -> Estimate:
    """A line that has counts but no numbers."""
    inside: Mask = np.full(len(sample.y), True)
    if not estimator_of(estimator).joint:
        inside = np.isin(sample.arm, [arm, reference])
    known = inside & ~np.isnan(sample.y)
    return Estimate(
        arm=names[0],
        control=names[1],
        estimate=None,
        std_error=None,
        statistic=None,
        df=None,
        p_value=None,
        conf_level=1 - alpha,
        conf_low=None,
        conf_high=None,
        n=int(known.sum()),
        n_arm=int((known & (sample.arm == arm)).sum()),
        n_control=int((known & (sample.arm == reference)).sum()),
        n_clusters=None if sample.cluster is None else len(np.unique(sample.cluster[known])),
        n_blocks=None,
        n_drawn=int(inside.sum()),
        n_missing=int(inside.sum() - known.sum()),
        n_without_comparison=0,
        mean_control=None,
        estimator=estimator,
        se_type=se_type,
        notes=(Note("not_estimated", why),),
    )

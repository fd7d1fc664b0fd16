"""The last step of every line of results: what `rct share` hands on, and what `rct verify` does again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rct.analysis.compute import Outcomes
from rct.analysis.fits import main_fit, samples
from rct.definition import Definition
from rct.disclosure.moments import sums_may_leave
from rct.errors import RctError
from rct.estimate.effects import Fitted
from rct.estimate.records import Sample
from rct.estimate.steps import Step, Stepping, Sums
from rct.estimate.subgroups import by_level
from rct.registry.store import Frame

Line = tuple[str, str, str, str | None, str | None]  # outcome, arm, term, subgroup, level


@dataclass(frozen=True)
class Steps:
    """sums: what regressions left; lines: the step of each line, in the order of the results."""

    sums: tuple[Sums, ...]
    lines: tuple[tuple[Line, Step], ...]


def steps_of(
    definition: Definition, frame: Frame, arms: Sequence[str], outcomes: Outcomes, threshold: int
) -> Steps:
    """Every line that was estimated; threshold: under so many people no count may be had from the sums."""
    made = Stepping(definition.analysis.standard_errors, threshold)
    lines: list[tuple[Line, Step]] = []
    for outcome, whole in samples(definition, frame, arms, outcomes):
        fitted = main_fit(definition, whole)
        full = _may_leave(whole, threshold)
        for arm in sorted(fitted.effects):
            key = (outcome, whole.arm_names[arm], "arm", None, None)
            lines.append((key, made.step(fitted, arm, full=full)))
        if definition.outcomes[outcome].primary:
            for column in definition.analysis.subgroups:
                values = np.array([str(v) for v in frame.columns[column].values])
                lines += _subgroup(definition, made, outcome, whole, column, values, threshold)
    return Steps(tuple(made.sums), tuple(lines))


def _subgroup(
    definition: Definition, made: Stepping, outcome: str, whole: Sample, column: str,
    values: np.ndarray, threshold: int,
) -> Iterator[tuple[Line, Step]]:  # fmt: skip
    levels, inside_of = by_level(whole, values)
    fits: dict[str, Fitted] = {}
    full: dict[str, bool] = {}
    for level, inside in inside_of:
        try:
            fits[level] = main_fit(definition, inside)
        except RctError:
            continue  # the results have a line without numbers
        full[level] = _may_leave(inside, threshold)
        for arm in sorted(fits[level].effects):
            key = (outcome, whole.arm_names[arm], "arm", column, level)
            yield key, made.step(fits[level], arm, full=full[level])
    for level in levels[1:]:
        if level not in fits or levels[0] not in fits:
            continue
        for arm in sorted(fits[level].effects):
            shown = (full[level], full[levels[0]])
            step = made.interaction(list(fits.values()), fits[level], fits[levels[0]], arm, full=shown)
            yield (outcome, whole.arm_names[arm], "interaction", column, level), step


def _may_leave(made: Sample, threshold: int) -> bool:
    known = ~np.isnan(made.y)
    cell = made.arm[known]
    if made.block is not None:
        cell = made.block[known] * made.arms + cell
    return sums_may_leave(made.columns[known], made.y[known], cell, threshold)

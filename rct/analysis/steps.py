"""The last step of every line of results: what `rct share` hands on, and what `rct verify` does again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rct.analysis.compute import Outcomes
from rct.analysis.data import levels_of
from rct.analysis.fits import main_fit, samples
from rct.definition import Definition
from rct.disclosure import Key
from rct.disclosure.moments import sums_may_leave
from rct.errors import RctError
from rct.estimate.effects import Fitted
from rct.estimate.levels import reference_level
from rct.estimate.records import Sample
from rct.estimate.steps import EffectStep, Stepping, Sums
from rct.estimate.subgroups import by_level
from rct.registry.store import Frame

# Outcome, arm, term, subgroup, level and, of a line between two arms, the other one (None: the control).
Line = tuple[str, str, str, str | None, str | None, str | None]


@dataclass(frozen=True)
class Steps:
    """sums: what regressions left; lines: the step of each line, in the order of the results."""

    sums: tuple[Sums, ...]
    lines: tuple[tuple[Line, EffectStep], ...]


def steps_of(
    definition: Definition,
    frame: Frame,
    arms: Sequence[str],
    outcomes: Outcomes,
    threshold: int,
    hidden: Collection[Key] = (),
    between: Collection[tuple[str, str, str]] = (),
) -> Steps:
    """The step of every line that was estimated. between: outcome, arm and other arm of lines between two arms.

    Under `threshold` people no count may be had from the sums. hidden: cells that are withheld; steps of lines that
    rest on them are made too, for the workspace's own verify, and are not for others.
    """
    run = _StepsRun(definition, threshold, frozenset(hidden))
    for outcome, whole in samples(definition, frame, arms, outcomes):
        run.main(outcome, whole)
        run.between(outcome, whole, [(a, b) for o, a, b in between if o == outcome])
        if definition.outcomes[outcome].primary:
            for column in definition.analysis.subgroups:
                run.subgroup(outcome, whole, column, np.array(levels_of(frame.columns[column])))
    return Steps(tuple(run.made.sums), tuple(run.lines))


class _StepsRun:
    """Collects the steps of one trial, outcome by outcome."""

    def __init__(self, definition: Definition, threshold: int, hidden: frozenset[Key]):
        self._definition, self._threshold, self._hidden = definition, threshold, hidden
        self.made = Stepping(definition.analysis.standard_errors, threshold)
        self.lines: list[tuple[Line, EffectStep]] = []

    def main(self, outcome: str, whole: Sample) -> None:
        fitted, full = main_fit(self._definition, whole), self._may_leave(outcome, whole)
        gone = self._gone(outcome, None, None)
        for arm in sorted(fitted.effects):
            key = (outcome, whole.arm_names[arm], "arm", None, None, None)
            self.lines.append(
                (key, self.made.step(fitted, arm, full=full, hidden=self._beside(gone, whole, arm)))
            )

    def between(self, outcome: str, whole: Sample, pairs: Sequence[tuple[str, str]]) -> None:
        full, gone = self._may_leave(outcome, whole), self._gone(outcome, None, None)
        for name, other in pairs:
            arm, reference = whole.arm_names.index(name), whole.arm_names.index(other)
            beside = frozenset() if other in gone else self._beside(gone, whole, arm)
            fitted = main_fit(self._definition, whole, reference)
            step = self.made.step(fitted, arm, full=full, hidden=beside)
            self.lines.append(((outcome, name, "between", None, None, other), step))

    def subgroup(self, outcome: str, whole: Sample, column: str, values: np.ndarray) -> None:
        levels, inside_of = by_level(whole, values)
        fits: dict[str, Fitted] = {}
        full: dict[str, bool] = {}
        gone = {level: self._gone(outcome, column, level) for level in levels}
        for level, inside in inside_of:
            try:
                fits[level] = main_fit(self._definition, inside)
            except RctError:
                continue  # the results have a line without numbers
            full[level] = self._may_leave(outcome, inside)
            for arm in sorted(fits[level].effects):
                key = (outcome, whole.arm_names[arm], "arm", column, level, None)
                beside = self._beside(gone[level], whole, arm)
                self.lines.append((key, self.made.step(fits[level], arm, full=full[level], hidden=beside)))
        first = reference_level(levels, fits)
        for level in levels:
            if level == first or level not in fits or first not in fits:
                continue
            for arm in sorted(fits[level].effects):
                step = self.made.interaction(
                    list(fits.values()),
                    fits[level],
                    fits[first],
                    arm,
                    full=(full[level], full[first]),
                    hidden=(self._beside(gone[level], whole, arm), self._beside(gone[first], whole, arm)),
                )
                key = (outcome, whole.arm_names[arm], "interaction", column, level, None)
                self.lines.append((key, step))

    def _gone(self, outcome: str, column: str | None, level: str | None) -> frozenset[str]:
        return frozenset(k[1] for k in self._hidden if (k[0], k[2], k[3]) == (outcome, column, level))

    @staticmethod
    def _beside(gone: frozenset[str], whole: Sample, arm: int) -> frozenset[str]:
        """The hidden arms to take out of a line's sums: none where the line itself is hidden."""
        return frozenset() if whole.arm_names[arm] in gone else gone

    def _may_leave(self, outcome: str, sample: Sample) -> bool:
        if any(k[0] == outcome for k in self._hidden):
            return False
        known = ~np.isnan(sample.y)
        cell = sample.arm[known]
        if sample.block is not None:
            cell = sample.block[known] * sample.arms + cell
        return sums_may_leave(sample.columns[known], sample.y[known], cell, self._threshold)

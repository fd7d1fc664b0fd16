"""The main fit of every outcome again, with what stands behind it: covariances and last steps are read off it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rct.analysis.compute import Outcomes
from rct.analysis.data import outcome_values, sample
from rct.definition import Definition
from rct.draw.strata import block_counts, drawn_strata
from rct.estimate.covariance import Shares, covariance, shares
from rct.estimate.effects import Fitted
from rct.estimate.records import Sample
from rct.estimate.registry import fit
from rct.registry.store import Frame

Estimated = tuple[str, str]  # outcome, arm


def samples(
    definition: Definition, frame: Frame, arms: Sequence[str], outcomes: Outcomes
) -> Iterator[tuple[str, Sample]]:
    """What the estimator sees of each outcome that was loaded, in the plan's order."""
    strata = drawn_strata(definition, block_counts(frame, arms, list(definition.arms)))
    for outcome in definition.outcomes:
        if outcome in outcomes:
            y = outcome_values(definition, frame, outcome, outcomes[outcome])
            yield outcome, sample(definition, frame, arms, y, strata)


def main_fit(definition: Definition, made: Sample, reference: int = 0) -> Fitted:
    """The plan's estimator on all units, against the control or another arm. Raises RctError as `estimate` does."""
    return fit(made, definition.analysis.estimator, definition.analysis.standard_errors, reference)


def covariances(
    definition: Definition, frame: Frame, arms: Sequence[str], outcomes: Outcomes
) -> list[tuple[Estimated, Estimated, float]]:
    """The covariance of every two main estimates (each pair once, no variances) for which there is one."""
    found: list[tuple[Estimated, Shares]] = []
    for outcome, made in samples(definition, frame, arms, outcomes):
        fitted = main_fit(definition, made)
        for arm in sorted(fitted.effects):
            key = (outcome, made.arm_names[arm])
            part = shares(fitted, arm, definition.analysis.standard_errors)
            if part is not None:
                found.append((key, part))
    pairs = []
    for i, (one, a) in enumerate(found):
        for other, b in found[:i]:
            value = covariance(b, a)
            if value is not None:
                pairs.append((other, one, value))
    return pairs

"""The one way to call an estimator, by its name: `rct.estimate.estimators` knows which there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rct.errors import stop, visible
from rct.estimate.checks import fisher_beside, scarce
from rct.estimate.effects import Fitted, line
from rct.estimate.estimators import estimator_of
from rct.estimate.fragile import reasons
from rct.estimate.records import Estimate, Fit, Note, Sample

DUST = 1e-10  # of the outcome's range: a mean nearer to 0 is what subtraction left of 0


def fit(sample: Sample, estimator: str, se_type: str, reference: int = 0) -> Fitted:
    """Effects, variances and parts, before tests. Raises RctError as `estimate` does."""
    chosen, clustered = estimator_of(estimator), sample.cluster is not None
    if se_type not in chosen.errors(clustered=clustered):
        stop(
            "standard_errors_do_not_fit",
            f"'{visible(se_type)}' does not fit this design",
            f"use {chosen.errors_to_use(clustered)}, the design's own",
            found=visible(se_type),
        )
    return chosen.fit(sample, reference, se_type)


def estimate(sample: Sample, estimator: str, se_type: str, alpha: float = 0.05, *, reference: int = 0) -> Fit:
    """Estimate every arm against the reference arm (a code; the control by default).

    Rows whose y is nan are left out and counted. Raises RctError (exit 2) when the estimator or the standard
    errors do not fit the design, an arm has no outcome, or cells are too small even after strata have joined.
    Sources: docs/methods.md; each estimator's module names the papers.
    """
    return finish(sample, fit(sample, estimator, se_type, reference), alpha, estimator, se_type)


def finish(sample: Sample, fitted: Fitted, alpha: float, estimator: str, se_type: str) -> Fit:
    """Tests, intervals and Fisher's test for fitted effects."""
    reference, chosen = fitted.reference, estimator_of(estimator)
    dust = DUST * float(np.ptp(fitted.cells.y))
    slopes = len(sample.x_names) - len({name for name, _ in fitted.dropped}) if chosen.slopes_by_arm else 0
    lines = []
    for arm in sorted(fitted.effects):
        names = (sample.arm_names[arm], sample.arm_names[reference])
        estimate = line(fitted.effects[arm], fitted.counted[arm], names, alpha, chosen, se_type)
        estimate = replace(estimate, fragile=reasons(estimate, fitted.cells, arm, reference, slopes))
        if estimate.mean_control is not None and abs(estimate.mean_control) <= dust:
            estimate = replace(estimate, mean_control=0.0)
        lines.append(_with_fisher(estimate, sample, arm, reference))
    return Fit(tuple(lines), fitted.dropped, fitted.cells.members, fitted.notes)


def compare(sample: Sample, estimator: str, se_type: str, alpha: float, arm: int, reference: int) -> Estimate:
    """One arm against any other by the same estimator: to choose between two arms that could be adopted."""
    return estimate(sample, estimator, se_type, alpha, reference=reference).line(sample.arm_names[arm])


def _with_fisher(estimate: Estimate, sample: Sample, arm: int, reference: int) -> Estimate:
    p = fisher_beside(sample, arm, reference)
    if p is None:
        return estimate
    text = (
        f"fewer than 5 {scarce(sample, arm, reference)} in an arm: read Fisher's exact test beside the t test"
    )
    note = Note("few_events", text, reveals=True)
    return replace(estimate, p_fisher=p, notes=(*estimate.notes, note))

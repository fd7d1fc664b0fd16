"""Another estimate than the plan's of a trial's own outcomes: exploratory whatever comes out, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rct.analysis.data import outcome_values, sample
from rct.analysis.due import require_open
from rct.analysis.stored import require_untouched
from rct.definition import Definition
from rct.draw.strata import block_counts, drawn_strata
from rct.errors import stop, visible
from rct.estimate import Fit, estimate
from rct.estimate.estimators import ESTIMATORS, estimator_of, usual
from rct.registry import state
from rct.registry.store import Frame
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

ADJUSTED = ("covariate", "category")


@dataclass(frozen=True)
class Asked:
    """What to estimate. None is the plan's own: estimator, standard errors, covariates, alpha."""

    outcome: str
    estimator: str | None = None
    covariates: Sequence[str] | None = None
    standard_errors: str | None = None
    alpha: float | None = None


def explore(ws: Workspace, name: str, asked: Asked) -> Fit:
    """Every arm against the control on all units, in the blocks and clusters of the draw. RctError before the date."""
    with opened(ws, name) as trial:
        state.require(trial.state, drawn=True, open=False, people=False)
        definition = trial.definition
        require_open(trial.state, definition)
        require_untouched(trial, outcomes=True)
        frame, arms, outcomes = trial.frame, trial.arms, trial.outcomes
    if asked.outcome not in outcomes:
        stop(
            "no_such_outcome",
            f"No file with an outcome of this name was loaded. There are: {visible(', '.join(outcomes)) or 'none'}.",
            "Name one of them, or load its file.",
            field="outcome",
            found=visible(asked.outcome),
        )
    alpha = definition.analysis.alpha if asked.alpha is None else asked.alpha
    require_alpha(alpha)
    chosen = _adjusting(frame, asked.covariates)
    how = definition.analysis
    estimator = asked.estimator or (
        how.estimator if asked.covariates is None else usual(adjusting=bool(asked.covariates)).name
    )
    refuse_idle(estimator, asked.covariates)
    drawn = drawn_strata(_with(definition, estimator), block_counts(frame, arms, list(definition.arms)))
    y = outcome_values(definition, frame, asked.outcome, outcomes[asked.outcome])
    made = sample(definition, chosen, arms, y, drawn)
    errors = asked.standard_errors or how.standard_errors
    return estimate(made, estimator, errors, alpha)


def require_alpha(alpha: float) -> None:
    """RctError unless it is a level of a test."""
    if not 0 < alpha < 1:
        stop(
            "out_of_range", "alpha lies between 0 and 1.", "Give 0.05, say.", field="alpha", found=str(alpha)
        )


def refuse_idle(estimator: str, covariates: Sequence[str] | None) -> None:
    """RctError where covariates are named that the estimator would pass over."""
    if covariates and not estimator_of(estimator).adjusts:
        adjusting = sorted(e.name for e in ESTIMATORS.values() if e.adjusts)
        stop(
            "covariates_unused",
            f"{estimator} adjusts for nothing, so the covariates would be passed over.",
            f"Leave them out, or use {' or '.join(adjusting)}.",
            field="covariates",
            found=visible(", ".join(covariates)),
        )


def _with(definition: Definition, estimator: str) -> Definition:
    """The definition with another estimator, by which small blocks are sorted."""
    return definition.model_copy(
        update={"analysis": definition.analysis.model_copy(update={"estimator": estimator})}
    )


def _adjusting(frame: Frame, names: Sequence[str] | None) -> Frame:
    """The list with these covariates alone, each with the column that marks where it was imputed; None: all."""
    if names is None:
        return frame
    known = [c.name for c in frame.columns.values() if c.kind in ADJUSTED]
    for name in names:
        if name not in known:
            stop(
                "no_such_covariate",
                f"The list holds no covariate or category of this name. It holds: {visible(', '.join(known)) or 'none'}.",
                "Name one of them.",
                field="covariates",
                found=visible(name),
            )
    kept = {n: c for n, c in frame.columns.items() if n in names or n.removesuffix(" missing") in names}
    return replace(frame, columns=kept)

"""The estimators a plan can name, each one object that answers for itself: `rct.estimate.estimators.base` has the questions.

Nobody else knows their names. An estimator is a class in a module here and a place in `ESTIMATORS`.
"""

from __future__ import annotations

from rct.errors import stop, visible
from rct.estimate.estimators.base import Estimator, MethodStep, PlanShape
from rct.estimate.estimators.difference_in_means import DifferenceInMeans
from rct.estimate.estimators.lin import Lin
from rct.estimate.estimators.ols import LeastSquares

MEANS = (
    DifferenceInMeans()
)  # what is asked besides of every design: who is missing, what the missing could do
ESTIMATORS: dict[str, Estimator] = {e.name: e for e in (MEANS, LeastSquares(), Lin())}


def estimator_of(name: str) -> Estimator:
    """The estimator that is called `name`. Raises RctError (`unknown_estimator`) where there is none."""
    if name not in ESTIMATORS:
        rule = f"'{visible(name)}' is not an estimator"
        stop("unknown_estimator", rule, f"use {', '.join(ESTIMATORS)}")
    return ESTIMATORS[name]


def names() -> tuple[str, ...]:
    """The words that `estimator` may hold, in the order they are offered."""
    return tuple(ESTIMATORS)


def standard_errors() -> tuple[str, ...]:
    """The words that `standard_errors` may hold: of each estimator those of units and of clusters."""
    each = (e.standard_error(usual) for e in ESTIMATORS.values() for usual in ("HC2", "CR2"))
    return tuple(dict.fromkeys(each))


def weighing() -> str:
    """The estimators that `block_weights` goes with, as words."""
    return " or ".join(e.name for e in ESTIMATORS.values() if e.weighs_blocks)


def null_of(estimator: str, term: str) -> float:
    """What a line of results is tested against: an interaction is a difference, on any scale."""
    known = ESTIMATORS.get(estimator)
    return 0.0 if known is None or term == "interaction" else known.scale.null


def usual(*, adjusting: bool) -> Estimator:
    """The estimator of a plan that names none; `adjusting`: covariates or categories are named."""
    return ESTIMATORS[Lin.name] if adjusting else MEANS


__all__ = [
    "ESTIMATORS",
    "MEANS",
    "Estimator",
    "MethodStep",
    "PlanShape",
    "estimator_of",
    "names",
    "null_of",
    "standard_errors",
    "usual",
    "weighing",
]  # fmt: skip

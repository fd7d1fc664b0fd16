"""Defaults that hang on other keys; what they are is needed where the models are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rct.definition.model import Estimator


def default_estimator(covariates: list[str], categories: list[str]) -> Estimator:
    """docs/methods.md, section 3: `lin` when covariates or categories are named, else `difference_in_means`."""
    return "lin" if covariates or categories else "difference_in_means"

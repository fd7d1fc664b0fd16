"""Differential attrition: is an outcome unknown more often in one arm than in the control?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rct.estimate.multiplicity import holm
from rct.estimate.records import Estimate, Sample
from rct.estimate.registry import estimate

ATTRITION_WARNS = 0.05


@dataclass(frozen=True)
class Attrition:
    """Units drawn and missing by arm; lines: each arm's share observed less the control's, under the design.

    p_value: the smallest over the arms, adjusted by Holm; None where no outcome, or every one, is missing.
    warns: p_value under .05.
    """

    drawn: tuple[int, ...]
    missing: tuple[int, ...]
    lines: tuple[Estimate, ...]
    p_value: float | None
    warns: bool


def differential_attrition(sample: Sample, alpha: float = 0.05) -> Attrition:
    """Compare the shares observed by the design's difference in means (blocks, clusters and small strata as
    drawn), on every drawn unit. Raises RctError where even the drawn cells are too small to compare."""
    known = ~np.isnan(sample.y)
    drawn = tuple(np.bincount(sample.arm, minlength=sample.arms).tolist())
    missing = tuple(np.bincount(sample.arm[~known], minlength=sample.arms).tolist())
    if known.all() or not known.any():
        return Attrition(drawn, missing, (), None, False)
    observed = replace(sample, y=known.astype(float), x=np.empty((0, 0)), x_names=())
    se_type = "HC2" if sample.cluster is None else "CR2"
    lines = estimate(observed, "difference_in_means", se_type, alpha).lines
    adjusted = [p for p in holm([line.p_value for line in lines]) if p is not None]
    p = min(adjusted, default=None)
    return Attrition(drawn, missing, lines, p, p is not None and p < ATTRITION_WARNS)

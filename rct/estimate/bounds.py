"""How far the missing could move a difference of shares: Manski's worst-case bounds.

Nothing is assumed of those whose outcome is unknown: all may have said yes, or all no. The lower end of an arm's difference
to the control takes every missing yes of the control and none of the arm, the upper end the reverse, each weighted over
blocks as the design's difference in means is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rct.estimate.estimators import MEANS
from rct.estimate.records import Sample
from rct.estimate.registry import estimate


@dataclass(frozen=True)
class Bounds:
    """One arm's difference to the control can't lie outside low and high, whatever the missing did."""

    arm: str
    low: float
    high: float


def worst_cases(sample: Sample, alpha: float) -> tuple[Bounds, ...]:
    """The bounds of every arm but the control. `sample.y` holds 1, 0 and nan. Raises RctError where even the drawn cells
    are too small to compare."""
    low, high = (_filled(sample, control, alpha) for control in (1.0, 0.0))
    return tuple(Bounds(arm, low[arm], high[arm]) for arm in low)


def _filled(sample: Sample, control: float, alpha: float) -> dict[str, float]:
    """Each arm's difference with the control's missing at `control` and all others' at its opposite."""
    missing = np.isnan(sample.y)
    y = np.where(missing, np.where(sample.arm == 0, control, 1.0 - control), sample.y)
    filled = replace(sample, y=y, x=np.empty((0, 0)), x_names=())
    se_type = "HC2" if sample.cluster is None else "CR2"
    lines = estimate(filled, MEANS.name, se_type, alpha).lines
    return {line.arm: line.estimate for line in lines if line.estimate is not None}

"""Checks beside the estimates: sample ratio, Fisher's exact test, differential attrition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from rct.estimate.records import Codes, Sample

RATIO_WARNS = 0.001
FEW_EVENTS = 5


@dataclass(frozen=True)
class RatioCheck:
    """Counts observed and expected by arm, chi-squared with K-1 df, its p; warns when p < .001."""

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    chi2: float
    df: int
    p_value: float
    warns: bool


def sample_ratio(observed: tuple[int, ...], shares: tuple[int, ...] | tuple[float, ...]) -> RatioCheck:
    """Pearson's chi-squared of counts against shares (any scale): shares of the plan, or the drawn counts.

    Count clusters, not units, if the draw was clustered. Not for counts at the draw itself: those are exact.
    Raises ValueError when nothing was counted.
    """
    total, weight = sum(observed), sum(shares)
    if total <= 0 or weight <= 0 or min(shares) <= 0:
        raise ValueError("sample_ratio needs counts, and a share above 0 for every arm")
    expected = tuple(total * s / weight for s in shares)
    chi2 = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    df = len(observed) - 1
    p = float(stats.chi2.sf(chi2, df))
    return RatioCheck(tuple(observed), expected, float(chi2), df, p, p < RATIO_WARNS)


def fisher(table: tuple[tuple[int, int], tuple[int, int]]) -> float:
    """Two-sided p-value of Fisher's exact test on a 2 x 2 table, as R's fisher.test gives it."""
    return float(stats.fisher_exact(np.array(table))[1])


def fisher_beside(sample: Sample, arm: int, reference: int) -> float | None:
    """Fisher's p for a yes/no outcome with fewer than 5 events (or non-events) in either arm, else None.

    Not with clusters, where units are not independent. Blocks are not looked at: it stands beside, not
    instead.
    """
    if sample.cluster is not None:
        return None
    known = ~np.isnan(sample.y)
    one, other = sample.y[known & (sample.arm == arm)], sample.y[known & (sample.arm == reference)]
    both = np.concatenate([one, other])
    if not np.all((both == 0) | (both == 1)):
        return None
    table = _table(one), _table(other)
    if min(table[0][0], table[0][1], table[1][0], table[1][1]) >= FEW_EVENTS:
        return None
    return fisher(table)


def _table(y: Codes | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[int, int]:
    events = int(np.sum(y == 1))
    return events, len(y) - events

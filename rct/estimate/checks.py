"""Checks beside the estimates: counts without a fixed denominator, Fisher's exact test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from rct.estimate.records import Floats, Sample

RATIO_WARNS = 0.001
FEW_EVENTS = 5
HEAD = 1_000  # outcomes that tell a measurement from a yes or no, nearly always


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

    For events of which an arm may have any number. Where each unit has the event or has not, few can lack it where few
    do, and `ratio.table_test` is the test; at the draw itself counts are exact. Count clusters, not units, if the draw
    was clustered. Raises ValueError when nothing was counted.
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

    Not with clusters, where units are not independent, nor in blocks: the table of all blocks together mixes what differs
    between blocks into the difference between arms.
    """
    if sample.cluster is not None or sample.block is not None:
        return None
    tables = []
    for code in (arm, reference):
        y = sample.y[sample.arm == code]
        y = y[~np.isnan(y)]
        if not (_yes_no(y[:HEAD]) and _yes_no(y)):
            return None
        tables.append(_table(y))
    table = tables[0], tables[1]
    if min(table[0][0], table[0][1], table[1][0], table[1][1]) >= FEW_EVENTS:
        return None
    return fisher(table)


def scarce(sample: Sample, arm: int, reference: int) -> str:
    """Of what the two arms have fewer than 5, where Fisher's test stands beside: events, units without one, or both."""
    known = [sample.y[(sample.arm == code) & ~np.isnan(sample.y)] for code in (arm, reference)]
    few = [any((y == value).sum() < FEW_EVENTS for y in known) for value in (1, 0)]
    return " and ".join(
        what for what, is_few in zip(("events", "units without one"), few, strict=True) if is_few
    )


def _yes_no(y: Floats) -> bool:
    return bool(np.all((y == 0) | (y == 1)))


def _table(y: Floats) -> tuple[int, int]:
    events = int(np.sum(y == 1))
    return events, len(y) - events

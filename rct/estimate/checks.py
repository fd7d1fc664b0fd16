"""Checks beside the estimates: Fisher's exact test where few have the event."""

from __future__ import annotations

import numpy as np
from scipy import stats

from rct.estimate.records import Floats, Sample

RATIO_WARNS = 0.001
FEW_EVENTS = 5
HEAD = 1_000  # outcomes that tell a measurement from a yes or no, nearly always


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

"""Whether the events of one arm end before those of the others as lots would not have it.

Each unit with an event has a last day. Under lots that move no days, which arm the units with later days belong to is a
draw without return: of N units in a block, n of them of the arm and m with a day after d, none of the m is of the arm with
chance C(N - n, m) / C(N, m), and over blocks with the product. That chance grows with d, so at the arm's own last day it is
an exact p-value, however that day came about.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from rct.estimate.records import Codes, Sample


def cut_short(sample: Sample, days: Codes) -> float:
    """The smallest such chance over the arms that have events, times their number; at most 1. With clusters a cluster counts
    once, by its last day, for who lives together acts together.

    `days` (n,): each unit's last day, 0 where it has no event.
    """
    arm, block, last = _items(sample, days)
    here = last > 0
    arm, block, last = arm[here], block[here], last[here]
    present = np.unique(arm)
    if len(present) < 2:
        return 1.0
    chances = [_none_later(arm == a, block, last) for a in present]
    return min(1.0, min(chances) * len(present))


def _none_later(mine: np.ndarray, block: Codes, last: Codes) -> float:
    later = last > last[mine].max()
    n, own, m = (
        np.bincount(block[held]) if held is not None else np.bincount(block) for held in (None, mine, later)
    )
    size = len(n)
    own, m = np.pad(own, (0, size - len(own))), np.pad(m, (0, size - len(m)))
    rest = n - own - m  # never negative: none of the later ones is of the arm
    logs = _log_factorial(n - own) - _log_factorial(rest) - _log_factorial(n) + _log_factorial(n - m)
    return float(np.exp(logs.sum()))


def _items(sample: Sample, days: Codes) -> tuple[Codes, Codes, Codes]:
    """Arm, block and last day of what was drawn: units or clusters."""
    block = sample.sets
    if sample.cluster is None:
        return sample.arm, block, days
    _, first, whose = np.unique(sample.cluster, return_index=True, return_inverse=True)
    last = np.zeros(len(first), np.int64)
    np.maximum.at(last, whose, days)
    return sample.arm[first], block[first], last


def _log_factorial(n: np.ndarray) -> np.ndarray:
    return np.asarray(special.gammaln(n + 1.0))

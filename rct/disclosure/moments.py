"""May the sums of covariates leave? X'X of indicators counts people, and X'y of a yes/no outcome their events.

They may where every cell that they could count is empty or large: each indicator, and each two together, within
every arm and block, with and without the event. A numeric column may where no one unit makes up much of its spread
(the dominance rule of statistical offices; Hundepool et al. 2012, "Statistical Disclosure Control", section 4.2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def sums_may_leave(x: Floats, y: Floats, cell: Codes, threshold: int) -> bool:
    """x (n, p) covariates, y (n,) outcomes, cell (n,) code of the arm and block of each unit, all with an outcome.

    False says that the covariates have to be taken out of what is handed on.
    """
    if x.shape[1] == 0:
        return True
    if len(y) < threshold:
        return False
    event = y.astype(np.int64) if np.all((y == 0) | (y == 1)) else None
    _, cell = np.unique(cell, return_inverse=True)
    binary = [bool(np.all((x[:, j] == 0) | (x[:, j] == 1))) for j in range(x.shape[1])]
    indicators = [x[:, j].astype(np.int64) for j, b in enumerate(binary) if b]
    for i, one in enumerate(indicators):
        if _small(cell * 2 + one, event, threshold):
            return False
        for other in indicators[:i]:
            if _small(cell * 4 + one * 2 + other, event, threshold):
                return False
    return not any(_dominated(x[:, j], cell, threshold) for j, b in enumerate(binary) if not b)


def _small(code: Codes, event: Codes | None, threshold: int) -> bool:
    """Whether some code stands for few people, or for people of whom few did or did not."""
    people = np.bincount(code)
    least = people
    if event is not None:
        events = np.bincount(code, weights=event)
        least = np.minimum(events, people - events).astype(np.int64)
    return bool(np.any((people > 0) & (least < threshold)))


def _dominated(values: Floats, cell: Codes, threshold: int) -> bool:
    """Whether one unit has more than 1/threshold of the column's spread around its cell's mean."""
    size = np.bincount(cell)
    spread = (values - (np.bincount(cell, weights=values) / size)[cell]) ** 2
    total = float(spread.sum())
    return total > 0 and float(spread.max()) * threshold > total

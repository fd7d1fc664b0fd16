"""A table of counts as it may be published: small cells withheld, and whatever would give one away."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rct.disclosure import PrintedTables, Relation, adds_up, complementary
from rct.errors import stop, visible
from rct.face import given

TOTAL = "total"


def suppress(table: pd.DataFrame, threshold: int = 10) -> pd.DataFrame:
    """A two-way table of counts of people, with its totals added and what may not be told as <NA>.

    table      whole counts, no totals: say arms by outcomes, as `pandas.crosstab` makes it
    threshold  cells and totals under it are withheld; and a cell of 0 where others of its row or column are not, since
               it says the same of everyone there. Further cells are withheld until nobody can work out a withheld one
               to within less than the threshold from those that are shown (linear programs; rct.disclosure)

    What it does not cover: a reader who knows some of the people, and other tables of the same people.
    """
    if type(threshold) is not int or threshold < 2:
        stop(
            "out_of_range",
            "The threshold is a whole number of people, 2 or more.",
            "Give 10, say.",
            field="threshold",
            found=visible(str(threshold)),
        )
    counts = (
        np.column_stack([given.numbers(table, name) for name in table.columns])
        if table.size
        else np.empty((0, 0))
    )
    if (
        not counts.size
        or np.any(counts < 0)
        or np.any(counts != np.round(counts))
        or TOTAL in table.index
        or TOTAL in table.columns
    ):
        stop(
            "not_counts",
            f"The table must hold whole counts, 0 or more, in at least one row and column, none called {TOTAL}.",
            "Give the bare counts: their totals are added here.",
        )
    whole = np.vstack([counts, counts.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)]).astype(np.int64)
    rows, columns = whole.shape
    cells = [(i, j) for i in range(rows) for j in range(columns)]
    values: dict[Hashable, float] = {(i, j): int(whole[i, j]) for i, j in cells}
    relations: list[Relation] = [
        *(adds_up((i, columns - 1), [(i, j) for j in range(columns - 1)]) for i in range(rows)),
        *(adds_up((rows - 1, j), [(i, j) for i in range(rows - 1)]) for j in range(columns)),
    ]
    small = [(i, j) for i, j in cells if _small(whole, i, j, threshold)]
    groups = {cell: [cell] for cell in cells}
    hidden = complementary(PrintedTables(relations, values, groups, values), small, small, threshold).hidden
    out = pd.DataFrame(whole, index=[*table.index, TOTAL], columns=[*table.columns, TOTAL]).astype("Int64")
    for i, j in cells:
        if (i, j) in hidden:
            out.iloc[i, j] = pd.NA
    return out


def _small(whole: NDArray[np.int64], i: int, j: int, threshold: int) -> bool:
    """Whether a count may not be told by itself. A row or column that nobody is in speaks of nobody."""
    n = int(whole[i, j])
    if n == 0:
        return bool(whole[i, -1] and whole[-1, j])
    return n < threshold

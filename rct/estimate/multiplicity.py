"""Adjusting p-values for the number of tests in a family (Holm 1979)."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjusted p-values, in the order given.

    A line without a p-value stays without one but was planned, so it counts in the family's size (as p = 1).
    """
    if all(p is None for p in p_values):
        return [None] * len(p_values)
    from statsmodels.stats.multitest import multipletests  # slow to import: only where a p-value is adjusted

    adjusted = multipletests([1.0 if p is None else p for p in p_values], method="holm")[1]
    return [None if p is None else float(a) for p, a in zip(p_values, adjusted, strict=True)]

"""Adjusting p-values for the number of tests in a family (Holm 1979)."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjusted p-values, in the order given: the i-th smallest of m times m - i + 1, never less
    than the one before it, at most 1.

    A line without a p-value stays without one but was planned, so it counts in the family's size (as p = 1).
    """
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    known = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    for rank, (p, i) in enumerate(known):
        least = max(least, min(1.0, p * (len(p_values) - rank)))
        adjusted[i] = least
    return adjusted

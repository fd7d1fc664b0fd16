"""The levels of a subgroup: their names, their order, and the one that the others are held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable

# An empty cell has no name, and an empty text in results.csv is null; so it gets this one. A cell that holds these
# very words says the same, and is of the same level.
NOT_RECORDED = "(not recorded)"


def level_name(cell: object) -> str:
    """The level of a cell of the list."""
    return str(cell) or NOT_RECORDED


def in_order(levels: Iterable[str]) -> list[str]:
    """Each level once, in byte order; that of the empty cells last."""
    return sorted(set(levels), key=lambda text: (text == NOT_RECORDED, text.encode()))


def reference_level(levels: Collection[str], estimated: Collection[str]) -> str | None:
    """The level that interactions are measured from: the first in byte order that was recorded and estimated.

    One with too few units for an estimate would leave every comparison of the others without a number. Where none
    could be estimated, the first that was recorded; None where no level was.
    """
    recorded = [level for level in in_order(levels) if level != NOT_RECORDED]
    return next((level for level in recorded if level in estimated), next(iter(recorded), None))


def reference_of(within: Iterable[str], between: Collection[str]) -> str | None:
    """The same from finished lines: the level that has effects (`within`) and no interaction (`between`)."""
    return next((level for level in in_order(within) if level not in between), None)

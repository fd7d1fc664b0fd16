"""Which cells may not be published, and which more have to go so that the first can't be worked out.

A cell is one arm's units for one outcome, over all units or within one level of a subgroup. It is small when
it holds somebody, and fewer than `threshold` of them, or fewer than `threshold` with the event, or fewer
than `threshold` without it. None at all with the event counts as fewer: it says the same of everyone.

Complementary suppression: an arm's levels add up to the arm, whose total is published. Where exactly one
level of an arm is hidden, the smallest of its other levels is hidden too (Cox 1980, "Suppression methodology
and statistical disclosure control", JASA 75, gives the problem in full; one table margin is all we publish).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Key = tuple[str, str, str | None, str | None]  # outcome, arm, subgroup, level


@dataclass(frozen=True)
class Cell:
    """Units observed for one outcome in one arm (within one level), and how many had the event.

    `events` is None where the outcome isn't binary. subgroup and level are None for the whole arm.
    """

    outcome: str
    arm: str
    subgroup: str | None
    level: str | None
    n: int
    events: int | None

    @property
    def key(self) -> Key:
        return (self.outcome, self.arm, self.subgroup, self.level)


def is_small(cell: Cell, threshold: int) -> bool:
    """Whether the cell by itself may not be published. An empty cell speaks of nobody and is not small."""
    if cell.n == 0:
        return False
    if cell.n < threshold:
        return True
    return cell.events is not None and min(cell.events, cell.n - cell.events) < threshold


def hidden_cells(cells: Sequence[Cell], threshold: int) -> frozenset[Key]:
    """The keys of all cells that may not be published: small ones, and those that would give one away.

    A threshold of 0 hides nothing, and 1 only the groups in which all did the same.
    """
    hidden = {cell.key for cell in cells if is_small(cell, threshold)}
    arms: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.subgroup is not None and cell.n > 0:
            arms[cell.outcome, cell.arm, cell.subgroup].append(cell)
    for levels in arms.values():
        shown = [cell for cell in levels if cell.key not in hidden]
        if len(shown) == len(levels) - 1 and shown:
            hidden.add(min(shown, key=lambda c: (c.n, c.level or "")).key)
    return frozenset(hidden)

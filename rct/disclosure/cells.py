"""Which cells are too small to be published.

A cell is one arm's units for one outcome, over all units or within one level of a subgroup. It is small when
it holds somebody, and fewer than `threshold` of them, or fewer than `threshold` with the event, or fewer
than `threshold` without it. None at all with the event counts as fewer: it says the same of everyone.
"""

from __future__ import annotations

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

"""What is declared before a draw and what a draw gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rct.design.tickets import as_hex

MAX_SHARE = 1_000_000


@dataclass(frozen=True)
class DeclaredDesign:
    """A declared design: a scheme, the arms in the definition's order, and their whole-number shares.

    Shares are not reduced: (2, 2) is another draw than (1, 1). Arm order is part of the draw.
    """

    scheme: str
    arms: tuple[str, ...]
    shares: tuple[int, ...]

    @property
    def total(self) -> int:
        """W, the sum of the shares."""
        return sum(self.shares)


@dataclass(frozen=True)
class Draw:
    """One execution of a design on one frame of n units, in the frame's own row order.

    arm     (n,) codes into `design.arms`
    counts  for every block label, in byte order: how many were dealt to each arm, in the arms' order;
            units, or clusters where clusters are drawn
    """

    design: DeclaredDesign
    arm: npt.NDArray[np.int64]
    counts: dict[str, tuple[int, ...]]
    words: npt.NDArray[np.uint64] = field(repr=False)  # (m, 4): the tickets of what was drawn
    drawn: npt.NDArray[np.int64] | None = field(default=None, repr=False)  # (n,) rows of `words`; None: own

    @cached_property
    def ticket(self) -> list[str]:
        """Every unit's ticket as 64 hex digits: its own, or its cluster's where clusters are drawn."""
        texts = as_hex(self.words)
        return texts if self.drawn is None else [texts[i] for i in self.drawn.tolist()]

    @property
    def arm_names(self) -> list[str]:
        """Every unit's arm by name."""
        arms = self.design.arms
        return [arms[i] for i in self.arm.tolist()]

"""What an estimator takes and gives: `Sample`, `Note`, `Estimate`, `Fit`. Arrays in, plain numbers out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def one_group(n: int) -> Codes:
    """(n,) zeros that take no memory: the codes of rows that all lie in one group. Read-only."""
    return np.broadcast_to(np.zeros(1, dtype=np.int64), (n,))


@dataclass(frozen=True)
class Sample:
    """Every unit that was drawn, in frame order, whatever its arm and whether or not its outcome is known.

    y            (n,) float; nan = the outcome was not observed
    arm          (n,) int codes 0..K-1 into `arm_names`; by default arm 0 is the control
    arm_names    K names
    shares       K whole numbers, the plan's weights
    block        (n,) int codes into `block_labels`, or None when the draw had no blocks
    block_labels B labels in byte order
    strata       B int codes: the stratum of each block, as sorted at the draw (`rct.design.strata`), -1 for a
                 block without comparison, whose units are left out; None = each block is its own stratum.
                 Codes follow the byte order of the strata's labels
    possible     B flags: whether the shares could have given the block's counts as drawn, so that it may be
                 joined to others; None = all. (A replayed draw may hold others.)
    cluster      (n,) int codes, or None; a cluster lies in one block and one arm
    x            (n, p) covariates: numbers, and indicators of categories; complete
    x_names      p names
    by_precision weigh blocks of units by precision in `ols` (block effects without weights), not by size
    exchange     (n,) int codes of the sets within which the lots could have been swapped; each lies in one block.
                 None = the blocks
    """

    y: Floats
    arm: Codes
    arm_names: tuple[str, ...]
    shares: tuple[int, ...]
    block: Codes | None = None
    block_labels: tuple[str, ...] = ()
    strata: tuple[int, ...] | None = None
    cluster: Codes | None = None
    x: Floats = field(default_factory=lambda: np.empty((0, 0)))
    x_names: tuple[str, ...] = ()
    possible: tuple[bool, ...] | None = None
    by_precision: bool = False
    exchange: Codes | None = None

    def __post_init__(self) -> None:
        n = len(self.y)
        same_length = [
            self.arm, self.block, self.cluster, self.exchange, self.x if self.x_names else None
        ]  # fmt: skip
        if any(v is not None and len(v) != n for v in same_length):
            raise ValueError("y, arm, block, cluster, exchange and x must have one row a unit")
        if len(self.shares) != len(self.arm_names) or len(self.arm_names) < 2:
            raise ValueError("a sample has at least two arms, each with a share")
        if self.x_names and self.x.shape != (n, len(self.x_names)):
            raise ValueError("x must have one column a name")
        for by_block in (self.strata, self.possible):
            if by_block is not None and len(by_block) != len(self.block_labels):
                raise ValueError("strata and possible must have one entry a block")

    @property
    def arms(self) -> int:
        return len(self.arm_names)

    @property
    def sets(self) -> Codes:
        """(n,) codes of the sets within which every arrangement of the lots, with the drawn counts kept, was equally
        likely: what a table or a statistic is rearranged within."""
        if self.exchange is not None:
            return self.exchange
        return np.zeros(len(self.arm), dtype=np.int64) if self.block is None else self.block

    @property
    def columns(self) -> Floats:
        """The covariates as (n, p), also when there are none."""
        return self.x if self.x_names else np.empty((len(self.y), 0))

    def rows(self, keep: Mask) -> Sample:
        """The same trial seen on some of its units, e.g. one level of a subgroup. keep: (n,) bool."""
        return replace(
            self,
            y=self.y[keep],
            arm=self.arm[keep],
            block=None if self.block is None else self.block[keep],
            cluster=None if self.cluster is None else self.cluster[keep],
            exchange=None if self.exchange is None else self.exchange[keep],
            x=self.x[keep] if self.x_names else self.x,
        )


@dataclass(frozen=True)
class Note:
    """Something a reader must be told about a number. `deviation`: it also belongs among the deviations. `reveals`: who
    reads it knows a cell's count, or nearly: it is not told beside withheld cells."""

    code: str
    text: str
    deviation: bool = False
    counts: tuple[int, ...] = ()  # of people, by arm, that the text adds up
    bare: str = ""  # the text without them
    reveals: bool = False

    def told(self, few: int) -> str:
        """The text; without its counts where one of them is of fewer than `few` people."""
        return self.bare if any(0 < n < few for n in self.counts) else self.text


@dataclass(frozen=True)
class Estimate:
    """One arm against the reference arm. None = no such number (never nan).

    n_without_comparison: units with a known outcome in blocks without comparison, which no number rests on.
    fragile: why the t test may mislead here (`rct.estimate.fragile`), () if nothing speaks for it.
    """

    arm: str
    control: str
    estimate: float | None
    std_error: float | None
    statistic: float | None
    df: float | None
    p_value: float | None
    conf_level: float
    conf_low: float | None
    conf_high: float | None
    n: int
    n_arm: int
    n_control: int
    n_clusters: int | None
    n_blocks: int | None
    n_drawn: int
    n_missing: int
    n_without_comparison: int
    mean_control: float | None
    estimator: str
    se_type: str
    fragile: tuple[str, ...] = ()
    p_fisher: float | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Fit:
    """The lines of one fit, one for each arm but the reference, in the arms' order.

    dropped  covariate columns left out of the regression: (name, reason)
    strata   the blocks of each stratum that was used, by label; () without blocks
    notes    what concerns every line (each line's own notes stand in the line)
    """

    lines: tuple[Estimate, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    strata: tuple[tuple[str, ...], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def merged(self) -> int:
        """How many blocks do not stand alone in their stratum."""
        return sum(len(s) for s in self.strata if len(s) > 1)

    def line(self, arm: str) -> Estimate:
        """The line of one arm, by name. Raises KeyError."""
        for e in self.lines:
            if e.arm == arm:
                return e
        raise KeyError(arm)

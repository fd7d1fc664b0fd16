"""Strata: which blocks stand alone in the analysis, and which are merged because a cell is too small.

Sorted once, right after the draw and before any outcome, from block sizes, shares and drawn counts; one
partition for every comparison of the trial. With clusters all counts are of clusters. docs/methods.md, section 9.

- Large: every arm has two or more. Small: some arm has one; for a difference in means of units such blocks
  form a set of their own if, for each arm against the control, it has at least three blocks, each under
  half of it.
- Merged: blocks where some arm's floor(n w_i / W) is 0, and the small ones where their set does not stand.
  Every block with a cell under two is merged where the estimator's least cell is two: with clusters always, and for
  `lin`. Not so in a design of pairs, of units or of clusters.
- Only blocks of the same assignment shares are merged: joined they are one draw with these shares, while
  blocks of unlike shares would be compared with each other instead of arm with arm. A replayed block whose
  counts the plan's shares could not have given has shares of its own: it stands alone, or, with an arm empty
  or of one, is without comparison.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rct.design.probabilities import could_give
from rct.errors import stop, visible

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
APART = -1  # the stratum of a block without comparison


class BlockPooling(Protocol):
    """What is asked of an estimator here (`rct.estimate.estimators.base`)."""

    @property
    def name(self) -> str: ...

    def least_cell(self, *, clustered: bool) -> int: ...

    def refuses_small_cells(self, *, clustered: bool) -> bool: ...


@dataclass(frozen=True)
class Strata:
    """blocks: labels in byte order; of: the stratum (code) of each block, APART for one without comparison;
    names: each stratum's first label; possible: whether the shares could have given each block's counts.

    Codes follow the byte order of the names.
    """

    blocks: tuple[str, ...]
    of: tuple[int, ...]
    names: tuple[str, ...]
    possible: tuple[bool, ...]

    @property
    def merged(self) -> tuple[str, ...]:
        """The blocks that share a stratum with another block."""
        size = Counter(self.of)
        return tuple(
            b for b, code in zip(self.blocks, self.of, strict=True) if code != APART and size[code] > 1
        )

    @property
    def apart(self) -> tuple[str, ...]:
        """The blocks without comparison."""
        return tuple(b for b, code in zip(self.blocks, self.of, strict=True) if code == APART)

    @property
    def listing(self) -> bytes:
        """One line a block, `block TAB stratum LF`, sorted by bytes. A stratum has its first block's name; that
        of a block without comparison is empty."""
        names = [self.names[code] if code != APART else "" for code in self.of]
        lines = (f"{b}\t{name}\n".encode() for b, name in zip(self.blocks, names, strict=True))
        return b"".join(sorted(lines))

    @property
    def sha256(self) -> str:
        """Bare hex sha256 of the listing."""
        return hashlib.sha256(self.listing).hexdigest()


@dataclass(frozen=True)
class Foreseen:
    """What block sizes alone say before a draw: blocks to be merged, blocks with one unit in some cell."""

    merged: tuple[str, ...]
    small: tuple[str, ...]


def drawn_counts(
    block: NDArray[np.int64],
    arm: NDArray[np.int64],
    blocks: int,
    arms: int,
    cluster: NDArray[np.int64] | None = None,
) -> Counts:
    """(B, K) counts of drawn units by block and arm, or of clusters when cluster codes are given."""
    if cluster is not None:
        _, first = np.unique(cluster, return_index=True)
        block, arm = block[first], arm[first]
    return np.bincount(block * arms + arm, minlength=blocks * arms).reshape(blocks, arms)


def sort_blocks(
    labels: Sequence[str],
    counts: Counts,
    shares: Sequence[int],
    estimator: BlockPooling,
    *,
    clustered: bool = False,
) -> Strata:
    """Sort a draw's blocks into strata. labels: B in byte order; counts (B, K) as drawn, of clusters if
    clustered.

    Raises ValueError when labels are not in byte order, RctError when small blocks have nothing to join.
    """
    if list(labels) != sorted(labels, key=lambda s: s.encode()):
        raise ValueError("block labels must be in byte order")
    sizes = counts.sum(axis=1)
    possible = np.array([could_give(c, shares) for c in counts.tolist()])
    apart = ~possible & (counts.min(axis=1) < 2)
    if apart.all():
        stop(
            "no_block_compares",
            "in no block are there two units of each arm in shares that the plan could have given",
            "check the column of arms, or define the trial without blocks",
            field="design.blocks",
        )
    blocks = _Blocks(labels, sizes, counts, shares, possible)
    merge = possible & _to_merge(blocks, estimator.least_cell(clustered=clustered))
    groups = _join(blocks, merge, set_aside=apart)
    of = [APART] * len(labels)
    for code, group in enumerate(groups):
        for b in group:
            of[b] = code
    names = tuple(labels[g[0]] for g in groups)
    return Strata(tuple(labels), tuple(of), names, tuple(possible.tolist()))


def foresee(
    sizes: Mapping[str, int], shares: Sequence[int], estimator: BlockPooling, *, clustered: bool = False
) -> Foreseen:
    """What is to be expected from block sizes (in clusters, if clustered), before any draw.

    sizes: units by block label; one entry labelled '' without blocks. Every arm is counted at the least that
    the draw can give it, floor(n w_i / W). Raises RctError where the draw would end in it: an arm of one,
    blocks too small with nothing to join, or too few clusters in a cell for an estimator that refuses them.
    """
    labels = sorted(sizes, key=lambda s: s.encode())
    if estimator.refuses_small_cells(clustered=clustered):
        refuse_few_clusters(sizes, shares, estimator.name)
    if labels == [""]:
        _refuse_small_arms(sizes[""], shares, "clusters" if clustered else "units")
        return Foreseen((), ())
    n = np.array([sizes[b] for b in labels], dtype=np.int64)
    least = np.array([_floors(sizes[b], shares) for b in labels], dtype=np.int64).reshape(
        len(labels), len(shares)
    )
    blocks = _Blocks(labels, n, least, shares, possible=np.ones(len(labels), dtype=bool))
    merge = _to_merge(blocks, estimator.least_cell(clustered=clustered))
    groups = _join(blocks, merge, certain=False)
    return Foreseen(
        merged=tuple(labels[b] for g in groups if len(g) > 1 for b in sorted(g)),
        small=tuple(b for b, cells in zip(labels, least, strict=True) if cells.min() == 1),
    )


def _refuse_small_arms(n: int, shares: Sequence[int], what: str) -> None:
    if min(_floors(n, shares)) < 2:
        stop(
            "too_few_units",
            f"an arm may get fewer than two {what}, too few to compute an error from",
            f"load more {what}, or use fewer arms or more even shares",
            found=f"{n} {what} for {len(shares)} arms",
        )


def refuse_few_clusters(sizes: Mapping[str, int], shares: Sequence[int], estimator: str) -> None:
    """Raise RctError when a cell of arm and block may have fewer than two clusters.

    sizes: clusters by block label (one entry, labelled '', without blocks). estimator: its name, for the message.
    """
    bad = [b for b in sorted(sizes, key=lambda s: s.encode()) if min(_floors(sizes[b], shares)) < 2]
    if bad:
        shown = "; ".join(f"'{visible(b)}' has {sizes[b]:,}" for b in bad[:3] if b)
        many = f"{len(bad):,} of {len(sizes):,} blocks have too few" if shown else f"{sizes['']:,}"
        stop(
            "lin_needs_two_clusters",
            f"With {estimator} every one of the {len(shares)} arms needs at least two clusters in every block.",
            'Write estimator = "ols" under [analysis], or use fewer, larger blocks.',
            field="analysis.estimator",
            found=f"{many} clusters{': ' + shown if shown else ''}",
        )


def _floors(n: int, shares: Sequence[int]) -> list[int]:
    """The least the draw gives each arm of n units: floor(n w_i / W), in whole numbers."""
    total = sum(shares)
    return [int(n) * w // total for w in shares]


@dataclass(frozen=True)
class _Blocks:
    """B blocks in byte order of label: their sizes (B,), counts by arm (B, K; before a draw the floors), the plan's
    shares (K,), and whether these could have given the counts (B,)."""

    labels: Sequence[str]
    sizes: Counts
    counts: Counts
    shares: Sequence[int]
    possible: Mask


def _to_merge(blocks: _Blocks, least_cell: int) -> Mask:
    """(B,) which blocks can't stand alone. Of blocks of impossible counts nothing is said."""
    sizes, counts, shares, possible = blocks.sizes, blocks.counts, blocks.shares, blocks.possible
    least = counts.min(axis=1)
    merge = np.array([min(_floors(n, shares)) == 0 for n in sizes]) | (least == 0)
    if least_cell > 1:
        standing = counts[possible & ~merge]
        pairs = counts.shape[1] == 2 and len(standing) >= 3 and bool(np.all(standing == 1))
        pairs = pairs and not np.any(~possible & (least >= 2))  # a larger block makes it no design of pairs
        return np.asarray(merge if pairs else merge | (least < 2))
    changed = True
    while (
        changed
    ):  # a block merged for one comparison is merged for all, which may leave another's set too small
        changed = False
        for arm in range(1, counts.shape[1]):
            small = possible & ~merge & (counts[:, [0, arm]].min(axis=1) == 1)
            if small.any() and not _set_stands(sizes[small]):
                merge |= small
                changed = True
    return np.asarray(merge)


def _set_stands(sizes: Counts) -> bool:
    """Pashley and Miratrix (2021): at least three blocks, each under half of the units of all."""
    return len(sizes) >= 3 and bool(np.all(2 * sizes < sizes.sum()))


def _join(
    blocks: _Blocks, merge: Mask, *, set_aside: Mask | None = None, certain: bool = True
) -> list[list[int]]:
    """Strata as ascending lists of blocks, in order of their first block.

    By byte order of label, merged blocks join the open stratum until every arm's floor for the summed n,
    and its drawn count, is at least two. A remainder joins the last closed stratum, else the first large
    block of possible counts, else the last small one; where all that stand are of impossible counts it stays
    without comparison. certain=False (before a draw): the counts are floors, so
    only the floor of the sum is asked for. set_aside: blocks without comparison.
    """
    out = np.zeros(len(blocks.labels), dtype=bool) if set_aside is None else set_aside
    alone = [[b] for b in range(len(blocks.labels)) if not (merge[b] or out[b])]
    closed: list[list[int]] = []
    open_: list[int] = []
    for b in (b for b in range(len(blocks.labels)) if merge[b]):
        open_.append(b)
        enough = min(_floors(int(blocks.sizes[open_].sum()), blocks.shares)) >= 2
        if enough and (not certain or blocks.counts[open_].sum(axis=0).min() >= 2):
            closed.append(open_)
            open_ = []
    if open_ and closed:
        closed[-1] = closed[-1] + open_
    elif open_:
        alike = [g for g in alone if blocks.possible[g[0]]]
        large = [g for g in alike if blocks.counts[g[0]].min() >= 2]
        if not alone:
            stop(
                "blocks_too_small",
                f"{len(open_)} blocks are too small for {len(blocks.shares)} arms, with no larger one to join",
                "use fewer, larger blocks, or no blocks",
                field="design.blocks",
                found=", ".join(f"'{visible(blocks.labels[b])}' ({int(blocks.sizes[b])})" for b in open_[:5]),
            )
        if alike:
            home = large[0] if large else alike[-1]
            home += open_
    groups = [sorted(g) for g in alone + closed]
    return sorted(groups)

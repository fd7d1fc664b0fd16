"""One stage of dealing, as all schemes here share it: units or whole clusters, within blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rct.design.deal import Ints, deal
from rct.design.model import DeclaredDesign, Draw
from rct.design.tickets import digests
from rct.errors import stop, visible


def deal_units(design: DeclaredDesign, key: str, units: Sequence[str], blocks: Sequence[str] | None) -> Draw:
    """Units are drawn, within blocks; no blocks is one block with an empty label."""
    labels, code = block_codes(blocks, len(units))
    words = digests(key, "unit", units)
    arm, counts = deal(key, labels, code, words, design.arms, design.shares)
    return Draw(design, arm, counts, words)


def deal_clusters(
    design: DeclaredDesign, key: str, clusters: Sequence[str], blocks: Sequence[str] | None
) -> Draw:
    """Whole clusters are drawn, within blocks; every unit gets its cluster's arm and ticket."""
    names, member = codes(clusters)
    labels, code = block_codes(blocks, len(clusters))
    block_of = np.empty(len(names), dtype=np.int64)
    block_of[member] = code
    split = np.flatnonzero(block_of[member] != code)
    if split.size:
        stop(
            "split_cluster",
            "A cluster must lie wholly in one block.",
            "Give all units of the cluster the same block, or block on something that does not divide it.",
            row=int(split[0]) + 1,
            found=visible(clusters[int(split[0])]),
        )
    words = digests(key, "cluster", names)
    arm, counts = deal(key, labels, block_of, words, design.arms, design.shares)
    return Draw(design, arm[member], counts, words, member)


def redraw(rng: np.random.Generator, home: Ints, blocks: int, shares: Sequence[int]) -> Ints:
    """(m,) an arm for each of m drawn things: its block's counts by the shares, rounded down, the rest to arms by lot."""
    arm = np.empty(len(home), dtype=np.int64)
    total = sum(shares)
    for b in range(blocks):
        mine = np.flatnonzero(home == b)
        seats = [len(mine) * w // total for w in shares]
        parts = np.array([len(mine) * w % total for w in shares], dtype=float)
        left = len(mine) - sum(seats)
        if left:
            for a in rng.choice(len(shares), size=left, replace=False, p=parts / parts.sum()):
                seats[a] += 1
        arm[mine] = rng.permutation(np.repeat(np.arange(len(shares)), seats))
    return arm


def block_codes(blocks: Sequence[str] | None, n: int) -> tuple[list[str], Ints]:
    """The labels in byte order and (n,) codes into them."""
    return ([""], np.zeros(n, dtype=np.int64)) if blocks is None else codes(blocks)


def codes(values: Sequence[str]) -> tuple[list[str], Ints]:
    """The distinct values in byte order (code points sort as UTF-8 bytes do), and (n,) codes into them."""
    names = sorted(set(values))
    place = {name: i for i, name in enumerate(names)}
    return names, np.fromiter(map(place.__getitem__, values), dtype=np.int64, count=len(values))

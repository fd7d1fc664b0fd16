"""What a scheme is, and what the four schemes of one stage of dealing share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rct.design.deal import Ints, deal
from rct.design.model import Design, Draw
from rct.design.tickets import digests
from rct.errors import stop, visible

Conduct = Callable[[Design, str, Sequence[str], Sequence[str] | None, Sequence[str] | None], Draw]


@dataclass(frozen=True)
class Scheme:
    """A way to draw. `summary` is one plain line for staff, `method` a sentence for the plan."""

    name: str
    needs_blocks: bool
    needs_clusters: bool
    summary: str
    method: str
    conduct: Conduct


def deal_units(design: Design, key: str, units: Sequence[str], blocks: Sequence[str] | None) -> Draw:
    """Units are drawn, within blocks; no blocks is one block with an empty label."""
    labels, code = block_codes(blocks, len(units))
    words = digests(key, "unit", units)
    arm, counts = deal(key, labels, code, words, design.arms, design.shares)
    return Draw(design, arm, counts, words)


def deal_clusters(design: Design, key: str, clusters: Sequence[str], blocks: Sequence[str] | None) -> Draw:
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


def block_codes(blocks: Sequence[str] | None, n: int) -> tuple[list[str], Ints]:
    """The labels in byte order and (n,) codes into them."""
    return ([""], np.zeros(n, dtype=np.int64)) if blocks is None else codes(blocks)


def codes(values: Sequence[str]) -> tuple[list[str], Ints]:
    """The distinct values in byte order (code points sort as UTF-8 bytes do), and (n,) codes into them."""
    names = sorted(set(values))
    place = {name: i for i, name in enumerate(names)}
    return names, np.fromiter(map(place.__getitem__, values), dtype=np.int64, count=len(values))


def expect(
    scheme: str,
    units: Sequence[str],
    blocks: Sequence[str] | None,
    clusters: Sequence[str] | None,
    *,
    needs_blocks: bool,
    needs_clusters: bool,
) -> None:
    """Refuse a frame without units, or with blocks or clusters that do not fit the scheme."""
    if not units:
        rule = "Nobody is in the list, so there is nothing to draw."
        stop("no_units", rule, "Load a list with at least one unit.")
    for what, values, needed in (("blocks", blocks, needs_blocks), ("clusters", clusters, needs_clusters)):
        if values is not None and len(values) != len(units):
            raise ValueError(f"{what} has {len(values)} entries for {len(units)} units")
        if needed and values is None:
            fix = f"Name {what} under [design]."
            stop("scheme_needs", f"The scheme {scheme} needs {what}.", fix, field=f"design.{what}")
        if not needed and values is not None and any(values):
            stop(
                "scheme_refuses",
                f"The scheme {scheme} draws without {what}.",
                f"Remove {what} under [design], or choose a scheme that uses them.",
                field=f"design.{what}",
            )
    if needs_clusters and clusters is not None and not all(clusters):
        row = list(clusters).index("") + 1
        stop("empty_cluster", "Every unit must have a cluster.", "Fill in the cluster.", row=row)

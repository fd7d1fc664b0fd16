"""Blocked randomization: a separate lottery within each block, so that blocks are shared out alike."""

from __future__ import annotations

from collections.abc import Sequence

from rct.design.model import Design, Draw
from rct.design.schemes.base import Scheme, deal_units, expect


def conduct(
    design: Design,
    key: str,
    units: Sequence[str],
    blocks: Sequence[str] | None,
    clusters: Sequence[str] | None,
) -> Draw:
    """Units of a block are dealt to the arms by the shares; leftovers by the rule of `rct.design.deal`."""
    expect("blocked", units, blocks, clusters, needs_blocks=True, needs_clusters=False)
    return deal_units(design, key, units, blocks)


BLOCKED = Scheme(
    name="blocked",
    needs_blocks=True,
    needs_clusters=False,
    summary="a separate lottery in each block (a district, say), so that every arm has its part of each",
    method="Units are assigned by blocked randomization: "
    "a separate complete randomization within each block.",
    conduct=conduct,
)

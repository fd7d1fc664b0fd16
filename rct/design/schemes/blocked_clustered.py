"""Blocked and clustered randomization: whole clusters are drawn, separately within each block."""

from __future__ import annotations

from collections.abc import Sequence

from rct.design.model import Design, Draw
from rct.design.schemes.base import Scheme, deal_clusters, expect


def conduct(
    design: Design,
    key: str,
    units: Sequence[str],
    blocks: Sequence[str] | None,
    clusters: Sequence[str] | None,
) -> Draw:
    """Each cluster lies wholly in one block; a block's clusters are dealt to the arms by the shares."""
    expect("blocked_clustered", units, blocks, clusters, needs_blocks=True, needs_clusters=True)
    return deal_clusters(design, key, clusters or (), blocks)


BLOCKED_CLUSTERED = Scheme(
    name="blocked_clustered",
    needs_blocks=True,
    needs_clusters=True,
    summary="whole clusters are drawn together, with a separate lottery in each block",
    method="Whole clusters are assigned by blocked randomization: a separate complete randomization of "
    "clusters within each block. All units of a cluster are in the same arm.",
    conduct=conduct,
)

"""Clustered randomization: whole clusters are drawn, so that a household or office gets one arm."""

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
    """Counts are of clusters, so arms may differ in units where clusters differ in size."""
    expect("clustered", units, blocks, clusters, needs_blocks=False, needs_clusters=True)
    return deal_clusters(design, key, clusters or (), None)


CLUSTERED = Scheme(
    name="clustered",
    needs_blocks=False,
    needs_clusters=True,
    summary="whole clusters (a household, say) are drawn together, so that all their members are in one arm",
    method="Whole clusters are assigned by complete randomization: one lottery over all clusters, with the "
    "number of clusters in each arm fixed by the shares. All units of a cluster are in the same arm.",
    conduct=conduct,
)

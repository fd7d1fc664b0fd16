"""Complete randomization: one lottery over all units, with fixed numbers in each arm."""

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
    """One block with an empty label."""
    expect("complete", units, blocks, clusters, needs_blocks=False, needs_clusters=False)
    return deal_units(design, key, units, None)


COMPLETE = Scheme(
    name="complete",
    needs_blocks=False,
    needs_clusters=False,
    summary="one lottery over everyone, with fixed numbers in each arm",
    method="Units are assigned by complete randomization: one lottery over all units, with the number in "
    "each arm fixed by the shares.",
    conduct=conduct,
)

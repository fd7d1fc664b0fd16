"""Blocked and clustered randomization: whole clusters are drawn, separately within each block."""

from __future__ import annotations

from rct.design.schemes.base import Scheme
from rct.language import phrase


class BlockedClustered(Scheme):
    """Each cluster lies wholly in one block; a block's clusters are dealt to the arms by the shares."""

    name = "blocked_clustered"
    needs_blocks = True
    needs_clusters = True
    pot = "whole clusters within blocks"
    summary = "whole clusters are drawn together, with a separate lottery in each block"
    method = phrase(
        "Blocked and clustered: within every block, whole clusters are dealt to the arms, in the exact proportions of the "
        "shares."
    )

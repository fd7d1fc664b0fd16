"""Clustered randomization: whole clusters are drawn, so that a household or office gets one arm."""

from __future__ import annotations

from rct.design.schemes.base import Scheme
from rct.language import phrase


class Clustered(Scheme):
    """Counts are of clusters, so arms may differ in units where clusters differ in size."""

    name = "clustered"
    needs_clusters = True
    pot = "whole clusters"
    summary = "whole clusters (a household, say) are drawn together, so that all their members are in one arm"
    method = phrase(
        "Clustered: whole clusters are dealt to the arms, in the exact proportions of the shares."
    )

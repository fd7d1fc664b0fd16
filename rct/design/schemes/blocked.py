"""Blocked randomization: a separate lottery within each block, so that blocks are shared out alike."""

from __future__ import annotations

from rct.design.schemes.base import Scheme
from rct.language import phrase


class Blocked(Scheme):
    """Units of a block are dealt to the arms by the shares; leftovers by the rule of `rct.design.deal`."""

    name = "blocked"
    needs_blocks = True
    pot = "one pot a block"
    summary = "a separate lottery in each block (a district, say), so that every arm has its part of each"
    method = phrase(
        "Blocked: within every block, units are dealt to the arms in the exact proportions of the shares."
    )

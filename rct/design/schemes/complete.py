"""Complete randomization: one lottery over all units, with fixed numbers in each arm."""

from __future__ import annotations

from rct.design.schemes.base import Scheme
from rct.language import phrase


class Complete(Scheme):
    """One block with an empty label."""

    name = "complete"
    pot = "one pot"
    summary = "one lottery over everyone, with fixed numbers in each arm"
    method = phrase(
        "Complete: all units are dealt to the arms in one draw, in the exact proportions of the shares."
    )

"""An amount, or a measurement."""

from __future__ import annotations

from rct.kinds.base import OutcomeKind
from rct.language import phrase


class Continuous(OutcomeKind):
    """A number in a unit that only the city knows; not to be found in a file is not zero."""

    name = "continuous"
    meaning = answer = phrase("an amount")
    zero_if_absent = False
    needs_unit = True
    asks_spread = True

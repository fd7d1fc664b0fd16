"""The kinds of outcomes there are, each one object that answers for itself: `rct.kinds.base` has the questions.

Nothing outside this package asks for a kind by its name. A kind is a class in a module here and a line in `KINDS`.
"""

from __future__ import annotations

from rct.kinds.base import Aggregate, OutcomeKind
from rct.kinds.binary import Binary
from rct.kinds.continuous import Continuous
from rct.kinds.count import Count

KINDS: dict[str, OutcomeKind] = {kind.name: kind for kind in (Binary(), Continuous(), Count())}


def kind_of(name: str) -> OutcomeKind:
    """The kind that is called `name`; `KeyError` where there is none."""
    return KINDS[name]


def names() -> tuple[str, ...]:
    """The words that `kind` may hold, in the order they are offered."""
    return tuple(KINDS)


__all__ = ["KINDS", "Aggregate", "OutcomeKind", "kind_of", "names"]

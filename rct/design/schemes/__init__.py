"""The schemes a trial can be drawn by: declare a design, then conduct it.

A scheme is one class, a `Scheme`, and one place in `SCHEMES`. Nobody else knows its name: what is to be known of it is
asked of the object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rct.design.schemes.base import Scheme
from rct.design.schemes.blocked import Blocked
from rct.design.schemes.blocked_clustered import BlockedClustered
from rct.design.schemes.clustered import Clustered
from rct.design.schemes.complete import Complete
from rct.errors import Problem, RctError, visible

if TYPE_CHECKING:
    from rct.design.model import DeclaredDesign, Draw

DEFAULT = Complete.name  # of a definition that names none
SCHEMES: dict[str, Scheme] = {s.name: s for s in (Complete(), Blocked(), Clustered(), BlockedClustered())}


def names() -> tuple[str, ...]:
    """The words that `scheme` may hold, in the order they are offered."""
    return tuple(SCHEMES)


def fitting(*, blocks: bool, clusters: bool) -> list[Scheme]:
    """The schemes that need blocks, or clusters, or both, or neither; the usual one first."""
    return [s for s in SCHEMES.values() if (s.needs_blocks, s.needs_clusters) == (blocks, clusters)]


def declare(scheme: str, arms: Sequence[str], shares: Sequence[int] | None = None) -> DeclaredDesign:
    """A design ready to be conducted. `shares` are 1 for every arm when not given.

    Raises RctError with everything that is wrong: an unknown scheme, fewer than two arms, an arm twice, a
    share that is not a whole number from 1 to 1,000,000.
    """
    from rct.design.model import MAX_SHARE, DeclaredDesign

    shares = [1] * len(arms) if shares is None else shares
    problems = []
    if scheme not in SCHEMES:
        rule = f"The schemes are {', '.join(SCHEMES)}."
        fix, found = "Choose one of them.", visible(scheme)
        problems.append(Problem("not_a_choice", rule, fix, field="design.scheme", found=found))
    if len(arms) < 2 or len(set(arms)) != len(arms):
        rule = "A trial has two arms or more, each with its own name."
        fix, found = "Name every arm once.", visible(", ".join(arms))
        problems.append(Problem("too_few_arms", rule, fix, field="arms", found=found))
    if len(shares) != len(arms) or any(type(w) is not int or not 1 <= w <= MAX_SHARE for w in shares):
        rule = f"Every arm has a share: a whole number from 1 to {MAX_SHARE:,}."
        fix, found = "Write the share as a whole number.", visible(", ".join(map(str, shares)))
        problems.append(Problem("out_of_range", rule, fix, field="share", found=found))
    if problems:
        raise RctError(problems)
    return DeclaredDesign(scheme, tuple(arms), tuple(shares))


def conduct(
    design: DeclaredDesign,
    key: str,
    units: Sequence[str],
    blocks: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
) -> Draw:
    """Draw `design` on a frame, with the draw's key K (64 hex digits).

    units     (n,) pseudonyms, each once;   blocks  (n,) labels;   clusters  (n,) pseudonyms; None: none
    The result is in the order given, and whoever is given in another order gets the same arm.
    Raises RctError: no units, blocks or clusters missing where the scheme needs them or given where it has
    none, a cluster in two blocks, the same unit twice in a block.
    """
    return SCHEMES[design.scheme].conduct(design, key, units, blocks, clusters)


__all__ = ["DEFAULT", "SCHEMES", "Scheme", "conduct", "declare", "fitting"]

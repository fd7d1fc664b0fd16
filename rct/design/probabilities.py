"""Each unit's exact probability of each arm, and the counts that shares can give.

Under every scheme here a unit's (or its cluster's) probability of arm i is exactly w_i / W, whatever the
block's size: the leftover rule of `rct.design.deal` sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction


def exact(shares: Sequence[int]) -> tuple[Fraction, ...]:
    """w_i / W for every arm, in order; they sum to 1."""
    total = sum(shares)
    return tuple(Fraction(w, total) for w in shares)


def shortest(p: Fraction) -> str:
    """The shortest decimal text that reads back as the double nearest to `p`: 0.25, 0.3333333333333333, 1."""
    return repr(p.numerator / p.denominator).removesuffix(".0")


def possible_counts(n: int, shares: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The fewest and the most that each arm can get of `n`: n·w_i/W rounded down, and rounded up."""
    total = sum(shares)
    return tuple((n * w // total, -(-n * w // total)) for w in shares)


def could_give(counts: Sequence[int], shares: Sequence[int]) -> bool:
    """Whether a draw with these shares could have dealt `counts` (of units, or clusters) in one block.

    Every arm must have its part rounded down or up. Not every combination of such roundings can meet when
    shares differ much (parts of 0.6, 0.6, 0.6, 0.1 and 0.1 never leave both leftovers to the last two); but
    another office's draw may round in another way, so that is not held against a replayed draw.
    """
    bounds = possible_counts(sum(counts), shares)
    return all(low <= c <= high for c, (low, high) in zip(counts, bounds, strict=True))


def as_replayed(counts: Sequence[int]) -> tuple[Fraction, ...]:
    """Each arm's part of a replayed block whose counts the shares could not have given."""
    total = sum(counts)
    return tuple(Fraction(c, total) for c in counts)


def replayed(
    counts: Mapping[str, Sequence[int]], arms: Sequence[str], shares: Sequence[int]
) -> dict[str, dict[str, Fraction]]:
    """Block → arm → probability of a replayed draw: the shares', or the block's own where they can't be."""
    planned = dict(zip(arms, exact(shares), strict=True))
    return {
        block: planned if could_give(c, shares) else dict(zip(arms, as_replayed(c), strict=True))
        for block, c in counts.items()
    }

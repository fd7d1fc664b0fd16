"""How many of each block go to each arm, and who.

The rule, in whole numbers only. In a block of n units (clusters, where clusters are drawn) with weights
w_1 ... w_k and W their sum:

1. Arm i gets floor(n * w_i / W).
2. The leftovers go round once. Put the arms in order of the hex SHA-256 of `K|arm|BLOCK LABEL|ARM`. Let F be
   the running sum of (n * w_j mod W) in that order, and u = ticket('block', label) as an integer, mod W.
   Arm i gets one more where floor((F_i + u) / W) > floor((F_{i-1} + u) / W).
3. The block's units, in order of their tickets, are dealt to the arms in the definition's order by these
   counts: the first so many to the first arm, the next to the second, and so on.

Step 2 is systematic sampling in a random order with a random start, so each arm's chance of the leftover is
its exact fraction, each unit's probability of arm i is exactly w_i / W, no arm is favoured, and any two arms
can meet in a small block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rct.design.tickets import arm_ticket, ticket
from rct.errors import stop

Ints = npt.NDArray[np.int64]


def block_counts(key: str, label: str, n: int, arms: Sequence[str], shares: Sequence[int]) -> tuple[int, ...]:
    """Steps 1 and 2 for one block of `n`: how many go to each arm, in the order of `arms`."""
    total = sum(shares)
    counts = [n * w // total for w in shares]
    rest = [n * w % total for w in shares]
    if any(rest):
        reached = int(ticket(key, "block", label), 16) % total  # F + u, starting at u
        for i in sorted(range(len(arms)), key=lambda i: arm_ticket(key, label, arms[i])):
            counts[i] += (reached + rest[i]) // total - reached // total
            reached += rest[i]
    return tuple(counts)


def deal(
    key: str,
    labels: Sequence[str],
    code: Ints,
    words: npt.NDArray[np.uint64],
    arms: Sequence[str],
    shares: Sequence[int],
) -> tuple[Ints, dict[str, tuple[int, ...]]]:
    """All three steps for m drawn things (units or clusters) in blocks.

    labels  the blocks' labels, in byte order;   code  (m,) index into them;   words  (m, 4) tickets
    Returns the arm of each (m,), and the counts by label. Raises RctError (`drawn_twice`) when two of a block
    share a ticket: the same id was given twice.
    """
    sizes = np.bincount(code, minlength=len(labels)).tolist()
    counts = {
        label: block_counts(key, label, n, arms, shares) for label, n in zip(labels, sizes, strict=True)
    }
    table = np.array(list(counts.values()), dtype=np.int64).reshape(-1, len(arms))
    by_place = np.repeat(np.tile(np.arange(len(arms)), len(labels)), table.ravel())
    arm = np.empty(len(code), dtype=np.int64)
    arm[ticket_order(code, words, len(labels))] = by_place
    return arm, counts


def ticket_order(code: Ints, words: npt.NDArray[np.uint64], n_blocks: int) -> Ints:
    """The order of block, then ticket: one sort of 64-bit keys, block bits above the ticket's top bits.

    Where two neighbours tie in the bits that fit, all 256 bits are sorted instead.
    """
    bits = max(n_blocks - 1, 0).bit_length()
    packed = words[:, 0]
    if bits:
        packed = (code.astype(np.uint64) << np.uint64(64 - bits)) | (packed >> np.uint64(bits))
    order = np.argsort(packed)
    ordered = packed[order]
    if not np.any(ordered[1:] == ordered[:-1]):
        return order
    order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0], code))
    same = np.all(words[order[1:]] == words[order[:-1]], axis=1) & (code[order[1:]] == code[order[:-1]])
    if np.any(same):
        stop(
            "drawn_twice",
            f"{int(np.count_nonzero(same))} units or clusters are in the list of the draw more than once.",
            "Load the frame again; every id must be there once.",
        )
    return order

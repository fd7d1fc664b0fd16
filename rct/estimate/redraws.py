"""Rearranging labels: every arrangement of a block, or arrangements drawn with equal chances.

A `RedrawnBlock` is n items of which an arm has k. Its items have columns of values; what an arrangement is asked for is
the columns' sums over the k items. Where arrangements are few all are enumerated. Else they are drawn: equal items
together, from the hypergeometric; few items one after another, each taken with probability (still to take) / (still
to come), which gives every subset the same probability (Fan, Muller and Rezucha 1962); many items each by a coin,
whereupon items chosen at random are put in or taken out until there are k: given its size a set of coin tosses is
equally likely to be any, and stays so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from math import comb, lgamma, log

import numpy as np

from rct.estimate.records import Codes, Floats, Mask

LOT = 25  # from so many equal items on, one hypergeometric draw is quicker than one draw an item
COINS = 400  # from so many items on, coins and repairs are quicker than one after another; chances of so few items
# are far above the 2^-24 to which a single-precision random number tells them
COIN = 1 << 16
SUBSETS = 65536  # rows of the table of subsets held at a time
WORDS = 1 << 13  # of the generator's, taken at a time: they stay in the cache
CELLS = 1 << 25  # items times draws held at a time
TILE = (
    1 << 16
)  # of these, turned into numbers at a time: they stay in the cache, and the product starts no threads


@dataclass(frozen=True)
class RedrawnBlock:
    """columns (q, n): the items' values, equal items side by side; k: how many of them the arm has."""

    columns: Floats
    k: int

    @property
    def n(self) -> int:
        return int(self.columns.shape[1])


def arrangements(blocks: Sequence[RedrawnBlock], most: int) -> int | None:
    """How many ways the labels could have fallen; None: more than `most`."""
    count = 1
    for block in blocks:
        n, k = block.n, block.k
        if lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) > log(most) + 1:
            return None  # before a number of a million digits is computed
        count *= comb(n, k)
        if count > most:
            return None
    return count


def every_sum(block: RedrawnBlock) -> Floats:
    """(q, C(n, k)) sums over every subset of k items."""
    return _subsets(block.columns, block.k)


def _subsets(columns: Floats, k: int) -> Floats:
    n = columns.shape[1]
    if 2 * k > n:
        return np.asarray(columns.sum(axis=1, keepdims=True) - _subsets(columns, n - k))
    sums = np.zeros((len(columns), comb(n, k)))
    for start, rows in _choices(n, k):
        for j in range(k):
            sums[:, start : start + len(rows)] += columns[:, rows[:, j]]
    return sums


def _choices(n: int, k: int) -> Iterator[tuple[int, np.ndarray]]:
    """Tables of subsets of k of n, (at most SUBSETS, k), with the number of the first."""
    chosen = combinations(range(n), k)
    for start in range(0, comb(n, k) if k else 0, SUBSETS):
        yield start, np.fromiter(chain.from_iterable(islice(chosen, SUBSETS)), np.int64).reshape(-1, k)


def every_choice(block: RedrawnBlock) -> Mask:
    """(n, C(n, k)) who is taken in every subset of k items."""
    taken = np.zeros((block.n, comb(block.n, block.k)), dtype=bool)
    for start, rows in _choices(block.n, block.k):
        taken[rows, start + np.arange(len(rows))[:, None]] = True
    return taken


class Urn:
    """Blocks of one shape, made ready for drawing: lots of equal items, and the items left. Blocks that have no lots
    are drawn side by side."""

    def __init__(self, blocks: Sequence[RedrawnBlock]) -> None:
        self.k = np.array([b.k for b in blocks])
        self.n = blocks[0].n
        self.lots, alone = _lots(blocks[0].columns) if len(blocks) == 1 else ([], np.full(self.n, True))
        self.columns = np.stack([b.columns for b in blocks])[:, :, alone]  # (B, q, m)

    def sums(self, rng: np.random.Generator, size: int) -> Floats:
        """(q, B, size) sums of the columns over the items that fall to the arm, in `size` arrangements."""
        blocks, q, m = self.columns.shape
        sums = np.zeros((q, blocks, size))
        to_take = np.repeat(self.k[:, None], size, axis=1)
        others = self.n
        for count, value in self.lots:
            others -= count
            hits = rng.hypergeometric(count, others, to_take) if others else to_take
            sums += value[:, None, None] * hits
            to_take = to_take - hits
        if m > COINS:
            step = max(CELLS // m, 1)
            for b in range(blocks):
                for low in range(0, size, step):
                    part = to_take[b, low : low + step]
                    sums[:, b, low : low + step] += sums_of(self.columns[b], by_coins(rng, m, part))
        elif m:
            left = to_take.astype(np.float32)
            chance, taken = np.empty_like(left), np.empty(left.shape, dtype=bool)
            weight = np.empty((m, blocks, size), dtype=np.float32)
            for j in range(m):
                rng.random(out=chance, dtype=np.float32)
                chance *= m - j
                np.less(chance, left, out=taken)
                weight[j] = taken
                left -= weight[j]
            for b in range(blocks):
                sums[:, b] += sums_of(self.columns[b], weight[:, b])
        return sums


def sums_of(columns: Floats, taken: np.ndarray) -> Floats:
    """(q, d) sums of columns (q, m) over the items taken (m, d)."""
    m, d = taken.shape
    step = max(TILE // max(d, 1), 1)
    weight = np.empty((step, d))
    sums = np.zeros((len(columns), d))
    for low in range(0, m, step):
        rows = min(step, m - low)
        weight[:rows] = taken[low : low + rows]
        sums += columns[:, low : low + rows] @ weight[:rows]
    return sums


def _lots(columns: Floats) -> tuple[list[tuple[int, Floats]], Mask]:
    """Lots of at least LOT equal items (count, values), and which items are left."""
    n = columns.shape[1]
    new = np.ones(n, dtype=bool)  # an item unlike the one before it begins a lot
    new[1:] = np.any(np.diff(columns, axis=1) != 0, axis=0)
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=n)
    large = counts >= LOT
    lots = [(int(c), columns[:, at]) for at, c in zip(starts[large], counts[large], strict=True)]
    return lots, ~np.repeat(large, counts)


def one_by_one(rng: np.random.Generator, n: int, k: int, size: int) -> Mask:
    """(n, size) who of n items is among the k taken, in `size` arrangements."""
    if n > COINS:
        return by_coins(rng, n, np.full(size, k))
    taken = np.empty((n, size), dtype=bool)
    left = np.full(size, float(k))
    for j in range(n):
        np.less(rng.random(size) * (n - j), left, out=taken[j])
        left -= taken[j]
    return taken


def by_coins(rng: np.random.Generator, n: int, k: np.ndarray) -> Mask:
    """(n, d) who of n items is taken, k[d] of them in arrangement d."""
    chance = round(COIN * float(k.mean()) / n)
    d = len(k)
    taken = _coins(rng, n, d, chance) if chance < COIN else np.ones((n, d), dtype=bool)
    flat = taken.reshape(-1)  # a cell by one number: half the time of one by row and column
    excess = _count(taken) - k
    active = np.flatnonzero(excess)
    excess = excess[active]
    while len(active):
        cell = rng.integers(0, n, len(active))
        cell *= d
        cell += active
        over = excess > 0
        moves = flat.take(cell) == over
        flat[cell[moves]] = ~over[moves]
        excess -= np.where(over, 1, -1) * moves
        left = excess != 0
        if not left.all():
            active, excess = active[left], excess[left]
    return taken


def _coins(rng: np.random.Generator, n: int, d: int, chance: int) -> Mask:
    """(n, d) which of as many 16-bit random numbers are below `chance`: those of `rng.integers(0, COIN, (n, d), uint16)`,
    taken from the generator's own words four at a time, in half the time, and never all in memory.

    A generator of 64-bit words deals them out in halves, the lower first; of a half that was begun the other is kept.
    """
    bits = rng.bit_generator
    kept = bits.state
    taken = np.empty(n * d, dtype=bool)
    done = 0
    if kept["has_uint32"]:
        half = np.array([kept["uinteger"]], dtype="<u4").view("<u2")[: n * d]
        done = len(half)
        np.less(half, chance, out=taken[:done])
    rest, last = n * d - done, int(kept["uinteger"]) << 32
    words = -(-rest // 4)
    for low in range(0, words, WORDS):
        some = bits.random_raw(min(WORDS, words - low)).astype("<u8", copy=False)
        numbers = some.view("<u2")[: n * d - done]
        np.less(numbers, chance, out=taken[done : done + len(numbers)])
        done, last = done + len(numbers), int(some[-1])
    bits.state = {**bits.state, "has_uint32": int(0 < rest % 4 <= 2), "uinteger": last >> 32}
    return taken.reshape(n, d)


def _count(taken: Mask) -> Codes:
    """(d,) how many of (n, d) are taken: bytes added to bytes, as many rows at a time as a byte can count."""
    count = np.zeros(taken.shape[1], dtype=np.int64)
    for low in range(0, len(taken), 255):
        count += taken[low : low + 255].view(np.uint8).sum(axis=0, dtype=np.uint8)
    return count

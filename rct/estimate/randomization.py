"""Randomization inference: what the difference in means could have been, had the draw fallen otherwise.

Fisher (1935, The Design of Experiments, ch. II): if the arm changed no unit's outcome, the outcomes would be
the same under every arrangement of the labels that the draw could have made, so the observed difference can
be ranked among them. Young (2019, QJE 134(2)) shows why that stands beside a t test: it needs no large
sample and no variance estimate. The labels of the two arms are rearranged among their observed units (or
clusters) inside each block of the draw, with the realized counts kept and the other arms' units left alone:
given these, every such arrangement was equally likely (Rosenbaum 2002, Observational Studies, 2.3-2.4).

All arrangements are enumerated when they are few. Otherwise arrangements are drawn one unit after another,
each taken with probability (still to take) / (still to come), which gives every subset the same probability
(Fan, Muller and Rezucha 1962); units with equal outcomes are drawn together, from the hypergeometric. A
yes/no outcome is thus one hypergeometric count a block, whatever the number of units.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, islice
from math import comb, lgamma, log

import numpy as np

from rct.estimate.cells import Cells, settle
from rct.estimate.records import Codes, Floats, Mask, Sample

TIES = 1e-9
BATCH, TILE = 5000, 16  # draws at a time, items at a time: a tile's random numbers stay in the cache
LOT = 25  # from so many equal items on, one hypergeometric draw is quicker than one draw an item
SUBSETS = 65536  # rows of the table of subsets held at a time


@dataclass(frozen=True)
class RandomizationTest:
    """p_value: two-sided; None when the labels could not have fallen otherwise. draws: how many arrangements
    were drawn, or when exact how many there are."""

    p_value: float | None
    draws: int
    exact: bool


@dataclass(frozen=True)
class _Items:
    """What was randomized (units, or clusters) in the two arms, with a known outcome: (m,) each, ordered by
    stratum, block, size and total, never by row. total: sum of outcomes less the stratum's mean."""

    stratum: Codes
    block: Codes
    size: Floats
    total: Floats
    treated: Mask


@dataclass(frozen=True)
class _Part:
    """Some strata and their term of the statistic.

    columns (q, m) of the items; treated (m,) those of the arm as drawn; sizes (B,) items of each block, in
    order; takes (B,) how many of them the arm has. Totals of a stratum sum to 0, so the arm's total alone
    gives the difference. Where the arm's number of units cannot move, the term is the arm's sum of one
    column. With clusters of unequal size it can: `ragged` is then the weight and size of the one stratum, and
    the columns are the items' totals and sizes.
    """

    columns: Floats
    treated: Mask
    sizes: Codes
    takes: Codes
    ragged: tuple[float, float] | None = None

    def observed(self) -> float:
        return float(self.term(self.columns[:, self.treated].sum(axis=1, keepdims=True))[0])

    def term(self, sums: Floats) -> Floats:
        """sums (q, d) of the arm in d arrangements -> (d,)."""
        if self.ragged is None:
            return np.asarray(sums[0])
        weight, size = self.ragged
        return np.asarray(weight * sums[0] * (1 / sums[1] + 1 / (size - sums[1])))


def randomization_test(
    sample: Sample, arm: int, reference: int, *, draws: int, seed: bytes
) -> RandomizationTest:
    """Test the sharp null that being in `arm` rather than `reference` (codes) changed no unit's outcome.

    The statistic is the absolute difference in means of `difference_in_means`: strata weighted by n_b / N
    over all arms; with clusters, of unit means. The sharp null includes that the arm did not change whose
    outcome is known. Blocks where one of the two arms has no known outcome are not rearranged.

    p is the share of arrangements at least as far from 0 as the observed one. If there are more than `draws`
    of them it is (1 + those among the draws) / (1 + draws), never 0 (Phipson and Smyth 2010, Statistical
    Applications in Genetics and Molecular Biology 9(1), 39). Differences within 1e-9 of the spread count as
    ties.

    The same sample, draws and seed give the same p with one version of numpy, whatever the order of rows.
    Time grows with draws times units whose outcome few others of their block share; memory with the units
    and the draws. Raises ValueError without draws or with one arm twice, RctError as `estimate` does when an
    arm has too few outcomes.
    """
    if draws < 1 or arm == reference:
        raise ValueError("a randomization test compares two different arms with at least one draw")
    by_units = sample.cluster is None and sample.block is not None
    cells = settle(sample, 1, reference) if by_units else settle(sample, 2)
    items, scale = _items(cells, arm, reference)
    parts = _parts(items, cells.share)
    arrangements = _arrangements(parts, draws)
    if arrangements == 1:
        return RandomizationTest(None, 1, True)
    least = abs(sum(part.observed() for part in parts)) - TIES * scale
    if arrangements is not None:
        far = int(np.count_nonzero(np.abs(_all(parts)) >= least))
        return RandomizationTest(far / arrangements, arrangements, True)
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    urns = [_Urns(part) for part in parts]
    far = 0
    for start in range(0, draws, BATCH):
        size = min(BATCH, draws - start)
        value = sum(part.term(urn.draw(rng, size)) for part, urn in zip(parts, urns, strict=True))
        far += int(np.count_nonzero(np.abs(value) >= least))
    return RandomizationTest((1 + far) / (1 + draws), draws, False)


def _items(cells: Cells, arm: int, reference: int) -> tuple[_Items, float]:
    """The items of the two arms, and the scale of the statistic by which ties are told from differences."""
    two = np.flatnonzero((cells.arm == arm) | (cells.arm == reference))
    two = two[np.lexsort((cells.y[two], cells.stratum[two]))]  # sums then do not depend on the rows' order
    y, stratum, treated = cells.y[two], cells.stratum[two], cells.arm[two] == arm
    strata = len(cells.units)
    mean = np.bincount(stratum, weights=y, minlength=strata) / np.bincount(stratum, minlength=strata)
    total = y - mean[stratum]
    n = np.bincount(stratum, minlength=strata)
    spread = float(cells.share @ (np.bincount(stratum, weights=np.abs(total), minlength=strata) / n))
    scale = spread + 1e-6 * float(np.max(np.abs(y)))  # figures far from 0 carry rounding of their own
    sample = cells.sample
    block = np.zeros_like(stratum) if sample.block is None else sample.block[cells.rows[two]]
    size: Floats = np.ones(len(y))
    if cells.cluster is not None:
        _, first, code = np.unique(cells.cluster[two], return_index=True, return_inverse=True)
        size = np.bincount(code).astype(np.float64)
        total = np.bincount(code, weights=total).astype(np.float64)
        stratum, block, treated = stratum[first], block[first], treated[first]
    order = np.lexsort((total, size, block, stratum))
    return _Items(stratum[order], block[order], size[order], total[order], treated[order]), scale


def _parts(items: _Items, share: Floats) -> list[_Part]:
    """One part for all strata where the arm's number of units is fixed, one for each of the others."""
    starts = np.flatnonzero(np.diff(items.block, prepend=-1) != 0)
    sizes = np.diff(starts, append=len(items.block))
    takes = np.add.reduceat(items.treated.astype(np.int64), starts)
    home = items.stratum[starts]
    strata = len(share)
    moves = np.zeros(strata, dtype=bool)
    uneven = np.minimum.reduceat(items.size, starts) != np.maximum.reduceat(items.size, starts)
    moves[home[uneven]] = True
    n = np.bincount(items.stratum, weights=items.size, minlength=strata)
    n_arm = np.bincount(items.stratum, weights=items.size * items.treated, minlength=strata)
    parts = []
    if not moves.all():
        slope = share / n_arm + share / (n - n_arm)
        mine, blocks = ~moves[items.stratum], ~moves[home]
        column = (slope[items.stratum] * items.total)[mine]
        parts.append(_Part(column[None, :], items.treated[mine], sizes[blocks], takes[blocks]))
    for s in np.flatnonzero(moves):
        mine, blocks = items.stratum == s, home == s
        columns = np.stack([items.total[mine], items.size[mine]])
        ragged = (float(share[s]), float(n[s]))
        parts.append(_Part(columns, items.treated[mine], sizes[blocks], takes[blocks], ragged=ragged))
    return parts


def _arrangements(parts: list[_Part], most: int) -> int | None:
    """How many ways the labels could have fallen; None: more than `most`."""
    count = 1
    for part in parts:
        for n, k in zip(part.sizes.tolist(), part.takes.tolist(), strict=True):
            if lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) > log(most) + 1:
                return None  # before a number of a million digits is computed
            count *= comb(n, k)
            if count > most:
                return None
    return count


def _all(parts: list[_Part]) -> Floats:
    """The statistic in every arrangement."""
    value = np.zeros(1)
    for part in parts:
        sums = np.zeros((len(part.columns), 1))
        start = 0
        for n, k in zip(part.sizes.tolist(), part.takes.tolist(), strict=True):
            more = _subsets(part.columns[:, start : start + n], k)
            sums = (sums[:, :, None] + more[:, None, :]).reshape(len(sums), -1)
            start += n
        value = (value[:, None] + part.term(sums)).ravel()
    return value


def _subsets(columns: Floats, k: int) -> Floats:
    """(q, C(n, k)) sums of the columns (q, n) over every subset of k items."""
    n = columns.shape[1]
    if 2 * k > n:
        return np.asarray(columns.sum(axis=1, keepdims=True) - _subsets(columns, n - k))
    sums = np.zeros((len(columns), comb(n, k)))
    chosen = combinations(range(n), k)
    for start in range(0, sums.shape[1] if k else 0, SUBSETS):
        rows = np.fromiter(chain.from_iterable(islice(chosen, SUBSETS)), np.int64).reshape(-1, k)
        for j in range(k):
            sums[:, start : start + len(rows)] += columns[:, rows[:, j]]
    return sums


class _Urns:
    """A part made ready for drawing: in each block, lots of equal items, and the items left, one by one."""

    def __init__(self, part: _Part) -> None:
        block = np.repeat(np.arange(len(part.sizes)), part.sizes)
        new = np.ones(len(block), dtype=bool)  # an item unlike the one before it begins a lot
        new[1:] = (np.diff(block) != 0) | np.any(np.diff(part.columns, axis=1) != 0, axis=0)
        starts = np.flatnonzero(new)
        counts = np.diff(starts, append=len(block))
        large = counts >= LOT
        alone = ~np.repeat(large, counts)
        self.sizes, self.takes = part.sizes.tolist(), part.takes.tolist()
        self.lots: dict[int, list[tuple[int, Floats]]] = {}
        for at, count in zip(starts[large].tolist(), counts[large].tolist(), strict=True):
            self.lots.setdefault(int(block[at]), []).append((count, part.columns[:, at]))
        self.columns = np.ascontiguousarray(part.columns[:, alone])
        block = block[alone]
        ends = np.cumsum(np.bincount(block, minlength=len(part.sizes)))
        self.ahead = (ends[block] - np.arange(len(block))).astype(float)  # of the items one by one
        opens = np.flatnonzero(np.diff(block, prepend=-1) != 0)
        self.opens = dict(zip(opens.tolist(), block[opens].tolist(), strict=True))
        self.lots_only = sorted(self.lots.keys() - set(self.opens.values()))

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """(q, size) sums of the columns over the items that fall to the arm, in `size` arrangements."""
        sums = np.zeros((len(self.columns), size))
        for block in self.lots_only:
            self._lots(rng, block, sums)
        chance, taken, weight = (np.empty((TILE, size), dtype=t) for t in (float, bool, float))
        for start in range(0, len(self.ahead), TILE):
            ahead = self.ahead[start : start + TILE]
            rows = len(ahead)
            rng.random(out=chance[:rows])
            chance[:rows] *= ahead[:, None]
            for i in range(rows):
                if start + i in self.opens:
                    to_take = self._lots(rng, self.opens[start + i], sums)
                np.less(chance[i], to_take, out=taken[i])
                np.subtract(to_take, taken[i], out=to_take)
            weight[:rows] = taken[:rows]
            sums += self.columns[:, start : start + rows] @ weight[:rows]
        return sums

    def _lots(self, rng: np.random.Generator, block: int, sums: Floats) -> Floats:
        """Add the block's lots to the sums; how many of its other items the arm must still take, (size,)."""
        to_take = np.full(sums.shape[1], self.takes[block])
        others = self.sizes[block]
        for count, value in self.lots.get(block, ()):
            others -= count
            hits = rng.hypergeometric(count, others, to_take) if others else to_take
            sums += value[:, None] * hits
            to_take = to_take - hits
        return to_take.astype(float)

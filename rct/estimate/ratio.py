"""Whether a yes or no about each unit fell on the arms as lots would have it: the table (yes, no) x arm.

Where nothing was done to the arms that bears on the answer, the units that say yes are a draw from all units: in each
block, given the drawn counts and the number of yeses, the yeses by arm are multivariate hypergeometric. With T the
yeses by arm summed over blocks, m yeses among n units of a block and p_a = n_a / n,

    E T_a = m p_a,    Cov(T_a, T_c) = m (n - m) / (n - 1) (p_a [a = c] - p_a p_c)

summed over blocks, T' Cov^- T is chi-squared with K - 1 df (Mantel and Haenszel's test, carried to K arms by Birch
1965, Biometrika 52). Without blocks it is Pearson's chi-squared times (n - 1) / n, and Pearson's is given. Counts are
not held against a multinomial: the drawn counts are fixed, so that few can be missing where few are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb
from typing import Literal

import numpy as np
from scipy import special, stats

from rct.errors import RctError
from rct.estimate.checks import RATIO_WARNS
from rct.estimate.estimators import MEANS
from rct.estimate.multiplicity import holm
from rct.estimate.records import Codes, Floats, Mask, Sample
from rct.estimate.registry import estimate

FEW = 5.0  # an expected count under it asks for an exact p
ARRANGEMENTS = 20_000  # tables that are listed; beyond it they are drawn
DRAWS = 10_000
SEED = 20_250_131  # what is drawn hangs on the table alone
TIES = 1e-9

Method = Literal["pearson", "blocks", "clusters", "exact", "redraws"]


@dataclass(frozen=True)
class TableTest:
    """pearson, blocks: chi-squared with df. clusters: the design's difference in means of the yes or no, adjusted by
    Holm over the arms. exact, redraws: the share of the draws' tables at least as far from what lots give on average,
    by the same chi-squared, which then has no df; 1 where nothing could have fallen otherwise."""

    statistic: float | None
    df: int | None
    p_value: float
    method: Method

    @property
    def warns(self) -> bool:
        return self.p_value < RATIO_WARNS


@dataclass(frozen=True)
class _Table:
    """What was drawn (units, or clusters) in the blocks where it could have fallen otherwise.

    slots (B, K) by block and arm; lots: alike items of a block, as (block, weight, count), weight above 0; total
    (K,) the weights by arm, summed over blocks, mean (K,) and covariance (K, K) of it under the draw.
    """

    slots: Codes
    lots: tuple[tuple[int, float, int], ...]
    total: Floats
    mean: Floats
    covariance: Floats

    def distance(self, totals: Floats) -> Floats:
        """(d,) chi-squared of totals (d, K)."""
        inverse, _ = _inverse(self.covariance)
        gap = totals - self.mean
        return np.asarray(np.einsum("da,ac,dc->d", gap, inverse, gap))

    @property
    def df(self) -> int:
        return _inverse(self.covariance)[1]


def table_test(sample: Sample) -> TableTest:
    """Test that `sample.y`, a 1 or 0 for every unit that was drawn, fell on the arms as lots would have it.

    Within blocks where there are any. With clusters by the design's difference in means (CR2). Exact, or by redraws,
    where a count that is expected (with clusters: of clusters that hold a yes, or a no) is under 5.
    Raises ValueError where y holds anything else.
    """
    if not np.all((sample.y == 0) | (sample.y == 1)):
        raise ValueError("table_test needs a 0 or 1 for every unit")
    if sample.cluster is None:
        yes, arm, block = sample.y, sample.arm, sample.sets
        table = _table(yes, arm, block, sample.arms)
        if table is None:
            return TableTest(0.0, None, 1.0, "exact")
        if _room(yes, arm, block, sample.arms) < FEW:
            return _rearranged(table)
        whole = sample.block is None and sample.exchange is None
        grown = len(yes) / (len(yes) - 1) if whole else 1.0
        chi2 = grown * float(table.distance(table.total[None])[0])
        p = float(stats.chi2.sf(chi2, table.df))
        return TableTest(chi2, table.df, p, "pearson" if whole else "blocks")
    return _by_clusters(sample)


def emptiest(sample: Sample) -> float | None:
    """How likely lots would have left an arm, or an arm within a block, without a single yes that has none: the
    smallest such chance times the number of arms and of cells that could have had none. None where every one has some.

    With clusters a cluster counts as a yes that holds one.
    """
    yes, arm, block = _items(sample)
    slots, marked = _counts(arm, block, sample.arms), _counts(arm, block, sample.arms, yes > 0)
    n, m = slots.sum(axis=1)[:, None], marked.sum(axis=1)[:, None]
    rest = np.maximum(n - slots - m, 0)
    with np.errstate(invalid="ignore"):
        chance = special.gammaln(n - slots + 1) - special.gammaln(rest + 1) - (
            special.gammaln(n + 1) - special.gammaln(n - m + 1)
        )  # fmt: skip
    chance = np.where(
        (n - slots < m) & (slots > 0), -np.inf, chance
    )  # too many yeses for the other arms alone
    open_ = (m > 0) & (m < n) & (slots > 0)
    found = chance[open_ & (marked == 0)].tolist()
    whole = np.where(slots > 0, chance, 0.0).sum(axis=0)
    found += whole[marked.sum(axis=0) == 0].tolist() if marked.any() else []
    if not found:
        return None
    tried = int(open_.sum()) + sample.arms if len(slots) > 1 else sample.arms
    return min(1.0, float(np.exp(min(found))) * tried)


def _by_clusters(sample: Sample) -> TableTest:
    few = False
    for kind in (sample.y, 1 - sample.y):
        yes, arm, block = _items(replace(sample, y=kind))
        slots, marked = _counts(arm, block, sample.arms), _counts(arm, block, sample.arms, yes > 0)
        share = marked.sum(axis=1) / np.maximum(slots.sum(axis=1), 1)
        few = few or float((slots * share[:, None]).sum(axis=0).min()) < FEW
    if not few:
        bare = replace(sample, x=np.empty((0, 0)), x_names=())
        try:
            lines = estimate(bare, MEANS.name, "CR2").lines
        except RctError:  # cells too small for the design's own error
            lines = ()
        adjusted = [p for p in holm([line.p_value for line in lines]) if p is not None]
        if adjusted:
            return TableTest(None, None, min(adjusted), "clusters")
    rarer = sample.y if sample.y.mean() <= 0.5 else 1 - sample.y
    yes, arm, block = _items(replace(sample, y=rarer))
    table = _table(yes, arm, block, sample.arms)
    return TableTest(0.0, None, 1.0, "exact") if table is None else _rearranged(table)


def _items(sample: Sample) -> tuple[Floats, Codes, Codes]:
    """What was drawn: yeses, arm and block of every unit, or of every cluster."""
    block = sample.sets
    if sample.cluster is None:
        return sample.y, sample.arm, block
    _, first, member = np.unique(sample.cluster, return_index=True, return_inverse=True)
    return np.bincount(member, weights=sample.y).astype(float), sample.arm[first], block[first]


def _counts(arm: Codes, block: Codes, arms: int, only: Mask | None = None) -> Codes:
    """(B, K) items by block and arm."""
    blocks = int(block.max()) + 1
    code = block * arms + arm
    return np.bincount(code if only is None else code[only], minlength=blocks * arms).reshape(blocks, arms)


def _table(yes: Floats, arm: Codes, block: Codes, arms: int) -> _Table | None:
    """None where nothing could have fallen otherwise."""
    slots = _counts(arm, block, arms)
    n = slots.sum(axis=1)
    sums = np.bincount(block, weights=yes, minlength=len(n))
    mean = sums / np.maximum(n, 1)
    spread = np.bincount(block, weights=(yes - mean[block]) ** 2, minlength=len(n))
    varies = (spread > 0) & ((slots > 0).sum(axis=1) > 1)
    if not varies.any():
        return None
    share = slots / np.maximum(n, 1)[:, None]
    scale = np.where(varies, spread / np.maximum(n - 1, 1), 0.0)
    covariance = np.diag((scale * n) @ share) - np.einsum("b,ba,bc->ac", scale * n, share, share)
    keep = varies[block]
    total = np.bincount(arm[keep], weights=yes[keep], minlength=arms).astype(float)
    place = np.cumsum(varies) - 1
    marked = keep & (yes > 0)
    alike, count = np.unique(np.stack([block[marked], yes[marked]]), axis=1, return_counts=True)
    lots = zip(place[alike[0].astype(np.int64)].tolist(), alike[1].tolist(), count.tolist(), strict=True)
    return _Table(slots[varies], tuple(lots), total, (sums * varies) @ share, covariance)


def _room(yes: Floats, arm: Codes, block: Codes, arms: int) -> float:
    """How far, at the least, an arm's yeses could lie from what lots give on average, on either side (Mantel and
    Fleiss 1980, American Journal of Epidemiology 112). Without blocks it is the smallest expected count."""
    slots = _counts(arm, block, arms)
    n = slots.sum(axis=1)[:, None]
    m = np.bincount(block, weights=yes, minlength=len(n))[:, None]
    expected = slots * m / np.maximum(n, 1)
    down = (expected - np.maximum(0, m - (n - slots))).sum(axis=0)
    up = (np.minimum(slots, m) - expected).sum(axis=0)
    return float(min(down.min(), up.min()))


def _inverse(covariance: Floats) -> tuple[Floats, int]:
    """The pseudo-inverse of a covariance of totals that sum to a constant, and its rank."""
    values, vectors = np.linalg.eigh(covariance)
    used = values > 1e-10 * max(float(values[-1]), 1e-300)
    return (vectors[:, used] / values[used]) @ vectors[:, used].T, int(used.sum())


def _rearranged(table: _Table) -> TableTest:
    observed = float(table.distance(table.total[None])[0])
    least = observed - TIES * (1 + observed)
    listed = _listed(table)
    if listed is not None:
        totals, chance = listed
        p = float(chance[table.distance(totals) >= least].sum())
        return TableTest(observed, None, min(p, 1.0), "exact")
    far = int(np.count_nonzero(table.distance(_drawn(table)) >= least))
    return TableTest(observed, None, (1 + far) / (1 + DRAWS), "redraws")


def _listed(table: _Table) -> tuple[Floats, Floats] | None:
    """Every table of single units and its chance: of two arms block by block, of more arms within one block."""
    blocks, arms = table.slots.shape
    if any(weight != 1 for _, weight, _ in table.lots) or len({b for b, _, _ in table.lots}) != len(
        table.lots
    ):
        return None
    if arms == 2:
        chance = np.ones(1)
        for b, _, m in table.lots:
            k = np.arange(m + 1)
            n0, n1 = (int(v) for v in table.slots[b])
            chance = np.convolve(chance, stats.hypergeom.pmf(k, n0 + n1, n0, m))
        first = np.arange(len(chance), dtype=float)
        return np.stack([first, len(chance) - 1 - first], axis=1), chance
    if blocks > 1 or comb(table.lots[0][2] + arms - 1, arms - 1) > ARRANGEMENTS:
        return None
    counts = np.array(list(_split(table.lots[0][2], arms)), dtype=np.int64)
    slots = table.slots[0]
    counts = counts[(counts <= slots).all(axis=1)]
    n, m = int(slots.sum()), table.lots[0][2]
    log = _choose(slots, counts).sum(axis=1) - _choose(np.array(n), np.array(m))
    return counts.astype(float), np.exp(log)


def _split(m: int, arms: int) -> Iterator[tuple[int, ...]]:
    """Every way to divide m over the arms."""
    if arms == 1:
        yield (m,)
        return
    for first in range(m + 1):
        for rest in _split(m - first, arms - 1):
            yield (first, *rest)


def _choose(n: Codes, k: Codes) -> Floats:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def _drawn(table: _Table) -> Floats:
    """(DRAWS, K) totals by arm of so many draws, with the drawn counts kept."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    arms = table.slots.shape[1]
    totals = np.zeros((DRAWS, arms))
    at, free = -1, np.zeros((DRAWS, arms), dtype=np.int64)
    for block, weight, count in table.lots:
        if block != at:
            at, free = block, np.tile(table.slots[block], (DRAWS, 1))
        left = np.full(DRAWS, count)
        rest = free.sum(axis=1)
        for a in range(arms - 1):
            rest = rest - free[:, a]
            taken = rng.hypergeometric(free[:, a], rest, left)
            totals[:, a] += weight * taken
            free[:, a] -= taken
            left = left - taken
        totals[:, -1] += weight * left
        free[:, -1] -= left
    return totals

"""Randomization inference: what the studentized difference in means could have been, had the draw fallen otherwise.

Fisher (1935, The Design of Experiments, ch. II): if the arm changed no unit's outcome, the outcomes would be
the same under every arrangement of the labels that the draw could have made, so the observed statistic can
be ranked among them. Young (2019, QJE 134(2)) shows why that stands beside a t test: it needs no large
sample. The labels of the two arms are rearranged among their observed units (or clusters) inside each block of the
draw, or inside the smaller sets that its scheme names (`Sample.sets`), with the realized counts kept and the other
arms' units left alone: given these, every such arrangement was equally likely (Rosenbaum 2002, Observational Studies,
2.3-2.4).

The statistic is the difference in means over its own standard error under the design, computed anew in every
arrangement: so the test is exact where the arm changed nothing for anybody, and right in large samples where it changed
something for some and nothing on average (Chung and Romano 2013, Annals of Statistics 41(2); Wu and Ding 2021, JASA
116(536)). The error is Neyman's in blocks of units (with Pashley and Miratrix's for small ones), CR2 of the
regression on the arm and block effects where clusters were drawn, the pairs' own in pairs.

The interval is the test inverted: the constant effects that it does not reject, least to greatest, on one and the same
set of arrangements. What is constant hangs on the scale of the estimate: a difference, or a ratio.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from rct.estimate.cells import Cells, settle, small_strata
from rct.estimate.difference_in_means import clustered_weights
from rct.estimate.least_squares import LONE
from rct.estimate.moments import Rows, chunks, solve
from rct.estimate.pairs import is_paired, settle_clusters
from rct.estimate.records import Codes, Floats, Mask, Sample
from rct.estimate.redraws import (
    CELLS,
    RedrawnBlock,
    Urn,
    arrangements,
    every_choice,
    every_sum,
    one_by_one,
    sums_of,
)
from rct.estimate.scales import DIFFERENCE, EffectScale

TIES = 1e-10  # of the statistic
ROUNDING = 1e-12  # of the outcome's spread
BATCH = 2048  # draws at a time
CLUSTER_CELLS = 1 << 16  # clusters times draws computed at a time: they stay in the cache
STEPS = 200  # of a search for an end of an interval


@dataclass(frozen=True)
class RandomizationTest:
    """p_value: two-sided; None when the labels could not have fallen otherwise. draws: how many arrangements
    were drawn, or when exact how many there are. interval: the constant effects that are not rejected, None where it
    was not asked for or has no end. difference: what was observed, before it is studentized. p_tail: one-sided, of the
    side on which the observed statistic lies: more than half of p_value where an outcome is skewed."""

    p_value: float | None
    draws: int
    exact: bool
    interval: tuple[float, float] | None = None
    difference: float = field(default=0.0, compare=False)
    p_tail: float | None = field(default=None, compare=False)


def randomization_test(
    sample: Sample,
    arm: int,
    reference: int,
    *,
    draws: int,
    seed: bytes,
    alpha: float | None = None,
    adjusted: bool = False,
    scale: EffectScale = DIFFERENCE,
) -> RandomizationTest:
    """Test the sharp null that being in `arm` rather than `reference` (codes) changed no unit's outcome; with `alpha`
    also the interval of level 1 - alpha, of one effect for all on `scale`.

    adjusted: what the covariates explain is taken out of the outcome first (and, for the interval, out of a constant
    effect), by least squares on them and the blocks, without the arms: the covariates stand fixed under every
    arrangement, so the test stays exact (Rosenbaum 2002, Statistical Science 17(3), 286-327).

    The sharp null includes that the arm did not change whose outcome is known. Blocks where one of the two arms has
    no known outcome are not rearranged.

    p is the share of arrangements whose statistic is at least as far from 0 as the observed one. If there are more
    than `draws` of them it is (1 + those among the draws) / (1 + draws), never 0 (Phipson and Smyth 2010, Statistical
    Applications in Genetics and Molecular Biology 9(1), 39). Statistics within 1e-10 count as ties.

    The same sample, draws and seed give the same p with one version of numpy, whatever the order of rows.
    Time grows with draws times units whose outcome few others of their block share; memory with the units
    and the draws. Raises ValueError without draws or with one arm twice, RctError as `estimate` does when an
    arm has too few outcomes.
    """
    if draws < 1 or arm == reference:
        raise ValueError("a randomization test compares two different arms with at least one draw")
    if sample.cluster is not None:
        cells = settle_clusters(sample)
    else:
        cells = settle(sample, 2) if sample.block is None else settle(sample, 1, reference)
    items = _items(cells, arm, reference, carried=None if alpha is None else scale, adjusted=adjusted)
    of: _Pairs | _Clusters | _Units
    if all((b.n, b.k) == (2, 1) for b in items.blocks) and len(items.blocks) == len(cells.units) > 1:
        of = _Pairs(cells, items)
    elif sample.cluster is not None:
        of = _Clusters(cells, items, arm, reference)
    else:
        of = _Units(cells, items, arm, reference)
    count = arrangements(items.blocks, draws)
    if count == 1:
        return RandomizationTest(None, 1, True)
    observed = of.observed()
    if count is not None:
        redrawn = of.every()
    else:
        rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
        redrawn = of.drawn(rng, draws)
    ranking = _Ranking(observed, redrawn, items.slack, exact=count is not None)
    shifts = None if alpha is None else ranking.interval(alpha)
    interval = None if shifts is None else (scale.of_shift(shifts[0]), scale.of_shift(shifts[1]))
    if interval is not None and math.isinf(interval[1]):
        interval = None
    seen = float(observed.difference[0, 0])
    return RandomizationTest(
        ranking.p(0.0), count or draws, count is not None, interval, seen, ranking.p(0.0, one_sided=True)
    )


@dataclass(frozen=True)
class _Statistic:
    """Numerators (q, d) and variances (r, d) in d arrangements, of the outcome; with q = 2 also of what a constant effect
    takes away (`EffectScale.carried`: the arm as drawn, for a difference), so that those of the outcome less such an
    effect follow: r = 1 or 3 (outcome, product, arm)."""

    difference: Floats
    variance: Floats

    def t(self, shift: float, dust: float) -> Floats:
        """The absolute statistic (d,) of the outcome less `shift` for every unit of the arm as drawn."""
        difference, variance = self.difference[0], self.variance[0]
        if len(self.difference) > 1:
            difference = difference - shift * self.difference[1]
            variance = variance - 2 * shift * self.variance[1] + shift**2 * self.variance[2]
        far = np.abs(difference)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = far / np.sqrt(np.maximum(variance, 0.0))
        return np.where(variance <= dust**2, np.where(far <= dust, 0.0, np.inf), t)

    def side(self, shift: float) -> Floats:
        """(d,) on which side of 0 the difference of the outcome less `shift` lies."""
        difference = self.difference[0]
        return np.asarray(
            np.sign(difference - shift * self.difference[1] if len(self.difference) > 1 else difference)
        )


@dataclass(frozen=True)
class _Ranking:
    observed: _Statistic
    redrawn: _Statistic
    slack: float  # the difference that is rounding
    exact: bool

    def p(self, shift: float, *, one_sided: bool = False) -> float:
        """The p-value of a constant effect; one-sided: of the side of the observed difference."""
        mine = float(self.observed.t(shift, self.slack)[0])
        values = self.redrawn.t(shift, self.slack)
        if one_sided:
            side = self.redrawn.side(shift) * float(self.observed.side(shift)[0])
            values = np.where(side >= 0, values, -values)
        error = math.sqrt(max(float(self.observed.variance[0, 0]), 0.0))
        least = mine - TIES * (1 + mine) - (self.slack / error if error > 0 else 0.0)
        far = int(np.count_nonzero(values >= least)) if math.isfinite(mine) else int(np.isinf(values).sum())
        return far / len(values) if self.exact else (1 + far) / (1 + len(values))

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """The least and the greatest shift with p > alpha; None where p never falls so low."""
        of_arm = float(self.observed.difference[1, 0])  # 1, or less where covariates explain some of the arm
        if of_arm <= 0.0:
            return None
        middle = float(self.observed.difference[0, 0]) / of_arm
        error = math.sqrt(max(float(self.observed.variance[0, 0]), 0.0)) / of_arm
        width = 8 * error if error > 0 else float(np.abs(self.redrawn.difference[0] / of_arm - middle).max())
        ends = []
        for sign in (-1.0, 1.0):
            far = middle + sign * width
            for _ in range(STEPS):
                if self.p(far) <= alpha:
                    break
                far = middle + 2 * (far - middle)
            else:
                return None
            near = middle
            for _ in range(STEPS):
                half = (near + far) / 2
                if half in (near, far):
                    break
                near, far = (half, far) if self.p(half) > alpha else (near, half)
            ends.append(near)
        return ends[0], ends[1]


@dataclass(frozen=True)
class _Items:
    """What was randomized (units, or clusters) in the two arms, with a known outcome: (m,) each, ordered by
    stratum, block and value, never by row. size: units of a cluster; values (q, m): sums of the outcome, and of the
    arm, less the stratum's mean; treated (m,) those of the arm as drawn; blocks: the same items, block by block, with
    home (blocks,) their strata."""

    stratum: Codes
    size: Floats
    values: Floats
    treated: Mask
    blocks: list[RedrawnBlock]
    home: Codes
    slack: float


def _items(cells: Cells, arm: int, reference: int, *, carried: EffectScale | None, adjusted: bool) -> _Items:
    two = np.flatnonzero((cells.arm == arm) | (cells.arm == reference))
    two = two[np.lexsort((cells.y[two], cells.stratum[two]))]  # sums then do not depend on the rows' order
    y, stratum, treated = cells.y[two], cells.stratum[two], cells.arm[two] == arm
    n = np.bincount(stratum, minlength=len(cells.units))
    shift = float(y.mean())
    columns = [y - shift]
    if carried is not None:
        columns.append(carried.carried(y, treated))
    if adjusted and cells.sample.x_names:
        columns = [_unexplained(cells, two, stratum, v) for v in columns]
    values = np.stack([v - (np.bincount(stratum, weights=v, minlength=len(n)) / n)[stratum] for v in columns])
    # figures far from 0 carry rounding of their own
    spread = float(np.max(np.abs(values[0])))
    slack = ROUNDING * spread + 1e-15 * float(np.max(np.abs(y)))
    sample = cells.sample
    block = sample.sets[cells.rows[two]]
    size: Floats = np.ones(len(y))
    if cells.cluster is not None:
        _, first, code = np.unique(cells.cluster[two], return_index=True, return_inverse=True)
        size = np.bincount(code).astype(float)
        values = np.stack([np.bincount(code, weights=v) for v in values])
        stratum, block, treated = stratum[first], block[first], treated[first]
    order = np.lexsort((*values[::-1], size, block, stratum))
    stratum, block, size, values, treated = (
        stratum[order], block[order], size[order], values[:, order], treated[order],
    )  # fmt: skip
    starts = np.flatnonzero((np.diff(stratum, prepend=-1) != 0) | (np.diff(block, prepend=-1) != 0))
    ends = np.append(starts[1:], len(stratum))
    blocks = [
        RedrawnBlock(values[:, a:b], int(treated[a:b].sum()))
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    return _Items(stratum, size, values, treated, blocks, stratum[starts], slack)


def _unexplained(cells: Cells, two: Codes, stratum: Codes, values: Floats) -> Floats:
    """What least squares on the covariates and the strata leaves of values (m,), given for the rows `two` of the cells."""
    sample = cells.sample
    place = np.unique(stratum, return_inverse=True)[1]
    rows = Rows(
        values,
        place,
        int(place.max()) + 1,
        sample.columns,
        take=cells.rows[two],
        use=tuple(range(len(sample.x_names))),
    )
    s = solve(rows, sample.x_names)
    left = np.concatenate([s.y(at) - s.z(at) @ s.beta for at in chunks(s.n)])
    left[np.abs(left) <= s.negligible] = 0.0
    return np.asarray(left)


def _products(values: Floats) -> Floats:
    """(r, ...) squares of the first, and with two products and squares of the second too."""
    if len(values) == 1:
        return np.asarray(values**2)
    return np.stack([values[0] ** 2, values[0] * values[1], values[1] ** 2])


class _Units:
    """Units: sums over the arm's units of a stratum of the values (T) and their products (Q) give the stratum's
    difference u T and its two variances. What they add to the whole (`_terms`) adds up over strata."""

    def __init__(self, cells: Cells, items: _Items, arm: int, reference: int) -> None:
        self.items = items
        self.q = len(items.values)
        self.r = 1 if self.q == 1 else 3
        n = cells.units[:, [arm, reference]].astype(float)
        self.share = cells.share
        self.small = small_strata(cells.units, arm, reference) & cells.blocked
        self.u = (1 / n).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            own = 1 / ((n - 1) * n)
        self.own = (
            np.where(self.small[:, None], 0.0, own) * (self.share**2)[:, None]
        )  # of each arm's sum of squares
        self.own_squared = (self.own / n).sum(axis=1)
        n_b = cells.n_b[self.small].astype(float)
        weight = np.zeros(len(n))
        if self.small.any():
            c = n_b**2 / (n_b.sum() - 2 * n_b)
            weight[self.small] = c / (n_b.sum() + c.sum()) * self.share[self.small].sum() ** 2
        self.weight = weight  # of (tau_b - tau_S)^2
        self.part = np.where(self.small, self.share, 0.0) / max(float(self.share[self.small].sum()), 1e-300)
        products = _products(items.values)
        self.columns = np.vstack([items.values, products])
        strata = len(n)
        self.total = np.stack([np.bincount(items.stratum, weights=p, minlength=strata) for p in products])

    def _terms(self, s: Codes, sums: Floats) -> Floats:
        """What strata s (B,) add, (terms, B, d), from their sums (q + r, B, d)."""
        t, products = sums[: self.q], sums[self.q :]
        column = s[:, None]
        tau = self.u[column] * t
        squares = _products(t)
        within = self.own[s, :1] * products + self.own[s, 1:] * (self.total[:, s, None] - products)
        within -= self.own_squared[column] * squares
        weight = self.weight[column]
        return np.concatenate(
            [
                self.share[column] * tau,
                within,
                self.part[column] * tau,
                weight * tau,
                weight * _products(tau),
            ]
        )

    def _statistic(self, terms: Floats) -> _Statistic:
        """From terms (terms, d) added up over strata."""
        q, r = self.q, self.r
        difference, within = terms[:q], terms[q : q + r]
        mean, once, twice = terms[q + r : 2 * q + r], terms[2 * q + r : 3 * q + r], terms[3 * q + r :]
        if not self.small.any():
            return _Statistic(difference, within)
        whole = float(self.weight.sum())
        if q == 1:
            between = twice - 2 * mean * once + whole * mean**2
        else:
            cross = np.stack(
                [2 * mean[0] * once[0], mean[0] * once[1] + mean[1] * once[0], 2 * mean[1] * once[1]]
            )
            between = twice - cross + whole * _products(mean)
        return _Statistic(difference, within + between)

    def _block_columns(self) -> Iterator[tuple[int, RedrawnBlock]]:
        start = 0
        for home, block in zip(self.items.home.tolist(), self.items.blocks, strict=True):
            yield home, RedrawnBlock(self.columns[:, start : start + block.n], block.k)
            start += block.n

    def observed(self) -> _Statistic:
        treated = self.items.treated
        strata = len(self.share)
        sums = np.stack(
            [
                np.bincount(self.items.stratum[treated], weights=c[treated], minlength=strata)
                for c in self.columns
            ]
        )
        every: Codes = np.arange(strata)
        return self._statistic(self._terms(every, sums[:, :, None].astype(float)).sum(axis=1))

    def every(self) -> _Statistic:
        terms = np.zeros((3 * self.q + 2 * self.r, 1))
        by_home: dict[int, list[RedrawnBlock]] = defaultdict(list)
        for home, block in self._block_columns():
            by_home[home].append(block)
        for home, blocks in by_home.items():
            sums = np.zeros((len(self.columns), 1))
            for block in blocks:
                sums = (sums[:, :, None] + every_sum(block)[:, None, :]).reshape(len(sums), -1)
            more = self._terms(np.array([home]), sums[:, None, :])[:, 0]
            terms = (terms[:, :, None] + more[:, None, :]).reshape(len(terms), -1)
        return self._statistic(terms)

    def drawn(self, rng: np.random.Generator, draws: int) -> _Statistic:
        alone, merged = self._urns()
        statistics = []
        for low in range(0, draws, BATCH):
            size = min(BATCH, draws - low)
            terms = np.zeros((3 * self.q + 2 * self.r, size))
            for strata, urn in alone:
                terms += self._terms(strata, urn.sums(rng, size)).sum(axis=1)
            for home, urns in merged:
                sums = sum(urn.sums(rng, size) for urn in urns)
                terms += self._terms(np.array([home]), np.asarray(sums)).sum(axis=1)
            statistics.append(self._statistic(terms))
        return _Statistic(
            np.concatenate([f.difference for f in statistics], axis=1),
            np.concatenate([f.variance for f in statistics], axis=1),
        )

    def _urns(self) -> tuple[list[tuple[Codes, Urn]], list[tuple[int, list[Urn]]]]:
        """Blocks that are strata, small ones of one size and share side by side; and the blocks of merged strata."""
        by_home: dict[int, list[RedrawnBlock]] = defaultdict(list)
        for home, block in self._block_columns():
            by_home[home].append(block)
        by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
        merged: list[tuple[int, list[Urn]]] = []
        alone: list[tuple[Codes, Urn]] = []
        for home, blocks in by_home.items():
            if len(blocks) > 1:
                merged.append((home, [Urn([b]) for b in blocks]))
            elif blocks[0].n > SIDE:
                alone.append((np.array([home]), Urn(blocks)))
            else:
                by_shape[blocks[0].n, blocks[0].k].append(home)
        for (n, _), homes in by_shape.items():
            step = max(SIDE // n, 1)
            for low in range(0, len(homes), step):
                some = homes[low : low + step]
                alone.append((np.array(some), Urn([by_home[h][0] for h in some])))
        return alone, merged


class _Pairs:
    """Pairs, of units or clusters: an arrangement gives each pair's difference its own sign, or the other. Squares stay,
    so the sum alone tells the variance B / (B - 1) sum (d_b - d / B)^2 of the weighted differences d_b."""

    def __init__(self, cells: Cells, items: _Items) -> None:
        means = items.values / items.size
        toward = np.where(items.treated, 1.0, -1.0) * cells.share[items.stratum]
        self.each = (means * toward).reshape(len(means), -1, 2).sum(axis=2)  # (q, pairs)
        self.squares = _products(self.each).sum(axis=1)
        self.pairs = self.each.shape[1]

    def _statistic(self, sums: Floats) -> _Statistic:
        rest = self.squares[:, None] - _products(sums) / self.pairs
        return _Statistic(sums, self.pairs / (self.pairs - 1) * rest)

    def observed(self) -> _Statistic:
        return self._statistic(self.each.sum(axis=1, keepdims=True))

    def every(self) -> _Statistic:
        sums = np.zeros((len(self.each), 1))
        for pair in range(self.pairs):
            more = self.each[:, pair, None] * np.array([1.0, -1.0])
            sums = (sums[:, :, None] + more[:, None, :]).reshape(len(sums), -1)
        return self._statistic(sums)

    def drawn(self, rng: np.random.Generator, draws: int) -> _Statistic:
        step = max(CELLS // self.pairs, 1)
        whole = self.each.sum(axis=1, keepdims=True)
        sums = [
            whole
            - 2 * sums_of(self.each, rng.integers(0, 2, (self.pairs, min(step, draws - low)), dtype=np.uint8))
            for low in range(0, draws, step)
        ]
        return self._statistic(np.concatenate(sums, axis=1))


SIDE = 64  # items of small blocks that are drawn side by side


class _Clusters:
    """Clusters: y ~ arm + block effects, v_b constant within a block, CR2 in closed form. A cluster lies in one arm, so
    its rows share one value z of the arm less the block's share of it, and its adjustment is one number."""

    def __init__(self, cells: Cells, items: _Items, arm: int, reference: int) -> None:
        assert cells.clusters is not None
        self.items = items
        self.paired = is_paired(cells.sample)  # but a block of one has joined a pair
        self.share = cells.share
        self.n = cells.units[:, [arm, reference]].sum(axis=1).astype(float)
        self.v = clustered_weights(cells.clusters, arm, reference)
        self.v = self.v / self.v.mean()
        self.starts = np.flatnonzero(np.diff(items.stratum, prepend=-1) != 0)

    def _by_stratum(self, values: Floats) -> Floats:
        """(strata, d) sums of (m, d)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))

    def _statistic(self, taken: Mask) -> _Statistic:
        """taken (m, d): which clusters the arm has in d arrangements."""
        items, n = self.items, self.n[:, None]
        mine = self._by_stratum(items.size[:, None] * taken)
        sums = [self._by_stratum(values[:, None] * taken) for values in items.values]
        if self.paired:
            return self._of_pairs(mine, sums)
        p = mine / n
        spread = mine * (1 - p)
        v = self.v[:, None]
        s1, s2 = (v * spread).sum(axis=0), (v**2 * spread).sum(axis=0)
        difference = np.stack([(v * t).sum(axis=0) / s1 for t in sums])
        z = taken - p[items.stratum]
        z2 = z * z
        own = v[items.stratum]
        left = 1 - items.size[:, None] * (1 / n[items.stratum] + z2 * (2 * own / s1 - s2 / s1**2))
        weight = (own / s1) ** 2 * z2 / np.maximum(left, LONE)
        rest = [
            values[:, None] - items.size[:, None] * z * d
            for values, d in zip(items.values, difference, strict=True)
        ]
        return _Statistic(difference, np.stack([(weight * e).sum(axis=0) for e in _each_product(rest)]))

    def _of_pairs(self, mine: Floats, sums: list[Floats]) -> _Statistic:
        n, share = self.n[:, None], self.share[:, None]
        each = [share * (1 / mine + 1 / (n - mine)) * t for t in sums]
        pairs = len(self.n)
        difference = np.stack([e.sum(axis=0) for e in each])
        away = [e - d / pairs for e, d in zip(each, difference, strict=True)]
        variance = [pairs / (pairs - 1) * e.sum(axis=0) for e in _each_product(away)]
        return _Statistic(difference, np.stack(variance))

    def observed(self) -> _Statistic:
        return self._statistic(self.items.treated[:, None])

    def _in_parts(self, taken: Mask) -> Iterator[_Statistic]:
        step = max(CLUSTER_CELLS // len(taken), 1)
        for low in range(0, taken.shape[1], step):
            yield self._statistic(taken[:, low : low + step])

    def every(self) -> _Statistic:
        taken = np.zeros((0, 1), dtype=bool)
        for block in self.items.blocks:
            more = every_choice(block)
            taken = np.vstack([np.repeat(taken, more.shape[1], axis=1), np.tile(more, (1, taken.shape[1]))])
        return _together(list(self._in_parts(taken)))

    def drawn(self, rng: np.random.Generator, draws: int) -> _Statistic:
        statistics = []
        step = max(CELLS // len(self.items.stratum), 1)
        for low in range(0, draws, step):
            size = min(step, draws - low)
            taken = np.vstack([one_by_one(rng, b.n, b.k, size) for b in self.items.blocks])
            statistics += list(self._in_parts(taken))
        return _together(statistics)


def _each_product(values: list[Floats]) -> list[Floats]:
    if len(values) == 1:
        return [values[0] ** 2]
    return [values[0] ** 2, values[0] * values[1], values[1] ** 2]


def _together(statistics: list[_Statistic]) -> _Statistic:
    return _Statistic(
        np.concatenate([f.difference for f in statistics], axis=1),
        np.concatenate([f.variance for f in statistics], axis=1),
    )

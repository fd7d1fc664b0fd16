"""Fragile comparisons: where the t test is known to err, told from pooled outcomes and counts alone.

- few_events: an outcome that is one and the same value for most people (no, nothing paid), with fewer than 10 people of
  either arm who have, or who lack, another. The variance is then guessed from next to nothing: with no event at all it
  collapses. In blocks only those count where the outcome varies: in the others nothing can be told.
- skewed: |gamma| > .25, gamma = m3 (1/n_a^2 - 1/n_0^2) / [s^2 (1/n_a + 1/n_0)]^(3/2), the skewness of the difference
  in means of two samples of one population (Hall 1992, The Bootstrap and Edgeworth Expansion, section 2.6, has
  the error of t that it makes), of outcomes less their block's mean. With arms of one size it is 0, however skewed the
  outcome. In blocks also the sum of theirs, sum w_b^3 m3_b (1/n_ba^2 - 1/n_b0^2) / [sum w_b^2 s_b^2 (1/n_ba +
  1/n_b0)]^(3/2): blocks whose shares are opposite cancel in the pooled one, and do so in truth only where they are
  skewed alike.
- unlike_skew: neither of these, and |sum_a +-m3_a / n_a^2| / [sum_a s_a^2 / n_a]^(3/2) > .15, the same of two arms that
  each have their own moments, in blocks added up with the weights of the estimate; of clusters, of their sums. A version
  that moves a few people far skews its own arm alone, and then t errs in arms of one size too, by about 1.3 points a
  side at .15 (the same expansion). Redrawing the lots as if the effect were the same for all can't see it.
- few_units: a small arm carries the error, and t counts the other's units. The degrees of freedom that the arms' parts of
  the variance leave (Satterthwaite 1946, with one variance an arm) are under 20 and under three quarters of those used.
- few_clusters: Satterthwaite's degrees of freedom under half of (clusters of the two arms less 2 a stratum), or under
  4.5, or under 20 and under three quarters of what clusters of one size would leave: a few clusters decide.

Two more are found where both tests are made (`rct.analysis.compute`): tests_disagree, and worthwhile_open.

There a verdict asks for the randomization test too, and the interval that is told is Newcombe's for a yes/no outcome of
units, else the randomization test's own: docs/methods.md, section 13.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from rct.estimate.cells import Cells
from rct.estimate.records import Codes, Estimate, Floats, Mask

EVENTS = 10
SKEWED = 0.25
UNLIKE_SKEW = 0.15  # estimated from two arms, and not from one pool, so that less of it is seen
TELLING = 10  # degrees of freedom of an arm, from which its third moment is more than chance
FEW_DF = 4.5  # four, where sums of squares leave 3.9999 or 4.0001
# Ten clusters of which one holds most units leave 4.9 degrees of freedom of 8, over half, and err in 13 of 100 draws.
UNLIKE = 0.75  # of what clusters of one size would leave, or of what t counts
ENOUGH_DF = 20.0  # from which it does no harm
PART = 1 << 16  # units looked at together
Table = tuple[tuple[float, float], tuple[float, float]]


def reasons(estimate: Estimate, cells: Cells, arm: int, reference: int, slopes: int = 0) -> tuple[str, ...]:
    """Why one line is fragile, () if nothing speaks for it. A line without a test has nothing to be misled by.

    slopes: how many covariates have slopes of their own in each arm.
    """
    if estimate.p_value is None or estimate.df is None:
        return ()
    found = []
    if _few_events(cells, arm, reference):
        found.append("few_events")
    if _skewness(cells, arm, reference) > SKEWED:
        found.append("skewed")
    if not found and abs(own_skewness(cells, arm, reference)) > UNLIKE_SKEW:  # else it is said already
        found.append("unlike_skew")
    if cells.clusters is not None:
        counts = cells.clusters[:, [arm, reference]]
        full = float(counts.sum() - 2 * len(cells.units))
        unlike = estimate.df < ENOUGH_DF and estimate.df < UNLIKE * _of_alike(counts)
        if estimate.df < FEW_DF or estimate.df < full / 2 or unlike:
            found.append("few_clusters")
    else:
        left = _df_of_arms(cells, arm, reference, slopes)
        if left < ENOUGH_DF and left < UNLIKE * estimate.df:
            found.append("few_units")
    return tuple(found)


def _of_alike(counts: Codes) -> float:
    """The degrees of freedom that clusters of one size would leave. counts: (strata, 2) of the two arms' clusters."""
    if len(counts) > 1:
        return float(counts.sum() - len(counts) - 1)  # of the regression on the arm and block effects
    a, b = (float(n) for n in counts[0])
    if min(a, b) < 2:
        return 0.0
    return (1 / a + 1 / b) ** 2 / (1 / (a * a * (a - 1)) + 1 / (b * b * (b - 1)))


def _df_of_arms(cells: Cells, arm: int, reference: int, slopes: int) -> float:
    """V^2 / sum V_a^2 / df_a over the two arms, V_a = s_a^2 sum_b w_b^2 / n_ba; infinite where nothing is to be told
    (cells of one unit have a variance of their own, an outcome that does not vary has none)."""
    whole = within = 0.0
    n = cells.units[:, [arm, reference]].astype(float)
    large = n.min(axis=1) >= 2
    if not large.any():
        return math.inf
    share = cells.share[large] ** 2
    for i, code in enumerate((arm, reference)):
        squares = _squares_within(cells, code, large)
        units = n[large, i]
        spare = units.sum() - len(units)
        part = share / units
        variance = squares / spare * float(part.sum())
        df = float(part.sum() ** 2 / np.sum(part**2 / (units - 1)))
        df *= max(spare - slopes, 1) / spare
        whole += variance
        within += variance**2 / df
    return whole**2 / within if within > 0 else math.inf


def _squares_within(cells: Cells, code: int, large: Mask) -> float:
    """The sum of squares of an arm's outcomes about the means of their strata, those that are `large`."""
    if len(large) == 1:
        y = cells.y[cells.arm == code]
        return _powers(y, float(y.mean()))[0]
    mine = (cells.arm == code) & large[cells.stratum]
    e = _within(cells.y[mine], cells.stratum[mine], len(large))
    return float(e @ e)


def _two(cells: Cells, arm: int, reference: int) -> tuple[Floats, Mask, Codes]:
    """The two arms' outcomes, which of them are the arm's, and their strata. To be read alone: where there are no other
    arms they are those of all units, not copied."""
    mine = cells.arm == arm
    at = mine | (cells.arm == reference)
    return (cells.y, mine, cells.stratum) if at.all() else (cells.y[at], mine[at], cells.stratum[at])


def _few_events(cells: Cells, arm: int, reference: int) -> bool:
    y, mine, stratum = _two(cells, arm, reference)
    usual = _held_by_half(y)
    if usual is None:
        return False
    other = y != usual
    strata = len(cells.units)
    if strata == 1:
        return (
            min(int(np.sum((mine == a) & (other == b))) for a in (True, False) for b in (True, False))
            < EVENTS
        )
    events = np.bincount(stratum, weights=other, minlength=strata)
    varies = (events > 0) & (events < np.bincount(stratum, minlength=strata))
    inside = varies[stratum]
    each = [int(np.sum(inside & (mine == a) & (other == b))) for a in (True, False) for b in (True, False)]
    return min(each) < EVENTS


def _held_by_half(y: Floats) -> float | None:
    """The value that half of the units or more have, the smaller of two; None where there is none. It is the median."""
    middle = len(y) // 2
    ordered = np.partition(y, [max(middle - 1, 0), middle])
    for value in (float(ordered[max(middle - 1, 0)]), float(ordered[middle])):
        if 2 * int(np.sum(y == value)) >= len(y):
            return value
    return None


def _skewness(cells: Cells, arm: int, reference: int) -> float:
    """|gamma|: of the units and, where clusters were drawn, of the clusters' sums, whichever is larger."""
    y, mine, stratum = _two(cells, arm, reference)
    y = _within(y - y.mean(), stratum, len(cells.units)) if len(cells.units) > 1 else y
    worst = abs(skewness(y[mine], y[~mine]))
    if cells.cluster is None:
        return max(worst, abs(_block_skewness(cells, y, stratum, arm, reference)))
    sums, first = _cluster_sums(cells.cluster, y, cells.arm, arm, reference)
    return max(worst, abs(skewness(sums[mine[first]], sums[~mine[first]])))


def _cluster_sums(cluster: Codes, y: Floats, of: Codes, arm: int, reference: int) -> tuple[Floats, Codes]:
    """The sum of y in each cluster of the two arms, and the place of its first unit among theirs. cluster, of: of all
    units, their clusters and arms; y: of the two arms' units."""
    _, first, code = np.unique(
        cluster[(of == arm) | (of == reference)], return_index=True, return_inverse=True
    )
    return np.bincount(code, weights=y).astype(float), first


def _within(y: Floats, stratum: Codes, strata: int) -> Floats:
    """y less the mean of its stratum."""
    if strata == 1:
        return np.asarray(y - y.mean())
    n = np.maximum(np.bincount(stratum, minlength=strata), 1)
    return np.asarray(y - (np.bincount(stratum, weights=y, minlength=strata) / n)[stratum])


def _block_skewness(cells: Cells, y: Floats, stratum: Codes, arm: int, reference: int) -> float:
    """gamma of a sum over blocks with the weights of the estimate, each with its own skewness; y less its block's mean.
    0 without blocks, and where nothing varies. Blocks of under three units have no third moment to tell."""
    units = cells.units[:, [arm, reference]].astype(float)
    n = units.sum(axis=1)
    large = (units.min(axis=1) > 0) & (n > 2)
    if len(units) == 1 or not large.any():
        return 0.0
    y = y / max(float(np.max(np.abs(y))), 1e-300)
    n, share = n[large], cells.share[large]
    a, b = (1 / units[large]).T
    s2 = np.bincount(stratum, weights=y**2, minlength=len(units))[large] / (n - 1)
    m3 = np.bincount(stratum, weights=y * y * y, minlength=len(units))[large] / n
    error2 = float(np.sum(share**2 * s2 * (a + b)))
    if error2 == 0.0:
        return 0.0
    return float(np.sum(share**3 * m3 * (a**2 - b**2)) / math.pow(error2, 1.5))


def own_skewness(cells: Cells, arm: int, reference: int) -> float:
    """gamma of the difference of two arms that have each their own second and third moments, about the means of their own
    cells; 0 where nothing varies, and where an arm has too few units (or clusters) to tell a third moment."""
    y, mine, stratum = _two(cells, arm, reference)
    units = cells.units[:, [arm, reference]].astype(float)
    mean = float(y.mean())
    scale = max(float(y.max()) - mean, mean - float(y.min()), 1e-300)
    if len(units) == 1 and cells.cluster is None:
        return _own_of_two(y[mine], y[~mine], scale)
    y = (y - mean) / scale
    if cells.cluster is not None:
        y = _within(y, stratum, len(units))
        y, first = _cluster_sums(cells.cluster, y, cells.arm, arm, reference)
        mine, stratum = mine[first], stratum[first]
    third = error2 = 0.0
    for of_arm, sign, n_units in ((mine, 1, units[:, 0]), (~mine, -1, units[:, 1])):
        at = stratum[of_arm]
        n = np.bincount(at, minlength=len(units)).astype(float)
        e = _within(y[of_arm], at, len(units))
        weight = cells.share / np.maximum(n_units, 1)
        if np.sum(np.maximum(n - 1, 0)) < TELLING:
            return 0.0
        spare = np.maximum(n - 1, 1)
        error2 += float(np.sum(weight**2 * n / spare * np.bincount(at, weights=e**2, minlength=len(n))))
        third += sign * float(np.sum(weight**3 * np.bincount(at, weights=e * e * e, minlength=len(n))))
    return third / math.pow(error2, 1.5) if error2 > 0 else 0.0


def _own_of_two(mine: Floats, theirs: Floats, scale: float) -> float:
    """The same for two arms of units without strata."""
    third = error2 = 0.0
    for part, sign in ((mine, 1), (theirs, -1)):
        n = len(part)
        if n - 1 < TELLING:
            return 0.0
        squares, cubes = _powers(part, float(part.mean()), scale)
        error2 += squares / (n * (n - 1))
        third += sign * cubes / n**3
    return third / math.pow(error2, 1.5) if error2 > 0 else 0.0


def skewness(mine: Floats, theirs: Floats) -> float:
    """gamma of two arms' outcomes, (n_a,) and (n_0,); 0 where nothing varies."""
    n = len(mine) + len(theirs)
    mean = (float(mine.sum()) + float(theirs.sum())) / n
    scale = max(float(np.max(np.abs((part.max() - mean, part.min() - mean)))) for part in (mine, theirs))
    squares, cubes = np.sum([_powers(part, mean, max(scale, 1e-300)) for part in (mine, theirs)], axis=0)
    s2 = float(squares) / max(n - 1, 1)
    if s2 == 0.0:
        return 0.0
    m3 = float(cubes) / n
    a, b = 1 / len(mine), 1 / len(theirs)
    return float(m3 * (a**2 - b**2) / (s2 * (a + b)) ** 1.5)


def _powers(y: Floats, mean: float, scale: float = 1.0) -> tuple[float, float]:
    """The sums of squares and of cubes of (y - mean) / scale, by parts: a million cubes need no memory of their own."""
    squares = cubes = 0.0
    for low in range(0, len(y), PART):
        e = (y[low : low + PART] - mean) / scale  # cubes of amounts of any size stay finite
        square = e * e
        squares += float(square.sum())
        cubes += float(square @ e)
    return squares, cubes


def wilson(events: float, n: float, alpha: float) -> tuple[float, float]:
    """Wilson's (1927, JASA 22(158)) interval of a share, of level 1 - alpha."""
    z = float(stats.norm.ppf(1 - alpha / 2))
    p = events / n
    middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = ((middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    return (0.0 if events == 0 else low), (1.0 if events == n else high)


def newcombe(table: Table, alpha: float) -> tuple[float, float]:
    """Newcombe's (1998, Statistics in Medicine 17(8), method 10) interval of the difference of two shares, of level
    1 - alpha. table: (events, non-events) of the arm and of the control."""
    (a, b), (c, d) = table
    p, q = a / (a + b), c / (c + d)
    (p_low, p_high), (q_low, q_high) = wilson(a, a + b, alpha), wilson(c, c + d, alpha)
    return p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)


def newcombe_of(
    cells: Cells, arm: int, reference: int, alpha: float, estimate: float
) -> tuple[float, float] | None:
    """Newcombe's interval of a yes/no outcome of units, about an estimate; None for any other outcome.

    In blocks the shares have the weights n_b / N, and Wilson's interval of each its effective number of units,
    1 / sum (w_b^2 / n_ba): where every block is split alike that is n_a, and all is as without blocks. An outcome of yes
    and no has no constant effect, so that an inverted test of one leaves out what may be.
    """
    mine, theirs = cells.arm == arm, cells.arm == reference
    y = cells.y
    if cells.clusters is not None or not np.all((y[mine | theirs] == 0) | (y[mine | theirs] == 1)):
        return None
    table = []
    difference = 0.0
    for rows, code in ((mine, arm), (theirs, reference)):
        units = cells.units[:, code].astype(float)
        share = float(
            cells.share @ (np.bincount(cells.stratum[rows], weights=y[rows], minlength=len(units)) / units)
        )
        n = 1 / float(np.sum(cells.share**2 / units))
        events = min(max(share, 0.0), 1.0) * n
        table.append((events, n - events))
        difference += share if code == arm else -share
    low, high = newcombe((table[0], table[1]), alpha)
    away = estimate - difference  # what adjusting for covariates moved
    return max(low + away, -1.0), min(high + away, 1.0)

"""Fragile comparisons: where the t test is known to err, told from pooled outcomes and counts alone.

- few_events: a yes/no outcome with fewer than 5 events, or non-events, in either arm. The variance is then guessed
  from next to nothing: with no event at all it collapses.
- skewed: |gamma| > .25, gamma = m3 (1/n_a^2 - 1/n_0^2) / [s^2 (1/n_a + 1/n_0)]^(3/2), the skewness of the difference
  in means of two samples of one population (Hall 1992, The Bootstrap and Edgeworth Expansion, section 2.6, has
  the error of t that it makes). With arms of one size it is 0, however skewed the outcome.
- few_clusters: Satterthwaite's degrees of freedom under half of (clusters of the two arms less 2 a stratum), or under
  4, or under 20 and under three quarters of what clusters of one size would leave: a few clusters decide.

There a verdict asks for the randomization test too, and the interval that is told is Newcombe's for a yes/no outcome
without blocks, else the randomization test's own: docs/methods.md, section 13.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from rct.estimate.cells import Cells
from rct.estimate.checks import FEW_EVENTS
from rct.estimate.records import Codes, Estimate, Floats, Sample

SKEWED = 0.25
FEW_DF = 4.0
# Ten clusters of which one holds most units leave 4.9 degrees of freedom of 8, over half, and err in 13 of 100 draws.
UNLIKE = 0.75  # of what clusters of one size would leave
ENOUGH_DF = 20.0  # from which unlike sizes do no harm
Table = tuple[tuple[int, int], tuple[int, int]]


def reasons(made: Estimate, cells: Cells, arm: int, reference: int) -> tuple[str, ...]:
    """Why one line is fragile, () if nothing speaks for it. A line without a test has nothing to be misled by."""
    if made.p_value is None or made.df is None:
        return ()
    found = []
    table = yes_no_table(cells, arm, reference)
    if table is not None and min(min(row) for row in table) < FEW_EVENTS:
        found.append("few_events")
    if _skewness(cells, arm, reference) > SKEWED:
        found.append("skewed")
    if cells.clusters is not None:
        counts = cells.clusters[:, [arm, reference]]
        full = float(counts.sum() - 2 * len(cells.units))
        unlike = made.df < ENOUGH_DF and made.df < UNLIKE * _of_alike(counts)
        if made.df < FEW_DF or made.df < full / 2 or unlike:
            found.append("few_clusters")
    return tuple(found)


def _of_alike(counts: Codes) -> float:
    """The degrees of freedom that clusters of one size would leave. counts: (strata, 2) of the two arms' clusters."""
    if len(counts) > 1:
        return float(counts.sum() - len(counts) - 1)  # of the regression on the arm and block effects
    a, b = (float(n) for n in counts[0])
    if min(a, b) < 2:
        return 0.0
    return (1 / a + 1 / b) ** 2 / (1 / (a * a * (a - 1)) + 1 / (b * b * (b - 1)))


def yes_no_table(rows: Cells | Sample, arm: int, reference: int) -> Table | None:
    """(events, non-events) of the arm and of the control where every known outcome of theirs is 0 or 1."""
    mine, theirs = (rows.y[(rows.arm == code) & ~np.isnan(rows.y)] for code in (arm, reference))
    if not all(np.all((y == 0) | (y == 1)) for y in (mine[:1000], mine, theirs)):
        return None
    events = int(mine.sum()), int(theirs.sum())
    return (events[0], len(mine) - events[0]), (events[1], len(theirs) - events[1])


def _skewness(cells: Cells, arm: int, reference: int) -> float:
    """|gamma|: of the units and, where clusters were drawn, of the clusters' sums, whichever is larger."""
    two = np.isin(cells.arm, [arm, reference])
    y, of = cells.y[two], cells.arm[two]
    worst = abs(skewness(y[of == arm], y[of == reference]))
    if cells.cluster is None:
        return worst
    _, first, code = np.unique(cells.cluster[two], return_index=True, return_inverse=True)
    sums = np.bincount(code, weights=y - y.mean())
    mine = of[first] == arm
    return max(worst, abs(skewness(sums[mine], sums[~mine])))


def skewness(mine: Floats, theirs: Floats) -> float:
    """gamma of two arms' outcomes, (n_a,) and (n_0,); 0 where nothing varies."""
    y = np.concatenate([mine, theirs])
    y = y - y.mean()
    y = y / max(float(np.max(np.abs(y))), 1e-300)  # cubes of amounts of any size stay finite
    s2 = float(y @ y) / max(len(y) - 1, 1)
    if s2 == 0.0:
        return 0.0
    m3 = float(np.mean(y**3))
    a, b = 1 / len(mine), 1 / len(theirs)
    return float(m3 * (a**2 - b**2) / (s2 * (a + b)) ** 1.5)


def wilson(events: int, n: int, alpha: float) -> tuple[float, float]:
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

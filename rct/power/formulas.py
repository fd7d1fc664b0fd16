"""Power of one comparison of two groups, and solving it for a size or an effect.

Every formula counts the chance of rejecting in the right direction only, as R's `power.prop.test` and
`power.t.test` do with their default `strict = FALSE`. Tests are two-sided. Shares of few events: rct.power.rare.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtrit


def proportions(
    p1: float, p2: float, n1: float, n2: float, alpha: float, df: float | None = None, pooled: bool = False
) -> float:
    """The chance that the test of two shares p1, p2 (groups of n1, n2) rejects at two-sided `alpha`.

    Each group has its own variance, as in the tests that plans name (Welch, HC2):

        Phi(|p1 - p2| / sqrt(p1 (1 - p1)/n1 + p2 (1 - p2)/n2) - z)

    and with `df` (of clusters: clusters - 2) the noncentral t in the place of the normal. `pooled` is the test
    that takes one variance for both groups, as R's `power.prop.test` does: no plan's, a check of the arithmetic
    (Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, chapter 4, without continuity
    correction). Zero when df is not positive.
    """
    spread = math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    if df is not None:
        return _beyond(abs(p1 - p2), spread, df, alpha)
    p = (n1 * p1 + n2 * p2) / (n1 + n2)
    under_null = math.sqrt(p * (1 - p) * (1 / n1 + 1 / n2)) if pooled else spread
    margin = abs(p1 - p2) + float(ndtri(alpha / 2)) * under_null
    if spread == 0:
        return float(margin > 0)
    return float(ndtr(margin / spread))


def means(
    delta: float,
    sd: float,
    n1: float,
    n2: float,
    alpha: float,
    df: float | None = None,
    both_tails: bool = False,
) -> float:
    """The chance that the t-test of two means rejects at two-sided `alpha`, by the noncentral t distribution.

    The true difference is `delta`, `sd` the standard deviation in each group, n1 and n2 their sizes; df is
    n1 + n2 - 2 unless given (with clusters: clusters - 2). `both_tails` adds the chance of rejecting in the
    wrong direction, as pwr's `pwr.t2n.test` and `power.t.test(strict = TRUE)` do. Zero when df is not
    positive.
    """
    df = n1 + n2 - 2 if df is None else df
    spread = sd * math.sqrt(1 / n1 + 1 / n2)
    right = _beyond(abs(delta), spread, df, alpha)
    if not both_tails or df <= 0:
        return right
    return right + _noncentral_t(float(stdtrit(df, alpha / 2)), df, abs(delta) / spread)


def _beyond(effect: float, spread: float, df: float, alpha: float) -> float:
    """The chance that a t statistic around effect / spread lies beyond the upper critical value."""
    if df <= 0:
        return 0.0
    t = -float(stdtrit(df, alpha / 2))
    if spread == 0:
        return float(effect > 0)
    return 1 - _noncentral_t(t, df, effect / spread)


def _noncentral_t(x: float, df: float, shift: float) -> float:
    """P(T <= x). scipy gives nan far out in the lower tail, below about 1e-40: that is 0."""
    p = float(nctdtr(df, shift, x))
    return 0.0 if math.isnan(p) else p


def design_effect(cluster_size: float, icc: float, cv: float = 0.0) -> float:
    """How many times more units a trial of clusters needs: 1 + ((1 + cv^2) m - 1) ICC.

    m is the mean cluster size, cv the coefficient of variation of sizes (Eldridge, Ashby and Kerry 2006,
    International Journal of Epidemiology 35(5), 1292-1300); with cv = 0 it is Kish's 1 + (m - 1) ICC.
    """
    return 1 + ((1 + cv * cv) * cluster_size - 1) * icc


def least(power: Callable[[float], float], target: float, start: float, high: float) -> float | None:
    """The least x up to `high` with power(x) >= target, for a rising power; None: not even at `high`.

    Looks at `start`, twice `start`, and so on, then solves between the last two to a relative 1e-13, so that
    power(least(...)) is the target to more than ten digits.
    """
    low, x = 0.0, min(start, high)
    while power(x) < target:
        if x >= high:
            return None
        low, x = x, min(2 * x, high)
    return float(brentq(lambda at: power(at) - target, low, x, xtol=1e-300, rtol=1e-13, maxiter=500))

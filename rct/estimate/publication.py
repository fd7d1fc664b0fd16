"""Were trials left in a drawer? Two checks on a set of estimates, and when neither may be asked.

Both need ten trials or more (Sterne et al. 2011); neither can tell a drawer from an honest reason why small trials
differ, and neither can find what nobody wrote down. They describe a set of trials and correct nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import minimize
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from rct.estimate.pool import pool
from rct.estimate.records import Floats

LEAST = 10  # trials
LEAST_EACH_SIDE = 3  # trials on either side of the step of the selection model
STEP = 0.025  # one-sided: 'significant at 5 percent, in the hoped-for direction'


@dataclass(frozen=True)
class SmallStudies:
    """Egger's regression: whether smaller trials find other effects. `slope` per unit of standard error; `limit` the
    effect that the line gives to an endlessly large trial, with its interval."""

    slope: float
    std_error: float
    statistic: float
    df: int
    p_value: float
    limit: float
    limit_low: float
    limit_high: float


@dataclass(frozen=True)
class Selection:
    """A three-parameter selection model (Vevea and Hedges 1995), by maximum likelihood.

    relative_chance  how likely a result without significance in the hoped-for direction is to be seen, beside one
                     with it (1: no selection; under 1: nulls are missing)
    statistic, p_value  likelihood ratio against no selection, chi-squared with 1 df
    estimate, tau2   average effect and variance between trials if the model of selection held
    significant      trials that are significant in the hoped-for direction
    """

    relative_chance: float
    statistic: float
    p_value: float
    estimate: float
    tau2: float
    significant: int


def small_studies(
    estimates: Sequence[float], variances: Sequence[float], conf_level: float = 0.95
) -> SmallStudies:
    """Egger et al. (1997): regression of the estimates on their standard errors, weights 1/variance, t with k - 2.

    As metafor's `regtest(x, sei, model = "lm")`. Raises ValueError under ten trials, or where all standard errors are
    equal and there is no line.
    """
    y, v = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    k = len(y)
    if k < LEAST:
        raise ValueError("it needs ten trials")
    se = np.sqrt(v)
    X = np.column_stack([np.ones(k), se]) / se[:, None]
    if np.ptp(se) <= 1e-9 * se.max():
        raise ValueError("all standard errors are equal")
    q, r = np.linalg.qr(X)
    b = np.linalg.solve(r, q.T @ (y / se))
    rest = y / se - X @ b
    inverse = np.linalg.inv(r)
    errors = np.sqrt(np.sum(inverse**2, axis=1) * float(rest @ rest) / (k - 2))
    statistic = float(b[1] / errors[1])
    half = float(stdtrit(k - 2, (1 + conf_level) / 2) * errors[0])
    return SmallStudies(
        slope=float(b[1]),
        std_error=float(errors[1]),
        statistic=statistic,
        df=k - 2,
        p_value=float(2 * stdtr(k - 2, -abs(statistic))),
        limit=float(b[0]),
        limit_low=float(b[0]) - half,
        limit_high=float(b[0]) + half,
    )


def selection(estimates: Sequence[float], variances: Sequence[float], sign: int = 1) -> Selection:
    """A step at one-sided p = .025 in the hoped-for direction (`sign` -1: less is better), random effects.

    As metafor's `selmodel(rma(y, v, method = "ML"), type = "stepfun", steps = .025)`. Raises ValueError under ten
    trials, or with fewer than three on either side of the step, where the relative chance can't be told.
    """
    y, v = sign * np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if len(y) < LEAST:
        raise ValueError("it needs ten trials")
    cut = -float(ndtri(STEP)) * np.sqrt(v)
    seen = y >= cut
    if min(int(seen.sum()), int((~seen).sum())) < LEAST_EACH_SIDE:
        raise ValueError("it needs three trials on either side of the step")
    scale = math.sqrt(float(np.median(v)))
    y, v, cut = y / scale, v / scale**2, cut / scale

    def minus_log_likelihood(parameters: Floats, selecting: bool) -> float:
        mu, tau2 = float(parameters[0]), float(parameters[1]) ** 2
        log_chance = float(parameters[2]) if selecting else 0.0
        spread = np.sqrt(v + tau2)
        value = float(np.sum(np.log(spread) + ((y - mu) / spread) ** 2 / 2))
        if selecting:
            above = ndtr((mu - cut) / spread)
            value += float(np.sum(np.log(above + math.exp(log_chance) * (1 - above))))
            value -= log_chance * int((~seen).sum())
        return value

    start = pool(y.tolist(), v.tolist(), "DL", "normal")
    typical = max(start.tau, 1.0)
    free = _least(
        lambda p: minus_log_likelihood(p, False), [(start.estimate, tau) for tau in (typical, typical / 10)]
    )
    starts = product((float(free[0][0]), 0.0), (typical, typical / 10), (0.0, -1.5))
    best = _least(lambda p: minus_log_likelihood(p, True), list(starts))
    statistic = max(0.0, 2 * (free[1] - best[1]))
    return Selection(
        relative_chance=math.exp(float(best[0][2])),
        statistic=statistic,
        p_value=float(chdtrc(1, statistic)),
        estimate=sign * float(best[0][0]) * scale,
        tau2=float(best[0][1]) ** 2 * scale**2,
        significant=int(seen.sum()),
    )


def _least(function: Callable[[Floats], float], starts: Sequence[tuple[float, ...]]) -> tuple[Floats, float]:
    """The least value over several starts (the likelihood may have two peaks): a simplex search from each, and from
    where the best one ended two more, finer."""
    at, value = np.asarray(starts[0], dtype=float), math.inf
    for start in starts:
        optimum = minimize(function, np.asarray(start), method="Nelder-Mead", options={"maxiter": 400})
        if optimum.fun < value:
            at, value = np.asarray(optimum.x, dtype=float), float(optimum.fun)
    for _ in range(2):
        fine = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 5000}
        optimum = minimize(function, at, method="Nelder-Mead", options=fine)  # type: ignore[call-overload]
        at, value = np.asarray(optimum.x, dtype=float), float(optimum.fun)
    return at, value

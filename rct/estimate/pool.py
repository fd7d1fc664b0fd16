"""Pooling the effects of several trials: how large is the effect on average?

Each trial gives one estimate y_i with variance v_i. Fixed effect: one effect everywhere, weights 1/v_i. Random
effects: y_i ~ N(mu, v_i + tau2), weights 1/(v_i + tau2), with tau2 by DerSimonian and Laird (1986), by restricted
maximum likelihood, or by Paule and Mandel (1982). Intervals are normal, or by Hartung and Knapp (2001) and Sidik and
Jonkman (2002): the standard error times the root of q = sum w (y - mu)^2 / (k - 1), and t with k - 1 degrees of
freedom. Definitions are those of R's metafor (Viechtbauer 2010), `rma`, whose answers the tests hold these to. What
is told of a pool is `leading`, the wider of these two intervals, and of the next city `prediction.new_city`.

Several estimates of one trial (arms that share a control, outcomes of the same people) are first made one by
generalized least squares with their known covariance: `within`. That is the model in which trials differ and the
arms of a trial share its effect, metafor's `rma.mv(y, V, random = ~ 1 | trial)`, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from rct.estimate.records import Floats

Method = Literal["fixed", "DL", "REML", "PM"]
Test = Literal["normal", "hartung_knapp"]


@dataclass(frozen=True)
class Interval:
    """An estimate's standard error, test and interval, and where the next trial's effect would lie as metafor's
    `predict` has it (random effects)."""

    std_error: float
    statistic: float | None  # None where the standard error is 0
    p_value: float | None
    conf_low: float
    conf_high: float
    predict_low: float | None
    predict_high: float | None


@dataclass(frozen=True)
class Pooled:
    """The answer of one method. Units are those of the estimates; `i2` is a percentage.

    df         degrees of freedom of the t test, None where the test is normal
    tau2, tau  variance and standard deviation of the true effects between trials; 0 for the fixed effect
    i2         100 tau2 / (tau2 + typical within variance) (Higgins and Thompson 2002); for the fixed effect, which
               has no tau2, 100 (Q - df) / Q, not below 0
    q, q_df, q_p  Cochran's test that all trials have one effect: Q with fixed-effect weights, chi-squared
    factor     Hartung and Knapp's q (None where the test is normal); under 1 it makes the interval narrower than
               the trials' own errors allow, and `truncated` is the interval with the factor held at 1
    plain      the normal interval, from the weights alone
    weights    each trial's share of the weight, summing to 1, in the order given
    """

    method: Method
    test: Test
    k: int
    estimate: float
    interval: Interval
    df: int | None
    conf_level: float
    tau2: float
    i2: float
    q: float
    q_df: int
    q_p: float
    factor: float | None
    truncated: Interval | None
    plain: Interval
    weights: tuple[float, ...]

    @property
    def leading(self) -> Interval:
        """What is told: the wider of the method's interval and the normal one.

        Trials that agree by luck make Hartung and Knapp's q, and with it the interval, as small as they like: where it
        comes out narrower than the normal one, of two to five trials with one effect, it holds 60 to 84 times in 100.
        """
        return replace(
            self.plain if self.leading_test == "normal" else self.interval,
            predict_low=None,
            predict_high=None,
        )

    @property
    def leading_test(self) -> Test:
        """Whose interval `leading` is."""
        ours, plain = self.interval, self.plain
        return self.test if ours.conf_high - ours.conf_low >= plain.conf_high - plain.conf_low else "normal"

    @property
    def tau(self) -> float:
        return math.sqrt(self.tau2)


@dataclass(frozen=True)
class Combined:
    """One trial's several estimates made one. `q`, `df`, `q_p`: do they differ by more than chance (chi-squared)?"""

    estimate: float
    variance: float
    q: float
    df: int
    q_p: float
    weights: tuple[float, ...]


def pool(
    estimates: Sequence[float],
    variances: Sequence[float],
    method: Method = "REML",
    test: Test = "hartung_knapp",
    conf_level: float = 0.95,
) -> Pooled:
    """Pool k independent estimates with their variances (squared standard errors).

    Raises ValueError for fewer than two, for a value that isn't finite, or for a variance that isn't above 0.
    """
    y, v = checked(estimates, variances)
    k = len(y)
    tau2 = 0.0 if method == "fixed" else TAU2[method](y, v)
    w = 1.0 / (v + tau2)
    mu = float(w @ y / w.sum())
    plain = 1.0 / math.sqrt(w.sum())
    fixed = 1.0 / v
    q = float(fixed @ (y - fixed @ y / fixed.sum()) ** 2)
    q_df = k - 1
    if method == "fixed":
        i2 = 100 * max(0.0, (q - q_df) / q) if q > 0 else 0.0
    else:
        i2 = 100 * tau2 / (tau2 + typical_variance(v))

    def interval(se: float, df: int | None) -> Interval:
        return _interval(mu, se, None if method == "fixed" else tau2, df, conf_level)

    factor = truncated = None
    normal = interval(plain, None)
    if test == "hartung_knapp":
        factor = float(w @ (y - mu) ** 2) / (k - 1)
        main = interval(plain * math.sqrt(factor), k - 1)
        if factor < 1 - 1e-9:  # Paule and Mandel's is 1 by definition
            truncated = interval(plain, k - 1)
    else:
        main = normal
    return Pooled(
        method=method,
        test=test,
        k=k,
        estimate=mu,
        interval=main,
        df=k - 1 if test == "hartung_knapp" else None,
        conf_level=conf_level,
        tau2=tau2,
        i2=i2,
        q=q,
        q_df=q_df,
        q_p=float(chdtrc(q_df, q)),
        factor=factor,
        truncated=truncated,
        plain=normal,
        weights=tuple(float(x) for x in w / w.sum()),
    )


def typical_variance(variances: Floats) -> float:
    """The typical variance within a trial (Higgins and Thompson 2002): (k - 1) / (sum w - sum w^2 / sum w)."""
    w = 1.0 / variances
    return float((len(w) - 1) / (w.sum() - (w @ w) / w.sum()))


def leave_one_out(
    estimates: Sequence[float],
    variances: Sequence[float],
    method: Method = "REML",
    test: Test = "hartung_knapp",
    conf_level: float = 0.95,
) -> tuple[Pooled, ...]:
    """The answer without each trial in turn, in the order given. Raises ValueError for fewer than three trials."""
    if len(estimates) < 3:
        raise ValueError("it needs three trials or more")
    y, v = list(estimates), list(variances)
    return tuple(
        pool(y[:i] + y[i + 1 :], v[:i] + v[i + 1 :], method, test, conf_level) for i in range(len(y))
    )


def within(estimates: Sequence[float], covariance: Sequence[Sequence[float]]) -> Combined:
    """One trial's estimates as one, by generalized least squares with their known covariance V.

    estimate 1'V^-1 y / 1'V^-1 1, variance 1 / 1'V^-1 1. Raises ValueError where V is no covariance matrix (not
    symmetric, or not positive definite).
    """
    y, V = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    if V.shape != (len(y), len(y)) or not np.all(np.isfinite(V)) or not np.all(np.isfinite(y)):
        raise ValueError("a covariance matrix has one finite row and column an estimate")
    if not np.allclose(V, V.T, rtol=1e-9, atol=0) or not np.all(np.diag(V) > 0):
        raise ValueError("a covariance matrix is symmetric, with variances above 0")
    spread = np.sqrt(np.diag(V))
    R = V / np.outer(spread, spread)
    if float(np.linalg.eigvalsh(R).min()) < 1e-10:
        raise ValueError("these covariances leave no variance: the matrix is not positive definite")
    inverse = np.linalg.inv(R) / np.outer(spread, spread)
    w = inverse.sum(axis=1) / inverse.sum()
    mu = float(w @ y)
    rest = y - mu
    q, df = float(rest @ inverse @ rest), len(y) - 1
    q_p = float(chdtrc(df, q)) if df else 1.0
    return Combined(mu, float(1.0 / inverse.sum()), q, df, q_p, tuple(float(x) for x in w))


def _dersimonian_laird(y: Floats, v: Floats) -> float:
    w = 1.0 / v
    q = float(w @ (y - w @ y / w.sum()) ** 2)
    return max(0.0, (q - (len(y) - 1)) / float(w.sum() - (w @ w) / w.sum()))


def _paule_mandel(y: Floats, v: Floats) -> float:
    """The tau2 at which the generalized Q equals its degrees of freedom; 0 where it is under them already."""

    def excess(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        return float(w @ (y - w @ y / w.sum()) ** 2) - (len(y) - 1)

    if excess(0.0) <= 0:
        return 0.0
    scale = float(v.min())
    high = scale
    while excess(high) > 0:
        high *= 4
    return _root(excess, 0.0 if high == scale else high / 4, high)


def _restricted_likelihood(y: Floats, v: Floats) -> float:
    """The tau2 of the highest restricted likelihood, 0 among the candidates.

    Every change of sign of the score on a fine grid is solved, since the likelihood may have two peaks.
    """

    def score(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        total = w.sum()
        rest = y - w @ y / total
        return float(w**2 @ rest**2 - total + (w @ w) / total)

    def log_likelihood(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        rest = y - w @ y / w.sum()
        return float(0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ rest**2))

    top = 10 * float(np.var(y, ddof=1) + v.max())  # beyond it the score is negative
    grid = np.concatenate([[0.0], np.geomspace(float(v.min()) * 1e-6, top, 200)])
    w = 1.0 / (v + grid[:, None])
    rest = y - (w @ y / w.sum(axis=1))[:, None]
    scores = (w**2 * rest**2).sum(axis=1) - w.sum(axis=1) + (w**2).sum(axis=1) / w.sum(axis=1)
    found = [0.0]
    for low, high, a, b in zip(grid[:-1], grid[1:], scores[:-1], scores[1:], strict=True):
        if a > 0 >= b:
            found.append(_root(score, float(low), float(high)))
    return max(found, key=log_likelihood)


TAU2: dict[str, Callable[[Floats, Floats], float]] = {
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "REML": _restricted_likelihood,
}


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where `function` crosses zero, to 1e-12 of its own size."""
    return float(brentq(function, low, high, xtol=1e-14 * high, rtol=1e-14, maxiter=500))


def _interval(mu: float, se: float, tau2: float | None, df: int | None, level: float) -> Interval:
    upper = (1 + level) / 2
    c = float(ndtri(upper) if df is None else stdtrit(df, upper))
    statistic = mu / se if se > 0 else None
    p = None
    if statistic is not None:
        p = float(2 * (ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))))
    low = high = None
    if tau2 is not None:
        half = c * math.sqrt(tau2 + se**2)
        low, high = mu - half, mu + half
    return Interval(se, statistic, p, mu - c * se, mu + c * se, low, high)


def checked(estimates: Sequence[float], variances: Sequence[float]) -> tuple[Floats, Floats]:
    """Estimates and variances as arrays. Raises ValueError as `pool` says."""
    y, v = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if len(y) < 2 or len(y) != len(v):
        raise ValueError("pooling needs two estimates or more, each with its variance")
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(v)) and np.all(v > 0)):
        raise ValueError("estimates must be finite, and variances finite and above 0")
    return y, v

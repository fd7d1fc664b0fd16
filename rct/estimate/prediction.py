"""Where the true effect in one more city would lie, by Nagashima, Noma and Furukawa (2019).

theta_new = mu(t) + sqrt(t) Z - SE(t) T: mu(t) the average with weights 1/(v_i + t), SE(t) Hartung and Knapp's standard
error there, Z normal, T with k - 1 degrees of freedom, and t, the variance between cities, not one number that is taken
as known but spread as the data leave it open: P(t <= x) = P(Q_x >= q), q Cochran's Q as it was found and Q_x what Q
would be with variance x between cities.

There is no drawing of lots in it: Q's law is exact (its Laplace transform inverted along a contour, Trefethen,
Weideman and Schmelzer 2006), the rest is quadrature on fixed grids. The same trials give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, stdtr, stdtrit

from rct.estimate.pool import checked
from rct.estimate.records import Floats

MIN_FOR_CITY = 5  # with fewer trials the spread between cities is all but unknown
QUANTILES = 400  # of the variance between cities, and of T: (i - 1/2)/400
POINTS = 500  # of the variance at which Q's law is had, even in its logarithm; between them a line
NODES = 40  # of Z, Gauss and Hermite
CONTOUR = 24  # points: 14 digits


@dataclass(frozen=True)
class NewCity:
    """The distribution of the next city's true effect. `p_same`: how likely Q as large as it was found is where all
    trials have one effect, which is the chance that this distribution gives to no variance between cities at all."""

    k: int
    p_same: float
    _tau: Floats
    _mean: Floats
    _error: Floats

    def below(self, effect: float) -> float:
        """The chance that the true effect in the next city is at most `effect`."""
        distance = effect - self._mean
        chance = np.empty(len(distance))
        wide = (self._tau >= self._error) & (self._tau > 0)  # else T is the wider: Z is summed over
        chance[wide] = _over_t(distance[wide], self._error[wide], self._tau[wide], self.k - 1)
        chance[~wide] = _over_z(distance[~wide], self._error[~wide], self._tau[~wide], self.k - 1)
        return float(np.clip(chance.mean(), 0.0, 1.0))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the next city's true effect lies with the chance `level`, as much outside on either side."""
        return self._quantile((1 - level) / 2), self._quantile((1 + level) / 2)

    def chance(self, worthwhile: float, sign: int = 1) -> float:
        """The chance of an effect of `worthwhile` or better. sign -1: less is better, `worthwhile` counts downwards."""
        return 1 - self.below(worthwhile) if sign > 0 else self.below(-worthwhile)

    def _quantile(self, p: float) -> float:
        middle = float(self._mean.mean())
        step = float(np.median(np.hypot(self._tau, self._error))) or 1e-12 * (abs(middle) or 1.0)
        low, high = middle - step, middle + step
        while self.below(low) > p:
            low -= (step := 2 * step)
        while self.below(high) < p:
            high += (step := 2 * step)
        return float(brentq(lambda x: self.below(x) - p, low, high, xtol=1e-10 * (high - low), rtol=1e-12))


def new_city(estimates: Sequence[float], variances: Sequence[float]) -> NewCity:
    """The next city after these independent estimates with their variances. Raises ValueError as `pool` does.

    It takes the trials as a fair sample of cities like the next: whoever asks must know that they are of different
    cities, and enough of them (`MIN_FOR_CITY`).
    """
    y, v = checked(estimates, variances)
    fixed = 1.0 / v
    q = float(fixed @ (y - fixed @ y / fixed.sum()) ** 2)
    law = _law_of_q(fixed, q)
    p_same = float(law(np.zeros(1))[0])
    low, high, last = float(v.min()) * 1e-6, float(v.max()), 1 - 0.5 / QUANTILES
    while float(law(np.array([high]))[0]) < last:
        high *= 2
    points = np.geomspace(low, high, POINTS)
    reached = np.maximum.accumulate(law(points))
    chance = _quantiles()
    variance = np.exp(np.interp(chance, reached, np.log(points), left=-np.inf))
    variance[chance <= p_same] = 0.0
    w = 1.0 / (v + variance[:, None])
    total = w.sum(axis=1)
    mean = w @ y / total
    spread = (w * (y - mean[:, None]) ** 2).sum(axis=1) / (len(y) - 1)
    return NewCity(len(y), p_same, np.sqrt(variance), mean, np.sqrt(spread / total))


def _quantiles() -> Floats:
    return (np.arange(QUANTILES) + 0.5) / QUANTILES


def _law_of_q(weights: Floats, q: float) -> Callable[[Floats], Floats]:
    """P(Q >= q) for each variance between cities.

    Q is a sum of k - 1 squared normals with the variances 1 + t m_i, m the eigenvalues of the weights in the space
    where their weighted mean is taken out; its Laplace transform is the product of (1 + 2 (1 + t m_i) s)^(-1/2).
    """
    root = np.sqrt(weights)
    k = len(root)
    away = np.eye(k) - np.outer(root, root) / weights.sum()
    m = np.linalg.eigvalsh(away @ np.diag(weights) @ away)[1:]  # the first is 0, of the mean
    if q <= 0:
        return lambda t: np.ones(len(t))
    theta = np.pi * (2 * np.arange(CONTOUR // 2) + 1) / CONTOUR  # the other half is its mirror image
    turned = 0.6407 * theta
    z = CONTOUR * (0.5017 * theta / np.tan(turned) - 0.6122 + 0.2645j * theta)
    slope = CONTOUR * (0.5017 / np.tan(turned) - 0.5017 * turned / np.sin(turned) ** 2 + 0.2645j)
    s = z / q
    weight = 2 * np.exp(z) * slope / z / (1j * CONTOUR)

    def law(t: Floats) -> Floats:
        scale = 1 + t[:, None] * m
        logs = np.zeros((len(t), CONTOUR // 2), dtype=complex)
        for column in scale.T:
            logs -= 0.5 * np.log1p(2 * column[:, None] * s)
        beyond: Floats = 1 - (np.exp(logs) @ weight).real
        return np.clip(beyond, 0.0, 1.0)

    return law


def _over_t(distance: Floats, error: Floats, tau: Floats, df: int) -> Floats:
    """P(tau Z - error T <= distance), T summed over its quantiles: tau is the larger."""
    t = stdtrit(df, _quantiles())
    chance: Floats = ndtr((distance[:, None] + error[:, None] * t) / tau[:, None])
    return np.asarray(chance.mean(axis=1))


def _over_z(distance: Floats, error: Floats, tau: Floats, df: int) -> Floats:
    """The same, Z summed over nodes: the error is the larger. Without either it is 0 or 1."""
    node, weight = np.polynomial.hermite_e.hermegauss(NODES)
    gap = distance[:, None] - tau[:, None] * node
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = gap / error[:, None]
    ratio[np.isnan(ratio)] = 0.0
    return np.asarray(stdtr(df, ratio) @ (weight / weight.sum()))

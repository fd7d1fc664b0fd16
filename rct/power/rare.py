"""Power of two shares where an arm expects few events or few non-events.

There the normal formula errs by ten points and more, either way: an arm's variance is estimated from the same few
events as its share. So the counts get their binomial distribution, and the decision its second condition: with fewer
than 5 events or non-events in an arm a difference must pass the randomization test too. Against 40,000 simulated
trials of each of 32 designs (Welch's test, and Fisher's where it is fragile) it was within 2 points where few draws
were fragile and within 5 where most were, the smallest arm 10 units; tests/power/test_planned_test.py holds nine of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, betainc, ndtri, stdtrit

Floats = NDArray[np.float64]

FRAGILE = 5  # events or non-events in an arm, below which the randomization test must agree
FEW = 16  # expected, up to which the binomial chance alone counts
ENOUGH = 24  # expected, from which the normal formula alone counts
_AT, _WEIGHT = np.polynomial.legendre.leggauss(32)
QUANTILES: Floats = (_AT + 1) / 2
WEIGHTS: Floats = _WEIGHT / 2


def fewest(p1: float, p2: float, n1: float, n2: float) -> float:
    """The least number of events or non-events expected in a group."""
    return min(n1 * p1, n1 * (1 - p1), n2 * p2, n2 * (1 - p2))


def weight(expected: float) -> float:
    """How much the binomial chance counts beside the normal formula: 1 up to FEW, 0 from ENOUGH on."""
    return min(max((ENOUGH - expected) / (ENOUGH - FEW), 0.0), 1.0)


def rare_proportions(control: float, arm: float, n_control: float, n_arm: float, alpha: float) -> float:
    """The chance that arm and control are told apart at two-sided `alpha`, in the right direction.

    The control's count stands at 32 quantiles of its distribution; for each, the least count of the arm that Welch's
    test rejects solves a quadratic, so does the least that the score test rejects (which has the arms' common
    variance, as the randomization test has; half a count more for its steps, in arms of one size), and the binomial
    distribution gives the chance of that count or more. Counts are smoothed by half a step to either side, so that
    power rises with effects and sizes.
    """
    if arm < control:  # turned over, so that the arm's share is the larger one
        control, arm = 1 - control, 1 - arm
    spread = (control * (1 - control) / n_control, arm * (1 - arm) / n_arm)
    if min(n_control, n_arm) <= 1 or sum(spread) == 0:
        return 0.0
    count = np.clip(np.nan_to_num(bdtrik(QUANTILES, n_control, control) + 0.5), 0, n_control)
    df = sum(spread) ** 2 / (spread[0] ** 2 / (n_control - 1) + spread[1] ** 2 / (n_arm - 1))
    welch = _welch(count / n_control, n_control, n_arm, float(stdtrit(df, alpha / 2)) ** 2)
    steps = min(n_control, n_arm) / max(n_control, n_arm)
    score = _score(count / n_control, n_control, n_arm, float(ndtri(alpha / 2)) ** 2) + steps
    both, edge = np.maximum(welch, score), np.full_like(welch, n_arm - FRAGILE + 0.5)
    passes = _reach(both, n_arm, arm)
    # Counts from Welch's least up to the edge leave non-events enough: there its test alone decides.
    sturdy = _reach(welch, n_arm, arm) - _reach(edge, n_arm, arm) + _reach(np.maximum(both, edge), n_arm, arm)
    by_control = (count < FRAGILE - 0.5) | (n_control - count < FRAGILE - 0.5)
    found = np.where(by_control | (welch >= edge), passes, sturdy)
    return float(
        WEIGHTS @ np.where(count > n_control - 0.5, 0.0, found)
    )  # nothing is better than all of them


def _reach(count: Floats, n: float, p: float) -> Floats:
    """P(X >= count) of a binomial X, between whole numbers by the incomplete beta function; none reaches over n."""
    more, less = np.maximum(count + 0.5, 1e-300), np.maximum(n - count, 0) + 0.5
    return np.where(count > n, 0.0, np.asarray(betainc(more, less, p)))


def _welch(p0: Floats, n0: float, n: float, t2: float) -> Floats:
    """The count x with (x/n - p0)^2 = t^2 (x/n (1 - x/n)/(n - 1) + p0 (1 - p0)/(n0 - 1)), above p0."""
    c = t2 / (n - 1)
    return n * _larger_root(1 + c, -(2 * p0 + c), p0**2 - t2 * p0 * (1 - p0) / (n0 - 1))


def _score(p0: Floats, n0: float, n: float, z2: float) -> Floats:
    """The count x with (x/n - p0)^2 = z^2 q (1 - q)(1/n + 1/n0), q = (x + n0 p0)/(n + n0), above p0."""
    a, b, c = n / (n + n0), n0 * p0 / (n + n0), z2 * (1 / n + 1 / n0)
    return n * _larger_root(1 + c * a * a, -2 * p0 - c * a + 2 * c * a * b, p0**2 - c * b + c * b * b)


def _larger_root(a: Floats | float, b: Floats, c: Floats) -> Floats:
    return (-b + np.sqrt(np.maximum(b * b - 4 * a * c, 0))) / (2 * a)

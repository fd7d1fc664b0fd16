"""Printed figures against their own counts: what a table says, recomputed, with the rounding of print respected.

A printed number stands for every number that rounds to it: 6.45 is anything from 6.445 to 6.455. It contradicts its
counts only where no usual method gives a number in that range. For a difference of two shares the usual errors are
the unpooled and the pooled one, the usual tests z, chi-squared with and without Yates' correction, and Fisher's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from rct.estimate.checks import fisher

Range = tuple[float, float]
FEW_DF = 20  # a printed estimate may have been tested with so few degrees of freedom
TINY = 1e-9  # relative: a tie may have been rounded either way
EXACT_UNTIL = 200_000  # people; Fisher's test on more takes long and says what chi-squared says


@dataclass(frozen=True)
class PrintedCell:
    """One arm's outcome: how many people, their mean (a share where yes or no), and the variance within, divisor
    n - 1. `events` where the outcome is yes or no."""

    n: int
    mean: float
    variance: float
    events: int | None = None


@dataclass(frozen=True)
class PrintedDifference:
    """One arm less the control, recomputed: Neyman's standard error, Welch's df (None where nothing varies)."""

    estimate: float
    std_error: float
    df: float | None
    p_value: float | None
    conf_low: float | None
    conf_high: float | None


def share(n: int, events: float) -> PrintedCell:
    """The cell of a yes/no outcome. A share that is no whole number of people has `events` None."""
    p = events / n
    whole = round(events) if math.isclose(events, round(events), abs_tol=1e-9) else None
    return PrintedCell(n, p, p * (1 - p) * n / (n - 1) if n > 1 else 0.0, whole)


def difference(arm: PrintedCell, control: PrintedCell, level: float = 0.95) -> PrintedDifference:
    """Difference in means with Neyman's variance s_a^2/n_a + s_0^2/n_0 and Welch's (1947) degrees of freedom."""
    a, b = arm.variance / arm.n, control.variance / control.n
    estimate, se = arm.mean - control.mean, math.sqrt(a + b)
    if se == 0:
        return PrintedDifference(estimate, 0.0, None, None, None, None)
    df = (a + b) ** 2 / sum(v**2 / (c.n - 1) for v, c in ((a, arm), (b, control)) if v > 0)
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = float(2 * stdtr(df, -abs(estimate) / se))
    return PrintedDifference(estimate, se, df, p, estimate - half, estimate + half)


def whole_events(n: int, percent: Range) -> list[int]:
    """Every whole number of `n` people that is printed as this percentage; none: the print can't be right."""
    low, high = (n * v / 100 for v in percent)
    slack = TINY * max(1.0, n)
    return list(range(max(0, math.ceil(low - slack)), min(n, math.floor(high + slack)) + 1))


def usual_errors(arm: PrintedCell, control: PrintedCell) -> list[float]:
    """Standard errors that a table may print beside a difference: unpooled (divisor n - 1 and n), pooled."""
    errors = [difference(arm, control).std_error]
    n, m = arm.n, control.n
    if arm.events is None or control.events is None:
        pooled = ((n - 1) * arm.variance + (m - 1) * control.variance) / max(n + m - 2, 1)
    else:
        errors.append(math.sqrt(arm.mean * (1 - arm.mean) / n + control.mean * (1 - control.mean) / m))
        p = (arm.events + control.events) / (n + m)
        pooled = p * (1 - p)
    return [*errors, math.sqrt(pooled * (1 / n + 1 / m))]


def usual_p_values(arm: PrintedCell, control: PrintedCell) -> list[float]:
    """P-values that a table may print beside a difference."""
    errors = [e for e in usual_errors(arm, control) if e > 0]
    gap = abs(arm.mean - control.mean)
    found = [float(2 * ndtr(-gap / e)) for e in errors]
    welch = difference(arm, control).p_value
    found += [] if welch is None else [welch]
    if arm.events is not None and control.events is not None:
        counts = ((arm.events, arm.n - arm.events), (control.events, control.n - control.events))
        if all(sum(column) > 0 for column in zip(*counts, strict=True)):
            found.append(_yates(counts))
            if arm.n + control.n <= EXACT_UNTIL:
                found.append(fisher(counts))
    return found


def _yates(counts: tuple[tuple[int, int], tuple[int, int]]) -> float:
    """P of chi-squared of a 2 x 2 table with Yates' (1934) correction."""
    (a, b), (c, d) = counts
    n = a + b + c + d
    gap = max(0.0, abs(a * d - b * c) - n / 2)
    chi2 = n * gap**2 / ((a + b) * (c + d) * (a + c) * (b + d))
    return float(2 * ndtr(-math.sqrt(chi2)))


def usual_intervals(arm: PrintedCell, control: PrintedCell, level: float) -> list[Range]:
    """Intervals that a table may print for a difference: normal with each usual error, Welch's, for shares also
    with Yates' correction and Newcombe's (1998) from Wilson's limits."""
    z = float(ndtri((1 + level) / 2))
    gap = arm.mean - control.mean
    halves = [z * e for e in usual_errors(arm, control)]
    found = [(gap - h, gap + h) for h in halves]
    welch = difference(arm, control, level)
    if welch.conf_low is not None and welch.conf_high is not None:
        found.append((welch.conf_low, welch.conf_high))
    if arm.events is not None and control.events is not None:
        h = halves[1] + (1 / arm.n + 1 / control.n) / 2
        found.append((gap - h, gap + h))
        (a, b), (c, d) = wilson(arm, z), wilson(control, z)
        found.append((gap - math.hypot(arm.mean - a, d - control.mean),
                      gap + math.hypot(b - arm.mean, control.mean - c)))  # fmt: skip
    return found


def wilson(cell: PrintedCell, z: float) -> Range:
    """Wilson's (1927) interval of a share."""
    n, p = cell.n, cell.mean
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def meets(printed: Range, found: Iterable[float]) -> bool:
    """Whether the printed figure can be one of what the methods give, or lie between them."""
    values = list(found)
    if not values:
        return True
    slack = TINY * max(1.0, *(abs(v) for v in (*values, *printed)))
    return printed[1] >= min(values) - slack and printed[0] <= max(values) + slack


def error_range(low: Range, high: Range, level: float) -> Range:
    """The standard errors that a printed interval's two rounded ends allow, if it is a normal one."""
    z = float(ndtri((1 + level) / 2))
    return max(0.0, high[0] - low[1]) / (2 * z), (high[1] - low[0]) / (2 * z)


def p_range(estimate: Range, error: Range) -> Range:
    """The p-values that a rounded estimate and its rounded standard error allow: normal, up to t with 20 df."""
    largest = max(abs(v) for v in estimate)
    least = 0.0 if estimate[0] <= 0 <= estimate[1] else min(abs(v) for v in estimate)
    top = math.inf if error[0] <= 0 else largest / error[0]
    bottom = least / error[1] if error[1] > 0 else math.inf
    return float(2 * ndtr(-top)), float(2 * stdtr(FEW_DF, -bottom))

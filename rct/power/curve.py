"""The power curve: its points, and a drawing of plain characters that fits a terminal of 80 columns."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rct.power.request import PowerRequest
from rct.power.trial import hardest, setting

HEIGHT = 11  # rows: 100 %, 90 %, ... 0 %
MARGIN = 7  # '100 % |'


@dataclass(frozen=True)
class Point:
    """`x` is an effect or a number of units; `power` a chance from 0 to 1."""

    x: float
    power: float


def power_curve(request: PowerRequest, over: str = "effect", n: int = 60) -> tuple[Point, ...]:
    """Power of the hardest comparison over effects (at `units`) or over units (at `minimum_effect`).

    n + 1 points from 0 to where power is 0.99, or to the greatest possible effect. Empty when what it takes
    is not known. The report's mde or units lies inside the range whenever there is one.
    """
    chosen, r = setting(request), request
    if chosen is None or (r.units if over == "effect" else r.minimum_effect) is None:
        return ()
    arm = hardest(r)
    top = max(0.99, 1 - (1 - r.power) / 2)
    if over == "effect":
        units = float(r.units or 0)
        end = chosen.least_effect(arm, units, top) or chosen.effects()[1]
        return tuple(Point(x, chosen.power(arm, x, units)) for x in _grid(end, n))
    effect = r.minimum_effect or 0.0
    most = chosen.least_units(arm, effect, top)
    return () if most is None else tuple(Point(x, chosen.power(arm, effect, x)) for x in _grid(most, n))


def _grid(end: float, n: int) -> list[float]:
    return [end * i / n for i in range(n + 1)]


def draw_curve(
    points: Sequence[Point],
    width: int = 72,
    *,
    target: float = 0.8,
    mark: float | None = None,
    scale: float = 1.0,
    title: str = "",
    x_label: str = "",
) -> str:
    """The curve as lines of plain ASCII, at most `width` wide, without a final line end.

    A row of dashes is `target`; `mark` (an x, such as the minimum effect) is a column of colons. x is shown
    times `scale` (100: as percentage points). Needs two points or more and a width of 40 or more.
    """
    columns = width - MARGIN - 1
    end = points[-1].x
    rows = [[" "] * (columns + 1) for _ in range(HEIGHT)]
    level = round((1 - target) * (HEIGHT - 1))
    rows[level] = ["-"] * (columns + 1)
    marked = None if mark is None or not 0 <= mark <= end else round(mark / end * columns)
    if marked is not None:
        for row in rows:
            row[marked] = ":"
    for column in range(columns + 1):
        power = _between(points, end * column / columns)
        rows[round((1 - power) * (HEIGHT - 1))][column] = "*"
    lines = [title] if title else []
    for i, row in enumerate(rows):
        percent = 100 - 100 * i // (HEIGHT - 1)
        name = f"{percent:3d} % |" if i % 2 == 0 or i == level else "      |"
        lines.append((name + "".join(row)).rstrip())
    lines.append(" " * (MARGIN - 1) + "+" + "-" * (columns + 1))
    lines.append(_ticks(end * scale, columns))
    if x_label:
        lines.append(" " * MARGIN + x_label)
    return "\n".join(lines)


def _between(points: Sequence[Point], x: float) -> float:
    """Power at x by straight lines between the points."""
    at = min(max(bisect_left(points, x, key=lambda p: p.x), 1), len(points) - 1)
    a, b = points[at - 1], points[at]
    return a.power + (b.power - a.power) * (min(x, b.x) - a.x) / (b.x - a.x)


def _ticks(end: float, columns: int) -> str:
    """Round numbers under the axis, five or so."""
    step = _round_step(end / 7)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    line = [" "] * (MARGIN + columns + 1)
    for i in range(math.floor(end / step + 1e-9) + 1):
        text = f"{i * step:,.{digits}f}"
        start = MARGIN + round(i * step / end * columns) - len(text) // 2
        start = min(max(start, 0), len(line) - len(text))
        if all(c == " " for c in line[max(start - 1, 0) : start + len(text) + 1]):
            line[start : start + len(text)] = text
    return "".join(line).rstrip()


def _round_step(about: float) -> float:
    """1, 2 or 5 times a power of ten, the nearest from above."""
    power = 10.0 ** math.floor(math.log10(about))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= about * (1 - 1e-9))

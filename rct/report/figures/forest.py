"""A forest plot: a row a trial with its interval, squares as large as the weight, the average as a diamond, and below
it the range for the next city. Black on white, told apart by shape; the look of the memo's chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from rct.report.figures import svg
from rct.report.figures.chart import GUTTER, HEADING, WIDTH, Plain, inches, wrapped

MOST_ROWS = 100  # beyond them a page has the table alone
SIZE = 8.5  # points
AXIS = 8.0  # points, under the axis
SMALL = 7.0  # with more than CROWDED rows
CROWDED = 25
LEFT = 2.3  # inches that a label may take
LINES = 3  # lines of one


@dataclass(frozen=True)
class ForestRow:
    """A trial: label, estimate with its interval in the unit of the axis, share of the weight, the text at its right."""

    label: str
    value: float
    low: float
    high: float
    weight: float
    text: str


@dataclass(frozen=True)
class Forest:
    """Rows against no difference. `average` and `ahead` (where the next trial would lie) stand below a rule."""

    rows: tuple[ForestRow, ...]
    average: ForestRow
    ahead: ForestRow | None
    worthwhile: float | None
    axis: str
    heading: str
    good: str | None  # said at the side of the axis that is better


def draw(forest: Forest, prefix: str, plain: Plain = str) -> str:
    """The plot as an SVG element. `plain` is applied to every text, to take out what a font lacks."""
    with svg.settings():
        return svg.to_svg(figure_of(forest, plain), prefix)


def draw_png(forest: Forest, plain: Plain = str) -> bytes:
    """The plot as a PNG."""
    with svg.settings():
        return svg.to_png(figure_of(forest, plain))


def draw_file(forest: Forest) -> bytes:
    """The plot as an SVG file that stands alone."""
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + draw(forest, "forest")).encode()


def alt_text(forest: Forest) -> str:
    """What the plot shows, for those who cannot see it."""
    rows = "; ".join(f"{row.label}: {row.text}" for row in forest.rows)
    ahead = "" if forest.ahead is None else f" {forest.ahead.label}: {forest.ahead.text}."
    return f"Forest plot. {rows}. {forest.average.label}: {forest.average.text}.{ahead}"


def figure_of(forest: Forest, plain: Plain = str) -> Figure:
    """The plot. Call inside `svg.settings()`."""
    below = [forest.average, *([forest.ahead] if forest.ahead else [])]
    every = [*forest.rows, *below]
    size = SMALL if len(every) > CROWDED else SIZE
    line = size / 72 * 1.35
    labels = [wrapped(plain(row.label), size, row in below, LINES, LEFT) for row in every]
    heights = [line * len(lines) + 0.075 for lines in labels]
    heights[len(forest.rows)] += 0.08  # air under the rule
    right = max(inches(plain(text), size, True) for text in [forest.heading, *(r.text for r in every)])
    left = max(inches(text, size, True) for lines in labels for text in lines) + GUTTER
    words = forest.axis if forest.good is None else f"{forest.axis}; {forest.good}"
    axis = wrapped(plain(words), AXIS, False, 2, WIDTH - 2 * GUTTER)
    top, bottom = 0.26, 0.36 + AXIS / 72 * 1.3 * len(axis)
    height = top + sum(heights) + bottom
    figure = Figure(figsize=(WIDTH, height))
    plot_right = WIDTH - right - GUTTER
    axes = figure.add_axes(
        (left / WIDTH, bottom / height, (plot_right - left) / WIDTH, sum(heights) / height)
    )
    _axes(axes, forest, every, sum(heights))
    figure.text(
        0.5, 0.05 / height, "\n".join(axis), fontsize=AXIS, ha="center", va="bottom", linespacing=1.25
    )
    at = 0.0
    for row, used, lines in zip(every, heights, labels, strict=True):
        middle = at + used / 2 + (0.04 if row is forest.average else 0.0)
        _mark(axes, forest, row, middle)
        y = (height - top - middle) / height
        style: dict[str, Any] = {"fontsize": size, "va": "center_baseline",
                                 "weight": "bold" if row is forest.average else "normal"}  # fmt: skip
        for number, text in enumerate(lines):
            offset = line * ((len(lines) - 1) / 2 - number) / height
            figure.text((left - GUTTER / 2) / WIDTH, y + offset, text, ha="right", **style)
        figure.text((plot_right + GUTTER) / WIDTH, y, plain(row.text), ha="left", **style)
        at += used
    rule = (height - top - sum(heights[: len(forest.rows)]) - 0.02) / height
    figure.add_artist(_rule(figure, rule))
    heading: dict[str, Any] = {"fontsize": HEADING, "va": "bottom", "ha": "left"}
    figure.text(
        (plot_right + GUTTER) / WIDTH, (height - top + 0.05) / height, plain(forest.heading), **heading
    )
    return figure


def _axes(axes: Axes, forest: Forest, every: Sequence[ForestRow], tall: float) -> None:
    axes.set_ylim(tall, 0)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.axvline(0.0, color="black", linewidth=1.4)
    if forest.worthwhile is not None:
        axes.axvline(forest.worthwhile, color="black", linewidth=0.8, linestyle=(0, (2, 3)))
    ends = [0.0, *(v for row in every for v in (row.low, row.high))]
    if forest.worthwhile is not None:
        ends.append(forest.worthwhile)
    margin = 0.05 * (max(ends) - min(ends) or 1.0)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(axis="x", labelsize=7.5, length=3, pad=2)


def _mark(axes: Axes, forest: Forest, row: ForestRow, middle: float) -> None:
    if row is forest.average:
        half = 0.055
        corners = [
            (row.low, middle),
            (row.value, middle - half),
            (row.high, middle),
            (row.value, middle + half),
        ]
        axes.add_patch(Polygon(corners, closed=True, facecolor="black", edgecolor="black", linewidth=0.8))
        return
    if row is forest.ahead:
        axes.plot([row.low, row.high], [middle, middle], color="black", linewidth=1.2, linestyle=(0, (4, 2)))
        axes.plot(
            [row.low, row.high], [middle, middle], color="black", linestyle="none", marker="|", markersize=6
        )
        return
    heaviest = max(r.weight for r in forest.rows) or 1.0
    axes.plot([row.low, row.high], [middle, middle], color="black", linewidth=1.1, solid_capstyle="butt")
    side = 2.5 + 5.0 * (row.weight / heaviest) ** 0.5
    axes.plot([row.value], [middle], color="black", linestyle="none", marker="s", markersize=side)


def _rule(figure: Figure, y: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([0.0, 1.0], [y, y], color="black", linewidth=0.6, transform=figure.transFigure)

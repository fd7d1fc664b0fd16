"""The memo's chart and the appendix's forests: a row an arm, its interval, and the control as a line.

The bar of an arm is the interval of its difference from the control, drawn from the control's level: it
crosses the control's line exactly when the interval holds zero. Black on white, told apart by shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from rct.language import listed, t
from rct.report.figures import svg
from rct.report.words.finding import Finding, Scale, Standing, gap_of

WIDTH = 7.1  # inches: a US Letter page inside its margins
WIDEST = 2.3  # inches of a label's line
GUTTER = 0.16  # inches between columns
HEADING = 7.5  # points
CROWDED = 4  # with more rows than this, type and rows are smaller; the table has the whole labels
Plain = Callable[[str], str]


@dataclass(frozen=True)
class Bar:
    """A row: its label, the interval (None: nothing to show), what stands at its right."""

    label: str
    value: float | None
    low: float
    high: float
    level: str
    gap: str
    strong: bool = False


@dataclass(frozen=True)
class Chart:
    """Rows against a line. Values are in the unit of the axis (points where the outcome is binary)."""

    bars: tuple[Bar, ...]
    line: float
    line_label: str
    line_text: str
    rule: float | None  # the least effect worth adopting
    axis: str
    heading: str  # over the differences at the right


def arms_chart(arms: Sequence[Finding], worthwhile: float, *, best: str | None) -> Chart | None:
    """The chart of the arms, None where no arm has figures to show."""
    shown = [f for f in arms if f.shown]
    if not shown:
        return None
    scale, first = arms[0].scale, shown[0]
    control = first.row.mean_control
    base = 0.0 if control is None else scale.times_of_levels * control
    if control is None:
        axis = t("{outcome}, difference", outcome=first.outcome)
    else:
        axis = f"{first.outcome} (%)" if scale.binary else t("{outcome} (average)", outcome=first.outcome)
    return Chart(
        bars=tuple(_bar(f, control, strong=f.row.arm == best) for f in arms),
        line=base,
        line_label=t("{control} (line)", control=first.control),
        line_text="" if control is None else scale.level(control),
        rule=_at(scale, control, first.sign * worthwhile),
        axis=axis,
        heading=t("Difference ({level} interval)", level=first.level),
    )


def forest_chart(rows: Sequence[tuple[str, Finding | None]], scale: Scale, axis: str) -> Chart:
    """Differences against zero, a row each; None is a row whose figures are withheld or missing."""
    times = scale.times
    bars = tuple(
        (
            Bar(label, None, 0.0, 0.0, "", "not shown")
            if f is None
            else Bar(label, times * f.estimate, *bar_ends(f, times), "", gap_of(f))
        )
        for label, f in rows
    )
    return Chart(bars, 0.0, "No difference", "", None, axis, "Difference (interval)")


def alt_text(arms: Sequence[Finding]) -> str:
    """What the chart shows, for those who cannot see it. Every number computed."""
    shown = [f for f in arms if f.shown]
    if not shown:
        return t("No figures can be shown.")
    first = shown[0]
    control = first.row.mean_control
    values = {"outcome": first.outcome, "control": first.control}
    sentences = [
        t("Chart of {outcome}. {control} is a line.", **values)
        if control is None
        else t(
            "Chart of {outcome}. {control} is a line at {level}.", level=first.scale.level(control), **values
        )
    ]
    for f in shown:
        at = f.scale.lies(f.estimate)
        if control is not None:
            at = f"{f.scale.level(f.scale.effect.level(control, f.row.estimate or 0.0))}, {at}"
        values = {"arm": f.arm, "at": at, "interval": f.interval}
        if not f.bounded:
            sentences.append(t("{arm}: {at} (no interval): a point alone.", **values))
            continue
        sentences.append(
            t("{arm}: {at} ({interval}), clear of the line on the higher side.", **values)
            if f.low > 0
            else t("{arm}: {at} ({interval}), clear of the line on the lower side.", **values)
            if f.high < 0
            else t("{arm}: {at} ({interval}), across the line.", **values)
        )
    rest = [f.arm for f in arms if not f.shown]
    if rest:
        sentences.append(t("Not shown: {arms}.", arms=listed(rest)))
    return " ".join(sentences)


def no_figure(finding: Finding) -> str:
    """What stands where an arm's figure would."""
    return t("withheld") if finding.standing is Standing.WITHHELD else t("no figure")


def draw(chart: Chart, prefix: str, plain: Plain = str) -> str:
    """The chart as an SVG element. `plain` is applied to every text, to take out what a font lacks."""
    with svg.settings():
        return svg.to_svg(_figure(chart, plain), prefix)


def draw_png(chart: Chart, plain: Plain) -> bytes:
    """The chart as a PNG, for Word."""
    with svg.settings():
        return svg.to_png(_figure(chart, plain))


def _at(scale: Scale, control: float | None, difference: float) -> float:
    """Where a difference from the control ends on the axis: of levels, or of differences where the control has none."""
    if control is None or not scale.relative:
        return scale.times * (control or 0.0) + scale.times * difference
    return scale.times_of_levels * scale.effect.level(control, scale.effect.null + difference)


def _bar(finding: Finding, control: float | None, *, strong: bool) -> Bar:
    if not finding.shown:
        return Bar(finding.arm, None, 0.0, 0.0, "", no_figure(finding))
    scale, value, level = finding.scale, _at(finding.scale, control, finding.estimate), ""
    if control is not None:
        level = scale.level(scale.effect.level(control, finding.row.estimate or 0.0))
    low = high = value
    if finding.bounded:
        low, high = (_at(scale, control, end) for end in (finding.low, finding.high))
    return Bar(finding.arm, value, low, high, level, gap_of(finding), strong)


def bar_ends(f: Finding, times: float) -> tuple[float, float]:
    """Where the bar begins and ends: nowhere but at its point where there is no interval to tell."""
    return (times * f.low, times * f.high) if f.bounded else (times * f.estimate, times * f.estimate)


@dataclass(frozen=True)
class _Layout:
    """Where things stand: fractions of the width; inches; type size in points."""

    label_at: float
    plot_to: float
    level_at: float
    gap_at: float
    size: float
    line: float  # height of one line of a label
    labels: tuple[tuple[str, ...], ...]  # the lines of each row's label, the control's first


def _layout(chart: Chart, plain: Plain) -> _Layout:
    crowded = len(chart.bars) > CROWDED
    size, most_lines = (7.5, 2) if crowded else (8.5, 4)
    strong = any(b.strong for b in chart.bars)
    labels = tuple(
        wrapped(plain(text), size, strong, most_lines)
        for text in (chart.line_label, *(b.label for b in chart.bars))
    )
    gap = max(
        inches(plain(chart.heading), HEADING, bold=False),
        *(inches(plain(b.gap), size, bold=strong) for b in chart.bars),
    )
    level = max(inches(text, size, bold=strong) for text in (chart.line_text, *(b.level for b in chart.bars)))
    label = max(inches(line, size, bold=strong) for lines in labels for line in lines)
    gap_at = WIDTH - gap - GUTTER / 2
    level_at = gap_at - GUTTER
    plot_to = level_at - level - GUTTER
    return _Layout(
        (label + GUTTER / 2) / WIDTH,
        plot_to / WIDTH,
        level_at / WIDTH,
        gap_at / WIDTH,
        size,
        0.125 if crowded else 0.16,
        labels,
    )


def wrapped(text: str, size: float, bold: bool, most_lines: int, widest: float = WIDEST) -> tuple[str, ...]:
    """The lines of a label, none wider than `widest` inches; what is left out is marked (the table has it whole)."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if inches(longer, size, bold) <= widest:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:  # a word wider than a line is broken
            if inches(lines[-1] + letter, size, bold) > widest:
                lines.append("")
            lines[-1] += letter
    if len(lines) > most_lines:
        lines = lines[:most_lines]
        while lines[-1] and inches(lines[-1] + "…", size, bold) > widest:
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip() + "…"
    return tuple(lines)


@lru_cache(maxsize=4096)
def inches(text: str, size: float, bold: bool) -> float:
    """The width of a text as it will be set. Remembered: labels stand on several charts, and are tried word by word."""
    font = FontProperties(family=svg.FONT, size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width / 72 if text else 0.0


def _figure(chart: Chart, plain: Plain) -> Figure:
    layout = _layout(chart, plain)
    heights = [layout.line * len(lines) + 0.1 for lines in layout.labels]
    top, bottom = 0.24, 0.42
    height = top + sum(heights) + bottom
    figure = Figure(figsize=(WIDTH, height))
    left = layout.label_at + GUTTER / WIDTH
    axes = figure.add_axes((left, bottom / height, layout.plot_to - left, sum(heights) / height))
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.axvline(chart.line, color="black", linewidth=1.4)
    if chart.rule is not None:
        axes.axvline(chart.rule, color="black", linewidth=0.8, linestyle=(0, (2, 3)))
    ends = [chart.line, *([chart.rule] if chart.rule is not None else [])]
    ends += [v for b in chart.bars if b.value is not None for v in (b.low, b.high)]
    margin = 0.06 * (max(ends) - min(ends) or 1.0)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="x", labelsize=7.5, length=3, pad=2)
    axes.set_xlabel(plain(chart.axis), fontsize=8, labelpad=3)
    at = 0.0
    for bar, used in zip((None, *chart.bars), heights, strict=True):
        middle = at + used / 2
        at += used
        if bar is not None and bar.value is not None:
            _draw_bar(axes, bar, bar.value, middle)
    _draw_words(figure, chart, layout, heights, plain)
    return figure


def _draw_bar(axes: Axes, bar: Bar, value: float, middle: float) -> None:
    axes.plot([bar.low, bar.high], [middle, middle], color="black", linewidth=1.6, solid_capstyle="butt")
    marker, size = ("D", 6.5) if bar.strong else ("o", 5.5)
    axes.plot([value], [middle], color="black", linestyle="none", marker=marker, markersize=size)


def _draw_words(
    figure: Figure,
    chart: Chart,
    layout: _Layout,
    heights: Sequence[float],
    plain: Plain,
) -> None:
    """Labels at the left, levels and differences at the right, each on the middle of its row."""
    height = figure.get_figheight()
    y = height - 0.24
    columns = ((layout.level_at, "right"), (layout.gap_at, "left"))
    for text, (x, side) in zip((t("Result") if chart.line_text else "", chart.heading), columns, strict=True):
        figure.text(x, (y + 0.05) / height, plain(text), fontsize=HEADING, va="bottom", ha=side)
    words = [(chart.line_text, "", False), *((b.level, b.gap, b.strong) for b in chart.bars)]
    for lines, used, (level, gap, strong) in zip(layout.labels, heights, words, strict=True):
        middle = y - used / 2
        y -= used
        style: dict[str, Any] = {
            "fontsize": layout.size,
            "va": "center_baseline",
            "weight": "bold" if strong else "normal",
        }
        for number, line in enumerate(lines):
            offset = layout.line * ((len(lines) - 1) / 2 - number)
            figure.text(layout.label_at, (middle + offset) / height, line, ha="right", **style)
        for text, (x, side) in zip((level, gap), columns, strict=True):
            figure.text(x, middle / height, plain(text), ha=side, **style)

"""The CONSORT 2025 flow as a figure: list, left out, drawn; then a row an arm: drawn, sent, observed, analyzed.

Hopewell et al. (2025), CONSORT 2025 statement: enrollment, allocation, follow-up, analysis. An arm is a row, not
a column, so that eight arms with long names can be read. Black on white; every count is one of `flow_blocks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrow, Rectangle

from rct.errors import visible
from rct.language import number, phrase, t
from rct.report import suppress
from rct.report.blocks import Picture
from rct.report.figures import svg
from rct.report.figures.chart import WIDTH, Plain, wrapped
from rct.report.plan.document import REASONS
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import quoted

SIZE = 7.5  # points
LINE = 0.135  # inches of a line of text
PAD = 0.07
GAP = 0.2  # between boxes
TOLD = {"mailed": phrase("Sent"), "delivered": phrase("Delivered"), "returned": phrase("Came back")}


@dataclass(frozen=True)
class FlowRow:
    """An arm: what stands in each of its boxes, a text a line."""

    boxes: tuple[tuple[str, ...], ...]


def flow_picture(memo: MemoRecord) -> Picture:
    """The figure with its description in words."""
    top, left_out, drawn, rows = _texts(memo)
    alt = [
        t("Flow of units."),
        f"{'; '.join(top)}.",
        f"{'; '.join(left_out)}.",
        f"{'; '.join(drawn)}.",
        *("; ".join(text for box in row.boxes for text in box) + "." for row in rows),
    ]

    def drawing(plain: Plain) -> str:
        with svg.settings():
            return svg.to_svg(_figure(top, left_out, drawn, rows, plain), "flow")

    caption = t(
        "Flow of units from the list to the analysis (CONSORT 2025); every unit counts in the arm it was drawn to."
    )
    return Picture(drawing, " ".join(alt), caption)


def _texts(memo: MemoRecord) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[FlowRow]]:
    flow, outcome = memo.flow, memo.decision.outcome
    left = suppress.exclusions(flow, memo.threshold)
    out = None if left.rows is None else left.rows - flow.units
    reasons = [
        f"{t(REASONS[code]) if code in REASONS else visible(code)}: {show.count_or_withheld(n)}"
        for code, n in left.excluded.items()
    ]
    refused = (
        [t("refused as defective: {count}", count=show.count_or_withheld(left.refused))]
        if flow.refused
        else []
    )
    left_out = (t("Left out: {count}", count=show.count_or_withheld(out)), *reasons, *refused)
    units = number(flow.units)
    if flow.clusters is not None:
        units = t("{units} in {clusters} clusters", units=units, clusters=number(flow.clusters))
    drawn = (
        t("In groups made elsewhere: {units}", units=units)
        if memo.draw.replayed
        else t("Drawn by lot: {units}", units=units),
    )
    rows = [_row(memo, name, outcome) for name in memo.definition.arms]
    return (t("In the list: {count}", count=show.count_or_withheld(left.rows)),), left_out, drawn, rows


def _row(memo: MemoRecord, arm: str, outcome: str) -> FlowRow:
    units, clusters = dict(memo.draw.units), dict(memo.draw.clusters)
    drawn = (
        t("Drawn: {units} ({clusters} clusters)", units=number(units[arm]), clusters=number(clusters[arm]))
        if clusters
        else t("Drawn: {units}", units=number(units[arm]))
    )
    boxes: list[tuple[str, ...]] = [(quoted(memo.definition.arms[arm].label), drawn)]
    told = {p.status: suppress.pieces(memo, p) for p in memo.pieces if p.arm == arm}
    if memo.pieces:
        sent = tuple(f"{t(word)}: {_count(told[status])}" for status, word in TOLD.items() if status in told)
        boxes.append(sent or (t("Nothing sent"),))
    outcome_flow = next((o for o in memo.outcomes if o.arm == arm and o.outcome == outcome), None)
    if outcome_flow is not None:
        observed, missing = suppress.observed(memo, outcome_flow), suppress.missing(memo, outcome_flow)
        boxes.append(
            (
                t("Outcome observed: {count}", count=_count(observed)),
                t("Missing: {count}", count=_count(missing)),
            )
        )
    boxes.append((t("Analyzed: {count}", count=_analyzed(memo, arm, outcome)),))
    return FlowRow(tuple(boxes))


def _count(count: int | None) -> str:
    return show.count_or_withheld(count)


def _analyzed(memo: MemoRecord, arm: str, outcome: str) -> str:
    rows = [r for r in suppress.published(memo) if r.outcome == outcome and r.main]
    counts = [r.n_arm for r in rows if r.arm == arm] or [r.n_control for r in rows if r.control == arm]
    return _count(next((n for n in counts if n is not None), None))


def _figure(
    top: Sequence[str], left_out: Sequence[str], drawn: Sequence[str], rows: Sequence[FlowRow], plain: Plain
) -> Figure:
    most = max(len(row.boxes) for row in rows)
    indent = 0.3
    width = (WIDTH - indent - (most - 1) * GAP) / most
    set_rows = [
        [
            [line for text in box for line in wrapped(plain(text), SIZE, False, 6, width - 2 * PAD)]
            for box in row.boxes
        ]
        for row in rows
    ]
    heads = [[plain(text) for text in box] for box in (top, left_out, drawn)]
    high = [max(_height(box) for box in row) for row in set_rows]
    first = max(_height(heads[0]), _height(heads[1]))
    total = first + GAP + _height(heads[2]) + sum(h + GAP for h in high) + 0.05
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(total, 0)
    axes.axis("off")

    def box(x: float, y: float, wide: float, tall: float, lines: Sequence[str]) -> None:
        axes.add_patch(Rectangle((x, y), wide, tall, fill=False, linewidth=0.9, edgecolor="black"))
        for place, line in enumerate(lines):
            at = y + tall / 2 + (place - (len(lines) - 1) / 2) * LINE
            axes.text(x + PAD, at, line, fontsize=SIZE, va="center", ha="left")

    def arrow(x: float, y: float, right: float, down: float) -> None:
        axes.add_patch(
            FancyArrow(
                x,
                y,
                right,
                down,
                width=0.004,
                head_width=0.06,
                head_length=0.07,
                length_includes_head=True,
                color="black",
            )
        )

    half = (WIDTH - 2 * GAP) / 2
    box(0.01, 0.01, half, first, heads[0])
    box(half + 2 * GAP - 0.01, 0.01, half, first, heads[1])
    arrow(0.01 + half, 0.01 + first / 2, 2 * GAP - 0.03, 0.0)
    y = 0.01 + first + GAP
    arrow(half / 2, 0.01 + first, 0.0, GAP)
    box(0.01, y, half, _height(heads[2]), heads[2])
    y += _height(heads[2])
    spine = 0.13
    start = y
    for tall, row in zip(high, set_rows, strict=True):
        y += GAP
        middle = y + tall / 2
        arrow(spine, middle, indent - spine, 0.0)
        for place, lines in enumerate(row):
            x = indent + place * (width + GAP)
            box(x, y, width - 0.01, tall, lines)
            if place:
                arrow(x - GAP - 0.01, middle, GAP + 0.01, 0.0)
        y += tall
    axes.plot([spine, spine], [start, middle], color="black", linewidth=0.9)
    return figure


def _height(lines: Sequence[str]) -> float:
    return len(lines) * LINE + 2 * PAD

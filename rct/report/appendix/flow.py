"""The CONSORT flow: every row of the list accounted for, every unit followed to its outcome."""

from __future__ import annotations

from rct.errors import visible
from rct.estimate.checks import RATIO_WARNS
from rct.language import number, phrase, t
from rct.report import suppress
from rct.report.blocks import Block, FactsBlock, TableBlock
from rct.report.figures.flow_figure import flow_picture
from rct.report.plan.document import left_out_rows
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import quoted, unquoted

PIECES = {
    "mailed": phrase("Sent out"),
    "delivered": phrase("Delivered"),
    "returned": phrase("Came back"),
    "forwarded": phrase("Forwarded"),
    "other_version": phrase("Had another version"),
    "opened": phrase("Opened"),
    "clicked": phrase("A link was clicked"),
    "replied": phrase("Answered"),
    "stopped": phrase("Stopped by reply"),
    "opted_out": phrase("Opted out afterwards"),
}


def flow_blocks(memo: MemoRecord) -> list[Block]:
    """Rows, exclusions by reason, units drawn; then drawn, observed and missing by arm and outcome.

    Raises ValueError where the counts don't add up: such a flow can't be printed.
    """
    flow = memo.flow
    drawn = sum(n for _, n in memo.draw.units)
    if flow.rows != flow.units + flow.refused + sum(n for _, n in flow.excluded) or flow.units != drawn:
        raise ValueError("the flow's counts do not add up")
    rows = left_out_rows(flow, memo.threshold, t("Rows in the list"))
    units = number(flow.units)
    rows.append(
        (
            t("Drawn to an arm"),
            t("{units} units", units=units)
            if flow.clusters is None
            else t("{units} units in {clusters} clusters", units=units, clusters=number(flow.clusters)),
        )
    )
    return [flow_picture(memo), FactsBlock(tuple(rows)), _by_arm(memo), *_by_piece(memo), *_by_outcome(memo)]


def _by_arm(memo: MemoRecord) -> TableBlock:
    units, clusters = dict(memo.draw.units), dict(memo.draw.clusters)
    whole = sum(memo.definition.shares)
    rows = []
    for (name, arm), share in zip(memo.definition.arms.items(), memo.definition.shares, strict=True):
        more = [number(clusters[name])] if clusters else []
        rows.append(
            (
                unquoted(arm.label),
                t("{share} of {whole}", share=share, whole=whole),
                number(units[name]),
                *more,
            )
        )
    header = (t("Arm"), t("Share"), t("Units drawn"), *([t("Clusters drawn")] if clusters else []))
    return TableBlock(
        t("Units drawn to each arm"), header, tuple(rows), (False, *([True] * (len(header) - 1)))
    )


def _by_piece(memo: MemoRecord) -> list[Block]:
    """What was told of the pieces, by arm: it is after the draw, and nobody is left out for it."""
    ratio = {r.status: show.p_value(r.p_value, RATIO_WARNS) for r in suppress.published_ratios(memo)}
    rows = []
    for p in memo.pieces:
        count = suppress.pieces(memo, p)
        rows.append(
            (
                t(PIECES[p.status]) if p.status in PIECES else visible(p.status),
                unquoted(memo.definition.arms[p.arm].label),
                number(p.drawn),
                show.count_or_withheld(count),
                ratio.get(p.status, ""),
            )
        )
    if not rows:
        return []
    header = (t("What became of it"), t("Arm"), t("Drawn"), t("Units"), t("As drawn?"))
    return [
        TableBlock(t("Pieces sent (nobody is left out of the analysis for this)"), header, tuple(rows),
              (False, False, True, True, False))
    ]  # fmt: skip


def _by_outcome(memo: MemoRecord) -> list[Block]:
    rows = []
    for o in memo.outcomes:
        counts = (suppress.observed(memo, o), suppress.missing(memo, o))
        rows.append(
            (
                quoted(memo.definition.outcomes[o.outcome].label),
                unquoted(memo.definition.arms[o.arm].label),
                number(o.drawn),
                *map(show.count_or_withheld, counts),
            )
        )
    if not rows:
        return []
    header = (t("Outcome"), t("Arm"), t("Drawn"), t("Observed"), t("Missing"))
    return [TableBlock(t("Outcomes observed"), header, tuple(rows), (False, False, True, True, True))]

"""The CONSORT flow: every row of the list accounted for, every unit followed to its outcome."""

from __future__ import annotations

from rct.errors import visible
from rct.estimate.checks import RATIO_WARNS
from rct.report import suppress
from rct.report.blocks import Block, Facts, Table
from rct.report.figures.flow_figure import flow_picture
from rct.report.plan.document import left_out_rows
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import quoted, unquoted

PIECES = {
    "mailed": "Sent out",
    "delivered": "Delivered",
    "returned": "Came back",
    "forwarded": "Forwarded",
    "opened": "Opened",
    "clicked": "A link was clicked",
    "replied": "Answered",
    "stopped": "Stopped by reply",
    "opted_out": "Opted out afterwards",
}


def flow_blocks(memo: MemoRecord) -> list[Block]:
    """Rows, exclusions by reason, units drawn; then drawn, observed and missing by arm and outcome.

    Raises ValueError where the counts don't add up: such a flow can't be printed.
    """
    flow = memo.flow
    drawn = sum(n for _, n in memo.draw.units)
    if flow.rows != flow.units + flow.refused + sum(n for _, n in flow.excluded) or flow.units != drawn:
        raise ValueError("the flow's counts do not add up")
    rows = left_out_rows(flow, memo.threshold, "Rows in the list")
    clusters = f" in {flow.clusters:,} clusters" if flow.clusters is not None else ""
    rows.append(("Drawn to an arm", f"{flow.units:,} units{clusters}"))
    return [flow_picture(memo), Facts(tuple(rows)), _by_arm(memo), *_by_piece(memo), *_by_outcome(memo)]


def _by_arm(memo: MemoRecord) -> Table:
    units, clusters = dict(memo.draw.units), dict(memo.draw.clusters)
    whole = sum(memo.definition.shares)
    rows = []
    for (name, arm), share in zip(memo.definition.arms.items(), memo.definition.shares, strict=True):
        more = [f"{clusters[name]:,}"] if clusters else []
        rows.append((unquoted(arm.label), f"{share} of {whole}", f"{units[name]:,}", *more))
    header = ("Arm", "Share", "Units drawn", *(["Clusters drawn"] if clusters else []))
    return Table("Units drawn to each arm", header, tuple(rows), (False, *([True] * (len(header) - 1))))


def _by_piece(memo: MemoRecord) -> list[Block]:
    """What was told of the pieces, by arm: it is after the draw, and nobody is left out for it."""
    ratio = {r.status: show.p_value(r.p_value, RATIO_WARNS) for r in suppress.published_ratios(memo)}
    rows = []
    for p in memo.pieces:
        count = suppress.pieces(memo, p)
        rows.append(
            (
                PIECES.get(p.status, visible(p.status)),
                unquoted(memo.definition.arms[p.arm].label),
                f"{p.drawn:,}",
                "withheld" if count is None else f"{count:,}",
                ratio.get(p.status, ""),
            )
        )
    if not rows:
        return []
    header = ("What became of it", "Arm", "Drawn", "Units", "As drawn?")
    return [
        Table("Pieces sent (nobody is left out of the analysis for this)", header, tuple(rows),
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
                f"{o.drawn:,}",
                *("withheld" if count is None else f"{count:,}" for count in counts),
            )
        )
    if not rows:
        return []
    header = ("Outcome", "Arm", "Drawn", "Observed", "Missing")
    return [Table("Outcomes observed", header, tuple(rows), (False, False, True, True, True))]

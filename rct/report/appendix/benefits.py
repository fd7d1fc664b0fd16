"""The appendix's section 'Who benefits': the test first, then the gaps, then whom no mail reached."""

from __future__ import annotations

from rct.errors import visible
from rct.kinds import kind_of
from rct.language import t, tn
from rct.report.appendix.equity import Equity, GapChange, GroupEquity, Reach, equity
from rct.report.blocks import Block, Para, TableBlock
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import quoted, unquoted


def benefit_blocks(memo: MemoRecord) -> list[Block]:
    """[] where no subgroup was planned and no returned mail was told."""
    found: Equity = equity(memo)
    blocks: list[Block] = []
    for group in found.groups:
        blocks += [Para(_test(memo, group)), _gaps(memo, group)]
    for column in dict.fromkeys(r.column for r in found.reach):
        blocks.append(_reach(column, [r for r in found.reach if r.column == column]))
    return blocks


def _test(memo: MemoRecord, group: GroupEquity) -> str:
    named = {"outcome": quoted(memo.definition.outcomes[group.outcome].label), "column": quoted(group.column)}
    if group.p_least is None:
        return t(
            "{outcome}: whether the effect differs by {column} is withheld or could not be tested.", **named
        )
    alpha = float(memo.definition.analysis.alpha)
    adjusted = any(gap.p_adjusted is not None for gap in group.gaps)
    p = show.p_value(group.p_least, alpha)
    if any(gap.fragile and gap.p == group.p_least for gap in group.gaps):
        how = t("the smallest adjusted p: {p}", p=p) if adjusted else t("the smallest p: {p}", p=p)
        return t(
            "{outcome}: the effect differs by {column}, but the usual test can mislead in groups that tell so little "
            "({how}).",
            how=how,
            **named,
        )
    how = (
        tn(
            "the smallest adjusted p of {count} comparison: {p}",
            "the smallest adjusted p of {count} comparisons: {p}",
            group.tested,
            p=p,
        )
        if adjusted
        else tn(
            "the smallest p of {count} comparison: {p}",
            "the smallest p of {count} comparisons: {p}",
            group.tested,
            p=p,
        )
    )
    return (
        t(
            "{outcome}: the effect differs by {column}, and chance alone is unlikely to explain it ({how}).",
            how=how,
            **named,
        )
        if group.p_least <= alpha
        else t("{outcome}: the effect differs by {column}, and it could be chance ({how}).", how=how, **named)
    )


def _gaps(memo: MemoRecord, group: GroupEquity) -> TableBlock:
    what = memo.definition.outcomes[group.outcome]
    kind = kind_of(what.kind)
    relative = memo.definition.estimator.scale.relative
    rows = tuple(_gap(memo, gap, kind.times, 1.0 if relative else kind.times) for gap in group.gaps)
    caption = t(
        "{outcome}: each level of {column} less {base}, in the control group and in the arm",
        outcome=quoted(what.label),
        column=quoted(group.column),
        base=quoted(group.base),
    )
    caption += kind.in_unit
    if relative:
        caption += "; " + t("the change is of the ratio")
    if any(gap.fragile for gap in group.gaps):
        caption += ". " + t("† The usual test can mislead here")
    header = (
        *(t("Arm"), t("Group"), t("Gap, control"), t("Gap, arm"), t("Change")),
        *(t("Interval of the change"), t("p")),
    )
    return TableBlock(caption, header, rows, (False, False, *([True] * (len(header) - 2))))


def _gap(memo: MemoRecord, gap: GapChange, times: float, of_change: float) -> tuple[str, ...]:
    levels = (gap.gap_control, gap.gap_arm)
    interval = t("withheld") if gap.withheld else ""
    if gap.conf_low is not None and gap.conf_high is not None:
        interval = show.span(show.precise(of_change * gap.conf_low), show.precise(of_change * gap.conf_high))
    return (
        unquoted(memo.definition.arms[gap.arm].label),
        visible(gap.level),
        *("" if n is None else show.precise(times * n) for n in levels),
        "" if gap.change is None else show.precise(of_change * gap.change),
        interval + (" †" if gap.fragile and interval else ""),
        "" if gap.p is None else show.p_number(gap.p),
    )


def _reach(column: str, levels: list[Reach]) -> TableBlock:
    rows = tuple(
        (
            visible(r.level),
            *(show.count_or_withheld(n) for n in (r.sent, r.unreached)),
            "" if r.share is None else show.percent(r.share),
        )
        for r in levels
    )
    return TableBlock(
        t(
            "Never reached, by {column}: all that is known of their mail is that it came back",
            column=quoted(column),
        ),
        (t("Group"), t("Sent to"), t("Never reached"), t("Share")),
        rows,
        (False, True, True, True),
    )

"""The appendix's section 'Who benefits': the test first, then the gaps, then whom no mail reached."""

from __future__ import annotations

from rct.errors import visible
from rct.kinds import kind_of
from rct.report.appendix.equity import Equity, GapChange, GroupEquity, Reach, equity
from rct.report.blocks import Block, Para, Table
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import counted, quoted, unquoted

HEAD = ("Arm", "Group", "Gap, control", "Gap, arm", "Change", "Interval of the change", "p")


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
    what, column = quoted(memo.definition.outcomes[group.outcome].label), quoted(group.column)
    if group.p_least is None:
        return f"{what}: whether the effect differs by {column} is withheld or could not be tested."
    alpha = float(memo.definition.analysis.alpha)
    adjusted = any(gap.p_adjusted is not None for gap in group.gaps)
    how = "the smallest adjusted p" if adjusted else "the smallest p"
    if any(gap.fragile and gap.p == group.p_least for gap in group.gaps):
        said = "but the usual test can mislead in groups that tell so little"
        return (
            f"{what}: the effect differs by {column}, {said} ({how}: {show.p_value(group.p_least, alpha)})."
        )
    said = "chance alone is unlikely to explain it" if group.p_least <= alpha else "it could be chance"
    return (
        f"{what}: the effect differs by {column}, and {said} ({how} of {counted(group.tested, 'comparison')}: "
        f"{show.p_value(group.p_least, alpha)})."
    )


def _gaps(memo: MemoRecord, group: GroupEquity) -> Table:
    what = memo.definition.outcomes[group.outcome]
    kind = kind_of(what.kind)
    relative = memo.definition.estimator.scale.relative
    rows = tuple(_gap(memo, gap, kind.times, 1.0 if relative else kind.times) for gap in group.gaps)
    caption = (
        f"{quoted(what.label)}: each level of {quoted(group.column)} less {quoted(group.base)}, in the control "
        f"group and in the arm{kind.in_unit}"
        + ("; the change is of the ratio" if relative else "")
        + (". † The usual test can mislead here" if any(gap.fragile for gap in group.gaps) else "")
    )
    return Table(caption, HEAD, rows, (False, False, *([True] * (len(HEAD) - 2))))


def _gap(memo: MemoRecord, gap: GapChange, times: float, of_change: float) -> tuple[str, ...]:
    levels = (gap.gap_control, gap.gap_arm)
    interval = "withheld" if gap.withheld else ""
    if gap.conf_low is not None and gap.conf_high is not None:
        interval = f"{show.precise(of_change * gap.conf_low)} to {show.precise(of_change * gap.conf_high)}"
    return (
        unquoted(memo.definition.arms[gap.arm].label),
        visible(gap.level),
        *("" if n is None else show.precise(times * n) for n in levels),
        "" if gap.change is None else show.precise(of_change * gap.change),
        interval + (" †" if gap.fragile and interval else ""),
        "" if gap.p is None else show.p_number(gap.p),
    )


def _reach(column: str, levels: list[Reach]) -> Table:
    rows = tuple(
        (
            visible(r.level),
            *("withheld" if n is None else f"{n:,}" for n in (r.sent, r.unreached)),
            "" if r.share is None else show.percent(r.share),
        )
        for r in levels
    )
    return Table(
        f"Never reached, by {quoted(column)}: all that is known of their mail is that it came back",
        ("Group", "Sent to", "Never reached", "Share"),
        rows,
        (False, True, True, True),
    )

"""One line each for the other planned outcomes and the planned subgroups, for the arm of the answer."""

from __future__ import annotations

from collections.abc import Sequence

from rct.language import t, tn
from rct.registry.results import Result
from rct.report.appendix.equity import GroupEquity, LevelEffect, equity
from rct.report.record import MemoRecord
from rct.report.suppress import first_levels, group_fragile
from rct.report.words import numbers as show
from rct.report.words.chance import possible, redrawn, unlikely
from rct.report.words.finding import (
    BAD,
    GOOD,
    Finding,
    Scale,
    Standing,
    finding_of,
    findings,
    has_interval,
    redrawn_doubts,
    scale_of,
    sign_of,
)
from rct.report.words.phrases import level_of, quoted

LISTED = 3


def other_outcomes(record: MemoRecord, top: Finding, withheld: frozenset[Result]) -> list[str]:
    """The planned outcomes beside the first primary one."""
    names = [name for name in record.definition.outcomes if name != record.decision.outcome]
    sentences = []
    for name in names:
        for finding in findings(record, name, withheld):
            if finding.row.arm == top.row.arm:
                sentences.append(_line(record, finding))
    if len(sentences) > LISTED:
        more = len(sentences) - LISTED
        sentences = sentences[:LISTED]
        sentences.append(
            tn(
                "{count} more planned outcome is in the appendix.",
                "{count} more planned outcomes are in the appendix.",
                more,
            )
        )
    return sentences


def subgroups(record: MemoRecord, top: Finding, withheld: frozenset[Result]) -> list[str]:
    """Planned subgroups only: does the effect of this arm differ between the levels."""
    sentences: list[str] = []
    if top.standing is Standing.REFUSED:
        return sentences
    for column in record.definition.analysis.subgroups:
        rows = [
            r
            for r in record.results
            if r.term == "interaction"
            and r.subgroup == column
            and r.arm == top.row.arm
            and r.outcome == record.decision.outcome
            and r.role == "confirmatory"
        ]
        shown = [r for r in rows if r not in withheld and has_interval(r)]
        if shown:
            sentences.append(_subgroup(record, column, shown))
        elif rows:
            sentences.append(t("By {column}: withheld, because a group is too small.", column=quoted(column)))
    return sentences


def _line(record: MemoRecord, finding: Finding) -> str:
    name = finding.outcome
    if finding.row.role != "confirmatory":
        name = t("{outcome} (exploratory)", outcome=name)
    elif not record.definition.outcomes[finding.row.outcome].primary:
        name = t("{outcome} (secondary)", outcome=name)
    if finding.standing is Standing.REFUSED:
        return t("{outcome}: its records name more people of some groups than of others.", outcome=name)
    if not finding.shown:
        return t("{outcome}: the figures are withheld or could not be computed.", outcome=name)
    values = {
        "outcome": name,
        "lies": _from(finding),
        "interval": finding.interval,
    }
    if finding.standing is Standing.UNTESTED:
        return t("{outcome}: {lies} ({interval}). Chance could not be tested.", **values)
    if finding.standing not in GOOD + BAD:
        return t("{outcome}: {lies} ({interval}). It could be chance.", **values)
    gain = finding.standing in GOOD
    alpha = float(record.definition.analysis.alpha)
    if finding.fragile is not None and redrawn_doubts(finding.fragile, alpha):
        values["chance"] = redrawn(record, finding.fragile)
        return (
            t("{outcome}: {lies} ({interval}). Perhaps a gain; {chance}.", **values)
            if gain
            else t("{outcome}: {lies} ({interval}). Perhaps a loss; {chance}.", **values)
        )
    if finding.standing.name.startswith("MAYBE"):
        values["chance"] = possible(record, finding.row)
        return (
            t(
                "{outcome}: {lies} ({interval}). Perhaps a gain; with all comparisons counted, {chance}.",
                **values,
            )
            if gain
            else t(
                "{outcome}: {lies} ({interval}). Perhaps a loss; with all comparisons counted, {chance}.",
                **values,
            )
        )
    if finding.row.role != "confirmatory":
        return t("{outcome}: {lies} ({interval}). A hint, no proof.", **values)
    values["chance"] = unlikely(record, finding.row)
    return (
        t("{outcome}: {lies} ({interval}). A gain, and {chance}.", **values)
        if gain
        else t("{outcome}: {lies} ({interval}). A loss, and {chance}.", **values)
    )


def _from(finding: Finding) -> str:
    """The difference and the level that it starts from."""
    lies, control = finding.scale.lies(finding.estimate), finding.row.mean_control
    if control is None:
        return lies if finding.scale.binary else t("on average {lies}", lies=lies)
    values = {"lies": lies, "base": finding.scale.level(control), "control": finding.control}
    if finding.scale.binary:
        return t("{lies} than the {base} with {control}", **values)
    return t("on average {lies} than the {base} with {control}", **values)


def _subgroup(record: MemoRecord, column: str, rows: Sequence[Result]) -> str:
    alpha = float(record.definition.analysis.alpha)
    strongest = min(rows, key=lambda r: (r.ruling_p is None, r.ruling_p or 0.0))
    scale = scale_of(record.definition, strongest.outcome, rows, record.decision.outcome)
    finding = finding_of(record.definition, strongest, scale, withheld=False)
    crossed = finding.scale
    first = first_levels(record.results)[strongest.outcome, column]
    values = {
        "column": quoted(column),
        "lies": crossed.lies(finding.estimate),
        "interval": finding.interval,
        "level": level_of(strongest.level or ""),
        "first": level_of(first),
    }
    p = strongest.ruling_p
    if group_fragile(record.results, strongest, first) and p is not None and p <= alpha:
        # Nobody draws the lots anew within groups, so nothing bears the difference out.
        apart = t("By {column}: for {level} the effect was {lies} than for {first}.", **values)
        shaky = t("Some of these groups tell little, so the usual test can mislead: it could be chance.")
        return f"{apart} {shaky} {_gap(record, strongest, scale)}".strip()
    apart = t("By {column}: for {level} the effect was {lies} than for {first} ({interval}).", **values)
    gap = _gap(record, strongest, scale)
    if p is None:
        return " ".join([apart, t("Chance could not be tested."), gap]).strip()
    if p <= alpha:
        return f"{apart} {gap}".strip() + "".join(f" {fact}" for fact in _facts(record, strongest, scale))
    return " ".join([apart, t("That could be chance."), gap]).strip()


def weak_groups(record: MemoRecord, top: Finding) -> list[str]:
    """A caution for each planned subgroup whose groups differ by more than chance is likely to bring, where one of them
    lost, or has no clear gain."""
    alpha, sentences = float(record.definition.analysis.alpha), []
    for group in equity(record).of(record.decision.outcome):
        gaps = [g for g in group.gaps if g.arm == top.row.arm and not g.withheld and g.p is not None]
        clear = min(gaps, key=lambda g: g.p or 0.0, default=None)
        if clear is None or clear.fragile or (clear.p or 0.0) > alpha:
            continue
        weak = _weaker(group, clear.level, clear.arm, top.sign)
        if weak is None:
            continue
        low, high = sorted(top.sign * end for end in _ends(weak, top.scale))
        values = {"level": level_of(weak.level), "column": quoted(group.column)}
        if high < 0:
            sentences.append(t("Take care with {level} ({column}): there was a loss there.", **values))
        elif low <= 0:
            sentences.append(t("Take care with {level} ({column}): no clear gain was seen there.", **values))
    return sentences


def _weaker(group: GroupEquity, level: str, arm: str, sign: int) -> LevelEffect | None:
    """Of the two groups that an interaction holds against each other the one with the smaller gain."""
    two = [e for e in group.effects if e.arm == arm and e.level in (level, group.base)]
    if len(two) < 2 or any(
        e.withheld or e.estimate is None or e.conf_low is None or e.conf_high is None for e in two
    ):
        return None
    return min(two, key=lambda e: sign * (e.estimate or 0.0))


def _ends(effect: LevelEffect, scale: Scale) -> tuple[float, float]:
    """The interval's ends, counted from no difference."""
    return scale.apart(effect.conf_low or 0.0), scale.apart(effect.conf_high or 0.0)


def _facts(record: MemoRecord, row: Result, scale: Scale) -> list[str]:
    """What was seen in the group with the smaller gain itself. Only where the two differ: an effect that is
    clear in one group and not in the other shows no difference.
    """
    sign = sign_of(record.definition, row.outcome)
    for group in equity(record).of(row.outcome):
        weak = _weaker(group, row.level or "", row.arm, sign) if group.column == row.subgroup else None
        if weak is None or weak.n_arm is None or weak.n_control is None:
            continue
        low, high = _ends(weak, scale)
        seen = scale.apart(weak.estimate or 0.0)
        values = {
            "level": level_of(weak.level),
            "count": f"{weak.n_arm + weak.n_control:,}",
            "lies": scale.lies(seen),
            "span": scale.span(low, high),
        }
        if min(sign * low, sign * high) > 0:
            return [t("Among {level} ({count} compared) it was {lies} ({span}).", **values)]
        if max(sign * low, sign * high) < 0:
            return [t("Among {level} ({count} compared) there was a loss: {lies} ({span}).", **values)]
        if sign * seen <= 0:
            return [t("Among {level} ({count} compared) no gain was seen: {lies} ({span}).", **values)]
        return [t("Among {level} ({count} compared) no clear gain was seen: {lies} ({span}).", **values)]
    return []


def _gap(record: MemoRecord, row: Result, scale: Scale) -> str:
    """The gap between the two groups without the arm and with it."""
    for group in equity(record).of(row.outcome):
        for gap in group.gaps:
            if (group.column, gap.level, gap.arm) == (row.subgroup, row.level, row.arm):
                if gap.gap_control is None or gap.gap_arm is None:
                    return ""
                return t(
                    "With {control}, {level} was {before} than {first}; with {arm}, {after}.",
                    level=level_of(gap.level),
                    first=level_of(gap.base),
                    before=scale.of_levels.lies(gap.gap_control),
                    after=scale.of_levels.lies(gap.gap_arm),
                    control=quoted(record.definition.arms[row.control].label),
                    arm=quoted(record.definition.arms[row.arm].label),
                )
    return ""


def never_reached(record: MemoRecord) -> list[str]:
    """One line on the group whom mail reached least, by the first planned subgroup or else category or block."""
    levels = [r for r in equity(record).reach if r.share is not None]
    levels = [r for r in levels if r.column == levels[0].column]
    if len(levels) < 2:
        return []
    worst, best = max(levels, key=lambda r: r.share or 0.0), min(levels, key=lambda r: r.share or 0.0)
    return [
        t(
            "By {column}: mail came back most for {level} ({share}), least for {other} ({least}).",
            column=quoted(worst.column),
            level=level_of(worst.level),
            share=show.percent(worst.share or 0.0),
            other=level_of(best.level),
            least=show.percent(best.share or 0.0),
        )
    ]

"""What a p-value says, in words: never that chance is out of the question; and where two tests of one effect part."""

from __future__ import annotations

from collections.abc import Sequence

from rct.language import listed, t
from rct.registry.results import Result
from rct.report import suppress
from rct.report.record import Fragile, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.finding import Finding, endless
from rct.report.words.fragility import sentences

APART = 10.0  # one p-value so many times the other


def unlikely(record: MemoRecord, row: Result) -> str:
    """`chance alone is unlikely to explain it (p = 0.047)`: a clause, where p is at most alpha."""
    p = _printed(record, row)
    if p is None:
        return t("chance alone is unlikely to explain it")
    return t("chance alone is unlikely to explain it ({p})", p=p)


def possible(record: MemoRecord, row: Result) -> str:
    """`it could be chance (p = 0.21)`: a clause, where p is above alpha."""
    p = _printed(record, row)
    return t("it could be chance") if p is None else t("it could be chance ({p})", p=p)


def redrawn(record: MemoRecord, fragile: Fragile) -> str:
    """`it could be chance (p = 0.21 by drawing the lots anew)`: a clause, of a fragile comparison."""
    if fragile.p_redrawn is None:
        return t("it could be chance")
    p = show.p_value(fragile.p_redrawn, float(record.definition.analysis.alpha))
    return t("it could be chance ({p} by drawing the lots anew)", p=p)


def seen_alone(record: MemoRecord, row: Result) -> bool:
    """Whether the row's own p-value convinces and the one adjusted for all comparisons doesn't."""
    alpha = float(record.definition.analysis.alpha)
    return row.p_value is not None and row.p_adjusted is not None and row.p_value <= alpha < row.p_adjusted


def parting(record: MemoRecord, arms: Sequence[Finding]) -> list[str]:
    """A sentence for each arm whose two tests part: the plan's, and the one that rests on the lots alone."""
    alpha = float(record.definition.analysis.alpha)
    return [
        t(
            "For {arm} two tests disagree: the plan's gives {p}, drawing the lots anew gives {other}. Read it with care.",
            arm=f.arm,
            p=show.p_value(f.row.p_value, alpha),
            other=show.p_value(f.row.p_randomization, alpha),
        )
        for f in arms
        if f.shown and f.row.p_value is not None and f.row.p_randomization is not None
        if not endless(f.fragile) and _part(f.row, alpha)  # of too few ways to fall the lots can't tell
    ]


def exact(record: MemoRecord, arms: Sequence[Finding]) -> list[str]:
    """What is said of each shown arm without a p-value because nothing varies."""
    alpha = float(record.definition.analysis.alpha)
    tests = {(e.outcome, e.arm): e.p_value for e in record.exact}
    return [
        sentence
        for f in arms
        if f.shown
        for sentence in unvaried(f.row, f.arm, tests.get((f.row.outcome, f.row.arm)), alpha)
    ]


def unvaried(row: Result, arm: str, fisher: float | None, alpha: float) -> list[str]:
    """Where nothing varies by which the usual test could tell an error: that it has no p-value, and what the tests give
    that need no error. arm: as it is named; fisher: p of Fisher's test."""
    if not row.unvaried:
        return []
    given = []
    if row.p_randomization is not None:
        given.append(t("drawing the lots anew gives {p}", p=show.p_value(row.p_randomization, alpha)))
    if fisher is not None:
        given.append(t("Fisher's exact test gives {p}", p=show.p_value(fisher, alpha)))
    lines = [t("{arm}: nothing varied by which the usual test could tell an error.", arm=arm)]
    if given:
        told = listed(given)
        lines.append(t("{tests}; the rule asks for the usual test's.", tests=f"{told[:1].upper()}{told[1:]}"))
    return lines


def fragile(arms: Sequence[Finding]) -> list[str]:
    """One sentence for the shown arms whose comparison is fragile: why, and what is told in place of the usual test."""
    shown = [f for f in arms if f.shown and f.fragile is not None]
    codes = {code for f in shown for code in f.row.reasons}
    lines = sentences(codes)
    if not lines:
        return []
    if any(endless(f.fragile) for f in shown):
        lines.append(
            t(
                "The lots can fall in too few ways to bear out a difference or to give an interval, so none is shown."
            )
            if shown[0].scale.effect.additive
            else t("Drawing the lots anew sets no end to the interval, so none is shown.")
        )
        shown = [f for f in shown if not endless(f.fragile)]
    if not shown:
        return [" ".join(lines)]
    kinds = {f.fragile.kind for f in shown if f.fragile is not None}
    instead = (
        t("The interval is Newcombe's, made for few cases.")
        if kinds == {"newcombe"}
        else t("The interval comes from drawing the lots anew.")
        if kinds == {"randomization"}
        else t("The intervals are Newcombe's, or come from drawing the lots anew.")
    )
    rule = t("So the verdict also asks what drawing the lots anew gives.")
    return [" ".join([*lines, rule, instead])]


def _part(row: Result, alpha: float) -> bool:
    """On either side of alpha, or ten times apart. What is smaller than the redraws can tell counts as the least that
    they can tell: a p of 1e-9 and none of 1,000 redraws do agree.
    """
    p, other = row.p_value or 0.0, row.p_randomization or 0.0
    if (p <= alpha) != (other <= alpha):
        return True
    least = 1 / (row.randomization_draws or 1)
    low, high = sorted((max(p, least), max(other, least)))
    return high >= APART * low


def _printed(record: MemoRecord, row: Result) -> str | None:
    """The p-value that the rule looks at; None where it would tell of withheld figures."""
    p = row.ruling_p
    if p is None or row not in suppress.told_adjusted(record):
        return None
    return show.p_value(p, float(record.definition.analysis.alpha))

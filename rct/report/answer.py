"""The memo's first sentence, and what belongs right behind it. Every number is computed where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from rct.report import numbers as show
from rct.report.finding import BAD, GOOD, Finding, Standing
from rct.report.record import MemoRecord
from rct.report.words import listed, number_word, piece

NAMED = 2  # arms named in one sentence; more are counted, and stand in chart and table


def answer(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> str:
    """The answer in one sentence: the arm, the difference, the interval."""
    if top.standing is Standing.WITHHELD:
        few = f"fewer than {record.threshold}"
        return (
            f"The agreed rule says {record.decision.verdict}, and the figures are withheld: "
            f"in a group, {few} people had the outcome {top.outcome}, or {few} did not."
        )
    if not top.shown:
        return f"No answer yet: {top.outcome} could not be compared between {top.arm} and {top.control}."
    if len(arms) == 1:
        return f"{_opening_of_one(top)}: {difference(top)}."
    return f"{_opening_of_several(record, arms, top)} {difference(top)}."


def difference(finding: Finding) -> str:
    """`“Paid” was 3.2 percentage points higher (95% interval: …), 45.2% against 42.0%`."""
    scale, average = finding.scale, "" if finding.scale.binary else " on average"
    if _shows_zero(finding):
        clause = f"{finding.outcome} was the same to within rounding{average} ({finding.interval})"
    else:
        clause = f"{finding.outcome} was {scale.lies(finding.estimate)}{average} ({finding.interval})"
    control = finding.row.mean_control
    if control is None:
        return clause
    return f"{clause}, {scale.level(control + finding.estimate)} against {scale.level(control)}"


def details(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """The sentences behind the answer: in other units, the other arms, what is ruled out, how to read it."""
    if not top.shown:
        return _others(record, arms, top)
    said = [
        *_in_other_units(record, top),
        *_tie(record, arms, top),
        *_others(record, arms, top),
        *_ruled_out(record, top),
        *_leans_high(arms, top),
        *_adjusted(record, top),
        *_rounding(top),
    ]
    if top.standing is Standing.UNTESTED:
        said.append("No p-value could be computed, because the outcome did not vary.")
    return said


def _opening_of_one(top: Finding) -> str:
    return {
        Standing.BETTER: f"{top.arm} did better than {top.control}",
        Standing.MAYBE_BETTER: f"{top.arm} may have done better than {top.control}",
        Standing.UNCLEAR: f"{top.arm} did neither clearly better nor clearly worse than {top.control}",
        Standing.MAYBE_WORSE: f"{top.arm} may have done worse than {top.control}",
        Standing.WORSE: f"{top.arm} did worse than {top.control}",
        Standing.UNTESTED: f"{top.arm} and {top.control} could not be tested against each other",
    }[top.standing]


def _opening_of_several(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> str:
    count = number_word(len(arms))
    shown = [f for f in arms if f.shown]
    tied = _tied(record, arms, top)
    largest = len(shown) == len(arms) and all(top.gain >= f.gain for f in shown)
    if top.standing in GOOD:
        did = "did better" if top.standing is Standing.BETTER else "may have done better"
        if tied:
            names = listed([f.arm for f in arms if f is top or f in tied])
            return f"{names} did better than {top.control} and cannot be told apart; with {top.arm},"
        if largest:
            return f"{top.arm} {did} than {top.control}, with the largest gain of the {count} versions tried:"
        return f"{top.arm} {did} than {top.control}:"
    if len(shown) < len(arms):
        return f"No version whose figures can be shown did clearly better than {top.control}; with {top.arm},"
    if all(f.standing is Standing.WORSE for f in arms):
        return f"All {count} versions did worse than {top.control}; with the best of them, {top.arm},"
    return (
        f"None of the {count} versions did clearly better than {top.control}; with the best of them,"
        f" {top.arm},"
    )


def _in_other_units(record: MemoRecord, top: Finding) -> list[str]:
    if top.standing not in GOOD + BAD or _shows_zero(top):
        return []
    word = "more" if top.estimate > 0 else "fewer"
    control = top.row.mean_control
    relative = None
    if control is not None and control > 0:
        share = abs(top.estimate) / control
        relative = show.percent(share, 0 if share >= 0.1 else 1)
    if not top.scale.binary:
        than = "higher" if top.estimate > 0 else "lower"
        return [f"That is {relative} {than} than with {top.control}."] if relative else []
    thousand = abs(top.estimate) * 1000
    size = show.decimal(thousand, 0 if thousand >= 10 else 1)
    sent = record.definition.arms[top.row.arm]
    mailed = sent.template is not None or bool(sent.templates)
    per = f"1,000 {piece(record.definition.trial.channel, 2)}" if mailed else "1,000 in that group"
    text = f"That is {size} {word} for every {per}"
    if relative:
        text += f", or {relative} {'more' if top.estimate > 0 else 'less'} than with {top.control}"
    return [text + "."]


def _tied(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[Finding]:
    """The other arms to adopt that can't be told apart from the one of the answer."""
    if top.row.arm != record.decision.best:
        return []
    return [f for f in arms if f.row.arm in record.decision.tied and f is not top and f.shown]


def _tie(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    tied = _tied(record, arms, top)
    if not tied:
        return []
    largest = max(tied, key=lambda f: f.gain)
    if largest.gain > top.gain:
        return [
            f"{largest.arm} had the larger gain, {largest.scale.size(largest.estimate)}, but the difference may"
            f" be chance and {top.arm} costs less."
        ]
    return [
        f"{top.arm} had the largest gain, but its lead over {listed([f.arm for f in tied])} may be chance."
    ]


def _others(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    tied = _tied(record, arms, top)
    rest = [f for f in arms if f is not top and f not in tied]
    said = []
    for standings, words in (
        ((Standing.BETTER,), "did better"),
        ((Standing.MAYBE_BETTER,), "may have done better"),
        ((Standing.UNCLEAR,), "did neither clearly better nor clearly worse"),
        ((Standing.MAYBE_WORSE,), "may have done worse"),
        ((Standing.WORSE,), "did worse"),
        ((Standing.UNTESTED,), "could not be tested"),
    ):
        names = [f.arm for f in rest if f.standing in standings]
        if names:
            than = f" than {top.control}" if words.endswith(("better", "worse")) else ""
            who = listed(names) if len(names) <= NAMED else f"{number_word(len(names)).capitalize()} others"
            said.append(f"{who} {words}{than}.")
    hidden = [f.arm for f in rest if f.standing is Standing.WITHHELD]
    if hidden:
        said.append(f"The figures of {listed(hidden)} are withheld: too few people in a group.")
    return said


def _ruled_out(record: MemoRecord, top: Finding) -> list[str]:
    if top.standing in (Standing.BETTER, Standing.MAYBE_BETTER, Standing.UNTESTED):
        return []
    scale = top.scale
    worthwhile = float(record.definition.decision.worthwhile)
    least = f"The least effect worth adopting, {scale.typed(worthwhile)},"
    said = []
    if top.standing is Standing.UNCLEAR:
        # Of high and low, not of good and bad: for some outcomes lower is the good news.
        said.append(
            f"The interval rules out that {top.outcome} is more than {scale.limit(top.high)} higher, "
            f"or more than {scale.limit(top.low)} lower."
        )
    if top.gain_high < worthwhile:
        said.append(f"{least} is ruled out{' as well' if said else ''}.")
    else:
        said.append(f"{least} is not ruled out, so this does not show that the idea fails.")
    return said


def _leans_high(arms: Sequence[Finding], top: Finding) -> list[str]:
    if len(arms) < 2 or top.standing not in GOOD:
        return []
    count = number_word(len(arms))
    return [f"The best of {count} figures leans high: expect somewhat less once everyone gets it."]


def _adjusted(record: MemoRecord, top: Finding) -> list[str]:
    row, alpha = top.row, float(record.definition.analysis.alpha)
    if row.p_value is None:
        return []
    if row.p_adjusted is None:
        return [f"Note: {show.p_value(row.p_value, alpha)}."]
    family = sum(r.family == row.family and r.role == row.role and r.term == "arm" for r in record.results)
    if family < 2:
        return [f"Note: {show.p_value(row.p_value, alpha)}."]
    adjusted = f"adjusted for {number_word(family)} comparisons, {show.p_value(row.p_adjusted, alpha)}"
    if top.standing in (Standing.MAYBE_BETTER, Standing.MAYBE_WORSE):
        alone = "The interval looks at this one comparison and leaves out zero"
        return [f"{alone}; {adjusted}, so chance is not ruled out."]
    return [f"Note: {adjusted}."]


def _rounding(top: Finding) -> list[str]:
    control, scale = top.row.mean_control, top.scale
    if control is None:
        return []
    times = 100.0 if scale.binary else 1.0
    if show.adds_up(times * control, times * top.estimate, times * (control + top.estimate), scale.places):
        return []
    return ["Each figure is rounded by itself, so the last digits may not add up."]


def _shows_zero(finding: Finding) -> bool:
    return not any(c in "123456789" for c in finding.scale.bare(finding.estimate))

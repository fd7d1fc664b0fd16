"""The memo's first sentence, and what belongs right behind it. Every number is computed where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from rct.definition.resolve import arm_templates
from rct.estimate.decision import reaches
from rct.language import listed, t, tn
from rct.report import suppress
from rct.report.memo.rule import rule_word
from rct.report.record import Between, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.chance import exact, fragile, parting, seen_alone
from rct.report.words.finding import BAD, GOOD, Finding, Standing
from rct.report.words.phrases import number_word, piece

NAMED = 2  # arms named in one sentence; more are counted, and stand in chart and table
_ORDER = (
    *(Standing.BETTER, Standing.MAYBE_BETTER, Standing.UNCLEAR),
    *(Standing.MAYBE_WORSE, Standing.WORSE, Standing.UNTESTED),
)


def answer(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> str:
    """The answer in one sentence: the arm, the difference, the interval."""
    if top.standing is Standing.WITHHELD:
        word = rule_word(record.decision.verdict)
        return t("The agreed rule says {verdict}; the figures are withheld to protect people.", verdict=word)
    if top.standing is Standing.REFUSED:
        return t(
            "No answer: the records of {outcome} name more people of some groups than of others.",
            outcome=top.outcome,
        )
    if not top.shown:
        return t(
            "No answer yet: {arm} and {control} could not be compared on {outcome}.",
            arm=top.arm,
            control=top.control,
            outcome=top.outcome,
        )
    values = {"arm": top.arm, "outcome": top.outcome, "control": top.control, "difference": difference(top)}
    if len(arms) > 1 and top.standing not in GOOD:
        return _none_of_several(arms, values)
    if top.row.unvaried:
        values["lies"] = top.scale.lies(top.estimate)
        if _shows_zero(top):
            return t(
                "{outcome} was the same with {arm} as with {control}: the usual test has no p-value here.",
                **values,
            )
        return t(
            "{outcome} was {lies} with {arm} than with {control}, but the usual test has no p-value here.",
            **values,
        )
    if top.standing is Standing.UNTESTED:
        return t("{arm} and {control} could not be tested against each other: {difference}.", **values)
    if top.standing is Standing.UNCLEAR:
        return t("{arm} was not clearly better or worse: {difference}.", **values)
    values["size"], values["interval"] = _size(top), top.interval_size
    return " ".join([_moved(top, values), *against(record, arms, top)[:1]])


def _moved(top: Finding, values: dict[str, str]) -> str:
    """Both verbs in full, so that every language can have its own sentence."""
    rose = top.estimate > 0
    if top.standing is Standing.BETTER:
        if rose:
            return t("{arm} raised {outcome} by {size} ({interval}).", **values)
        return t("{arm} lowered {outcome} by {size} ({interval}).", **values)
    if top.standing is Standing.MAYBE_BETTER:
        if rose:
            return t("{arm} may have raised {outcome} by {size} ({interval}).", **values)
        return t("{arm} may have lowered {outcome} by {size} ({interval}).", **values)
    if top.standing is Standing.WORSE:
        if rose:
            return (
                t("More had {outcome} with {arm}: up by {size} ({interval}).", **values)
                if top.scale.binary
                else t("{arm} raised {outcome} by {size}, a change for the worse ({interval}).", **values)
            )
        return (
            t("Fewer had {outcome} with {arm}: down by {size} ({interval}).", **values)
            if top.scale.binary
            else t("{arm} lowered {outcome} by {size}, a change for the worse ({interval}).", **values)
        )
    return t("{arm} may have done worse than {control}: {difference}.", **values)


def against(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """Where the control sends nothing: the version to adopt against others that are sent, the real choice."""
    if _is_sent(record, record.definition.control) or not top.shown:
        return []
    shown = {f.row.arm: f.arm for f in arms if f.shown}
    return [
        t(
            "Against {other} it was {lies} ({interval}; exploratory).",
            other=shown[gap.other],
            lies=top.scale.lies(top.scale.apart(gap.estimate)),
            interval=_gap_interval(top, gap),
        )
        for gap in record.between
        if gap.arm == top.row.arm and gap.other in shown
    ]


def _gap_interval(top: Finding, gap: Between) -> str:
    """None is told of a fragile gap: two versions have no interval of the randomization test."""
    if gap.fragile:
        return t("no interval, as the usual test can mislead here")
    span = top.scale.span(top.scale.apart(gap.conf_low), top.scale.apart(gap.conf_high))
    return t("{level} interval: {span}", level=show.confidence(gap.conf_level), span=span)


def _is_sent(record: MemoRecord, arm: str) -> bool:
    return bool(arm_templates(record.definition.arms[arm]))


def difference(finding: Finding) -> str:
    """`“Paid” was 3.2 percentage points higher (95% interval: 2.1 to 4.3 points higher)`."""
    values = {"outcome": finding.outcome, "interval": finding.interval}
    if _shows_zero(finding):
        return t("{outcome} was the same to within rounding ({interval})", **values)
    values["lies"] = finding.scale.lies(finding.estimate)
    if finding.scale.binary:
        return t("{outcome} was {lies} ({interval})", **values)
    return t("{outcome} was {lies} on average ({interval})", **values)


def details(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """The sentences behind the answer: the two levels, the other arms, what is unlikely, how to read it."""
    if not top.shown:
        return [*_why_withheld(record, top), *_others(record, arms, top)]
    return [
        *against(record, arms, top)[1:],
        *_levels(top),
        *_in_other_units(record, top),
        *_ranked(record, arms, top),
        *_others(record, arms, top),
        *_unlikely(record, top),
        *_leans_high(record, arms, top),
        *_disagreeing(record, arms, top),
        *exact(record, arms),
        *fragile(arms),
        *parting(record, arms),
    ]


def notes(record: MemoRecord, top: Finding) -> list[str]:
    """What belongs in small print: the p-value that the rule looked at, and rounding."""
    if not top.shown:
        return []
    return [*_p_note(record, top), *_rounding(top)]


def comparisons(record: MemoRecord, top: Finding) -> int:
    """How many comparisons the p-value of the answer was adjusted for; 1 if it wasn't."""
    row = top.row
    if row.p_adjusted is None:
        return 1
    planned = record.planned or record.definition
    return len(planned.primary) * (len(planned.arms) - 1)


def _none_of_several(arms: Sequence[Finding], values: dict[str, str]) -> str:
    values["count"] = number_word(len(arms))
    if any(not f.shown for f in arms):
        return t("No version whose figures can be shown clearly helped: with {arm}, {difference}.", **values)
    if any(f.row.unvaried for f in arms):
        return t("No version that could be tested clearly helped: with {arm}, {difference}.", **values)
    if all(f.standing is Standing.WORSE for f in arms):
        if len(arms) == 2:
            return t(
                "Both versions did worse than {control}: with the better one, {arm}, {difference}.", **values
            )
        return t(
            "All {count} versions did worse than {control}: with the best, {arm}, {difference}.", **values
        )
    if len(arms) == 2:
        return t("Neither version clearly helped: with the better one, {arm}, {difference}.", **values)
    return t("None of the {count} versions clearly helped: with the best, {arm}, {difference}.", **values)


def _size(finding: Finding) -> str:
    size = finding.scale.size(finding.estimate)
    return size if finding.scale.binary else t("{size} on average", size=size)


def _why_withheld(record: MemoRecord, top: Finding) -> list[str]:
    if top.standing is Standing.REFUSED:
        return [
            t("Those whom no record names were counted as no.")
            if top.scale.binary
            else t("Those whom no record names were counted as zero."),
            t("So the groups can't be compared, and no figure is shown."),
        ]
    if top.standing is not Standing.WITHHELD:
        return []
    return [
        t(
            "In some group, fewer than {threshold} people had the outcome {outcome}, or fewer than {threshold} did not.",
            threshold=record.threshold,
            outcome=top.outcome,
        )
    ]


def _levels(top: Finding) -> list[str]:
    control, mine = top.row.mean_control, top.mean_arm
    if control is None or mine is None:
        return []
    level, base = top.scale.level(mine), top.scale.level(control)
    return [
        t(
            "The result was {level}, against {base} with {control}.",
            level=level,
            base=base,
            control=top.control,
        )
    ]


def _in_other_units(record: MemoRecord, top: Finding) -> list[str]:
    if top.standing not in GOOD + BAD or _shows_zero(top):
        return []
    control, more = top.row.mean_control, top.estimate > 0
    relative = None
    if control is not None and control > 0 and not top.scale.relative:  # else it is said already
        share = abs(top.estimate) / control
        relative = show.percent(share, 0 if share >= 0.1 else 1)
    if not top.scale.binary:
        if relative is None:
            return []
        return [
            t("That is {relative} higher.", relative=relative)
            if more
            else t("That is {relative} lower.", relative=relative)
        ]
    brought = top.more(top.estimate)
    if brought is None:
        return []
    thousand = abs(brought) * 1000
    size = show.decimal(thousand, 0 if thousand >= 10 else 1)
    mailed = _is_sent(record, top.row.arm)
    per = piece(record.definition.trial.channel, 2) if mailed else t("in that group")
    told = {"size": size, "pieces": per, "relative": relative}
    if relative is None:
        return [
            t("That is {size} more per 1,000 {pieces}.", **told)
            if more
            else t("That is {size} fewer per 1,000 {pieces}.", **told)
        ]
    return [
        t("That is {size} more per 1,000 {pieces}, or {relative} more.", **told)
        if more
        else t("That is {size} fewer per 1,000 {pieces}, or {relative} less.", **told)
    ]


def _tied(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[Finding]:
    """The other arms to adopt that can't be told apart from the one of the answer."""
    if top.row.arm != record.decision.best:
        return []
    return [f for f in arms if f.row.arm in record.decision.tied and f is not top and f.shown]


def _ranked(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """Where the arm of the answer stands among several."""
    if len(arms) < 2 or top.standing not in GOOD:
        return []
    tied = _tied(record, arms, top)
    if not tied:
        largest = all(f.shown and top.gain >= f.gain for f in arms)
        if not largest:
            return []
        return [t("Of the {count} versions, it had the largest gain.", count=number_word(len(arms)))]
    largest_tied = max(tied, key=lambda f: f.gain)
    names = listed([f.arm for f in tied])
    if largest_tied.gain > top.gain:
        sentences = [*_cannot_tell(record, top, largest_tied)]
        others = [f.arm for f in tied if f is not largest_tied]
        if others:
            sentences.append(
                tn("{names} did well too.", "{names} did well too.", len(others), names=listed(others))
            )
        return [*sentences, *_cheaper(record, top, largest_tied)]
    return [
        tn(
            "{names} did well too, and the gap may be chance.",
            "{names} did well too, and the gap may be chance.",
            len(tied),
            names=names,
        )
    ]


def _cannot_tell(record: MemoRecord, top: Finding, other: Finding) -> list[str]:
    """The larger gain of an arm that was not taken, and the gap to it, unless the answer tells it already."""
    values = {"arm": other.arm, "top": top.arm, "size": other.scale.size(other.estimate)}
    gap = next((g for g in record.between if (g.arm, g.other) == (top.row.arm, other.row.arm)), None)
    sentences = [t("{arm} did well too: its gain was {size}.", **values)]
    if gap is None or not _is_sent(record, record.definition.control):
        return [*sentences, t("The two can't be told apart.")]
    values |= {"lies": top.scale.lies(top.scale.apart(gap.estimate)), "interval": _gap_interval(top, gap)}
    return [
        *sentences,
        t("The two can't be told apart: {top} was {lies} ({interval}; exploratory).", **values),
    ]


def _cheaper(record: MemoRecord, top: Finding, other: Finding) -> list[str]:
    least, most = (record.definition.arms[f.row.arm].unit_cost for f in (top, other))
    if most is None:
        return [t("We take {top}, which costs less.", top=top.arm)]
    cheap, dear = show.money(least or 0.0, record.currency), show.money(most, record.currency)
    return [
        t("We take the cheaper, {top}: {cheap} each against {dear}.", top=top.arm, cheap=cheap, dear=dear)
    ]


def _others(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    tied = _tied(record, arms, top)
    rest = [f for f in arms if f is not top and f not in tied]
    sentences = []
    for standing in _ORDER:
        alike = [f for f in rest if f.standing is standing]
        if standing is Standing.UNCLEAR:
            sentences += _unclear(record, alike)
            continue
        names = [f.arm for f in alike]
        if names:
            sentences.append(
                _stands(
                    standing,
                    _named(names),
                    len(names),
                )
            )
    hidden = [f.arm for f in rest if f.standing is Standing.WITHHELD]
    if hidden:
        sentences.append(t("The figures of {arms} are withheld: a group is too small.", arms=listed(hidden)))
    return sentences


def _unclear(record: MemoRecord, arms: Sequence[Finding]) -> list[str]:
    """A gain worth having is unlikely, or it isn't: an interval across zero alone shows no lack of a difference."""
    worthwhile = float(record.definition.decision.worthwhile)
    open_still = [f.arm for f in arms if reaches(f.gain_high, worthwhile)]
    unlikely = [f.arm for f in arms if f.arm not in open_still]
    sentences = []
    if open_still:
        who, n = _named(open_still), len(open_still)
        sentences.append(
            tn(
                "{who} may have helped or not: it could be chance.",
                "{who} may have helped or not: it could be chance.",
                n,
                who=who,
            )
        )
    if unlikely:
        who, n = _named(unlikely), len(unlikely)
        sentences.append(
            tn(
                "{who} most likely brought no gain worth having.",
                "{who} most likely brought no gain worth having.",
                n,
                who=who,
            )
        )
    return sentences


def _named(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return listed(names)
    many = t("{count} others", count=number_word(len(names)))
    return many[:1].upper() + many[1:]


def _stands(standing: Standing, who: str, count: int) -> str:
    """The verb in both numbers: English needs one form, other languages two."""
    return {
        Standing.BETTER: tn("{who} helped too.", "{who} helped too.", count, who=who),
        Standing.MAYBE_BETTER: tn("{who} may have helped too.", "{who} may have helped too.", count, who=who),
        Standing.MAYBE_WORSE: tn("{who} may have done worse.", "{who} may have done worse.", count, who=who),
        Standing.WORSE: tn("{who} did worse.", "{who} did worse.", count, who=who),
        Standing.UNTESTED: tn("{who} could not be tested.", "{who} could not be tested.", count, who=who),
    }[standing]


def _unlikely(record: MemoRecord, top: Finding) -> list[str]:
    if top.standing in (Standing.BETTER, Standing.MAYBE_BETTER, Standing.UNTESTED):
        return []
    scale = top.scale
    worthwhile = float(record.definition.decision.worthwhile)
    least = scale.typed(worthwhile)
    sentences = []
    if top.standing is Standing.UNCLEAR:
        # Of high and low, not of good and bad: for some outcomes lower is the good news.
        sentences.append(
            t(
                "A rise of more than {high} is unlikely, and so is a fall of more than {low}.",
                high=scale.limit(top.high),
                low=scale.limit(top.low),
            )
        )
    if not reaches(top.gain_high, worthwhile):
        sentences.append(t("The least gain worth having, {least}, is unlikely.", least=least))
    else:
        sentences.append(t("The least gain worth having, {least}, is still possible.", least=least))
        sentences.append(t("So this does not show that the idea fails."))
    return sentences


def _leans_high(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """Only of the largest figure: one that was taken because it costs less was not picked for its size."""
    if len(arms) < 2 or top.standing not in GOOD or any(f.gain > top.gain for f in _tied(record, arms, top)):
        return []
    count = number_word(len(arms))
    return [t("The best of {count} figures leans high, so expect somewhat less in daily use.", count=count)]


def _disagreeing(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """A word where the interval leaves out zero and the rule, which counts all comparisons, is not convinced."""
    findings = [
        f for f in arms if f.shown and f.bounded and not f.low <= 0 <= f.high and seen_alone(record, f.row)
    ]
    if not findings:
        return []
    family = number_word(comparisons(record, top))
    if findings == [top]:
        return [
            t(
                "Seen alone the interval leaves out zero; with {family} comparisons, it could be chance.",
                family=family,
            )
        ]
    return [
        tn(
            "Seen alone the interval of {arms} leaves out zero; with {family} comparisons, it could be chance.",
            "Seen alone the intervals of {arms} leave out zero; with {family} comparisons, they could be chance.",
            len(findings),
            arms=listed([f.arm for f in findings]),
            family=family,
        )
    ]


def _p_note(record: MemoRecord, top: Finding) -> list[str]:
    row, alpha = top.row, float(record.definition.analysis.alpha)
    p = row.ruling_p
    if p is None:
        return [t("The usual test has no p-value: the outcome did not vary in a way that tells an error.")]
    limit, family = show.exactly(alpha), comparisons(record, top)
    if row not in suppress.told_adjusted(record):
        return [
            t("{arm}: the adjusted p-value would tell of withheld figures, and is not printed.", arm=top.arm)
        ]
    values = {"p": show.p_value(p, alpha), "limit": limit, "count": number_word(family), "arm": top.arm}
    if top.fragile is not None and row.role == "confirmatory":
        redrawn = top.fragile.p_redrawn
        values["other"] = t("no p-value") if redrawn is None else show.p_value(redrawn, alpha)
        return [
            t(
                "{arm}: {p}, and {other} by drawing the lots anew; both must be {limit} or less, the interval without zero.",
                **values,
            )
        ]
    if row.role != "confirmatory":
        return [t("{arm}: {p}, exploratory: the rule does not look at it.", **values)]
    if family < 2:
        return [t("{arm}: {p}; the rule asks for {limit} or less.", **values)]
    return [t("{arm}: {p}, adjusted for {count} comparisons; the rule asks for {limit} or less.", **values)]


def _rounding(top: Finding) -> list[str]:
    control, mine, scale = top.row.mean_control, top.mean_arm, top.scale
    if control is None or mine is None or scale.relative:
        return []
    times = scale.times
    if show.adds_up(times * control, times * top.estimate, times * mine, scale.places):
        return []
    return [t("Each figure is rounded by itself, so the last digits may not add up.")]


def _shows_zero(finding: Finding) -> bool:
    return not any(c in "123456789" for c in finding.scale.bare(finding.estimate))

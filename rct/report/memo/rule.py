"""The agreed rule, what it says of each arm and why, and what to do next.

Which reason holds is decided with the verdict, by `rct.estimate.decision`; here it is put into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from rct.errors import visible
from rct.estimate.decision import Reason, Verdict
from rct.language import listed, t
from rct.report.record import Amendment, FieldChange, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.chance import possible, unlikely
from rct.report.words.finding import Finding, Scale, Standing, redrawn_doubts
from rct.report.words.phrases import day_of, prose

NAMED = 2  # versions named in one sentence
REASON = 200  # characters of a reason; the whole stands among the deviations
_OF_ANALYSIS = ("alpha", "estimator", "standard_errors", "multiplicity")
_NOT_OF_RULE = ("label", "benefit")  # of an outcome


def rule_word(verdict: str) -> str:
    """The rule's one word."""
    return {"adopt": t("adopt"), "adapt": t("adapt"), "drop": t("drop")}[verdict]


def tag(verdict: str) -> str:
    """The word in the box before the rule's sentence: what a reader needs, not the rule's own word."""
    return t("NOT SETTLED") if verdict == "adapt" else rule_word(verdict).upper()


def passes(record: MemoRecord, arm: str) -> str:
    """What the table says of an arm: whether it passes the rule, and which one was chosen; '' for the control."""
    said = next((a.verdict for a in record.decision.arms if a.arm == arm), None)
    if said is None:
        return ""
    if arm == record.decision.best:
        return t("passes, chosen")
    return {"adopt": t("passes"), "adapt": t("not settled"), "drop": t("fails")}[said]


def agreed(record: MemoRecord, scale: Scale) -> str:
    """The rule in one paragraph, with its numbers, when it was agreed and what was changed later."""
    definition = record.definition
    what = definition.outcomes[record.decision.outcome]
    values = {
        "least": scale.typed(float(definition.decision.worthwhile)),
        "day": _agreed_on(record),
        "limit": show.exactly(float(definition.analysis.alpha)),
    }
    adopt = (
        t(
            "Adopt a version that raises the outcome by {least} or more, if p is {limit} or less: chance alone would "
            "seldom bring it.",
            **values,
        )
        if what.direction == "increase"
        else t(
            "Adopt a version that lowers the outcome by {least} or more, if p is {limit} or less: chance alone would "
            "seldom bring it.",
            **values,
        )
    )
    return " ".join(
        (
            t("The rule was agreed on {day}.", **values),
            *_changed_later(record),
            adopt,
            t(
                "Drop one that does worse by the same test, or whose interval ends short of {least}.",
                **values,
            ),
            t("Otherwise adapt: reword it, or test it again."),
        )
    )


def rule_changes(record: MemoRecord, amendment: Amendment) -> list[FieldChange]:
    """What an amendment changed that the verdict rests on: the rule's numbers, the estimator, what decides."""
    return [c for c in amendment.changes if _bears_on_rule(record, c)]


def changed_after_results(record: MemoRecord) -> bool:
    """Whether the rule was changed when results had been seen."""
    return any(a.after == "analysis" and rule_changes(record, a) for a in record.amendments)


def _bears_on_rule(record: MemoRecord, change: FieldChange) -> bool:
    table, _, rest = change.field.partition(".")
    outcome, _, key = rest.rpartition(".")
    if table == "outcomes" and key == "primary":
        return "true" in (change.old, change.new)
    if table == "outcomes":
        return outcome in record.definition.primary and key not in _NOT_OF_RULE
    if table == "analysis":
        return rest in _OF_ANALYSIS
    return table == "decision" or change.field == "order of outcomes"


def _agreed_on(record: MemoRecord) -> str:
    """The day of the rule as it was at the draw."""
    early = [a.time for a in record.amendments if not a.after and rule_changes(record, a)]
    return day_of(early[-1] if early else record.locked_at)


def _changed_later(record: MemoRecord) -> list[str]:
    sentences = []
    for amendment in record.amendments:
        changes = rule_changes(record, amendment)
        if not amendment.after or not changes:
            continue
        values = {
            "day": day_of(amendment.time),
            "reason": shorten(prose(amendment.reason), REASON, placeholder=" …"),
            "changes": "; ".join(_change(c) for c in changes),
        }
        if amendment.after == "analysis":
            sentences.append(
                t("It was changed on {day}, after results were seen ({reason}): {changes}.", **values)
            )
        elif amendment.after == "outcomes":
            sentences.append(
                t("It was changed on {day}, after the first outcome ({reason}): {changes}.", **values)
            )
        else:
            sentences.append(t("It was changed on {day}, after the draw ({reason}): {changes}.", **values))
    return sentences


def _change(change: FieldChange) -> str:
    _, _, key = change.field.partition(".")
    return f"{visible(key or change.field)} {prose(change.old)} → {prose(change.new)}"


def reasons(record: MemoRecord, arms: Sequence[Finding]) -> list[tuple[str, Verdict, str]]:
    """(arm, verdict, reason) for every arm."""
    decided = {a.arm: a for a in record.decision.arms}
    said = []
    for finding in arms:
        own = decided[finding.row.arm]
        withheld = finding.standing is Standing.WITHHELD
        words = t("The figures are withheld.") if withheld else _reason(record, finding, own.reason)
        said.append((finding.arm, own.verdict, words))
    return said


def verdict(record: MemoRecord, arms: Sequence[Finding]) -> str:
    """What the rule says over all, in a sentence behind the verdict's word."""
    labels = {f.row.arm: f.arm for f in arms}
    decision = record.decision
    if arms[0].standing is Standing.REFUSED:
        return t("No verdict.")
    if decision.verdict == "adopt" and decision.best is not None:
        return t("The rule says: adopt {arm}.", arm=labels[decision.best])
    control = arms[0].control
    if decision.verdict == "drop":
        if len(arms) == 1:
            return t("The rule says: drop it and keep {control}.", control=control)
        return t("The rule says: drop them all and keep {control}.", control=control)
    dropped = [labels[a.arm] for a in decision.arms if a.verdict == "drop"]
    if dropped:
        return t("The rule says: adapt, as it is not settled, but drop {arms}.", arms=listed(dropped))
    return t("The rule says: adapt, as it is not settled.")


def next_steps(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """What to do next, by verdict."""
    decision, labels = record.decision, {f.row.arm: f.arm for f in arms}
    control = top.control
    if top.standing is Standing.REFUSED:
        return [
            t("Keep {control} for now.", control=control),
            t("Ask for records of everyone on the list, whatever they were sent."),
            t("Load them, and run the analysis again."),
        ]
    if decision.verdict == "adopt" and decision.best is not None:
        return [
            t("Use {arm} from now on.", arm=labels[decision.best]),
            t("For one more round, keep a small group on {control}, drawn by lot.", control=control),
            t("That shows whether the gain lasts."),
            t("Look at the outcome again after 6 and 12 months."),
        ]
    if decision.verdict == "drop":
        return [
            t("Keep {control}.", control=control),
            t("Tell other departments: what was tried did worse here.")
            if top.standing is Standing.WORSE
            else t("Try something else: another message, another time, or fewer steps."),
            t("Share the result, so that no one repeats it."),
        ]
    open_arms = [labels[a.arm] for a in decision.arms if a.verdict == "adapt"]
    named = listed(open_arms, "or") if len(open_arms) <= NAMED else None
    steps = [t("Keep {control} for now.", control=control)]
    alpha = float(record.definition.analysis.alpha)
    if top.shown and top.row.unvaried:
        return [*steps, t("See that the records are right: it is rare that an outcome varies so little.")]
    if not top.shown or top.standing is Standing.UNTESTED or redrawn_doubts(top.fragile, alpha):
        few = top.row.n_clusters is not None and "few_clusters" in top.row.reasons
        return [
            *steps,
            t("Test again with more groups: more people in as few would not help.")
            if top.shown and few
            else t("Test again with more people."),
        ]
    half, worthwhile = (top.high - top.low) / 2, float(record.definition.decision.worthwhile)
    if half > worthwhile:
        # Too few people to see the least gain worth having: no new wording would have shown it.
        told = {"arms": named, "count": len(open_arms)}
        steps.append(
            t("Test {arms} again with more people.", **told)
            if named
            else t("Test the {count} versions left again with more people.", **told)
        )
        width = top.scale.size(half) if top.scale.relative else top.scale.bare(half)
        told = {"width": width, "least": top.scale.typed(worthwhile)}
        steps.append(
            t("The figure may be off by {width} points either way, and {least} is worth having.", **told)
            if top.scale.in_points
            else t("The figure may be off by {width} either way, and {least} is worth having.", **told)
        )
        return steps
    told = {"arms": named, "count": len(open_arms)}
    steps.append(
        t("Reword {arms}, and test it again.", **told)
        if named
        else t("Reword the {count} versions left, and test them again.", **told)
    )
    return steps


def _reason(record: MemoRecord, finding: Finding, reason: Reason) -> str:
    """A reason of the rule as a sentence."""
    row, scale = finding.row, finding.scale
    if reason == "refused":
        return t("The records leave out more of some groups than of others.")
    if reason == "unplanned":
        return t("It was not planned so before outcomes came in: a hint, no proof.")
    if reason == "endless" and not scale.effect.additive:
        return t(
            "The usual test finds a difference, but drawing the lots anew sets no end to the interval: not settled."
        )
    if reason == "endless":
        return t(
            "The usual test finds a difference, but the lots could fall in too few ways to bear it out: not settled."
        )
    if reason == "holds_zero":
        return t("The tests find a difference, but the interval does not leave out zero: not settled.")
    if reason == "refuted":
        return t("One test finds a difference, but drawing the lots anew does not: not settled.")
    if reason == "no_test":
        if finding.row.unvaried:
            return t("Nothing varied by which the usual test could tell an error, so it has no p-value.")
        return t("Chance could not be tested.")
    values = {
        "least": scale.typed(float(record.definition.decision.worthwhile)),
        "gain": scale.size(finding.estimate),
    }
    if reason == "worthwhile":
        return t(
            "The gain, {gain}, is no less than the agreed {least}, and {chance}.",
            chance=unlikely(record, row),
            **values,
        )
    if reason == "harmful":
        lies = scale.lies(finding.estimate)
        return t("It did worse: {lies}, and {chance}.", lies=lies, chance=unlikely(record, row))
    if reason == "too_small":
        if finding.gain_high <= 0:
            return t("Even the best end of the interval is a loss, short of the agreed {least}.", **values)
        values["gain"] = scale.limit(finding.sign * finding.gain_high)
        return t("A gain above {gain} is unlikely, and {least} was agreed as the least.", **values)
    if reason == "chance":
        return t("A gain of {least} is possible, but {chance}.", chance=possible(record, row), **values)
    return t("The gain, {gain}, is short of the agreed {least}, but more is possible.", **values)

"""The agreed rule, what it says of each arm and why, and what to do next.

The reason is found from the result row by the rule of docs/methods.md, and must lead to the verdict that the
analysis stored: a memo that argues against its own verdict can't be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from rct.errors import visible
from rct.estimate.decision import holds_zero, reaches
from rct.report.record import Amendment, FieldChange, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.chance import possible, unlikely
from rct.report.words.finding import Finding, Scale, Standing, redrawn_doubts
from rct.report.words.language import t
from rct.report.words.phrases import day_of, listed, prose

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
    told = {
        "least": scale.typed(float(definition.decision.worthwhile)),
        "day": _agreed_on(record),
        "limit": show.exactly(float(definition.analysis.alpha)),
    }
    adopt = (
        t(
            "Adopt a version that raises the outcome by {least} or more, if p is {limit} or less: chance alone would "
            "seldom bring it.",
            **told,
        )
        if what.direction == "increase"
        else t(
            "Adopt a version that lowers the outcome by {least} or more, if p is {limit} or less: chance alone would "
            "seldom bring it.",
            **told,
        )
    )
    return " ".join(
        (
            t("The rule was agreed on {day}.", **told),
            *_changed_later(record),
            adopt,
            t("Drop one that does worse by the same test, or whose interval ends short of {least}.", **told),
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
    said = []
    for amendment in record.amendments:
        changes = rule_changes(record, amendment)
        if not amendment.after or not changes:
            continue
        told = {
            "day": day_of(amendment.time),
            "reason": shorten(prose(amendment.reason), REASON, placeholder=" …"),
            "changes": "; ".join(_change(c) for c in changes),
        }
        if amendment.after == "analysis":
            said.append(t("It was changed on {day}, after results were seen ({reason}): {changes}.", **told))
        elif amendment.after == "outcomes":
            said.append(t("It was changed on {day}, after the first outcome ({reason}): {changes}.", **told))
        else:
            said.append(t("It was changed on {day}, after the draw ({reason}): {changes}.", **told))
    return said


def _change(change: FieldChange) -> str:
    _, _, key = change.field.partition(".")
    return f"{visible(key or change.field)} {prose(change.old)} → {prose(change.new)}"


def reasons(record: MemoRecord, arms: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """(arm, verdict, reason) for every arm. ValueError where the stored verdict isn't what the rule says."""
    said = []
    for finding in arms:
        stored = next(a.verdict for a in record.decision.arms if a.arm == finding.row.arm)
        verdict, reason = _reason(record, finding)
        if verdict != stored:
            raise ValueError(
                f"the stored verdict on {finding.row.arm} is {stored}, the results say {verdict}"
            )
        withheld = finding.standing is Standing.WITHHELD
        said.append((finding.arm, verdict, t("The figures are withheld.") if withheld else reason))
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
    if top.shown and top.unvaried:
        return [*steps, t("See that the records are right: it is rare that an outcome varies so little.")]
    if not top.shown or top.standing is Standing.UNTESTED or redrawn_doubts(top.fragile, alpha):
        few = top.row.n_clusters is not None and "few_clusters" in (top.row.fragile or "").split(",")
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


def _reason(record: MemoRecord, finding: Finding) -> tuple[str, str]:
    row, scale = finding.row, finding.scale
    if finding.standing is Standing.REFUSED:
        return "adapt", t("The records leave out more of some groups than of others.")
    worthwhile = float(record.definition.decision.worthwhile)
    alpha = float(record.definition.analysis.alpha)
    p = finding.adjusted
    if p is None or not finding.tested:
        if finding.unvaried:
            return "adapt", t(
                "Nothing varied by which the usual test could tell an error, so it has no p-value."
            )
        return "adapt", t("Chance could not be tested.")
    told = {"least": scale.typed(worthwhile), "gain": scale.size(finding.estimate)}
    if finding.row.role != "confirmatory":
        return "adapt", t("It was not planned so before outcomes came in: a hint, no proof.")
    told_of = finding.fragile
    refuted = redrawn_doubts(told_of, alpha)
    doubted = refuted or (told_of is not None and holds_zero(*finding.ends))
    if p <= alpha and not doubted and reaches(finding.gain, worthwhile):
        return "adopt", t(
            "The gain, {gain}, is no less than the agreed {least}, and {chance}.",
            chance=unlikely(record, row),
            **told,
        )
    if finding.gain < 0 and p <= alpha and not doubted:
        lies = scale.lies(finding.estimate)
        return "drop", t("It did worse: {lies}, and {chance}.", lies=lies, chance=unlikely(record, row))
    if finding.bounded and not reaches(finding.gain_high, worthwhile):
        if finding.gain_high <= 0:
            return "drop", t(
                "Even the best end of the interval is a loss, short of the agreed {least}.", **told
            )
        told["gain"] = scale.limit(finding.sign * finding.gain_high)
        return "drop", t("A gain above {gain} is unlikely, and {least} was agreed as the least.", **told)
    if p <= alpha and not finding.bounded and not scale.effect.additive:
        return "adapt", t(
            "The usual test finds a difference, but drawing the lots anew sets no end to the interval: not settled."
        )
    if p <= alpha and not finding.bounded:
        return "adapt", t(
            "The usual test finds a difference, but the lots could fall in too few ways to bear it out: not settled."
        )
    if p <= alpha and doubted and not refuted:
        return "adapt", t(
            "The tests find a difference, but the interval does not leave out zero: not settled."
        )
    if p <= alpha and doubted:
        return "adapt", t("One test finds a difference, but drawing the lots anew does not: not settled.")
    if p > alpha:
        chance = possible(record, row)
        return "adapt", t("A gain of {least} is possible, but {chance}.", chance=chance, **told)
    return "adapt", t("The gain, {gain}, is short of the agreed {least}, but more is possible.", **told)

"""The agreed rule, what it says of each arm and why, and what to do next.

The reason is found from the result row by the rule of docs/methods.md, and must lead to the verdict that the
analysis stored: a memo that argues against its own verdict can't be written.
"""

from __future__ import annotations

from collections.abc import Sequence

from rct.report import numbers as show
from rct.report.finding import Finding, Scale, Standing
from rct.report.record import MemoRecord
from rct.report.words import day_of, listed

NAMED = 2  # versions named in one sentence
AGAIN = "Look at the outcome again after 6 and 12 months."


def agreed(record: MemoRecord, scale: Scale) -> str:
    """The rule in one paragraph, with its numbers."""
    definition = record.definition
    what = definition.outcomes[record.decision.outcome]
    least = scale.typed(float(definition.decision.worthwhile))
    adjusted = "adjusted " if _several(record) else ""
    way = "raises" if what.direction == "increase" else "lowers"
    return (
        f"Agreed on {day_of(record.locked_at)}. Adopt a version that {way} the outcome by {least} or more, if"
        f" its {adjusted}p-value is at most {show.exactly(definition.analysis.alpha)}. Drop a version whose"
        f" interval ends short of {least}, or that does harm. Otherwise adapt: reword it, or test it again."
    )


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
        said.append((finding.arm, verdict, "The figures are withheld." if withheld else reason))
    return said


def verdict(record: MemoRecord, arms: Sequence[Finding]) -> str:
    """What the rule says over all, in a sentence behind the verdict's word."""
    labels = {f.row.arm: f.arm for f in arms}
    decision = record.decision
    if decision.verdict == "adopt" and decision.best is not None:
        return f"Adopt {labels[decision.best]}."
    control = arms[0].control
    if decision.verdict == "drop":
        return f"Drop {'it' if len(arms) == 1 else 'them all'}; keep {control}."
    dropped = [labels[a.arm] for a in decision.arms if a.verdict == "drop"]
    return f"Adapt: not settled.{f' Drop {listed(dropped)}.' if dropped else ''}"


def next_steps(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> list[str]:
    """What to do next, by verdict."""
    decision, labels = record.decision, {f.row.arm: f.arm for f in arms}
    if decision.verdict == "adopt" and decision.best is not None:
        steps = [
            f"Use {labels[decision.best]} from now on.",
            (
                f"For one more round, leave a small group, drawn by lot, on {top.control}, "
                "to see whether the gain lasts."
            ),
        ]
        return [*steps, AGAIN]
    if decision.verdict == "drop":
        steps = [f"Keep {top.control}."]
        if top.standing is Standing.WORSE:
            steps.append("Tell other departments: what was tried did harm here.")
        else:
            steps.append("Put the effort elsewhere: another message, another moment, or fewer steps to act.")
        return [*steps, "Share the result: a version that doesn't pay is worth knowing."]
    open_arms = [labels[a.arm] for a in decision.arms if a.verdict == "adapt"]
    steps = [f"Keep {top.control} for now."]
    names = (
        listed(open_arms, "or") if len(open_arms) <= NAMED else f"the {len(open_arms)} versions not dropped"
    )
    steps.append(f"Reword {names}, or test again with more people or for longer.")
    if top.shown and top.standing is not Standing.UNTESTED:
        width = top.scale.bare((top.high - top.low) / 2)
        least = top.scale.typed(float(record.definition.decision.worthwhile))
        unit = " points" if top.scale.binary else ""
        steps.append(
            f"This trial could tell the outcome to within {width}{unit} either way; "
            f"compare that with the {least} that would be worth adopting."
        )
    return steps


def _reason(record: MemoRecord, finding: Finding) -> tuple[str, str]:
    row, scale = finding.row, finding.scale
    worthwhile = float(record.definition.decision.worthwhile)
    alpha = float(record.definition.analysis.alpha)
    least = scale.typed(worthwhile)
    p = finding.adjusted
    if p is None or row.estimate is None or row.conf_low is None or row.conf_high is None:
        return "adapt", "No p-value could be computed."
    word = "adjusted p" if row.p_adjusted is not None and _several(record) else "p"
    p_text = f"{word} {show.p_value(p, alpha).removeprefix('p ')}"
    limit = show.exactly(alpha)
    if p <= alpha and finding.gain >= worthwhile:
        gain = scale.size(finding.estimate)
        return "adopt", f"The gain of {gain} is no less than {least}, and {p_text} is no more than {limit}."
    if finding.gain < 0 and p <= alpha:
        return "drop", f"It did harm: {scale.lies(finding.estimate)}, {p_text}."
    if finding.gain_high < worthwhile:
        at_best = (
            f"a gain of {scale.limit(finding.sign * finding.gain_high)}"
            if finding.gain_high > 0
            else "a loss"
        )
        return "drop", f"At best, the interval leaves {at_best}: short of {least}."
    if p > alpha:
        chance = f"Chance is not ruled out ({p_text}, above {limit})"
        return "adapt", f"{chance}, but a gain of {least} is possible."
    return "adapt", f"The gain of {scale.size(finding.estimate)} is short of {least}, but more is possible."


def _several(record: MemoRecord) -> bool:
    """Whether adjusting changes anything: more than one primary comparison, adjusted together."""
    definition = record.definition
    return (
        definition.analysis.multiplicity != "none"
        and len(definition.primary) * (len(definition.arms) - 1) > 1
    )

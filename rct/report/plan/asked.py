"""What stands first in a plan: what the person who approves it is asked to approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.definition.model import Power
from rct.definition.resolve import arm_templates
from rct.definition.sending import sending
from rct.errors import visible
from rct.kinds import kind_of
from rct.report.blocks import Block, Facts, Heading, Note
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import day, listed, piece, prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.report.record import PlanRecord

_LANGUAGES = {"en": "English", "es": "Spanish"}


def asked(record: PlanRecord) -> list[Block]:
    """What is sent, to whom, to how many, when, who decides; what an approval confirms; whether it is too small."""
    trial = record.definition.trial
    rows = (
        ("What is sent", _sent(record)),
        ("To whom", _whom(record)),
        ("How many", _how_many(record)),
        (
            "When",
            f"it starts on {day(trial.start)}; results may be seen from {day(record.definition.analysis.date)}",
        ),
        ("Who decides", f"{prose(trial.owner)}, by the rule in this plan"),
        ("What the approval confirms", _confirmed(record)),
    )
    warning = _too_small(record)
    title = "What was approved" if record.approved_by else "What you are asked to approve"
    return [
        Heading(2, title, "asked"),
        Facts(rows),
        *([Note(warning)] if warning else []),
    ]


def _sent(record: PlanRecord) -> str:
    arms = record.definition.arms.values()
    sent = [quoted(a.label) for a in arms if arm_templates(a)]
    kinds = sending(record.definition, replayed=_replayed(record))
    other = [quoted(a.label) for name, a in record.definition.arms.items() if kinds[name] == "elsewhere"]
    none = [
        quoted(a.label) for name, a in record.definition.arms.items() if kinds[name] in ("nothing", "unknown")
    ]
    if not sent:
        return f"nothing, by this tool; the groups are {listed([quoted(a.label) for a in arms])}"
    how = "by groups made elsewhere: " if _replayed(record) else "as the lot falls: "
    chosen = how if len(sent) > 1 else ""
    said = f"one {piece(record.definition.trial.channel)} each, {chosen}{listed(sent, 'or')}"
    if other:
        said += f"; made elsewhere for {listed(other)}"
    if none:
        said += f"; nothing to {'the group' if len(none) == 1 else 'the groups'} {listed(none)}"
    known = dict.fromkeys(x.lint.language for x in record.letters if x.lint is not None)
    spoken = listed([_LANGUAGES.get(k, f"the language {visible(k)}") for k in known])
    return f"{said}. In {spoken}{' only' if len(known) == 1 else ''}" if spoken else said


def _replayed(record: PlanRecord) -> bool:
    return record.draw is not None and record.draw.replayed


def _whom(record: PlanRecord) -> str:
    frame = record.definition.frame
    who = "those on the list who are eligible (by the rule under “Who takes part”)"
    said = f"{who if frame.eligible else 'everyone on the list'}, each {quoted(frame.id)} one unit"
    return f"{said}; whoever opted out is left out" if frame.opt_out else said


def _how_many(record: PlanRecord) -> str:
    definition = record.definition
    shares = definition.shares
    alike = (
        "of the same size" if len(set(shares)) == 1 else f"in shares of {':'.join(str(n) for n in shares)}"
    )
    groups = f"in {len(definition.arms)} groups {alike}"
    planned = definition.power.units if definition.power is not None else None
    units = record.frame.flow.units if record.frame is not None else planned
    if units is None:
        return f"not known until the list is loaded; {groups}"
    loaded = record.frame is not None
    said = f"{units:,} units {groups}" if loaded else f"about {units:,} units by the plan, {groups}"
    sending = sum(n for a, n in zip(definition.arms.values(), shares, strict=True) if arm_templates(a))
    if not sending:
        return said
    pieces = round(units * sending / sum(shares))
    about = "" if loaded and sending == sum(shares) else "about "
    return f"{said}; {about}{pieces:,} {piece(definition.trial.channel, pieces)}"


def _confirmed(record: PlanRecord) -> str:
    said = [
        *(["what is sent is true"] if record.letters else []),
        "nobody loses what is due to them by the group they are in",
        "the data that this plan names may be used for the trial",
    ]
    return "; ".join(said)


def _as_gain(definition: Definition, found: float | None) -> float | None:
    """The least effect that the trial can find, in the outcome's unit, as a gain on the estimator's scale; None where that
    hangs on a level that nobody expects."""
    scale = definition.estimator.scale
    baseline = None if definition.power is None else definition.power.baseline
    estimate = None if found is None else scale.of_more(baseline, found)
    return None if estimate is None else abs(scale.gain(estimate, 1))


def _too_small(record: PlanRecord) -> str:
    """A warning where the trial can't be counted on to find the least effect worth adopting."""
    definition = record.definition
    least, found = definition.decision.worthwhile, _as_gain(definition, record.least_found)
    if found is None or found <= least:
        return ""
    first = definition.outcomes[definition.primary[0]]
    share = kind_of(first.kind).share
    scale = Scale(share, 1 if share else 2, least, effect=definition.estimator.scale)
    chance = show.percent((definition.power or Power()).power, 0)
    return (
        f"This trial is likely too small. The least effect worth adopting is {scale.typed(least)}, and the trial has"
        f" a chance of {chance} to find an effect of {scale.size(found)}. A smaller one that is worth adopting is"
        " likely to be missed. Take in more people, or approve it knowing this."
    )

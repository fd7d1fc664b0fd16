"""What stands first in a plan: what the person who approves it is asked to approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.definition.model import Power
from rct.definition.resolve import arm_templates
from rct.definition.sending import sending
from rct.errors import visible
from rct.kinds import kind_of
from rct.language import day, languages, listed, number, spoken, t, tn
from rct.report.blocks import Block, Facts, Heading, Note
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import piece, prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.report.record import PlanRecord


def asked(record: PlanRecord) -> list[Block]:
    """What is sent, to whom, to how many, when, who decides; what an approval confirms; whether it is too small."""
    trial = record.definition.trial
    rows = (
        (t("What is sent"), _sent(record)),
        (t("To whom"), _whom(record)),
        (t("How many"), _how_many(record)),
        (
            t("When"),
            t(
                "it starts on {start}; results may be seen from {results}",
                start=day(trial.start),
                results=day(record.definition.analysis.date),
            ),
        ),
        (t("Who decides"), t("{owner}, by the rule in this plan", owner=prose(trial.owner))),
        (t("What the approval confirms"), _confirmed(record)),
    )
    warning = _too_small(record)
    title = t("What was approved") if record.approved_by else t("What you are asked to approve")
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
        return t(
            "nothing, by this tool; the groups are {groups}", groups=listed([quoted(a.label) for a in arms])
        )
    told = {"piece": piece(record.definition.trial.channel), "versions": listed(sent, "or")}
    if len(sent) == 1:
        said = t("one {piece} each, {versions}", **told)
    elif _replayed(record):
        said = t("one {piece} each, by groups made elsewhere: {versions}", **told)
    else:
        said = t("one {piece} each, as the lot falls: {versions}", **told)
    if other:
        said = t("{said}; made elsewhere for {groups}", said=said, groups=listed(other))
    if none:
        said = tn(
            "{said}; nothing to the group {groups}",
            "{said}; nothing to the groups {groups}",
            len(none),
            said=said,
            groups=listed(none),
        )
    known = dict.fromkeys(x.lint.language for x in record.letters if x.lint is not None)
    if not known:
        return said
    names = {
        "said": said,
        "languages": listed(
            [
                spoken().named(k) if k in languages() else t("the language {code}", code=visible(k))
                for k in known
            ]
        ),
    }
    return (
        t("{said}. In {languages} only", **names) if len(known) == 1 else t("{said}. In {languages}", **names)
    )


def _replayed(record: PlanRecord) -> bool:
    return record.draw is not None and record.draw.replayed


def _whom(record: PlanRecord) -> str:
    frame = record.definition.frame
    who = t("those on the list who are eligible (by the rule under “Who takes part”)")
    said = t(
        "{who}, each {column} one unit",
        who=who if frame.eligible else t("everyone on the list"),
        column=quoted(frame.id),
    )
    return t("{said}; whoever opted out is left out", said=said) if frame.opt_out else said


def _how_many(record: PlanRecord) -> str:
    definition = record.definition
    shares = definition.shares
    count = len(definition.arms)
    groups = (
        t("in {count} groups of the same size", count=count)
        if len(set(shares)) == 1
        else t(
            "in {count} groups in shares of {shares}", count=count, shares=":".join(str(n) for n in shares)
        )
    )
    planned = definition.power.units if definition.power is not None else None
    units = record.frame.flow.units if record.frame is not None else planned
    if units is None:
        return t("not known until the list is loaded; {groups}", groups=groups)
    loaded = record.frame is not None
    told = {"units": number(units), "groups": groups}
    said = (
        t("{units} units {groups}", **told)
        if loaded
        else t("about {units} units by the plan, {groups}", **told)
    )
    sending = sum(n for a, n in zip(definition.arms.values(), shares, strict=True) if arm_templates(a))
    if not sending:
        return said
    pieces = round(units * sending / sum(shares))
    sent = {"said": said, "count": number(pieces), "pieces": piece(definition.trial.channel, pieces)}
    if loaded and sending == sum(shares):
        return t("{said}; {count} {pieces}", **sent)
    return t("{said}; about {count} {pieces}", **sent)


def _confirmed(record: PlanRecord) -> str:
    said = [
        *([t("what is sent is true")] if record.letters else []),
        t("nobody loses what is due to them by the group they are in"),
        t("the data that this plan names may be used for the trial"),
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
    return t(
        "This trial is likely too small. The least effect worth adopting is {least}, and the trial has a chance of "
        "{chance} to find an effect of {found}. A smaller one that is worth adopting is likely to be missed. Take in more "
        "people, or approve it knowing this.",
        least=scale.typed(least),
        chance=chance,
        found=scale.size(found),
    )

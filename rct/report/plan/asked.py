"""What stands first in a plan: what the person who approves it is asked to approve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rct.definition.model import Power
from rct.definition.resolve import arm_templates
from rct.definition.sending import sending
from rct.errors import visible
from rct.kinds import kind_of
from rct.language import day, languages, listed, number, spoken, t, tn
from rct.report.blocks import Block, FactsBlock, Heading, NoteBlock
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import piece, prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.report.record import PlanRecord


@dataclass(frozen=True)
class Proposal:
    """What somebody is asked to approve: a definition, and what is known beside it. `units` are those of the loaded list
    (`loaded`), or those that the plan expects; `languages` those in which something is printed or sent, as codes."""

    definition: Definition
    units: int | None
    loaded: bool
    languages: tuple[str, ...]
    currency: str
    replayed: bool = False

    def rows(self) -> tuple[tuple[str, str], ...]:
        """(what, in words): what is sent, to whom, to how many, at what cost, when, who decides."""
        trial = self.definition.trial
        cost = _cost(self)
        return (
            (t("What is sent"), _sent(self)),
            (t("To whom"), _whom(self.definition)),
            (t("How many"), _how_many(self)),
            *([(t("What it costs"), cost)] if cost else []),
            (
                t("When"),
                t(
                    "it starts on {start}; results may be seen from {results}",
                    start=day(trial.start),
                    results=day(self.definition.analysis.date),
                ),
            ),
            (t("Who decides"), t("{owner}, by the rule in this plan", owner=prose(trial.owner))),
        )


def proposed(definition: Definition, units: int | None, languages: Iterable[str], currency: str) -> Proposal:
    """The proposal of a definition that isn't locked yet; `units` of the loaded list, None before there is one."""
    planned = definition.power.units if definition.power is not None else None
    return Proposal(
        definition,
        planned if units is None else units,
        units is not None,
        tuple(dict.fromkeys(languages)),
        currency,
    )


def asked(record: PlanRecord) -> list[Block]:
    """What is sent, to whom, to how many, when, who decides; what an approval confirms; whether it is too small."""
    units = record.frame.flow.units if record.frame is not None else None
    spoken_in = [x.lint.language for x in record.letters if x.lint is not None]
    proposal = proposed(record.definition, units, spoken_in, record.currency)
    proposal = replace(proposal, replayed=record.draw is not None and record.draw.replayed)
    rows = (*proposal.rows(), (t("What the approval confirms"), _confirmed(record)))
    warning = _too_small(record)
    title = t("What was approved") if record.approved_by else t("What you are asked to approve")
    return [
        Heading(2, title, "asked"),
        FactsBlock(rows),
        *([NoteBlock(warning)] if warning else []),
    ]


def _sent(proposal: Proposal) -> str:
    definition = proposal.definition
    arms = definition.arms.values()
    sent = [quoted(a.label) for a in arms if arm_templates(a)]
    kinds = sending(definition, replayed=proposal.replayed)
    other = [quoted(a.label) for name, a in definition.arms.items() if kinds[name] == "elsewhere"]
    none = [quoted(a.label) for name, a in definition.arms.items() if kinds[name] in ("nothing", "unknown")]
    if not sent:
        return t(
            "nothing, by this tool; the groups are {groups}", groups=listed([quoted(a.label) for a in arms])
        )
    values = {"piece": piece(definition.trial.channel), "versions": listed(sent, "or")}
    if len(sent) == 1:
        said = t("one {piece} each, {versions}", **values)
    elif proposal.replayed:
        said = t("one {piece} each, by groups made elsewhere: {versions}", **values)
    else:
        said = t("one {piece} each, as the lot falls: {versions}", **values)
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
    known = proposal.languages
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


def _whom(definition: Definition) -> str:
    frame = definition.frame
    who = t("those on the list who are eligible (by the rule under “Who takes part”)")
    said = t(
        "{who}, each {column} one unit",
        who=who if frame.eligible else t("everyone on the list"),
        column=quoted(frame.id),
    )
    return t("{said}; whoever opted out is left out", said=said) if frame.opt_out else said


def _how_many(proposal: Proposal) -> str:
    definition = proposal.definition
    shares = definition.shares
    count = len(definition.arms)
    groups = (
        t("in {count} groups of the same size", count=count)
        if len(set(shares)) == 1
        else t(
            "in {count} groups in shares of {shares}", count=count, shares=":".join(str(n) for n in shares)
        )
    )
    units = proposal.units
    if units is None:
        return t("not known until the list is loaded; {groups}", groups=groups)
    loaded = proposal.loaded
    values = {"units": number(units), "groups": groups}
    said = (
        t("{units} units {groups}", **values)
        if loaded
        else t("about {units} units by the plan, {groups}", **values)
    )
    sending = sum(n for a, n in zip(definition.arms.values(), shares, strict=True) if arm_templates(a))
    if not sending:
        return said
    pieces = round(units * sending / sum(shares))
    sent = {"said": said, "count": number(pieces), "pieces": piece(definition.trial.channel, pieces)}
    if loaded and sending == sum(shares):
        return t("{said}; {count} {pieces}", **sent)
    return t("{said}; about {count} {pieces}", **sent)


def _cost(proposal: Proposal) -> str:
    """What the pieces cost by the plan; '' where it gives no cost, or it isn't known how many there are."""
    definition = proposal.definition
    priced = [
        (share, arm.unit_cost)
        for arm, share in zip(definition.arms.values(), definition.shares, strict=True)
        if arm.unit_cost is not None
    ]
    if proposal.units is None or not priced:
        return ""
    total = proposal.units / sum(definition.shares) * sum(share * cost for share, cost in priced)
    return t(
        "about {money}, by the unit costs of this plan",
        money=show.money(total, proposal.currency, rough=True),
    )


def _confirmed(record: PlanRecord) -> str:
    sentences = [
        *([t("what is sent is true")] if record.letters else []),
        t("nobody loses what is due to them by the group they are in"),
        t("the data that this plan names may be used for the trial"),
    ]
    return "; ".join(sentences)


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

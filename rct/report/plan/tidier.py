"""A card an arm by TIDieR (Hoffmann et al. 2014, BMJ 348:g1687): what was given, by whom, how, when, how well."""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition.resolve import arm_templates
from rct.errors import visible
from rct.language import day, listed, number, phrase, t
from rct.report import suppress
from rct.report.blocks import Block, FactsBlock, Heading
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.elsewhere import who_sends
from rct.report.words.phrases import piece, prose, quoted, sentence


def cards(memo: MemoRecord) -> list[Block]:
    """Heading and facts for every arm."""
    blocks: list[Block] = []
    for name in memo.definition.arms:
        label = quoted(memo.definition.arms[name].label)
        blocks += [Heading(3, label, f"card-{name}"), FactsBlock(_card(memo, name))]
    return blocks


@dataclass(frozen=True)
class _NotMade:
    """What a card says of an arm for which rct makes nothing."""

    materials: str
    procedure: str
    who: str
    how: str
    when: str


_NONE = {
    "nothing": _NotMade(
        phrase("Nothing is sent."),
        phrase("None."),
        "",
        phrase("Not applicable."),
        phrase("Nothing, from {day}."),
    ),
    "elsewhere": _NotMade(
        phrase("Made elsewhere: this software does not hold them."),
        phrase("Done elsewhere."),
        phrase("Not known to this software. The trial's owner is {owner}."),
        phrase("Not known to this software."),
        phrase("From {day}; how often is not known to this software."),
    ),
    "unknown": _NotMade(
        phrase("None from this software. Whether anything was sent is not known to it."),
        phrase("Not known to this software."),
        phrase("Not known to this software. The trial's owner is {owner}."),
        phrase("Not known to this software."),
        phrase("From {day}; what and how often is not known to this software."),
    ),
}


_STATUS = {"mailed": phrase("mailed"), "delivered": phrase("delivered"), "returned": phrase("returned")}


def _who(said: str, owner: str) -> str:
    return t(said, owner=owner) if said else owner


def _card(memo: MemoRecord, name: str) -> tuple[tuple[str, str], ...]:
    definition = memo.definition
    arm, trial = definition.arms[name], definition.trial
    templates = arm_templates(arm)
    given = listed([visible(path) for path in templates])
    kind = who_sends(memo)[name]
    none = _NONE["nothing" if kind == "rct" else kind]
    rows = [
        (
            t("1 Name"),
            t("{arm}, the comparison", arm=quoted(arm.label)) if arm.control else quoted(arm.label),
        ),
        (t("2 Why"), sentence(prose(trial.hypothesis))),
        (
            t("3 Materials"),
            t("{files}; the plan holds the full text.", files=given) if templates else t(none.materials),
        ),
        (
            t("4 Procedure"),
            t("One {piece} to each unit drawn to this arm.", piece=piece(trial.channel))
            if templates
            else t(none.procedure),
        ),
        (
            t("5 Who provides it"),
            prose(trial.owner) if kind == "rct" else _who(none.who, prose(trial.owner)),
        ),
        (
            t("6 How"),
            t("By {piece}, to one recipient at a time.", piece=piece(trial.channel))
            if templates
            else t(none.how),
        ),
        (t("7 Where"), prose(memo.city) or t("Not stated.")),
        (
            t("8 When and how much"),
            t("Once, from {day}.", day=day(trial.start)) if templates else t(none.when, day=day(trial.start)),
        ),
        (t("9 Tailoring"), _tailoring(len(templates)) or t(none.how)),
        (t("10 Modifications"), _modifications(memo, name)),
        (
            t("11 How well, planned"),
            t("Counts by version from whoever sends it, and what comes back.")
            if kind in ("rct", "elsewhere")
            else t(none.how),
        ),
        (t("12 How well, actual"), _actual(memo, name)),
    ]
    if arm.unit_cost is not None:
        rows.append((t("Cost each"), show.money(arm.unit_cost, memo.currency)))
    return tuple(rows)


def _tailoring(templates: int) -> str:
    if templates == 0:
        return ""
    return (
        t("One text for each language; fields of the recipient.")
        if templates > 1
        else t("Fields of the recipient only.")
    )


def _modifications(memo: MemoRecord, name: str) -> str:
    mine = [
        a
        for a in memo.amendments
        if any(c.field.startswith((f"arms.{name}.", "templates.")) for c in a.changes)
    ]
    return " ".join(f"{a.time[:10]}: {sentence(prose(a.reason))}" for a in mine) or t("None.")


def _actual(memo: MemoRecord, name: str) -> str:
    piece_flows = [p for p in memo.pieces if p.arm == name and p.status in _STATUS]
    if not piece_flows:
        return t("Not reported.")
    return "; ".join(
        t("{status}: withheld", status=t(_STATUS[p.status]))
        if (count := suppress.pieces(memo, p)) is None
        else t(
            "{status}: {count} of {drawn}",
            status=t(_STATUS[p.status]),
            count=number(count),
            drawn=number(p.drawn),
        )
        for p in piece_flows
    )

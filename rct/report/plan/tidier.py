"""A card an arm by TIDieR (Hoffmann et al. 2014, BMJ 348:g1687): what was given, by whom, how, when, how well."""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition.resolve import arm_templates
from rct.errors import visible
from rct.language import day, listed
from rct.report import suppress
from rct.report.blocks import Block, Facts, Heading
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.elsewhere import who_sends
from rct.report.words.phrases import piece, prose, quoted, sentence


def cards(memo: MemoRecord) -> list[Block]:
    """Heading and facts for every arm."""
    blocks: list[Block] = []
    for name in memo.definition.arms:
        label = quoted(memo.definition.arms[name].label)
        blocks += [Heading(3, label, f"card-{name}"), Facts(_card(memo, name))]
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
    "nothing": _NotMade("Nothing is sent.", "None.", "{owner}", "Not applicable.", "Nothing, from {}."),
    "elsewhere": _NotMade(
        "Made elsewhere: this software does not hold them.",
        "Done elsewhere.",
        "Not known to this software. The trial's owner is {owner}.",
        "Not known to this software.",
        "From {}; how often is not known to this software.",
    ),
    "unknown": _NotMade(
        "None from this software. Whether anything was sent is not known to it.",
        "Not known to this software.",
        "Not known to this software. The trial's owner is {owner}.",
        "Not known to this software.",
        "From {}; what and how often is not known to this software.",
    ),
}


def _card(memo: MemoRecord, name: str) -> tuple[tuple[str, str], ...]:
    definition = memo.definition
    arm, trial = definition.arms[name], definition.trial
    templates = arm_templates(arm)
    given = listed([visible(path) for path in templates])
    kind = who_sends(memo)[name]
    none = _NONE["nothing" if kind == "rct" else kind]
    rows = [
        ("1 Name", quoted(arm.label) + (", the comparison" if arm.control else "")),
        ("2 Why", sentence(prose(trial.hypothesis))),
        ("3 Materials", f"{given}; the plan holds the full text." if templates else none.materials),
        (
            "4 Procedure",
            f"One {piece(trial.channel)} to each unit drawn to this arm." if templates else none.procedure,
        ),
        (
            "5 Who provides it",
            prose(trial.owner) if kind == "rct" else none.who.format(owner=prose(trial.owner)),
        ),
        ("6 How", f"By {piece(trial.channel)}, to one recipient at a time." if templates else none.how),
        ("7 Where", prose(memo.city) or "Not stated."),
        (
            "8 When and how much",
            (f"Once, from {day(trial.start)}." if templates else none.when.format(day(trial.start))),
        ),
        ("9 Tailoring", _tailoring(len(templates)) or none.how),
        ("10 Modifications", _modifications(memo, name)),
        (
            "11 How well, planned",
            "Counts by version from whoever sends it, and what comes back."
            if kind in ("rct", "elsewhere")
            else none.how,
        ),
        ("12 How well, actual", _actual(memo, name)),
    ]
    if arm.unit_cost is not None:
        rows.append(("Cost each", show.money(arm.unit_cost, memo.currency)))
    return tuple(rows)


def _tailoring(templates: int) -> str:
    if templates == 0:
        return ""
    return (
        "One text for each language; fields of the recipient."
        if templates > 1
        else "Fields of the recipient only."
    )


def _modifications(memo: MemoRecord, name: str) -> str:
    mine = [
        a
        for a in memo.amendments
        if any(c.field.startswith((f"arms.{name}.", "templates.")) for c in a.changes)
    ]
    return " ".join(f"{a.time[:10]}: {sentence(prose(a.reason))}" for a in mine) or "None."


def _actual(memo: MemoRecord, name: str) -> str:
    told = [p for p in memo.pieces if p.arm == name and p.status in ("mailed", "delivered", "returned")]
    if not told:
        return "Not reported."
    return "; ".join(
        f"{p.status}: withheld"
        if (count := suppress.pieces(memo, p)) is None
        else f"{p.status}: {count:,} of {p.drawn:,}"
        for p in told
    )

"""How the lots are drawn, in words and byte for byte, with this trial's own names and numbers (version 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rct.errors import visible
from rct.language import listed, number, phrase, t, tell, tn
from rct.report.blocks import Block, Bullets, FormulaBlock, Para
from rct.report.record import DrawFacts
from rct.report.words.phrases import moment, prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition

_ELSEWHERE = phrase(
    "Who got what was decided elsewhere and read in. Whether by lot, and how, is not known to this software."
)
_UNUSED = phrase(
    "The seed that the lock committed to was not used, and no public number went in: nothing here shows that there was"
    " one draw alone."
)


def scheme(definition: Definition, *, replayed: bool = False) -> list[str]:
    """The scheme, its blocks, its clusters, its source of public randomness; `replayed`: of a draw made elsewhere."""
    design = definition.design
    sentences = [
        t(_ELSEWHERE),
        t("The plan's design, by which it is analyzed. {method}", method=t(definition.scheme.method)),
    ]
    if not replayed:
        sentences = [t(definition.scheme.method)]
    if design.blocks:
        sentences.append(
            tn(
                "Blocks: the values of {columns}.",
                "Blocks: the values of {columns}; several columns are joined by U+001F.",
                len(design.blocks),
                columns=listed([quoted(c) for c in design.blocks]),
            )
        )
    if design.clusters:
        sentences.append(
            t("Clusters: units that share a value of {column} stay together.", column=quoted(design.clusters))
        )
    sentences.append(t(_UNUSED) if replayed else beacon(design.beacon))
    return sentences


def beacon(source: str) -> str:
    """What public randomness goes into the draw, and what its absence leaves open."""
    kind, _, rest = source.partition(":")
    if kind == "drand":
        return t(
            "Public randomness: drand, chain {chain}, the first round at least one hour after the later of the lock and "
            "the freezing of the list. Nobody can know it when both are done.",
            chain=visible(rest),
        )
    if kind == "lottery":
        return t(
            "Public randomness: the lottery {lottery}, its first drawing on a later date than the later of the lock and "
            "the freezing of the list. Nobody can know it when both are done. rct knows no lottery's calendar: check that "
            "no drawing lay between that day and the one used.",
            lottery=visible(rest),
        )
    return t(
        "No public randomness. The committed seed stops a second draw after the lock; it does not stop an office that "
        "tries many seeds or lists in private before."
    )


def steps(name: str, definition: Definition, seed_commitment: str) -> tuple[Block, ...]:
    """The draw so that an outsider can repeat it from the seed, the plan and the list."""
    clustered = definition.clustered
    source = definition.design.beacon
    arms = dict(zip(definition.arms, definition.shares, strict=True))
    beacon_text = {
        "drand": "drand:CHAINHASH:ROUND:RANDOMNESS",
        "lottery": t("lottery:NAME:DATE:N1-N2-… (numbers ascending)"),
    }.get(source.partition(":")[0], t("the empty text"))
    token = [
        t(
            "A unit's token is the first 24 hex digits of HMAC-SHA256, with the office's key of 32 bytes, of "
            "rct.unit.1|{trial}|ID. ID is the text of {column} exactly as in the file, NFC, trimmed.",
            trial=name,
            column=quoted(definition.frame.id),
        )
    ]
    if clustered:
        token.append(t("A cluster’s token is made likewise from rct.cluster.1."))
    return (
        Para(
            t(
                "All text is UTF-8; hexadecimal is lower case; | is the character U+007C. Anyone who holds the seed, "
                "plan.json and the frozen list gets the same draw, whatever the order of rows or the machine."
            )
        ),
        Bullets(
            (
                " ".join(token),
                t(
                    "SEED is 64 hex digits from the operating system, made at the lock and kept secret until the draw. Its "
                    "commitment, the SHA-256 of these 64 ASCII digits, is {commitment}.",
                    commitment=seed_commitment,
                ),
                t(
                    "FRAME_HASH is the SHA-256 of the lines unit TAB block TAB cluster LF, sorted by bytes. Block and "
                    "cluster are empty where the design has none."
                ),
                t("BEACON is {beacon}.", beacon=beacon_text),
                t("PLAN_HASH is that of the plan in force at the draw."),
                t(
                    "K is the key of the draw, and a ticket is a hash under it; kind is unit, cluster or block:"
                ),
            ),
            numbered=True,
        ),
        FormulaBlock(
            "K = sha256( rct.draw.1|SEED|PLAN_HASH|FRAME_HASH|BEACON )\nticket(kind, x) = sha256( K|kind|x )"
        ),
        *(FormulaBlock(s.text) if s.formula else Para(s.text) for s in definition.scheme.recipe(arms)),
    )


def drawn(draw: DrawFacts, definition: Definition) -> str:
    """`Draw 1 of 1 …`: once the lots are drawn."""
    counts = dict(draw.units)
    values = {
        "draws": draw.draws,
        "time": moment(draw.drawn_at),
        "person": visible(draw.drawn_by),
        "locks": tn("{count} lock", "{count} locks", draw.locks),
        "freezes": tn("{count} freeze of the list", "{count} freezes of the list", draw.freezes),
        "units": ", ".join(
            f"{quoted(arm.label)} {number(counts[name])}" for name, arm in definition.arms.items()
        ),
    }
    if draw.replayed:
        return t(
            "The assignment was made elsewhere and read in on {time} by {person}, after {locks} and {freezes}. Units: "
            "{units}.",
            **values,
        )
    return t(
        "Draw {draws} of {draws}, drawn on {time} by {person}, after {locks} and {freezes}. Units: {units}.",
        **values,
    )


def concealment(beacon: str, people: Sequence[str], *, replayed: bool = False) -> tuple[str, ...]:
    """Who could have known the assignment before the draw. people: those who did something in the trial until then."""
    if replayed:
        return (
            tell(
                "Who gets what was decided elsewhere: who could have known it beforehand is not known to this software."
            ),
        )
    holders = tell(
        "The seed lies in private/ from the lock to the draw. The account that owns this folder can read it, and so can "
        "whoever uses that account or administers its machine. Until now these people worked on the trial: {people}.",
        people=tuple(prose(person) for person in people) or tell("the office"),
    )
    if beacon == "none":
        return (
            holders,
            tell(
                "With seed, plan and list any of them could have worked out who gets what before the draw, since no public "
                "number goes into it. Nobody else could: all that is public is the seed's SHA-256."
            ),
        )
    return (
        holders,
        tell(
            "Even they could not have known who gets what before the public number was known, and by then plan and list "
            "were fixed."
        ),
    )

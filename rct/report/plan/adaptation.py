"""Fidelity and adaptation: how a replication's plan differs from the plan that it was made from.

Found by comparing the two plans and the letters' words, never asked: what was kept is as important as what changed.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rct.definition import Definition, plan
from rct.definition.letters import LetterError, read_letter
from rct.definition.resolve import arm_templates
from rct.errors import RctError
from rct.language import t
from rct.report.blocks import Block, Bullets, NoteBlock, Para, TableBlock
from rct.report.words.numbers import percent
from rct.report.words.phrases import prose, quoted, sentence

ORIGINAL = "original"  # the folder beside trial.toml that keeps their plan and letters
# Keys that are each city's own: a difference there says nothing of the intervention.
_OWN = ("adapted", "trial.", "frame.", "power", "order of ")
_OWN_ENDS = (".column", ".date_column", ".unit_cost", ".benefit", ".template", ".language", ".date", ".nudge")


@dataclass(frozen=True)
class KeptWords:
    """One arm's letter: the share of its words that stand in both, 1 where all do; None where one of them is lacking."""

    arm: str
    share: float | None


@dataclass(frozen=True)
class Adaptation:
    """Where a trial is from, what of substance differs, and how much of each letter was kept.

    `known` is False where the original plan is not at hand or is not the one that was adapted.
    """

    city: str
    trial: str
    known: bool
    changes: tuple[plan.PlanChange, ...]
    letters: tuple[KeptWords, ...]
    reasons: tuple[str, ...]


def original_letter(path: str) -> str:
    """The file name under which a letter of theirs is kept."""
    return f"{hashlib.sha256(path.encode()).hexdigest()[:8]}-{PurePosixPath(path).name}"


def adaptation(
    folder: Path, templates: Path, definition: Definition, ours: Mapping[str, Any]
) -> Adaptation | None:
    """Compare with the original in `folder`; None for a trial that was adapted from nowhere. ours: the plan's parts."""
    source = definition.adapted
    if source is None:
        return None
    why = tuple(source.changes)
    try:
        theirs = (folder / ORIGINAL / "plan.json").read_bytes()
        original = plan.from_plan(theirs) if plan.plan_hash(theirs) == source.plan_hash else None
    except (OSError, RctError):
        original = None
    if original is None:
        return Adaptation(source.city, source.trial, False, (), (), why)
    changes = [c for c in plan.differing(plan.read_plan(theirs), ours) if _of_substance(c)]
    letters = [
        KeptWords(name, _share(folder, templates, original, definition, name))
        for name in definition.arms
        if name in original.arms
        and (arm_templates(original.arms[name]) or arm_templates(definition.arms[name]))
    ]
    return Adaptation(source.city, source.trial, True, tuple(changes), tuple(letters), why)


def _of_substance(change: plan.PlanChange) -> bool:
    if change.field.startswith(("letter ", "picture ", "name")):
        return False  # their letters lie elsewhere; words are compared apart
    return not change.field.startswith(_OWN) and not change.field.endswith(_OWN_ENDS)


def _share(folder: Path, templates: Path, original: Definition, ours: Definition, name: str) -> float | None:
    theirs = [_words(_their_letter(folder, path)) for path in arm_templates(original.arms[name])]
    here = [_words(_our_letter(templates, path)) for path in arm_templates(ours.arms[name])]
    before, after = [w for words in theirs for w in words], [w for words in here for w in words]
    if not before or not after:
        return None
    return difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()


def _their_letter(folder: Path, path: str) -> str:
    try:
        return (folder / ORIGINAL / original_letter(path)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _our_letter(templates: Path, path: str) -> str:
    try:
        return read_letter(templates, path)
    except LetterError:
        return ""


def _words(text: str) -> list[str]:
    return text.split()


def adaptation_blocks(adaptation: Adaptation, definition: Definition) -> list[Block]:
    """The plan's section."""
    city = prose(adaptation.city) or t("another city")
    blocks: list[Block] = [
        Para(
            t(
                "This trial replicates {trial} of {city}, whose evidence it came from.",
                trial=quoted(adaptation.trial),
                city=city,
            )
        )
    ]
    if not adaptation.known:
        blocks.append(NoteBlock(t("The original plan is not at hand, so changes from it can't be listed.")))
    elif adaptation.changes:
        rows = tuple(
            (prose(c.field), prose(c.old or t("absent")), prose(c.new or t("absent")))
            for c in adaptation.changes
        )
        blocks.append(
            TableBlock(
                t("What was adapted"), (t("Field"), t("There"), t("Here")), rows, (False, False, False)
            )
        )
    else:
        blocks.append(
            Para(t("Design, versions, outcomes, windows, analysis and rule are those of the original."))
        )
    kept = [k for k in adaptation.letters if k.share is not None]
    if kept:
        shares = tuple((quoted(definition.arms[k.arm].label), percent(k.share or 0.0, 0)) for k in kept)
        blocks.append(
            TableBlock(
                t("Words of each letter that both have"), (t("Version"), t("Kept")), shares, (False, True)
            )
        )
    if adaptation.reasons:
        blocks.append(Bullets(tuple(sentence(prose(r)) for r in adaptation.reasons)))
    return blocks

"""Proofs: each arm's letter for an invented recipient, and the sheet that shows where they differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rct import fs
from rct.definition import Definition, plan
from rct.definition.resolve import arm_templates
from rct.errors import stop
from rct.letters.compose import Composer, Piece, language_of
from rct.letters.conditions import Stand, stands
from rct.letters.letterhead import read_letterhead
from rct.letters.sample import REFERENCE, read_sample, sample_fields
from rct.letters.setting import Job, Typeset, set_pieces
from rct.letters.sheet import LetterColumn, compare, sheet_data, sheet_html
from rct.letters.template import LetterTemplate
from rct.letters.tree import Tree, lines_of, read_tree
from rct.letters.words import UnfitValue, plain
from rct.registry.workspace import Workspace

FOLDER = "proofs"
WORKERS = 2
NARROW_PPI = 144
NARROW = "words"  # the name of the pictures of a letter's words alone
FIRST_WORDS = 20  # of a letter, said in place of its picture
LEAD = (
    "Each letter for an invented recipient, sentence by sentence: the same sentence stands in the same row."
)
PROOF = "PROOF: not to be mailed or sent."

# What a letter's look hangs on; a proof of other letters than the locked plan's is never kept.
_OF_LETTERS = (
    "letter ",
    "picture ",
    "trial.channel",
    "trial.start",
    "trial.owner",
    "frame.contact",
    "order of arms",
)
_OF_ARM = ("template", "templates", "language", "label")


@dataclass(frozen=True)
class Proofs:
    """What was made: file name → bytes, the columns of each language's sheet, and from which letters.

    `templates` is {path: sha256} as a plan has it, `arms` the letters of each arm.
    """

    files: Mapping[str, bytes]
    columns: Mapping[str, list[LetterColumn]]
    templates: Mapping[str, str]
    arms: Mapping[str, list[str]]


def make_proofs(ws: Workspace, definition: Definition, *, pictures_only: bool = False) -> Proofs:
    """Every letter and sheet; or of each letter the picture, and of the sheet what programs read. Raises `RctError`."""
    composer = Composer(ws, definition, read_letterhead(ws).on(None, duplex=False))
    if not composer.letters:
        stop(
            "no_letters",
            f"No arm of {definition.name} has a template: rct sends nothing in this trial.",
            'Name a letter in [arms.NAME]: template = "…"',
        )
    templates = plan.template_hashes(definition, ws.templates)
    time = int(datetime.combine(definition.trial.start, datetime.min.time(), UTC).timestamp())
    sample = read_sample(ws)
    pieces = {at: _piece(composer, definition, sample, *at) for at in composer.letters}
    said = {at: _stands(composer, definition, sample, *at) for at in composer.letters}
    columns = {key: _columns(definition, said, key) for key in dict.fromkeys(key for _, key in pieces)}
    sheets = {
        key: sheet_data(
            _title(definition), LEAD, _banner(definition), composer.head.paper, language_of(key), sheet
        )
        for key, sheet in columns.items()
    }
    formats = ("png",) if pictures_only else ("pdf", "png")
    jobs: list[tuple[str, Job]] = []
    for (arm, key), piece in pieces.items():
        title = f"Proof: {plain(definition.arms[arm].label)}"
        name = f"letter-{arm}{_ending(key)}"
        job = composer.job([piece], title, time, formats=formats)
        jobs.append((name, replace(job, data={**job.data, "banner": _banner(definition)})))
    words = composer.job(list(pieces.values()), "Words", time, formats=("png",), ppi=NARROW_PPI)
    jobs.append((NARROW, replace(words, data={**words.data, "narrow": True})))
    for key in () if pictures_only else columns:
        data = sheets[key]
        fonts = ws.templates / "fonts"
        jobs.append((f"side-by-side{_ending(key)}", Job("sheet.typ", data, {}, fonts, time, ("pdf", "png"))))
    with ThreadPoolExecutor(WORKERS) as pool:
        typesets = list(pool.map(lambda job: set_pieces(job[1]), jobs))
    files: dict[str, bytes] = {}
    for (name, _), one in zip(jobs, typesets, strict=True):
        if name == NARROW:
            named = zip(pieces, one.pngs, strict=True)
            files |= {f"{NARROW}-{arm}{_ending(key)}.png": png for (arm, key), png in named}
        else:
            files |= _named(name, one)
    for key, sheet in columns.items():
        if not pictures_only:
            files[f"side-by-side{_ending(key)}.html"] = sheet_html(sheets[key])
        begins = {arm: _begins(piece) for (arm, k), piece in pieces.items() if k in (key, "")}
        files[f"side-by-side{_ending(key)}.json"] = _sheet_json(sheet, begins)
    return Proofs(files, columns, templates, {a: arm_templates(arm) for a, arm in definition.arms.items()})


def write_proofs(proofs: Proofs, folder: Path) -> None:
    """Write the files into a folder outside rct's care."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in proofs.files.items():
        fs.write_out(folder / name, data)


def require_planned(ws: Workspace, definition: Definition, locked: bytes) -> None:
    """Refuse proofs of letters that aren't the locked plan's: they would pass for the tested ones."""
    changes = [
        c for c in plan.difference(locked, plan.plan_json(definition, ws.templates)) if _bears(c.field)
    ]
    if changes:
        stop(
            "proof_not_planned",
            "These are not the letters of the locked plan: " + "; ".join(str(c) for c in changes[:10]),
            f"Undo the edit, or change the plan in the open: rct amend {definition.name} --reason …  "
            f"Only to look: rct proof {definition.name} --to DIR",
            found=f"{len(changes)} change{'s' if len(changes) > 1 else ''}",
        )


def _bears(field: str) -> bool:
    parts = field.split(".")
    return field.startswith(_OF_LETTERS) or (parts[0] == "arms" and (len(parts) == 2 or parts[2] in _OF_ARM))


def _sheet_json(columns: list[LetterColumn], begins: Mapping[str, str]) -> bytes:
    """The sheet for programs: each arm's first words, and its lines with whether some other letter lacks them."""
    listed = [
        {
            "arm": c.arm,
            "label": c.label,
            "begins": begins.get(c.arm, ""),
            "lines": [{"text": x.text, "differs": x.differs} for x in c.lines if x.printed],
        }
        for c in columns
    ]
    return (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode()


def _begins(piece: Piece) -> str:
    """The first words behind the address."""
    words = " ".join(lines_of(Tree((), piece.tree.body, ()), piece.values)).split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")


def _piece(
    composer: Composer, definition: Definition, sample: Mapping[str, object], arm: str, key: str
) -> Piece:
    try:
        return composer.piece(arm, key, sample_fields(sample, definition, key, composer.links()), REFERENCE)
    except UnfitValue as error:
        stop(
            "letter_value",
            f"The letter of {arm} asks for {error.wanted}, and the sample has another value there.",
            "Give the field such a value in templates/sample.toml.",
            file="templates/sample.toml",
            found=error.value[:100],
        )


def _stands(
    composer: Composer, definition: Definition, sample: Mapping[str, object], arm: str, key: str
) -> list[Stand]:
    """The letter's lines, with those that other recipients get."""
    fields = sample_fields(sample, definition, key, composer.links())

    def lines(letter: LetterTemplate) -> list[str]:
        filled = letter.fill(fields)
        tree = read_tree(filled.text, addressed=composer.kind != "message")
        return lines_of(tree, tree.values(filled, lenient=True))

    return stands(composer.letters[arm, key], lines)


def _columns(
    definition: Definition, said: Mapping[tuple[str, str], Sequence[Stand]], key: str
) -> list[LetterColumn]:
    letters: dict[str, tuple[str, Sequence[Stand]]] = {}
    for name, arm in definition.arms.items():
        label = plain(" ".join(arm.label.split())) + (" (control)" if arm.control else "")
        letters[name] = (label, said.get((name, key)) or said.get((name, "")) or [])
    return compare(letters, definition.control)


def _banner(definition: Definition) -> str:
    sentences = [PROOF]
    if definition.practice:
        sentences.append("PRACTICE: not a real trial.")
    if definition.simulated:
        sentences.append("SIMULATED: no real people.")
    return " ".join(sentences)


def _title(definition: Definition) -> str:
    return f"Side by side: {plain(' '.join(definition.trial.title.split()))}"


def _ending(key: str) -> str:
    """What tells a language's files apart; a value that is no name stands as a short hash."""
    if not key:
        return ""
    return f".{key}" if fs.is_name(key.lower()) else f".{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _named(name: str, typeset: Typeset) -> dict[str, bytes]:
    files = {f"{name}.pdf": typeset.pdf} if typeset.pdf else {}
    for number, png in enumerate(typeset.pngs, start=1):
        files[f"{name}.png" if number == 1 else f"{name}-{number}.png"] = png
    return files

"""`rct letters`: numbered PDF files, the vendor's table and the manifest, made after the draw; all in one change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition
from rct.errors import stop
from rct.letters import manifest as sheets
from rct.letters.compose import Composer
from rct.letters.letterhead import Paper, read_letterhead
from rct.letters.make import (
    FOLDER,
    are_there,
    counts_of,
    draw_time,
    input_digest,
    print_files,
    refuse_edited,
)
from rct.letters.prepare import Prepared, prepare, problems
from rct.letters.recipients import read_recipients
from rct.letters.seeds import read_seeds
from rct.letters.unfit import refuse
from rct.letters.versions import letters_of, order_key
from rct.registry import keys, optout
from rct.registry.change import Change, changing, tidy
from rct.registry.events import LettersBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class LettersRequest:
    """What was asked for beside the trial."""

    seeds: Path | None = None
    by_hand: bool = False
    paper: Paper | None = None
    duplex: bool | None = None


@dataclass(frozen=True)
class MadeLetters:
    """What lies in private/NAME/letters/. `versions` is version → counts, `arms` version → arm."""

    versions: Mapping[str, Mapping[str, int]]
    arms: Mapping[str, str]
    files: Mapping[str, str]
    running: Sequence[int]
    pieces: int
    path: str
    fresh: bool


def make_letters(ws: Workspace, definition: Definition, person: str, request: LettersRequest) -> MadeLetters:
    """Make them. `definition` is trial.toml, which must still be what was locked. Raises `RctError`."""
    name = definition.name
    if definition.trial.channel not in ("letter", "postcard"):
        stop(
            "not_on_paper",
            f"The channel of {name} is {definition.trial.channel}: nothing is printed.",
            f"Write the list for your sending system with: rct handover {name}",
        )
    tidy(ws)
    with opened(ws, name) as trial:
        drawn = trial.drawn(open=True, people=True)
        refuse_edited(ws, definition, drawn.plan_bytes)
        definition = drawn.definition
        head = read_letterhead(ws).on(request.paper, request.duplex)
        composer = Composer(ws, definition, head)
        if not composer.letters:
            stop(
                "no_letters",
                f"No arm of {name} has a template: rct prints nothing.",
                f"See: rct handover {name}",
            )
        recipients = read_recipients(drawn, composer.arms)
        ledger = optout.read(ws, drawn.db).last
    seeds = read_seeds(ws, definition, request.seeds, composer.columns())
    key = keys.read_key(ws)
    versions = letters_of(definition, drawn.draw)
    prepared = prepare(composer, key, order_key(drawn.draw), versions, recipients, seeds)
    if prepared.by_hand and not request.by_hand:
        refuse(ws, name, problems(prepared.by_hand))
    if not prepared.pieces:
        stop("nobody_to_send_to", f"Nobody of {name} is to be sent a letter.", "See: rct status")
    counts = counts_of(composer, versions, prepared)
    arms = {versions[a]: a for a in composer.arms}
    folder = ws.private_trial(name) / FOLDER
    digest = input_digest(drawn, key, composer, prepared)
    last = drawn.state.last(LettersBody)
    if last is not None and last.body.input == digest and are_there(ws, folder, last.body.files):
        sheet = last.body.running
        return MadeLetters(
            counts, arms, last.body.files, sheet, len(prepared.pieces), ws.shown(folder), False
        )
    with changing(ws, name, person, seen=len(drawn.state.events)) as change:
        body = _write(change, composer, prepared, counts, folder, draw_time(drawn.draw))
        for old in last.body.files if last is not None else ():
            if old not in body.files:
                change.remove(folder / old)
        change.event(body.but(ledger=ledger, input=digest, again=len(drawn.state.all(LettersBody))))
    return MadeLetters(counts, arms, body.files, body.running, len(prepared.pieces), ws.shown(folder), True)


def _write(
    change: Change,
    composer: Composer,
    prepared: Prepared,
    counts: Mapping[str, Mapping[str, int]],
    folder: Path,
    time: int,
) -> LettersBody:
    """The files, and what the event says of them."""
    written: dict[str, str] = {}

    def write(name: str, data: bytes) -> str:
        written[name] = change.write(folder / name, data, private=True)
        return written[name]

    files = []
    for name, data, file in print_files(composer, prepared.pieces, time):
        files.append(file)
        write(name, data)
    sheet = sheets.vendor_sheet(prepared.pieces, files, composer.columns())
    head = composer.head
    how = {"kind": composer.kind, "paper": head.paper, "duplex": head.duplex or composer.kind == "postcard"}
    others = {
        **sheets.sheet_files(sheet),
        "manifest.json": sheets.manifest(composer.definition.name, how, counts, files),
        "manifest.csv": sheets.manifest_csv(files),
        "record-layout.md": sheets.record_layout(composer.definition.name, sheet, how, files),
        "record-layout.csv": sheets.layout_csv(sheet),
        "seeds.csv": sheets.seeds_csv(prepared.pieces),
        "by-hand.csv": sheets.by_hand_csv(prepared.by_hand),
    }
    for name, content in others.items():
        if content is not None:
            write(name, content)
    return LettersBody(
        sent_as=composer.kind,
        paper=head.paper,
        duplex=head.duplex or composer.kind == "postcard",
        # Pieces by version would tell who opted out by version: before its date that is a result. With them go the
        # pages, where a piece of one version has more of them.
        versions={v: {"seeds": n["seeds"], "by_hand": n["by_hand"]} for v, n in counts.items()},
        left_out={"opted_out": sum(prepared.opted_out.values())},
        pieces=len(prepared.pieces),
        files=written,
        running=tuple(sheet.running[:100]),
        letterhead=head.sha256,
        input="",  # what follows is put in by who made the input
        again=0,
    )

"""Make a trial's letters after the draw: numbered PDF files, the vendor's table, manifest; all in one change."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rct import __version__
from rct.definition import Definition, plan
from rct.errors import stop
from rct.letters import manifest as sheets
from rct.letters.compose import Composer
from rct.letters.letterhead import Paper, read_letterhead
from rct.letters.mailed import letters_of, order_key
from rct.letters.manifest import PrintFile
from rct.letters.pictures import read_pictures
from rct.letters.prepare import Prepared, Serial, prepare, problems
from rct.letters.recipients import read_recipients
from rct.letters.seeds import read_seeds
from rct.letters.setting import set_pieces
from rct.letters.unfit import refuse
from rct.registry import keys, optout, state
from rct.registry.change import Change, changing, tidy
from rct.registry.events import LettersBody
from rct.registry.state import State
from rct.registry.workspace import Workspace

PER_FILE = 500  # pieces in a PDF: at most 1,000, and half of that needs half the memory
WORKERS = 2
FOLDER = "letters"
_INPUT = b"rct.letters.1\n"
_TYPST = Path(__file__).parent / "typst" / "letter.typ"


@dataclass(frozen=True)
class Request:
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


def make_letters(ws: Workspace, definition: Definition, person: str, request: Request) -> MadeLetters:
    """Make them. `definition` is trial.toml, which must still be what was locked. Raises `RctError`."""
    name = definition.name
    if definition.trial.channel not in ("letter", "postcard"):
        stop(
            "not_on_paper",
            f"The channel of {name} is {definition.trial.channel}: nothing is printed.",
            f"Write the list for your sending system with: rct handover {name}",
        )
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True)
        locked = state.read_plan(ws, db, found)
        _refuse_edited(ws, definition, locked)
        definition = plan.from_plan(locked)
        head = read_letterhead(ws).on(request.paper, request.duplex)
        composer = Composer(ws, definition, head)
        if not composer.letters:
            stop(
                "no_letters",
                f"No arm of {name} has a template: rct prints nothing.",
                f"See: rct handover {name}",
            )
        recipients = read_recipients(ws, db, found, definition, composer.arms)
        ledger = optout.read(ws, db).last
    if found.draw is None:
        raise AssertionError("required above")
    seeds = read_seeds(ws, definition, request.seeds, composer.columns())
    key = keys.read_key(ws)
    versions = letters_of(definition, found.draw)
    prepared = prepare(composer, key, order_key(found.draw), versions, recipients, seeds)
    if prepared.by_hand and not request.by_hand:
        refuse(ws, name, problems(prepared.by_hand))
    if not prepared.pieces:
        stop("nobody_to_send_to", f"Nobody of {name} is to be sent a letter.", "See: rct status")
    counts = _counts(composer, versions, prepared)
    arms = {versions[a]: a for a in composer.arms}
    folder = ws.private_trial(name) / FOLDER
    digest = input_digest(ws, key, composer, found, prepared)
    last = found.last(LettersBody)
    if last is not None and last.body.input == digest and are_there(ws, folder, last.body.files):
        sheet = last.body.running
        return MadeLetters(
            counts, arms, last.body.files, sheet, len(prepared.pieces), ws.shown(folder), False
        )
    with changing(ws, name, person, seen=len(found.events)) as change:
        body = _write(change, composer, prepared, counts, folder, draw_time(found))
        for old in last.body.files if last is not None else ():
            if old not in body.files:
                change.remove(folder / old)
        change.event(body.but(ledger=ledger, input=digest, again=len(found.all(LettersBody))))
    return MadeLetters(counts, arms, body.files, body.running, len(prepared.pieces), ws.shown(folder), True)


def _refuse_edited(ws: Workspace, definition: Definition, locked: bytes) -> None:
    changes = [
        c
        for c in plan.difference(locked, plan.plan_json(definition, ws.templates))
        if c.field.startswith(
            ("arms", "frame", "design", "letter ", "picture ", "trial.channel", "trial.start")
        )
    ]
    if changes:
        stop(
            "edited_after_lock",
            "What the letters need was edited after the lock: " + "; ".join(str(c) for c in changes[:10]),
            f'Undo the edit, or change the plan in the open: rct amend {definition.name} --reason "…"',
            file="trial.toml",
        )


def _counts(composer: Composer, versions: Mapping[str, str], prepared: Prepared) -> dict[str, dict[str, int]]:
    """Version → how many units, staff addresses, pieces by hand, people who opted out meanwhile."""
    units = Counter(p.version for p in prepared.pieces if not p.seed)
    seeds = Counter(p.version for p in prepared.pieces if p.seed)
    hand = Counter(h.version for h in prepared.by_hand)
    return {
        v: {
            "units": units[v],
            "seeds": seeds[v],
            "by_hand": hand[v],
            "opted_out": prepared.opted_out.get(v, 0),
        }
        for v in sorted(versions[a] for a in composer.arms)
    }


def input_digest(ws: Workspace, key: bytes, composer: Composer, found: State, prepared: Prepared) -> str:
    """A keyed digest of all that goes into the files: the same input makes the same letters."""
    mac = hmac.new(key, _INPUT, hashlib.sha256)

    def add(value: object) -> None:
        mac.update(json.dumps(value, ensure_ascii=True, sort_keys=True).encode() + b"\n")

    add([__version__, hashlib.sha256(_TYPST.read_bytes()).hexdigest(), PER_FILE])
    add(
        [
            found.plan.body.plan_hash if found.plan else "",
            found.draw.body.assignment if found.draw else "",
        ]
    )
    head = composer.head
    add([head.sha256, head.paper, head.duplex, ws.settings.city, ws.settings.currency])
    names = [*head.pictures, *sorted({n for p in prepared.pieces for n in p.piece.tree.pictures})]
    add([[n, hashlib.sha256(b).hexdigest()] for n, b in read_pictures(ws.templates, names).items()])
    fonts = ws.templates / "fonts"
    for path in sorted(fonts.iterdir()) if fonts.is_dir() else ():
        add([path.name, path.stat().st_size])
    for p in prepared.pieces:
        add(
            [
                p.serial,
                p.version,
                p.piece.reference,
                p.piece.address,
                p.piece.filled.text,
                p.piece.filled.values,
                p.seed,
            ]
        )
    for hand in prepared.by_hand:
        add([hand.version, hand.reference, hand.problem.code])
    return mac.hexdigest()


def are_there(ws: Workspace, folder: Path, files: Mapping[str, str]) -> bool:
    """Whether the files of the last time are there as they were written, or on their way there."""
    with state.reading(ws) as db:
        return all(
            _is(state.current_path(db, folder / name), digest) or _is(folder / name, digest)
            for name, digest in files.items()
        )


def _is(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except (FileNotFoundError, IsADirectoryError):
        return False


def draw_time(found: State) -> int:
    """The draw's time: the same letters again have the same bytes."""
    if found.draw is None:
        raise AssertionError("letters follow a draw")
    return int(datetime.strptime(found.draw.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


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


def print_files(
    composer: Composer, pieces: Sequence[Serial], time: int, stem: str = "letters"
) -> Iterator[tuple[str, bytes, PrintFile]]:
    """Each numbered file, set in a process of its own; two at a time, in order."""
    starts = list(range(0, len(pieces), PER_FILE))

    def one(start: int) -> tuple[str, bytes, PrintFile]:
        batch = pieces[start : start + PER_FILE]
        title = f"{stem.capitalize()} {batch[0].serial:,} to {batch[-1].serial:,}"
        made = set_pieces(composer.job([p.piece for p in batch], title, time))
        if [ref for ref, _ in made.ends] != [p.piece.reference for p in batch]:
            raise AssertionError("typst set other pieces than it was given")
        name = f"{stem}-{start // PER_FILE + 1:04d}.pdf"
        places, total = _places(composer, batch, [page for _, page in made.ends])
        versions = dict(Counter(p.version for p in batch))
        digest = hashlib.sha256(made.pdf).hexdigest()
        file = PrintFile(
            name, digest, len(made.pdf), batch[0].serial, batch[-1].serial, total, versions, places
        )
        return name, made.pdf, file

    with ThreadPoolExecutor(WORKERS) as pool:
        for first in range(0, len(starts), 2 * WORKERS):  # so that few files wait in memory
            yield from pool.map(one, starts[first : first + 2 * WORKERS])


def _places(
    composer: Composer, batch: Sequence[Serial], ends: Sequence[int]
) -> tuple[tuple[tuple[int, int], ...], int]:
    """(first page, pages) of each piece, and the file's pages; a postcard has two."""
    duplex = composer.kind == "letter" and composer.head.duplex
    places = []
    before = 0
    for piece, end in zip(batch, ends, strict=True):
        places.append((before + 1, end - before))
        if composer.kind == "postcard" and end - before != 2:
            stop(
                "postcard_too_long",
                "The words of this postcard need more than its one side.",
                "Shorten the template, or send a letter.",
                found=f"version {piece.version}, serial {piece.serial}",
            )
        before = end + end % 2 if duplex else end
    return tuple(places), before

"""A trial's print files: numbered PDFs, and how one knows that they are made already."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from rct import __version__
from rct.definition import Definition, plan
from rct.errors import stop
from rct.letters.compose import Composer
from rct.letters.manifest import PrintFile
from rct.letters.pictures import read_pictures
from rct.letters.prepare import Prepared, Serial
from rct.letters.setting import set_pieces
from rct.registry import state
from rct.registry.chain import Event
from rct.registry.events import DrawBody
from rct.registry.trial import Drawn
from rct.registry.workspace import Workspace

PER_FILE = 500  # pieces in a PDF: at most 1,000, and half of that needs half the memory
WORKERS = 2
FOLDER = "letters"
_INPUT = b"rct.letters.1\n"
_TYPST = Path(__file__).parent / "typst" / "letter.typ"


def refuse_edited(ws: Workspace, definition: Definition, locked: bytes) -> None:
    """Refuse to print by a definition that is no longer what was locked, as far as letters go."""
    changes = [
        c
        for c in plan.difference(locked, plan.plan_json(definition, ws.templates))
        if c.field.startswith(
            ("arms", "frame", "design", "formats", "letter ", "picture ", "trial.channel", "trial.start")
        )
    ]
    if changes:
        stop(
            "edited_after_lock",
            "What the letters need was edited after the lock: " + "; ".join(str(c) for c in changes[:10]),
            f'Undo the edit, or change the plan in the open: rct amend {definition.name} --reason "…"',
            file="trial.toml",
        )


def counts_of(
    composer: Composer, versions: Mapping[str, str], prepared: Prepared
) -> dict[str, dict[str, int]]:
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


def input_digest(drawn: Drawn, key: bytes, composer: Composer, prepared: Prepared) -> str:
    """A keyed digest of all that goes into the files: the same input makes the same letters."""
    mac = hmac.new(key, _INPUT, hashlib.sha256)

    def add(value: object) -> None:
        mac.update(json.dumps(value, ensure_ascii=True, sort_keys=True).encode() + b"\n")

    add([__version__, hashlib.sha256(_TYPST.read_bytes()).hexdigest(), PER_FILE])
    add([drawn.plan.body.plan_hash, drawn.draw.body.assignment])
    ws = drawn.ws
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


def draw_time(draw: Event[DrawBody]) -> int:
    """The draw's time: the same letters again have the same bytes."""
    return int(datetime.strptime(draw.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def print_files(
    composer: Composer, pieces: Sequence[Serial], time: int, stem: str = "letters"
) -> Iterator[tuple[str, bytes, PrintFile]]:
    """Each numbered file, set in a process of its own; two at a time, in order."""
    starts = list(range(0, len(pieces), PER_FILE))

    def one(start: int) -> tuple[str, bytes, PrintFile]:
        batch = pieces[start : start + PER_FILE]
        title = f"{stem.capitalize()} {batch[0].serial:,} to {batch[-1].serial:,}"
        typeset = set_pieces(composer.job([p.piece for p in batch], title, time))
        if [ref for ref, _ in typeset.ends] != [p.piece.reference for p in batch]:
            raise AssertionError("typst set other pieces than it was given")
        name = f"{stem}-{start // PER_FILE + 1:04d}.pdf"
        places, total = _places(composer, batch, [page for _, page in typeset.ends])
        versions = dict(Counter(p.version for p in batch))
        digest = hashlib.sha256(typeset.pdf).hexdigest()
        file = PrintFile(
            name, digest, len(typeset.pdf), batch[0].serial, batch[-1].serial, total, versions, places
        )
        return name, typeset.pdf, file

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

"""Documents that rct printed, as their digests in the log name them; one that was changed since is never passed on."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from rct.errors import Problem, RctError
from rct.registry.chain import Event
from rct.registry.events import PrintedBody, SharedBody
from rct.registry.state import State, current_path
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Document:
    """One printed file: its name under out/, the bare hex SHA-256 in the log, the event that says so."""

    file: str
    sha256: str
    event: Event


def printed(state: State, of: str, *, after: Event | None = None) -> dict[str, Document]:
    """The last printing of `plan`, `memo` or `proofs` (later than `after`): file name → document."""
    latest: dict[str, Document] = {}
    for event in state.all(PrintedBody):
        if event.body.of == of and (after is None or event.seq > after.seq):
            documents = {file: Document(file, digest, event) for file, digest in event.body.files.items()}
            # Proofs are printed whole; a plan or memo may be printed anew in one language more.
            latest = documents if of == "proofs" else latest | documents
    return latest


def bundle(state: State) -> Document | None:
    """The last bundle that `rct share` wrote of the last analysis."""
    event, analysis = state.last(SharedBody), state.analysis
    if event is None or analysis is None or event.seq < analysis.seq:
        return None
    return Document("bundle.zip", event.body.bundle, event)


def read(ws: Workspace, db: sqlite3.Connection, name: str, document: Document) -> bytes:
    """The file's bytes; an `RctError` where it is gone or is not the one that was printed."""
    path = ws.out(name) / document.file
    data = _bytes(path)
    if data is None or hashlib.sha256(data).hexdigest() != document.sha256:
        data = _bytes(current_path(db, path))  # of a command that died before it gave the file its name
    if data is None:
        raise RctError(_changed(ws, name, document, "gone"))
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise RctError(_changed(ws, name, document, "not the one that rct wrote"))
    return data


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _changed(ws: Workspace, name: str, document: Document, what: str) -> Problem:
    return Problem(
        code="document_changed",
        rule=f"This file is {what} (event {document.event.seq} of {name}, {document.event.time}).",
        fix="Restore it from a copy, or move it away and print it again. Nothing was written.",
        file=ws.shown(ws.out(name) / document.file),
    )

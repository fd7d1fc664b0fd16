"""The library: other cities' bundles and papers, kept as files under library/ and found by their words.

The files are what counts. library.db is an index of them (SQLite, full text by FTS5), rebuilt from them at any time.
Adding is all or nothing: files are written under temporary names, the index's COMMIT is the moment it happens, then
the files get their names; a command that died in between is finished or undone by the next one.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rct import fs
from rct.errors import Problem, RctError, stop, visible
from rct.evidence.bundle.signing import trusted
from rct.evidence.library.files import ReadEvidence, digest_of, read_file, within_folder
from rct.evidence.library.index import VERSION, careful, create, index, recover, stored, version_of
from rct.evidence.library.same_trial import already, among, later_state, with_origin
from rct.evidence.record import Evidence
from rct.registry.workspace import Workspace

KEPT = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]{0,63})-(?P<digest>[0-9a-f]{12})\.(?:zip|toml)")
INDEX = "library.db"
HEX = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True)
class Added:
    """What `add` did: entries new to the library, and those that were there already."""

    new: tuple[Evidence, ...]
    unchanged: tuple[Evidence, ...]
    replaced: int


def folder_of(ws: Workspace) -> Path:
    return ws.root / "library"


@contextmanager
def _usable() -> Iterator[None]:
    """What SQLite can't do with the index is said of the index: it is not the registry."""
    try:
        yield
    except sqlite3.OperationalError as error:
        stop(
            "system",
            f"The library's index could not be used: {error}. What was not finished does not count.",
            "Close other programs that hold it, give access to it, make room on the disk; then give the same command "
            "again.",
            file="library/library.db",
        )


@_usable()
def add(ws: Workspace, paths: Sequence[Path], *, replace: bool = False) -> Added:
    """Add bundles, papers or whole folders of them. Any one that can't be read: nothing is added, all are named."""
    read: dict[str, ReadEvidence] = {}
    problems: list[Problem] = []
    known = trusted(ws)
    for path in (inner for given in paths for inner in within_folder(given)):
        try:
            read_evidence = read_file(path, trusted=known)
            read.setdefault(read_evidence.digest, read_evidence)
        except RctError as error:
            problems += error.problems
    if problems:
        raise RctError(problems)
    folder = folder_of(ws)
    fs.make_dir(folder, private=False)
    token = secrets.token_hex(16)
    with _writing(ws) as db:
        there = {digest for (digest,) in db.execute("select digest from entry")}
        new = [r for r in read.values() if r.digest not in there]
        older = already(folder, db, new, replace)
        written: list[tuple[Path, Path]] = []
        try:
            for one in new:
                final = folder / one.kept_as
                written.append((fs.temporary_name(final, token), final))
                fs.write_new(written[-1][0], one.data, private=False)
            db.executemany("insert into gone (file) values (?)", [(file,) for _, file in older])
            db.executemany("delete from words where rowid = ?", [(i,) for i, _ in older])
            db.executemany("delete from entry where id = ?", [(i,) for i, _ in older])
            index(db, new)
            db.execute("commit")
        except BaseException:
            for temporary, _ in written if db.in_transaction else ():  # else it has happened
                temporary.unlink(missing_ok=True)
            raise
        with contextlib.suppress(
            sqlite3.OperationalError
        ):  # refused: who has the lock by now has settled this
            db.execute("begin immediate")
            _settle(folder, db)
            db.execute("commit")
        fs.sync_folder(folder)
    unchanged = tuple(r.evidence for r in read.values() if r.digest in there)
    return Added(tuple(r.evidence for r in new), unchanged, len(older))


@_usable()
def rebuild(ws: Workspace) -> int:
    """Make the index anew from the files. RctError names each file that is not what it was when it was added."""
    folder = folder_of(ws)
    if not folder.is_dir():
        stop("library_empty", "This workspace has no library yet.", "Add to it: rct library add FILE")
    path = folder / INDEX
    with contextlib.closing(_locked(path)) as db:
        version = version_of(db)
        if version == VERSION:
            _settle(folder, db)
        if version in (0, VERSION):
            entries = _refill(ws, db)
            db.execute("commit")
            fs.sync_folder(folder)
            return entries
    for name in (path.name, f"{path.name}-journal"):  # nothing that could be mended
        (folder / name).unlink(missing_ok=True)
    return rebuild(ws)


def _refill(ws: Workspace, db: sqlite3.Connection) -> int:
    """The index of what lies in the folder now, under the lock: no file comes or goes meanwhile."""
    folder = folder_of(ws)
    read, problems = [], []
    known = trusted(ws)
    for path in sorted(folder.iterdir()):
        match = KEPT.fullmatch(path.name)
        if match is None:
            continue
        try:
            read_evidence = read_file(path, match["name"], trusted=known)
            if not read_evidence.digest.startswith(match["digest"]):
                stop(
                    "library_altered",
                    "This file of the library was changed after it was added.",
                    "Restore it from a copy, or delete it and add it again.",
                    file=path.name,
                )
            read.append(read_evidence)
        except RctError as error:
            problems += error.problems
    problems += among(read)
    if problems:
        raise RctError(problems)
    create(db)
    index(db, read)
    return len(read)


def exists(ws: Workspace) -> bool:
    """Whether this workspace has a library."""
    return folder_of(ws).is_dir()


def get(ws: Workspace, key: str, *, to_look: bool = False) -> Evidence:
    """One entry, by its name or the first digits (6 or more) of its digest; its file must be as it was added.

    Not one whose signer nobody trusts any more, but `to_look` at.
    """
    with reading(ws) as db:
        return one(ws, db, key, None if to_look else set(trusted(ws).values()))


def later_in_library(ws: Workspace, evidence: Evidence) -> str | None:
    """What to know of a bundle where the library holds a later state of its trial; None where it doesn't."""
    if not exists(ws):
        return None
    with reading(ws) as db:
        return later_state(folder_of(ws), db, evidence)


def matching(db: sqlite3.Connection, key: str) -> list[tuple[str, str, bytes]]:
    """Digest, file and evidence of every entry of this name, else of those whose digest begins so."""
    columns = "digest, file, evidence"
    if not fs.is_name(key) and not HEX.fullmatch(key):
        return []
    rows = db.execute(f"select {columns} from entry where name = ? order by city, digest", (key,)).fetchall()
    if not rows and HEX.fullmatch(key):
        pattern = key + "*"
        rows = db.execute(
            f"select {columns} from entry where digest glob ? order by digest", (pattern,)
        ).fetchall()
    return rows


def one(ws: Workspace, db: sqlite3.Connection, key: str, known: Collection[str] | None) -> Evidence:
    """The entry of a key in an open index. known: names of keys that are trusted; None: don't ask."""
    rows = matching(db, key)
    if not rows:
        stop(
            "library_unknown",
            "The library has no entry of this name or digest.",
            "Look for it: rct library find WORDS",
            found=key,
        )
    if len(rows) > 1:
        told = "; ".join(
            f"{digest[:12]} ({visible(stored(text).place) or 'no city'})" for digest, *_, text in rows[:10]
        )
        stop(
            "library_several",
            f"Several entries are called so: {told}.",
            "Use the digits of the one you mean.",
            found=key,
        )
    ((digest, file, text),) = rows
    path = folder_of(ws) / file
    if not path.is_file():  # committed by a command that died before it gave the file its name
        path = next(path.parent.glob(f"{file}.tmp-*"), path)
    if not path.is_file() or digest_of(path) != digest:
        stop(
            "library_altered",
            "The entry's file is gone, or was changed after it was added.",
            "Restore it from a copy, or: rct library rebuild",
            file=file,
        )
    evidence = with_origin(stored(text), path)
    if known is not None and evidence.signed_by is not None and evidence.signed_by not in known:
        stop(
            "library_untrusted",
            f"Nobody trusts the key of {visible(evidence.signed_by)} any more.",
            "Leave the entry out, or compare the fingerprint again: rct trust FILE --as NAME",
            file=file,
        )
    return evidence


@contextmanager
def reading(ws: Workspace) -> Iterator[sqlite3.Connection]:
    """The index, to read only. Made anew where it is missing or of another version and the folder can be written."""
    path = folder_of(ws) / INDEX
    if path.is_file():
        recover(path)
    if not path.is_file():
        rebuild(ws)
    with _usable():
        db = _looked_at(path)
    if version_of(db) == 0:  # a command died before it had filled it
        db.close()
        rebuild(ws)
        db = _looked_at(path)
    try:
        with _usable():
            db.execute("pragma trusted_schema = off")
        if version_of(db) != VERSION:
            stop(
                "library_index",
                "The library's index is damaged, or of another version of rct.",
                "Make it anew from the files: rct library rebuild",
                file="library/library.db",
            )
        yield db
    finally:
        db.close()


def _looked_at(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


@contextmanager
def _writing(ws: Workspace) -> Iterator[sqlite3.Connection]:
    folder = folder_of(ws)
    with reading(ws):
        pass  # refuses a damaged index before anything is written
    with contextlib.closing(_locked(folder / INDEX)) as db:
        _settle(folder, db)
        yield db


def _locked(path: Path) -> sqlite3.Connection:
    """The index, open for writing, with its one lock: the library's own."""
    try:
        fs.write_new(path, b"", private=False)
    except FileExistsError:
        if path.stat().st_size == 0:  # a dead command made it, and perhaps got no further
            fs.for_others(path)
    db = sqlite3.connect(path, isolation_level=None)
    try:
        careful(db)
        db.execute("begin immediate")
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        stop("busy", "Another rct is adding to this library.", "Try again when it is done.", file="library")
    except sqlite3.DatabaseError:
        pass  # no database at all: `version_of` says so
    return db


def _settle(folder: Path, db: sqlite3.Connection) -> None:
    """Finish what a dead command committed, undo what it did not."""
    known = {file for (file,) in db.execute("select file from entry")}
    for (file,) in db.execute("select file from gone").fetchall():
        if file not in known:
            (folder / file).unlink(missing_ok=True)
    db.execute("delete from gone")
    for path in folder.iterdir():
        match = fs.TEMPORARY.fullmatch(path.name)
        if match is None:
            continue
        if match["name"] in known and not (folder / match["name"]).exists():
            path.replace(folder / match["name"])
        else:
            path.unlink()

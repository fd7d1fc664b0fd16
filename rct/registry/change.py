"""How anything is written: vault first, and the registry's COMMIT is the only commit point.

A writing command
1. takes the registry's write lock (the one lock, vault included);
2. settles what a dead command left: files and vault rows whose token the registry knows are finished, those
   it doesn't know are removed;
3. writes its files as NAME.tmp-TOKEN and its vault rows as `pending`, both synced;
4. commits registry rows and event: now it has happened;
5. takes the lock once more and settles again: renames the files, marks the vault rows done.

Killed anywhere, the state is the one before or the one after, and the next writing command tidies up. A vault
batch marked done that the registry lacks, or a last change that it lacks, means that someone put an old rct.db back:
refused, never deleted. The vault is told of the last change when it is settled, so it is never ahead of the registry.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from rct import __version__, fs
from rct.errors import HeldOpen, RctError, stop
from rct.registry import chain, optout, schema, vault
from rct.registry.events import Body, EnteredBody
from rct.registry.state import is_practice
from rct.registry.workspace import Workspace
from rct.tables import Refusals

B = TypeVar("B", bound=Body)
WRITER = "writer.json"  # in private/: who holds the lock, for the message of whoever waits


@dataclass
class Change:
    """One change of one trial, open for writing; nothing of it counts before the block ends well."""

    ws: Workspace
    trial: str
    person: str
    practice: bool
    db: sqlite3.Connection
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    files: dict[str, str] = field(default_factory=dict)
    last: chain.Event | None = None
    sealed: bool = False
    workspace_head: str = ""  # of the workspace's log, once an event of this change was entered there
    vault_rows: bool = False
    ledger: Mapping[str, Any] = field(
        default_factory=dict
    )  # what the event says of opt-outs, once some are written
    folders: list[Path] = field(default_factory=list)  # made by this change, the outermost last

    def event(self, body: B) -> chain.Event[B]:
        """Append an event; its body also names this change's token and the rct that wrote it.

        A lock, an amendment and an analysis enter the workspace's own log too, and name the head that it had: a trial
        can't be dropped but one of the two logs tells.
        """
        beside = chain.last(self.db, "") if self.trial and body.kind in chain.ENTERED else None
        marks = {} if beside is None else {"workspace": beside.hash}
        body = body.but(**marks, **self.ledger, token=self.token, rct=__version__)
        sealed = chain.seal(self.trial, self.last, self.person, body.kind, body.body())
        if not isinstance(sealed.body, type(body)):
            raise AssertionError(f"an event that could not be read again: {body}")
        if self.last is None and is_practice([sealed]):
            self.practice = True
        chain.append(self.db, sealed, practice=self.practice)
        self.last, self.sealed = sealed, True
        if beside is not None:
            self._enter(sealed, beside)
        return cast(chain.Event[B], sealed)

    def _enter(self, event: chain.Event, beside: chain.Event) -> None:
        """Tell of `event` in the workspace's log, whose last event is `beside`."""
        body = EnteredBody(
            trial=self.trial,
            of=event.kind,
            head=event.hash,
            practice=self.practice,
            token=self.token,
            rct=__version__,
        )
        entered = chain.seal("", beside, self.person, body.kind, body.body())
        chain.append(self.db, entered, practice=False)
        self.workspace_head = entered.hash

    def write(self, path: Path, data: bytes, *, private: bool = False) -> str:
        """Write a file under its temporary name; returns its SHA-256 in bare hex. `private`: for the office alone."""
        fs.inside(
            self.ws.root, path.parent
        )  # a link that leads out would take the file along, and never settle
        self.folders += [f for f in (path.parent, *path.parent.parents) if not f.exists()]
        fs.make_dir(path.parent, private=path.is_relative_to(self.ws.private))
        fs.write_new(fs.temporary_name(path, self.token), data, private=private)
        self.files[self.ws.shown(path)] = hashlib.sha256(data).hexdigest()
        return self.files[self.ws.shown(path)]

    def put_people(self, people: Iterable[vault.Person]) -> None:
        """Write vault rows as pending; they count once the registry commits."""
        with vault.opened(self.ws, write=True) as opened:
            vault.put(opened, self.token, self.trial, people)
        self.vault_rows = True

    def put_optouts(self, entries: Iterable[optout.Entry]) -> None:
        """Write opt-outs into the workspace's ledger as pending; they count once the registry commits."""
        with vault.opened(self.ws, write=True) as opened:
            optout.put(opened, self.token, self.trial, entries)
        self.vault_rows = True
        self.ledger = optout.told(self.ws, self.db, self.token)

    def supersede_people(self) -> None:
        """Earlier vault rows of this trial are deleted once this change is committed."""
        self.db.execute("update batch set superseded = 1 where trial = ? and vault = 1", (self.trial,))

    def remove(self, path: Path) -> None:
        """A private file or folder to delete once this change is committed."""
        self.db.execute("insert or ignore into removal (path) values (?)", (self.ws.shown(path),))


@contextmanager
def changing(ws: Workspace, trial: str, person: str, *, seen: int | None = None) -> Iterator[Change]:
    """Open a change of `trial` ('' for the workspace); commit it when the block ends without an error.

    `seen` is the number of events the caller decided on: if another command has added one since, this change
    is refused, for it may rest on what no longer holds.
    """
    if ws.database.exists() and not (fs.is_writable(ws.root) and fs.is_writable(ws.database)):
        _read_only()  # before private/ gets its mode back, and anything is written there
    fs.require_private(ws.private)
    db = schema.open_for_writing(ws.database)
    tidied = False
    try:
        tidied = not _take_lock(ws, db)
        settle(ws, db)
        schema.migrate(db)
        events = chain.read(db, trial)
        if seen is not None and len(events) != seen:
            tidied = True
            refuse_changed(trial)
        change = Change(ws, trial, person, is_practice(events), db, last=events[-1] if events else None)
        try:
            yield change
            if change.sealed or change.files or change.vault_rows:
                db.execute(
                    "insert into batch (token, trial, files, vault) values (?, ?, ?, ?)",
                    (change.token, trial, json.dumps(list(change.files.items())), int(change.vault_rows)),
                )
            db.execute("commit")
        except BaseException:
            tidied = _take_back(change)
            raise
        tidied = _settle_after(ws, db)
    finally:
        db.close()
        if tidied:  # else the note stays: it tells the next command that there is something to settle
            _clear_lock(ws)


def refuse_changed(trial: str) -> NoReturn:
    """Raise: what a command decided on no longer holds."""
    stop(
        "busy",
        f"Another command changed {trial or 'the workspace'} meanwhile; this one wrote nothing.",
        "Give the command again.",
    )


def _take_back(change: Change) -> bool:
    """Nothing of a change that failed stays: its rows, its temporary files, its rows in the vault.

    What can't be removed now (a full disk, a second signal) is removed by the next writing command; False then.
    """
    if not change.db.in_transaction:
        return False  # committed all the same: the next settling finishes it
    removed = False
    with suppress(OSError, RctError):
        for path in change.files:
            fs.remove(fs.temporary_name(change.ws.root / path, change.token))
        for folder in change.folders:
            folder.rmdir()
        if change.vault_rows:
            with vault.opened(change.ws, write=True) as opened:
                optout.drop(opened, [change.token])
                vault.drop(opened, [change.token])
        removed = True
    change.db.execute("rollback")
    return removed


def _settle_after(ws: Workspace, db: sqlite3.Connection) -> bool:
    """Finish what was just committed, under the lock: without it the next writer's files would look abandoned.

    It has happened already, and the command says so; what can't be finished now (False) is finished by the next
    writing command.
    """
    with suppress(sqlite3.OperationalError, OSError, RctError):
        db.execute("begin immediate")  # refused: who has the lock by now settled this before their own change
        whole = settle(ws, db)
        db.execute("commit")
        return whole
    return False


def tidy(ws: Workspace) -> None:
    """What a dead command left is settled by the next writing command, also where that finds nothing to write."""
    left = any(
        path.exists() for path in (ws.private / WRITER, *map(_journal, (ws.database, ws.vault)))
    ) or any(
        fs.TEMPORARY.fullmatch(path.name)
        for folder in (ws.trials, ws.private, ws.templates)
        for path in folder.rglob("*.tmp-*")
    )
    if not left or not fs.is_writable(ws.database):
        return
    with closing(schema.open_for_writing(ws.database)) as db, suppress(sqlite3.OperationalError, OSError):
        db.execute("pragma busy_timeout = 0")
        db.execute("begin immediate")  # refused while a living command writes: those are its files
        whole = settle(ws, db)
        if _journal(ws.database).exists():  # of a change that never reached the disk: any new one replaces it
            (version,) = db.execute("pragma user_version").fetchone()
            db.execute(f"pragma user_version = {version}")
        db.execute("commit")
        if whole:
            fs.remove(ws.private / WRITER)


def _journal(database: Path) -> Path:
    return database.with_name(f"{database.name}-journal")


def settle(ws: Workspace, db: sqlite3.Connection) -> bool:
    """Finish what was committed and remove what wasn't: files, vault batches, private paths to delete.

    The write lock is held. The vault comes first: an old registry beside it stops before anything is removed.
    False when a file must wait, for another program holds it open (`HeldOpen` says which).
    """
    known = {token: bool(gone) for token, gone in db.execute("select token, superseded from batch")}
    newest = db.execute("select token from batch order by rowid desc limit 1").fetchone()
    _settle_vault(ws, known, newest and newest[0])
    held = _settle_files(ws, db, set(known))
    for (path,) in db.execute("select path from removal").fetchall():
        gone = _removable(ws, path)
        if _unless_held(partial(fs.remove, gone)):
            db.execute("delete from removal where path = ?", (path,))
        else:
            held.append(gone)
    for path in dict.fromkeys(held):
        warnings.warn(HeldOpen(ws.shown(path)), stacklevel=2)
    return not held


def _removable(ws: Workspace, path: str) -> Path:
    """Where `path` lies. Only what belongs to one trial is ever deleted, whatever the registry asks for."""
    folder, *rest = path.split("/")
    if folder not in ("private", "trials", "templates") or not rest or ".." in rest:
        stop(
            "registry_changed",
            f"The registry asks to delete {path}, which is no trial's own: someone wrote into rct.db.",
            "Restore rct.db and private/ from the same copy. Nothing was deleted.",
            file="rct.db",
        )
    fs.require_name(rest[0], "trial")
    fs.inside(ws.root, (ws.root / path).parent)
    return ws.root / path


def _unless_held(change: Callable[[], object]) -> bool:
    """Make a change of a file; False where another program holds it open."""
    try:
        change()
    except PermissionError as error:
        if not fs.is_held(error):
            raise
        return False
    return True


def _settle_files(ws: Workspace, db: sqlite3.Connection, known: set[str]) -> list[Path]:
    """Rename the temporary files of committed changes, in the order of their commits; remove the rest.

    Returns those that must wait, for another program holds them open: until then a temporary file counts as the file.
    """
    order = {token: i for i, (token,) in enumerate(db.execute("select token from batch order by rowid"))}
    found = []
    for folder in (ws.trials, ws.private, ws.templates):
        for path in folder.rglob("*.tmp-*") if folder.is_dir() else ():
            if match := fs.TEMPORARY.fullmatch(path.name):
                found.append((order.get(match["token"], -1), path, match))
    held: list[Path] = []
    for _, path, match in sorted(found, key=lambda item: item[0]):
        target = path.with_name(match["name"])
        if match["token"] not in known:
            fs.remove(path)
        elif target in held or not _unless_held(partial(fs.replace, path, target)):
            held.append(target)
    return held


def _settle_vault(ws: Workspace, known: Mapping[str, bool], newest: str | None) -> None:
    """`known`: the registry's changes, and whether their people are to go; `newest`: the last of them."""
    with vault.opened(ws, write=True) as opened:
        latest = vault.latest(opened)
        if latest is not None and latest not in known:
            _older_than_vault("The vault knows of a change that this registry never committed")
        batches = list(vault.batches(opened))
        for token, trial, stage in batches:
            if token not in known and stage == "done":
                _older_than_vault(
                    f"The vault holds addresses of trial {trial} that this registry never committed"
                )
        dead = [token for token, _, _ in batches if token not in known]
        forgotten = [token for token, _, _ in batches if known.get(token)]
        pending = [t for t, _, stage in batches if stage == "pending" and t in known and not known[t]]
        if pending:
            vault.mark_done(opened, pending)
        if dead or forgotten:
            optout.drop(opened, dead)
            optout.release(opened, forgotten)
            vault.drop(opened, dead + forgotten, vacuum=bool(forgotten))
        if (
            newest is not None and newest != latest
        ):  # after the registry's commit: the vault is never ahead of it
            vault.remember(opened, newest)
        if _journal(ws.vault).exists():  # a command died in the midst of this very step: its last part again
            opened.execute("vacuum")


def _older_than_vault(seen: str) -> NoReturn:
    stop(
        "registry_older_than_vault",
        f"{seen}: an old rct.db was put back beside a newer vault.",
        "Put back rct.db and private/ from the same copy. Nothing was deleted.",
        file="rct.db",
    )


def keep_refusals(ws: Workspace, name: str, refusals: Refusals) -> str | None:
    """All defects of a file go to private/NAME/refused.csv, whether or not its load goes on; none leaves no file."""
    path = ws.private_trial(name) / "refused.csv"
    if not refusals:
        fs.remove(path)
        return None
    fs.make_dir(path.parent, private=True)
    fs.write_atomic(path, refusals.csv(), private=True, token=secrets.token_hex(16))
    refusals.kept_in = ws.shown(path)
    return refusals.kept_in


def _take_lock(ws: Workspace, db: sqlite3.Connection) -> bool:
    """Take the registry's write lock and say so in a note; True when the note of a dead command lay there."""
    try:
        db.execute("begin immediate")
    except sqlite3.OperationalError as error:
        if "readonly" in str(error):
            _read_only()
        if "locked" not in str(error):
            stop(
                "registry_damaged",
                "The registry can't be written.",
                "Restore rct.db from a copy.",
                found=str(error),
            )
        stop(
            "busy",
            f"Another rct is writing in this workspace{_holder(ws)}.",
            "Wait until it is done, then give the command again.",
        )
    import socket  # for the note alone: reading commands come by here too

    dead = (ws.private / WRITER).exists()
    fs.remove(ws.private / WRITER)
    note = {"pid": os.getpid(), "host": socket.gethostname(), "since": chain.now()}
    fs.write_new(ws.private / WRITER, json.dumps(note).encode(), private=True)
    return dead


def _read_only() -> NoReturn:
    stop("read_only", "The workspace is read-only, and this command writes.", "Run it where you may write.")


def _holder(ws: Workspace) -> str:
    try:
        note = json.loads((ws.private / WRITER).read_bytes())
        return f" since {note['since']} on {note['host']} (process {note['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _clear_lock(ws: Workspace) -> None:
    """Remove the note if it is ours: another writer may hold the lock by now."""
    try:
        if json.loads((ws.private / WRITER).read_bytes()).get("pid") == os.getpid():
            fs.remove(ws.private / WRITER)
    except (OSError, ValueError):
        return

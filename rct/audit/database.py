"""Whether rct.db is what rct made: a sound file, its tables and triggers, and no row that the log does not tell of.

The logs guard what trials did; this guards what lies around them. A row of `batch` or `removal` that someone
planted would let the next writing command delete people or files; a trigger could change what is stored; a row
of a trial or run that no event tells of shows that a log was cut.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from rct import fs
from rct.registry import doses, remarks, schema, store
from rct.registry.chain import Event
from rct.registry.events import (
    AnalyzeBody,
    ForgetBody,
    ForgetPracticeBody,
    FrameBody,
    HandoverBody,
    LettersBody,
    LockBody,
    MailedBody,
    NewBody,
    OutcomesBody,
    PlanBody,
    RemarksBody,
)
from rct.registry.state import State, files_of

_COMMENT = re.compile(r"--[^\n]*")
_OWN_TABLE = re.compile(r"(frame|assignment|outcome|dose|remark)_(.+)", re.DOTALL)
# Tables of all trials, and the kind of event without which a trial has no row there.
_ROWS_OF = {
    "frame_column": "frame",
    "excluded": "frame",
    "probability": "draw",
    "result": "analyze",
    "vendor_count": "mailed",
}
# Where the files lie that an event names; `new` names them by their whole path.
_OUT, _PRIVATE = "trials/{}/out/", "private/{}/"
_FOLDERS = {
    **dict.fromkeys(("lock", "amend", "printed", "draw", "analyze"), _OUT),
    **dict.fromkeys(
        ("frame", "outcomes", "mailed", "remarks", "decide", "stop", "forget", "handover"), _PRIVATE
    ),
    "letters": _PRIVATE + "letters/",
    "survey": _PRIVATE + "survey/",
    "new": "",
}

Schema = dict[tuple[str, str], tuple[str, str]]  # (type, name) → (table, SQL without comments and spacing)


def file_failures(db: sqlite3.Connection) -> Iterator[str]:
    """What SQLite itself finds: pages, rows, and indexes that disagree with their tables."""
    try:
        for (line,) in db.execute("pragma integrity_check(20)"):
            if line != "ok":
                yield f"SQLite says: {line}"
    except sqlite3.DatabaseError as error:
        yield f"SQLite says: {error}"


def untold(db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    """What stands in rct.db and in no log, or the other way round. `chains`: every log, '' the workspace's."""
    yield from _schema(db, chains)
    yield from _rows(db, chains)
    yield from _batches(db, chains)
    yield from _removals(db, chains)


def _schema(db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    (version,) = db.execute("pragma user_version").fetchone()
    applied = db.execute("select count(*) from _sqlite_migrations where migration_set = 'rct'").fetchone()
    if applied != (version,):
        yield f"the registry says that it has version {version}, and was brought up to {applied[0]}"
    found = _stored_schema(db)
    wanted = _wanted_schema(db, chains, found, version)
    for (kind, name), (table, sql) in wanted.items():
        if (kind, name) not in found:
            yield f"the {kind} {name} is gone"
        elif found[kind, name] != (table, sql):
            yield f"the {kind} {name} is not as rct makes it"
    for kind, name in found:
        if (kind, name) in wanted:
            continue
        if kind in ("trigger", "index"):
            yield f"there is a {kind} {name} that rct did not make"
        elif (of := _OWN_TABLE.fullmatch(name)) and fs.is_name(of[2]):
            yield f"there is a {kind} {name}, and no event tells of it"


def _stored_schema(db: sqlite3.Connection) -> Schema:
    rows = db.execute("select type, name, tbl_name, sql from sqlite_master where sql is not null")
    return {
        (kind, name): (table, " ".join(_COMMENT.sub("", sql).split()))
        for kind, name, table, sql in rows
        if table != "_sqlite_migrations"  # made by a library, another version of which makes another
    }


def _wanted_schema(
    db: sqlite3.Connection, chains: Mapping[str, State], stored: Schema, version: int
) -> Schema:
    """What a registry of a version with these logs holds, by making one: an older one is read as it is. A list's table
    is as the rct made it that loaded the list."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("begin")
        schema.migrate(made, version)
        for name, state in chains.items():
            if not fs.is_name(name):
                continue
            if state.frame is not None:
                columns = [(stored, kind) for _, stored, kind in store.frame_columns(db, name)]
                indexed = ("index", f"unit_{name}") in stored
                try:
                    store.make_frame_table(made, name, columns, unique=not indexed)
                    if indexed:
                        store.index_frame(made, name)
                except sqlite3.OperationalError:  # a name that is no column's: `frame_column` was changed
                    continue
            if state.draw is not None:
                store.make_assignment_table(made, name)
            if state.last(OutcomesBody) is not None:
                store.make_outcome_table(made, name)
            if any(e.body.of == "pieces" for e in state.all(MailedBody)):
                doses.make_dose_table(made, name)
            if state.last(RemarksBody) is not None:
                remarks.make_remark_table(made, name)
        return _stored_schema(made)


def _rows(db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    there = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
    for table, kind in _ROWS_OF.items():
        if table not in there:
            continue
        for (name,) in db.execute(f"select distinct trial from {table} order by 1").fetchall():
            if name not in chains or not any(e.kind == kind for e in chains[name].events):
                yield f"{table} holds rows of trial {name or 'without a name'}, and no event tells of them"
    flags = db.execute("select trial, seq, practice from event order by trial, seq").fetchall()
    for name, seq, practice in flags:
        may_go = bool(name in chains and chains[name].practice)
        if practice not in (0, 1) or practice > may_go or (may_go and seq > 1 and not practice):
            yield f"event {seq} of {name or 'the workspace'} is marked otherwise as practice than its log says"
    for name, run in db.execute("select distinct trial, run from result order by 1, 2").fetchall():
        runs = [e.body.run for e in chains[name].all(AnalyzeBody)] if name in chains else []
        if runs and run not in runs:
            yield f"result holds run {run} of {name}, and no event tells of it"


def _batches(db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    """Each change that was committed has one row, which says what its events say."""
    told: dict[str, tuple[str, list[Event]]] = {}
    for name, state in chains.items():
        # What the workspace's log tells of a trial's event is of the same change; `entered` looks at that.
        for event in (e for e in state.events if e.kind != "entered"):
            told.setdefault(event.body.token, (name, []))[1].append(event)
    removed = bool(chains[""].last(ForgetPracticeBody)) if "" in chains else False
    rows = db.execute("select token, trial, files, vault, superseded from batch order by rowid").fetchall()
    for token, trial, files, vault, superseded in rows:
        if token not in told:
            # Of a practice trial that was removed wholly, or of a change of an older rct that did nothing.
            if not (trial == "" and files == "[]" and superseded == vault and (removed or not vault)):
                yield f"batch holds a change {token[:8]}… that no event tells of: the log was cut or written anew"
            continue
        name, events = told.pop(token)
        if trial != name:
            yield f"the change of event {events[0].seq} of {name} is told of another trial"
        elif not _flags_agree(chains[name], events, vault, superseded):
            yield f"batch says otherwise than event {events[0].seq} of {name} whether people are kept"
        if not _files_agree(files, chains[name], events):
            yield f"batch names other files than event {events[0].seq} of {name} wrote"
    for name, events in told.values():
        yield f"the change of event {events[0].seq} of {name or 'the workspace'} is gone from batch"


def _flags_agree(state: State, events: Sequence[Event], vault: int, superseded: int) -> bool:
    """Lists and opt-outs have rows in the vault, until another list or `forget` takes their place."""
    kept = any(
        isinstance(b, FrameBody) or (isinstance(b, MailedBody) and (b.ledger_digest or b.opted_out))
        for b in (e.body for e in events)
    )
    gone = kept and state.after(FrameBody, ForgetBody, event=events[-1])
    return (vault, superseded) == (int(kept), int(bool(gone)))


def _files_agree(files: str, state: State, events: Sequence[Event]) -> bool:
    """A change names the files that its events name, with the same digests."""
    try:
        listed = {str(path): str(digest) for path, digest in json.loads(files)}
    except (ValueError, TypeError, RecursionError):
        return False
    wanted: dict[str, str] = {}
    for event in events:
        folder = _FOLDERS.get(event.kind)
        named = files_of(event.body)
        if folder is None or (named is None and isinstance(event.body, HandoverBody | NewBody)):
            return True  # written by an older rct, or an event that names its files in another way
        named = named or {}
        wanted |= {folder.format(state.name) + file: digest for file, digest in named.items()}
        if isinstance(event.body, PlanBody):
            number = len([e for e in state.all(PlanBody) if e.seq <= event.seq])
            name = "plan.json" if number == 1 else f"plan-{number}.json"
            wanted[f"trials/{state.name}/out/{name}"] = event.body.plan_hash
        if isinstance(event.body, LockBody):
            wanted[f"private/{state.name}/seed"] = event.body.seed_commitment
    return listed == wanted


def _removals(db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    """Only what an event of the log asked to delete may wait there (its command died before it did it)."""
    for (path,) in db.execute("select path from removal order by 1").fetchall():
        name = path.split("/")[1] if path.count("/") else ""
        state = chains.get(name)
        private = f"private/{name}"
        asked = state is not None and (
            (path == f"{private}/seed" and state.draw)
            or (
                path.startswith((f"{private}/letters/", f"{private}/handover."))
                and state.last(LettersBody, HandoverBody)
            )
            or (path == private and state.forgotten)
        )
        gone = [e.body.trial for e in chains[""].all(ForgetPracticeBody)] if "" in chains else []
        if not asked and not (name in gone and path in (private, f"trials/{name}", f"templates/{name}")):
            yield f"removal asks to delete {path}, and no event tells of that"

"""The tables of rct.db and how it is opened.

SQLite in journal mode DELETE (the folder may lie on a network drive, where write-ahead logging fails) and
synchronous EXTRA (the last commit survives a power cut). Readable in Datasette as it is: row by row it holds
pseudonyms only.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rct import fs
from rct.errors import stop

if TYPE_CHECKING:
    from sqlite_utils.db import Database

WAIT = 10.0  # seconds a writer waits for another


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; works in a read-only folder.

    A writer that died in the middle of its commit leaves a journal that must be taken back before anyone can
    read: done here, since it brings the state before; in a read-only folder that is refused with a sentence.
    """
    _require_there(path)
    try:
        return _reader(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED") or not _half_written(path):
            raise
        if not (fs.is_writable(path.parent) and fs.is_writable(path)):
            stop(
                "registry_unfinished",
                "A command died while it wrote to the registry, and this folder is read-only, so it can't be settled.",
                "Give any command where you may write; it undoes what was left.",
                file=path.name,
                found=str(error),
            )
    with closing(sqlite3.connect(path, isolation_level=None, timeout=WAIT)) as connection:
        connection.execute("select count(*) from sqlite_master").fetchone()  # SQLite takes the journal back
    return _reader(path)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection for one writer; the caller begins the transaction, and then brings the registry up."""
    _require_there(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT)
    _guard(connection)
    _require_version(connection, path)
    connection.execute("pragma journal_mode=delete")
    connection.execute("pragma synchronous=extra")
    connection.execute("pragma fullfsync=1")
    connection.execute("pragma cache_size=-8192")  # KiB: rows come in order, and indexes after them
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=WAIT)
    try:
        _guard(connection)
        _require_version(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _half_written(path: Path) -> bool:
    return path.with_name(f"{path.name}-journal").exists()


def _require_there(path: Path) -> None:
    if not path.is_file():
        stop(
            "no_registry",
            "The registry rct.db is missing.",
            "Restore it from a copy, or run: rct init",
            file=path.name,
        )


def create(path: Path) -> None:
    """Make an empty registry of the current version, 0600 from its first instant."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode=delete")
    connection.execute("pragma synchronous=extra")
    connection.execute("begin immediate")
    migrate(connection)
    connection.execute("commit")
    connection.close()


def migrate(connection: sqlite3.Connection, version: int | None = None) -> None:
    """Bring a registry to a version, the current one, within the transaction that is open."""
    version = version or VERSION
    if connection.execute("pragma user_version").fetchone() == (version,):
        return
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("rct")
    for step in STEPS[:version]:
        migrations()(step)
    migrations.apply(sqlite_utils.Database(connection))
    connection.execute(f"pragma user_version={version}")


def _guard(connection: sqlite3.Connection) -> None:
    connection.execute("pragma foreign_keys=on")
    connection.execute("pragma trusted_schema=off")
    connection.execute("pragma cell_size_check=on")


def _require_version(connection: sqlite3.Connection, path: Path) -> None:
    """This version, or an older one: it is read as it is, and the next writing command brings it up."""
    try:
        (found,) = connection.execute("pragma user_version").fetchone()
    except sqlite3.OperationalError:
        raise  # locked, or half written: the caller knows
    except sqlite3.DatabaseError as error:
        stop(
            "registry_damaged",
            "The registry can't be read.",
            "Restore rct.db from a copy.",
            file=path.name,
            found=str(error),
        )
    if not 1 <= found <= VERSION:
        stop(
            "registry_version",
            f"This rct reads registries of versions 1 to {VERSION}.",
            "Use the rct that wrote it, or a newer one.",
            file=path.name,
            found=str(found),
        )


TABLES = (
    """create table event (
        trial text not null,       -- '' is the workspace's own chain
        seq integer not null,
        hash text not null unique,
        prev text not null,
        time text not null,
        person text not null,
        kind text not null,
        practice integer not null,
        text text not null,        -- the canonical JSON that was hashed
        primary key (trial, seq)
    ) strict""",
    """create trigger event_never_changes before update on event
        begin select raise(abort, 'events are never changed'); end""",
    # `insert or replace` deletes the row that it replaces without a word to the triggers of deletion.
    """create trigger event_never_replaced before insert on event
        when exists (select 1 from event where (trial = new.trial and seq = new.seq) or hash = new.hash)
        begin select raise(abort, 'events are never replaced'); end""",
    # A practice trial may be removed wholly; its flag is inside the hashed text of its first event.
    """create trigger event_never_goes before delete on event when old.practice = 0
        begin select raise(abort, 'events are never deleted'); end""",
    # One row a committed change that wrote files or vault rows: what a reader and the next writer need
    # to finish what a dead command left.
    """create table batch (
        token text primary key,
        trial text not null,
        files text not null,          -- JSON: [[path, sha256], ...]
        vault integer not null,       -- 1: the vault holds rows of this token
        superseded integer not null default 0
    ) strict""",
    # Private paths to delete once the change that said so is committed.
    "create table removal (path text primary key) strict",
    """create table frame_column (
        trial text not null,
        column_name text not null,
        stored_as text not null,
        kind text not null,           -- covariate, category, block
        position integer not null,
        primary key (trial, column_name)
    ) strict""",
    """create table excluded (
        trial text not null,
        unit text not null,
        reason text not null,
        primary key (trial, unit)
    ) strict, without rowid""",
    """create table probability (
        trial text not null,
        block text not null,
        arm text not null,
        numerator integer not null,   -- the exact probability of the arm for every unit of the block
        denominator integer not null,
        primary key (trial, block, arm)
    ) strict, without rowid""",
)

# Of version 2. Beside it each trial has its own table dose_NAME, made when its first pieces are told.
VENDOR_COUNT = """create table vendor_count (
    trial text not null,
    version text not null,        -- the version's letter, as printers see it
    file integer not null,        -- pieces in the file that the vendor got
    printed integer not null,
    mailed integer not null,
    spoilage integer not null,
    event integer not null,
    primary key (trial, version)
) strict, without rowid"""


def first_tables() -> tuple[str, ...]:
    """What a registry of version 1 is made by. Columns of the results that came later are added by migrations."""
    from rct.registry.results import brought_by  # few commands make or change a registry

    result = f"""create table result (
        trial text not null,
        run integer not null,
        position integer not null,
        {", ".join(column.sql for column in brought_by(1))},
        primary key (trial, run, position)
    ) strict"""
    return (*TABLES, result)


def first(db: Database) -> None:
    for statement in first_tables():
        db.execute(statement)


def second(db: Database) -> None:
    db.execute(VENDOR_COUNT)


def third(db: Database) -> None:
    _add_columns(db, 3)


def _add_columns(db: Database, version: int) -> None:
    """Those of the results that the version brought."""
    from rct.registry.results import brought_by

    for column in brought_by(version):
        db.execute(f"alter table result add column {column.sql}")


# What brings a registry to each version; their names stand in every registry.
STEPS = (first, second, third)
VERSION = len(STEPS)

"""What residents said of their own accord, coded by staff, in rct.db: `remark_NAME`, a row a unit, kind and theme."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from rct.registry.store import has_table, rows_digest, table


@dataclass(frozen=True)
class Remark:
    """One thing that one unit said: `kind` is asked, objected, praised or other; `theme` is staff's code for it."""

    unit: str
    kind: str
    theme: str


def read_remarks(db: sqlite3.Connection, trial: str) -> list[Remark]:
    """All remarks, in order of unit, kind and theme."""
    if not has_table(db, "remark", trial):
        return []
    rows = db.execute(f"select unit, kind, theme from {table('remark', trial)} order by unit, kind, theme")
    return [Remark(*row) for row in rows]


def put_remarks(db: sqlite3.Connection, trial: str, remarks: Iterable[Remark], seq: int) -> None:
    """Store new remarks, by the event `seq` that says so."""
    make_remark_table(db, trial)
    db.executemany(
        f"insert into {table('remark', trial)} (unit, kind, theme, event) values (?, ?, ?, ?)",
        ((r.unit, r.kind, r.theme, seq) for r in remarks),
    )


def make_remark_table(db: sqlite3.Connection, trial: str) -> None:
    db.execute(
        f"create table if not exists {table('remark', trial)} (unit text not null, kind text not null, "
        "theme text not null, event integer not null, primary key (unit, kind, theme)) strict, without rowid"
    )


def sources(db: sqlite3.Connection, trial: str) -> str:
    """The digest of which event each remark came with."""
    return rows_digest(
        db.execute(
            f"select unit, kind, theme, event from {table('remark', trial)} order by unit, kind, theme"
        )
    )


def digest(db: sqlite3.Connection, trial: str) -> str:
    """The digest of every remark of the trial as they stand."""
    return rows_digest((r.unit, r.kind, r.theme) for r in read_remarks(db, trial))


def drop_remarks(db: sqlite3.Connection, trial: str) -> None:
    """Remove a practice trial's remarks wholly."""
    db.execute(f"drop table if exists {table('remark', trial)}")

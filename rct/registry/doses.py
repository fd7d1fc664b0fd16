"""What became of each piece that was sent, in rct.db: `dose_NAME`, a row a unit and status. Pseudonyms only.

A dose is what a unit was given and what happened to it on the way (mailed, returned, opened, …); it is never an
outcome and never filters the analysis. The vendor's own counts by version stand beside it, in `vendor_count`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rct.registry.store import has_table, rows_digest, table


@dataclass(frozen=True)
class Dose:
    """One thing that happened to one piece: `reason` and `date` (YYYY-MM-DD) are None where no file told them."""

    unit: str
    status: str
    reason: str | None
    date: str | None


@dataclass(frozen=True)
class VendorCount:
    """The vendor's account of one version: pieces in the file it got, printed, mailed, and spoiled on the way."""

    version: str
    file: int
    printed: int
    mailed: int
    spoilage: int


def read_doses(db: sqlite3.Connection, trial: str) -> list[Dose]:
    """All doses, in order of unit and status."""
    if not has_table(db, "dose", trial):
        return []
    rows = db.execute(f"select unit, status, reason, date from {table('dose', trial)} order by unit, status")
    return [Dose(*row) for row in rows]


def put_doses(db: sqlite3.Connection, trial: str, doses: Iterable[Dose], seq: int) -> None:
    """Store new or corrected doses, by the event `seq` that says so."""
    make_dose_table(db, trial)
    db.executemany(
        f"insert into {table('dose', trial)} (unit, status, reason, date, event) values (?, ?, ?, ?, ?) "
        "on conflict (unit, status) do update set reason = excluded.reason, date = excluded.date, event = excluded.event",
        ((d.unit, d.status, d.reason, d.date, seq) for d in doses),
    )


def make_dose_table(db: sqlite3.Connection, trial: str) -> None:
    db.execute(
        f"create table if not exists {table('dose', trial)} (unit text not null, status text not null, "
        "reason text, date text, event integer not null, primary key (unit, status)) strict, without rowid"
    )


def read_counts(db: sqlite3.Connection, trial: str) -> dict[str, VendorCount]:
    """The vendor's counts by version letter; empty in a registry of an older version, which has none."""
    if not db.execute("select 1 from sqlite_master where name = 'vendor_count'").fetchone():
        return {}
    rows = db.execute(
        "select version, file, printed, mailed, spoilage from vendor_count where trial = ? order by version",
        (trial,),
    )
    return {row[0]: VendorCount(*row) for row in rows}


def put_counts(db: sqlite3.Connection, trial: str, counts: Mapping[str, VendorCount], seq: int) -> None:
    """Store new or corrected counts, by the event `seq` that says so."""
    db.executemany(
        "insert or replace into vendor_count (trial, version, file, printed, mailed, spoilage, event) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        ((trial, c.version, c.file, c.printed, c.mailed, c.spoilage, seq) for c in counts.values()),
    )


def digest(db: sqlite3.Connection, trial: str) -> str:
    """The digest of every dose and every count of the trial as they stand."""
    counts = read_counts(db, trial).values()
    return rows_digest(
        itertools.chain(
            (("count", c.version, c.file, c.printed, c.mailed, c.spoilage) for c in counts),
            (("dose", d.unit, d.status, d.reason, d.date) for d in read_doses(db, trial)),
        )
    )


def sources(db: sqlite3.Connection, trial: str) -> str:
    """The digest of which event each dose and each count as they stand came with."""
    counts = db.execute(
        "select version, event from vendor_count where trial = ? order by version", (trial,)
    ).fetchall()
    told: list[tuple[str, str, int]] = []
    if has_table(db, "dose", trial):
        told = db.execute(
            f"select unit, status, event from {table('dose', trial)} order by unit, status"
        ).fetchall()
    return rows_digest(itertools.chain((("count", *c) for c in counts), (("dose", *d) for d in told)))


def drop_doses(db: sqlite3.Connection, trial: str) -> None:
    """Remove a practice trial's doses and counts wholly."""
    db.execute(f"drop table if exists {table('dose', trial)}")
    db.execute("delete from vendor_count where trial = ?", (trial,))

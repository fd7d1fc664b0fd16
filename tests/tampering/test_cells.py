"""Every column of every table of rct.db is guarded: one cell changed in any of them, and `verify` says so.

A table or column that is added later is tried too, without a word here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support import Road
from tampering.city import city, first_failure, unlocked

# What nothing rests on: a library's own notes of when it brought the tables up.
WITHOUT_MEANING = {("_sqlite_migrations", column) for column in ("id", "migration_set", "name", "applied_at")}


def columns(road: Road) -> Iterator[tuple[str, str]]:
    for (table,) in road.sql("select name from sqlite_master where type = 'table' order by 1"):
        for _, column, *_ in road.sql(f'pragma table_info("{table}")'):
            if (table, column) not in WITHOUT_MEANING:
                yield table, column


def changed(value: Any) -> list[Any]:
    """Values that are not this one; the least of them is the hardest to see."""
    if value is None:
        return ["", 0]
    if isinstance(value, str):
        return [value + "x", value[1:]] if value else ["x", None]
    return [value + 1] if isinstance(value, int) else [value * (1 + 1e-12) or 1e-300, None]


def change(db: sqlite3.Connection, table: str, column: str, *, last: bool) -> bool:
    """Change one cell of the column, in the first or the last row; False where no other value may stand there."""
    rows = db.execute(f'select * from "{table}"').fetchall()
    names = [n for _, n, *_ in db.execute(f'pragma table_info("{table}")')]
    row = rows[-1 if last else 0]
    where = " and ".join(f'"{n}" is ?' for n in names)
    for value in changed(row[names.index(column)]):
        try:
            db.execute(f'update "{table}" set "{column}" = ? where {where}', (value, *row))
        except sqlite3.IntegrityError:  # not null, or of another type
            continue
        return db.execute("select changes()").fetchone() == (1,)
    return False


def test_a_cell_changed_in_any_column_is_named(tmp_path: Path) -> None:
    road = city(tmp_path)
    assert first_failure(road) is None
    database = road.folder / "rct.db"
    kept = database.read_bytes()
    unseen, tried = [], 0
    for table, column in columns(road):
        if not road.sql(f'select count(*) from "{table}"')[0][0]:
            continue
        with unlocked(road) as db:
            done = change(db, table, column, last=tried % 2 == 1)
        if done:
            tried += 1
            unseen += [(table, column)] if first_failure(road) is None else []
        database.write_bytes(kept)
    assert not unseen
    assert tried > 80

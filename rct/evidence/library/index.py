"""library.db: one row a file of the library, and the words it is found by (SQLite, FTS5). Rebuilt from the files."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter
from scipy.special import ndtr

from rct.estimate.estimators import null_of
from rct.estimate.multiplicity import holm
from rct.evidence.library.files import ReadEvidence
from rct.evidence.record import Evidence, ResultLine

WAIT = 10_000  # milliseconds for another command that writes
VERSION = 2  # 2: fragile lines are counted by what is told of them
LEVEL = 0.05
SCHEMA = """
create table entry (
    id integer primary key, digest text not null unique, file text not null unique, name text not null,
    title text not null, city text not null, better integer not null,
    unclear integer not null, worse integer not null, evidence blob not null
) strict;
create index entry_name on entry (name);
create table gone (file text not null) strict;
create virtual table words using fts5 (
    title, problem, channel, department, population, nudge, outcome, other,
    tokenize = "porter unicode61 remove_diacritics 2"
);
"""
COLUMNS = ("title", "problem", "channel", "department", "population", "nudge", "outcome", "other")


def index(db: sqlite3.Connection, read: Sequence[ReadEvidence]) -> None:
    for one in read:
        e = one.evidence
        better, unclear, worse = standing(e)
        row = (
            *(e.digest, one.kept_as, e.name, e.title, e.city),
            *(better, unclear, worse, _adapter().dump_json(e)),
        )
        names = "digest, file, name, title, city, better, unclear, worse, evidence"
        cursor = db.execute(f"insert into entry ({names}) values ({', '.join('?' * len(row))})", row)
        db.execute(
            f"insert into words (rowid, {', '.join(COLUMNS)}) values ({', '.join('?' * (len(COLUMNS) + 1))})",
            (cursor.lastrowid, *words_of(e)),
        )


def stored(text: bytes) -> Evidence:
    """The evidence of a row, as it was when its file was added and checked."""
    return _adapter().validate_json(text)


@functools.cache
def _adapter() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)


def words_of(e: Evidence) -> tuple[str, ...]:
    """What an entry is found by, a text a column."""
    return (
        e.title,
        f"{e.problem} {e.hypothesis}",
        e.channel,
        e.department or "",
        e.population or "",
        " ; ".join(n for arm in e.arms for n in arm.nudge),
        " ; ".join(f"{o.name} {o.label}" for o in e.outcomes),
        " ; ".join([e.name, e.city, *e.keywords, *(a.label for a in e.arms), e.citation or ""]),
    )


def standing(e: Evidence) -> tuple[int, int, int]:
    """How many arms are clearly better, not clear, clearly worse on the first primary outcome.

    Clearly: the arm's own interval leaves out no difference, and of several arms its p-value does so too once it is
    adjusted, by the plan or else by Holm over the entry's arms. Of seven arms some look clear by chance. A fragile one
    is clear by the interval and the p-value that its memo tells.
    """
    outcome = next((o for o in e.outcomes if o.primary), e.outcomes[0])
    sign = 1 if outcome.direction == "increase" else -1
    lines = [x for x in e.lines if x.outcome == outcome.name and x.subgroup is None and x.term == "arm"]
    null = null_of(e.estimator, "arm")
    adjusted = holm([_p(x, null) for x in lines])
    better = worse = 0
    for x, p in zip(lines, adjusted, strict=True):
        if x.interval is None:
            continue
        p = p if x.p_adjusted is None else x.p_adjusted
        if len(lines) > 1 and (p is None or p > LEVEL):
            continue
        if x.fragile is not None and (x.p is None or x.p > LEVEL):
            continue  # the memo calls nothing clear that drawing the lots anew doesn't bear out
        low, high = sorted((sign * (x.interval[0] - null), sign * (x.interval[1] - null)))
        better, worse = better + (low > 0), worse + (high < 0)
    return better, len(lines) - better - worse, worse


def _p(line: ResultLine, null: float) -> float | None:
    """Its p-value; where none is known the normal one of its estimate and standard error."""
    if line.p_value is not None or line.estimate is None or not line.std_error:
        return line.p_value
    return float(2 * ndtr(-abs((line.estimate - null) / line.std_error)))


def create(db: sqlite3.Connection) -> None:
    """The tables, without an entry, in place of those that are there; part of the transaction that is open."""
    for table in ("words", "entry", "gone"):
        db.execute(f"drop table if exists {table}")
    for statement in SCHEMA.split(";"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"pragma user_version = {VERSION}")


def version_of(db: sqlite3.Connection) -> int | None:
    """The version of an open index: 0 where there is nothing in it yet, None where it can't be read."""
    try:
        return int(db.execute("pragma user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def recover(path: Path) -> None:
    """Take back what a command that died left half done in the index, where it may be written; no living one's."""
    if not path.with_name(f"{path.name}-journal").exists():
        return
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as db,
    ):
        db.execute("begin immediate")  # SQLite rolls back first; refused while a living command writes
        version = version_of(db)
        db.execute(
            f"pragma user_version = {version}"
        )  # a journal that never reached the disk: any write replaces it
        db.execute("commit")


def careful(db: sqlite3.Connection) -> None:
    for pragma in (
        f"busy_timeout = {WAIT}",
        "journal_mode = delete",
        "synchronous = extra",
        "trusted_schema = off",
    ):
        db.execute(f"pragma {pragma}")

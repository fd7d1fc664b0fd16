"""The rows of a trial in rct.db: frame, assignment, outcomes. Pseudonyms only.

Each trial has three tables of its own, readable in Datasette: `frame_NAME` (a row a unit, in order of unit: the
order of the city's list would tell whose row is whose), `assignment_NAME` and `outcome_NAME` (a row a unit and
outcome; an empty value is unobserved; a row with a colon in the outcome's name is no value, see `REFUSED`). Each
write returns a digest of the rows it made, for the event that guards them.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

Value = float | str | None
BATCH = 4_096  # rows at a time
FEW = 65_536  # so many different labels are kept as one object each


@dataclass(frozen=True)
class FrameColumn:
    """A column of the frame: `kind` is covariate (numbers), category or block (text)."""

    name: str
    kind: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Frame:
    """A list: n units with their block and cluster (empty where absent). As stored it is in order of unit; an older rct
    stored it in the file's order, until `forget`."""

    units: Sequence[str]
    blocks: Sequence[str]
    clusters: Sequence[str]
    columns: dict[str, FrameColumn]


class Assigned(NamedTuple):
    """A row of the assignment."""

    unit: str
    block: str
    cluster: str
    arm: str
    prob: str
    ticket: str


def table(kind: str, trial: str) -> str:
    """The quoted name of a trial's own table; trial names are checked before they come here."""
    return f'"{kind}_{trial}"'


def _shown(value: object) -> str:
    """A value as the digest reads it: SQLite knows no negative zero, so neither do we.

    No text that a command stores holds a tab or a line break. One that someone put there must not pass for two
    cells or two rows, so it is read as Python writes it.
    """
    if value is None or isinstance(value, str):
        return repr(value) if value and ("\t" in value or "\n" in value) else value or ""
    return repr(value + 0.0) if isinstance(value, float) else repr(value)


def _texts(values: Sequence[object]) -> list[str]:
    """A column as the digest reads it."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return list(values)  # type: ignore[arg-type]
    if kinds <= {float}:
        return [repr(v + 0.0) for v in values]  # type: ignore[operator]
    return list(map(_shown, values))


def rows_digest(rows: Iterable[Sequence[object]]) -> str:
    """SHA-256 over the rows, a line each, tab between the values; None is empty, a float its shortest text."""
    sha = hashlib.sha256()
    rest = iter(rows)
    while batch := list(itertools.islice(rest, BATCH)):
        if len(set(map(len, batch))) == 1:
            lines: Iterable[str] = map("\t".join, zip(*map(_texts, zip(*batch, strict=True)), strict=True))
        else:
            lines = ("\t".join(map(_shown, row)) for row in batch)
        sha.update(("\n".join(lines) + "\n").encode())
    return sha.hexdigest()


def drop_trial(db: sqlite3.Connection, trial: str) -> None:
    """Remove a practice trial's rows and events wholly."""
    for kind in ("outcome", "assignment", "frame"):
        db.execute(f"drop table if exists {table(kind, trial)}")
    for name in ("frame_column", "excluded", "probability", "result", "event"):
        db.execute(f"delete from {name} where trial = ?", (trial,))
    db.execute("update batch set trial = '', files = '[]' where trial = ?", (trial,))


# --- frame


def save_frame(db: sqlite3.Connection, trial: str, frame: Frame, excluded: Mapping[str, str]) -> None:
    """Replace the trial's frame, and who was left out of it (pseudonym → reason)."""
    columns = list(frame.columns.values())
    names = _stored_names(["row", "unit", "block", "cluster"], [c.name for c in columns])
    db.execute(f"drop table if exists {table('frame', trial)}")
    make_frame_table(db, trial, [(n, c.kind) for n, c in zip(names, columns, strict=True)])
    db.execute("delete from frame_column where trial = ?", (trial,))
    db.executemany(
        "insert into frame_column (trial, column_name, stored_as, kind, position) values (?, ?, ?, ?, ?)",
        [(trial, c.name, n, c.kind, i) for i, (c, n) in enumerate(zip(columns, names, strict=True))],
    )
    _put_rows(db, trial, frame)
    index_frame(db, trial)  # once all rows are there: in a third of the time, and in little memory
    db.execute("delete from excluded where trial = ?", (trial,))
    db.executemany(
        "insert into excluded values (?, ?, ?)", ((trial, u, r) for u, r in sorted(excluded.items()))
    )


def _put_rows(db: sqlite3.Connection, trial: str, frame: Frame) -> None:
    columns = [c.values for c in frame.columns.values()]
    rows = zip(
        range(1, len(frame.units) + 1), frame.units, frame.blocks, frame.clusters, *columns, strict=True
    )
    marks = ",".join("?" * (4 + len(columns)))
    db.executemany(f"insert into {table('frame', trial)} values ({marks})", rows)


def in_order(db: sqlite3.Connection, trial: str) -> bool:
    """Whether the stored list is in order of unit. One that an older rct stored is in the order of the city's file."""
    units = [unit for (unit,) in db.execute(f"select unit from {table('frame', trial)} order by row")]
    return units == sorted(units)


def put_in_order(db: sqlite3.Connection, trial: str) -> str:
    """Store the list again in order of unit; the old rows are overwritten. Returns the digest of the new ones."""
    frame = read_frame(db, trial)
    places = sorted(range(len(frame.units)), key=frame.units.__getitem__)

    def ordered(values: Sequence[Any]) -> list[Any]:
        return [values[i] for i in places]

    columns = {n: replace(c, values=ordered(c.values)) for n, c in frame.columns.items()}
    frame = Frame(ordered(frame.units), ordered(frame.blocks), ordered(frame.clusters), columns)
    index = db.execute("select 1 from sqlite_master where type = 'index' and name = ?", (f"unit_{trial}",))
    indexed = index.fetchone() is not None
    stored = [(name, kind) for _, name, kind in frame_columns(db, trial)]
    db.execute("pragma secure_delete=on")
    db.execute(f"drop table {table('frame', trial)}")
    make_frame_table(db, trial, stored, unique=not indexed)
    _put_rows(db, trial, frame)
    if indexed:
        index_frame(db, trial)
    return frame_digest(frame)


def make_frame_table(
    db: sqlite3.Connection, trial: str, columns: Iterable[tuple[str, str]], *, unique: bool = False
) -> None:
    """The table of a frame; `columns` beside unit, block and cluster as (name in the table, kind).

    `unique`: as it was made when the table itself held that a unit stands once, and `index_frame` did not.
    """
    typed = "".join(f", {_quoted(n)} {'real' if kind == 'covariate' else 'text'}" for n, kind in columns)
    once = " unique" if unique else ""
    db.execute(
        f"create table {table('frame', trial)} (row integer primary key, unit text not null{once}, "
        f"block text not null, cluster text not null{typed}) strict"
    )


def index_frame(db: sqlite3.Connection, trial: str) -> None:
    """A unit stands once in a frame, and is found quickly."""
    db.execute(f"create unique index {table('unit', trial)} on {table('frame', trial)} (unit)")


def frame_columns(db: sqlite3.Connection, trial: str) -> list[tuple[str, str, str]]:
    """Each column of the stored frame as (name, name in the table, kind), in order."""
    rows = db.execute(
        "select column_name, stored_as, kind from frame_column where trial = ? order by position", (trial,)
    )
    return rows.fetchall()


def category_levels(db: sqlite3.Connection, trial: str) -> list[int]:
    """How many different texts each category of the stored frame holds."""
    named = [_quoted(stored) for _, stored, kind in frame_columns(db, trial) if kind == "category"]
    counts = "".join(f", count(distinct {column})" for column in named)
    row = db.execute(f"select count(*){counts} from {table('frame', trial)}").fetchone()
    return [int(n) for n in row[1:]]


def frame_digest(frame: Frame) -> str:
    """The digest of everything in the frame: its columns' names and kinds, then its rows in order."""
    columns = list(frame.columns.values())
    head = (("column", c.name, c.kind) for c in columns)
    rows = zip(frame.units, frame.blocks, frame.clusters, *(c.values for c in columns), strict=True)
    return rows_digest(itertools.chain(head, rows))


def read_frame(db: sqlite3.Connection, trial: str, only: Sequence[str] | None = None) -> Frame:
    """The stored frame; with `only`, just these columns beside unit, block and cluster."""
    known = [found for found in frame_columns(db, trial) if only is None or found[0] in only]
    chosen = "".join(f", {_quoted(stored)}" for _, stored, _ in known)
    cursor = db.execute(f"select unit, block, cluster{chosen} from {table('frame', trial)} order by row")
    share: dict[str, str] = {}  # labels are few: one object each
    texts: list[list[str]] = [[] for _ in range(3 + len(known))]
    numbers = {3 + i: array("d") for i, (_, _, kind) in enumerate(known) if kind == "covariate"}
    while batch := cursor.fetchmany(BATCH):
        for i, values in enumerate(zip(*batch, strict=True)):
            if i in numbers:
                # A cell that is no number was never stored by rct: no digest will be that of the list.
                numbers[i].extend(v if isinstance(v, float) else float("nan") for v in values)
            elif i == 0 or len(share) > FEW:
                texts[i].extend(values)
            else:
                texts[i].extend(map(share.setdefault, values, values))
    columns: dict[str, FrameColumn] = {}
    for i, (name, _, kind) in enumerate(known, start=3):
        columns[name] = FrameColumn(name, kind, numbers.get(i, texts[i]))
    return Frame(texts[0], texts[1], texts[2], columns)


def has_table(db: sqlite3.Connection, kind: str, trial: str) -> bool:
    cursor = db.execute("select 1 from sqlite_master where type = 'table' and name = ?", (f"{kind}_{trial}",))
    return cursor.fetchone() is not None


def read_excluded(db: sqlite3.Connection, trial: str) -> dict[str, str]:
    """Pseudonym → reason of every row that the frame excluded or refused and whose id could be read."""
    return dict(db.execute("select unit, reason from excluded where trial = ?", (trial,)))


def _stored_names(reserved: Sequence[str], names: Sequence[str]) -> list[str]:
    """Column names made unique as SQLite sees them (case does not count there)."""
    taken = {r.casefold() for r in reserved}
    stored = []
    for name in names:
        candidate, i = name, 2
        while candidate.casefold() in taken:
            candidate, i = f"{name}_{i}", i + 1
        taken.add(candidate.casefold())
        stored.append(candidate)
    return stored


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- assignment


def save_assignment(
    db: sqlite3.Connection,
    trial: str,
    rows: Sequence[Assigned],
    probabilities: Mapping[str, Mapping[str, Fraction]],
) -> str:
    """Store the draw, and the exact probability of every arm in every block; returns the rows' digest."""
    make_assignment_table(db, trial)
    db.executemany(f"insert into {table('assignment', trial)} values (?, ?, ?, ?, ?, ?)", rows)
    db.executemany(
        "insert into probability values (?, ?, ?, ?, ?)",
        ((trial, *row) for row in probability_rows(probabilities)),
    )
    return rows_digest(rows)


def make_assignment_table(db: sqlite3.Connection, trial: str) -> None:
    db.execute(
        f"create table {table('assignment', trial)} (unit text primary key, block text not null, "
        "cluster text not null, arm text not null, prob text not null, ticket text not null) strict, without rowid"
    )


def probability_rows(
    probabilities: Mapping[str, Mapping[str, Fraction]],
) -> list[tuple[str, str, int, int]]:
    """(block, arm, numerator, denominator) of every probability, sorted, as they are stored."""
    return sorted(
        (block, arm, p.numerator, p.denominator)
        for block, by_arm in probabilities.items()
        for arm, p in by_arm.items()
    )


def read_probabilities(db: sqlite3.Connection, trial: str) -> list[tuple[str, str, int, int]]:
    """The probabilities of the draw as they are stored, sorted by block and arm."""
    rows = db.execute("select block, arm, numerator, denominator from probability where trial = ?", (trial,))
    return sorted(rows)


def read_assignment(db: sqlite3.Connection, trial: str) -> list[Assigned]:
    """The draw as stored, in order of unit."""
    rows = db.execute(
        f"select unit, block, cluster, arm, prob, ticket from {table('assignment', trial)} order by unit"
    )
    share: dict[str, str] = {}  # blocks, arms and probabilities are few: one object each
    few = share.setdefault
    return [Assigned(u, few(b, b), c, few(a, a), few(p, p), t) for u, b, c, a, p, t in rows]


def assignment_digest(db: sqlite3.Connection, trial: str) -> str:
    """The digest of the draw as stored: that of `read_assignment`, held row by row."""
    return rows_digest(
        db.execute(
            f"select unit, block, cluster, arm, prob, ticket from {table('assignment', trial)} order by unit"
        )
    )


def read_arms(db: sqlite3.Connection, trial: str, units: Sequence[str]) -> list[str]:
    """The arm of each unit, in the frame's order: `units`. Of a unit that is not in both, none."""
    cursor = db.execute(f"select unit, arm from {table('assignment', trial)} order by unit")
    share: dict[str, str] = {}  # arms are few: one object each
    arms: list[str] = []
    while batch := cursor.fetchmany(BATCH):
        drawn, those = zip(*batch, strict=True)
        if list(drawn) != list(units[len(arms) : len(arms) + len(drawn)]):
            break
        arms.extend(map(share.setdefault, those, those))
    if len(arms) == len(units):
        return arms
    # a list in the order of the city's file, as an older rct kept it; or rows that were changed
    rows = db.execute(
        f"select a.arm from {table('frame', trial)} f join {table('assignment', trial)} a using (unit) order by f.row"
    )
    return [share.setdefault(arm, arm) for (arm,) in rows]


# --- outcomes


# Before an outcome's name, in rows that are no values: units whose own row was refused and said nothing else; and the last
# day on which a unit has something, as an ordinal. No name of an outcome has a colon. They lie among the outcomes, so that
# the digest of these guards them, and an older rct reads past them.
REFUSED, LAST = "refused:", "last:"


def make_outcome_table(db: sqlite3.Connection, trial: str) -> None:
    db.execute(
        f"create table if not exists {table('outcome', trial)} (outcome text not null, unit text not null, "
        "value real, event integer not null, primary key (outcome, unit)) strict, without rowid"
    )


def read_outcome(db: sqlite3.Connection, trial: str, outcome: str) -> dict[str, float | None]:
    """Unit → value; None is a unit that a file named without a value (unobserved)."""
    if not has_table(db, "outcome", trial):
        return {}
    return dict(
        db.execute(f"select unit, value from {table('outcome', trial)} where outcome = ?", (outcome,))
    )


def read_known(db: sqlite3.Connection, trial: str, outcome: str) -> dict[str, float | None]:
    """The same, and nan for a unit whose row was refused: it was told of, and what was told can't be known."""
    refused = dict.fromkeys(read_outcome(db, trial, REFUSED + outcome), float("nan"))
    return {**read_outcome(db, trial, outcome), **refused}


def take_out(db: sqlite3.Connection, trial: str, outcome: str, units: Iterable[str]) -> None:
    """Delete the rows of these units: of what is no value (`REFUSED`, `LAST`), once it no longer holds."""
    db.executemany(
        f"delete from {table('outcome', trial)} where outcome = ? and unit = ?", ((outcome, u) for u in units)
    )


def put_outcomes(
    db: sqlite3.Connection, trial: str, outcome: str, values: Mapping[str, float | None], seq: int
) -> None:
    """Store new or corrected values, by the event `seq` that says so."""
    db.executemany(
        f"insert into {table('outcome', trial)} (outcome, unit, value, event) values (?, ?, ?, ?) "
        "on conflict (outcome, unit) do update set value = excluded.value, event = excluded.event",
        ((outcome, unit, values[unit], seq) for unit in sorted(values)),  # in the table's own order
    )


def outcome_sources(db: sqlite3.Connection, trial: str) -> str:
    """The digest of which event each outcome as it stands came with."""
    return rows_digest(
        db.execute(f"select outcome, unit, event from {table('outcome', trial)} order by outcome, unit")
    )


def outcomes_digest(db: sqlite3.Connection, trial: str) -> str:
    """The digest of every outcome of the trial as it stands."""
    if not has_table(db, "outcome", trial):
        return rows_digest([])
    return rows_digest(
        db.execute(f"select outcome, unit, value from {table('outcome', trial)} order by outcome, unit")
    )

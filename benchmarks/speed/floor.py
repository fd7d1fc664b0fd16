"""What sqlite3 and csv alone need for the rows of a command: each is read once and written once, in one process.

    python floor.py COMMAND WORKSPACE FOLDER LIST PAYMENTS

Nothing is checked, hashed, encrypted, drawn or computed. The workspace is one that rct has taken to its end; what is
written goes to FOLDER. sqlite3 can't read the vault: people are those that the floor of `frame` wrote there.
"""

from __future__ import annotations

import csv
import itertools
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

TRIAL = "water-bills"
ARMS = ("holdout", "current", "social", "parts")
BATCH = 4_096
FRAME = (
    "create table frame (row integer primary key, unit text not null, block text not null, cluster text not null, "
    "balance real, late_last_year real, language text, district text, balance_band text) strict"
)
PERSON = (
    "create table person (token text not null, unit text not null, id text not null, cluster text not null, "
    "contact text not null, primary key (token, unit)) without rowid"
)
ASSIGNMENT = (
    "create table assignment (unit text primary key, block text not null, cluster text not null, arm text not null, "
    "prob text not null, ticket text not null) strict, without rowid"
)
OUTCOME = (
    "create table outcome (outcome text not null, unit text not null, value real, event integer not null, "
    "primary key (outcome, unit)) strict, without rowid"
)


class Floor:
    """A method a command. workspace: its rct.db and out/ are read; folder: where is written."""

    def __init__(self, workspace: Path, folder: Path, accounts: Path, payments: Path) -> None:
        self.registry, self.out = workspace / "rct.db", workspace / "trials" / TRIAL / "out"
        self.folder, self.accounts, self.payments = folder, accounts, payments

    def frame(self) -> None:
        """Reads the list. Writes a row of the registry and one of the vault for each person, and the index of units."""
        with (
            self.accounts.open(encoding="utf-8", newline="") as file,
            self._written("frame.db", FRAME) as registry,
            self._written("people.db", PERSON) as vault,
        ):
            rows = csv.reader(file)
            next(rows)
            numbered = enumerate(rows, start=1)
            while batch := list(itertools.islice(numbered, BATCH)):
                registry.executemany(
                    "insert into frame values (?, ?, ?, '', ?, ?, ?, ?, ?)",
                    (
                        (i, f"{i:024x}", f"{r[5]}\x1f{r[8]}", float(r[7]), float(r[9]), r[6], r[5], r[8])
                        for i, r in batch
                    ),
                )
                vault.executemany(
                    "insert into person values ('token', ?, ?, '', ?)",
                    (
                        (
                            f"{i:024x}", r[0],
                            f'{{"name": "{r[1]}", "street": "{r[2]}", "city": "{r[3]}", "postcode": "{r[4]}"}}',
                        )
                        for i, r in batch
                    ),
                )  # fmt: skip
            registry.execute("create unique index unit on frame (unit)")

    def draw(self) -> None:
        """Reads unit, block and cluster of the list. Writes the rows of the assignment, and assignment.csv."""
        with (
            self._read(self.registry) as registry,
            self._written("assignment.db", ASSIGNMENT) as assignment,
            (self.folder / "assignment.csv").open("w", encoding="utf-8", newline="") as file,
        ):
            listed = registry.execute(f'select unit, block, cluster from "frame_{TRIAL}" order by row')
            lots = (
                (u, b, c, a, "1/4", u + u + u[:16]) for (u, b, c), a in zip(listed, itertools.cycle(ARMS))
            )
            write = csv.writer(file, lineterminator="\n")
            write.writerow(("unit", "block", "cluster", "arm", "prob", "ticket"))
            while batch := list(itertools.islice(lots, BATCH)):
                assignment.executemany("insert into assignment values (?, ?, ?, ?, ?, ?)", batch)
                write.writerows(batch)

    def outcomes(self) -> None:
        """Reads unit and id of the people, and the payments. Writes the rows of the outcomes: here those of rct.db."""
        with self._read(self.folder / "people.db") as vault:
            _through(vault.execute("select unit, id from person"))
        with self.payments.open(encoding="utf-8", newline="") as file:
            _through(csv.reader(file))
        with self._read(self.registry) as registry, self._written("outcome.db", OUTCOME) as outcome:
            outcome.executemany(
                "insert into outcome values (?, ?, ?, ?)",
                registry.execute(f'select outcome, unit, value, event from "outcome_{TRIAL}" order by 1, 2'),
            )

    def analyze(self) -> None:
        """Reads every row and column of list, assignment and outcomes. Writes the results, rows and files."""
        with self._read(self.registry) as registry, self._written("result.db", None) as results:
            self._rows(registry)
            rows = registry.execute("select * from result").fetchall()
            results.execute(f"create table result ({', '.join(f'c{i}' for i in range(len(rows[0])))})")
            results.executemany(f"insert into result values ({', '.join('?' * len(rows[0]))})", rows)
        self._copied("results.*")

    def report(self) -> None:
        """Reads every row and column of list, assignment, outcomes and results. Writes memo and appendix."""
        with self._read(self.registry) as registry:
            self._rows(registry)
            _through(registry.execute("select * from result"))
        self._copied("memo.*")
        self._copied("appendix.*")

    def verify(self) -> None:
        """Reads every row and column of list, assignment, outcomes, results and people, and every file in out/, the
        assignment's by csv. Writes nothing."""
        with self._read(self.registry) as registry:
            self._rows(registry)
            _through(registry.execute("select * from result"))
        with self._read(self.folder / "people.db") as vault:
            _through(vault.execute("select unit, id, cluster, contact from person order by unit"))
        with (self.out / "assignment.csv").open(encoding="utf-8", newline="") as file:
            _through(csv.reader(file))
        for path in self.out.iterdir():
            if path.name != "assignment.csv":
                path.read_bytes()

    def _rows(self, registry: sqlite3.Connection) -> None:
        for kind, order in (("frame", "row"), ("assignment", "unit"), ("outcome", "outcome, unit")):
            _through(registry.execute(f'select * from "{kind}_{TRIAL}" order by {order}'))

    def _copied(self, files: str) -> None:
        for path in self.out.glob(files):
            (self.folder / path.name).write_bytes(path.read_bytes())

    @contextmanager
    def _read(self, path: Path) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            yield db

    @contextmanager
    def _written(self, name: str, table: str | None) -> Iterator[sqlite3.Connection]:
        """A new database; what is written is committed at the end, all at once."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db:
            if table:
                db.execute(table)
            yield db
            db.commit()


def _through(rows: Iterable[object]) -> None:
    for _ in rows:
        pass


if __name__ == "__main__":
    command, *where = sys.argv[1:]
    getattr(Floor(*(Path(path).resolve() for path in where)), command)()

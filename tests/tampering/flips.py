"""Bytes of rct.db flipped one at a time: each is named by `verify`, or nothing that rct reads depends on it.

`python -m tampering.flips 2000` (`make tamper`) flips so many in a workspace in which everything has happened,
and writes docs/tampering.md.
"""

from __future__ import annotations

import gc
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from support import Road
from tampering.city import city, first_failure

SEED = 20_260_105
PAGE = "[docs/log.md](log.md#rct-verify) has what `rct verify` goes through."


def meaning(database: Path) -> Any:
    """All that rct could read in the file: the version, the tables' SQL but for its comments, every cell of every row.

    Free pages, freed cells, page headers, counters and a library's notes on when it brought the tables up are no part
    of it.
    """
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        made = [
            (kind, name, table, re.sub(rb"--[^\n]*", b"", sql or b""))
            for kind, name, table, sql in db.execute("select type, name, tbl_name, sql from sqlite_master")
            if table != b"_sqlite_migrations"
        ]
        tables = [name.decode() for kind, name, *_ in made if kind == b"table"]
        rows = {t: sorted(map(repr, db.execute(f'select * from "{t}"'))) for t in tables}
        applied = db.execute("select migration_set, name from _sqlite_migrations order by id").fetchall()
        version = db.execute("pragma user_version").fetchone()
    return made, rows, applied, version


def flips(size: int, n: int, part: tuple[int, int] = (0, 1)) -> list[tuple[int, int]]:
    """`n` places with a bit each, the same in every run; of several parts the one asked for."""
    rng = random.Random(SEED)
    chosen = [(place, 1 << rng.randrange(8)) for place in rng.sample(range(size), n)]
    return chosen[part[0] :: part[1]]


def flipped(road: Road, places: list[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """(place, the code that `verify` named first, or `no meaning`); anything else is an AssertionError."""
    database = road.folder / "rct.db"
    kept = database.read_bytes()
    first_failure(road)
    before = meaning(database)
    gc.freeze()  # a library collects garbage twice a verification; what is loaded by now is none
    for place, bit in places:
        database.write_bytes(kept[:place] + bytes([kept[place] ^ bit]) + kept[place + 1 :])
        failure = first_failure(road)
        if failure is not None:
            yield place, failure.code
            continue
        assert meaning(database) == before, f"byte {place}, bit {bit}: changed, and verify holds"
        yield place, "no meaning"
    gc.unfreeze()
    database.write_bytes(kept)


def main(n: int) -> None:
    with tempfile.TemporaryDirectory(prefix="rct-tamper-") as folder:
        road = city(Path(folder))
        database = road.folder / "rct.db"
        size = database.stat().st_size
        start = time.monotonic()
        fates: Counter[str] = Counter()
        for i, (_, fate) in enumerate(flipped(road, flips(size, n)), start=1):
            fates[fate] += 1
            if i % 100 == 0:
                print(f"{i:,} of {n:,}: {dict(fates)}", flush=True)
        seconds = time.monotonic() - start
    named = n - fates["no meaning"]
    lines = [
        "# Bytes of the registry, flipped",
        "",
        f"Written by `make tamper`: {n:,} of the {size:,} bytes of rct.db, each with one bit flipped alone, in a workspace",
        "of several trials in which everything has happened that rct stores. After each, `rct verify`.",
        "",
        "| what `rct verify` said first | flips |",
        "|---|---:|",
        *(f"| {code} | {count:,} |" for code, count in fates.most_common() if code != "no meaning"),
        f"| **named** | **{named:,}** |",
        f"| nothing, and nothing that rct reads had changed | {fates['no meaning']:,} |",
        "| nothing, though something had changed | 0 |",
        "",
        "That nothing had changed is proved, not assumed: the version, the tables' definitions and every cell of every row",
        "are compared with those before. Such bytes lie in free pages, in cells that were given up, in SQLite's counters,",
        "in the comments of a table's definition, or in a library's own note of when it brought the tables up.",
        "",
        PAGE,
        "",
    ]
    Path("docs/tampering.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{n:,} flips in {seconds:,.0f} s: {dict(fates)}")


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A million rows of twelve columns into registry and vault, beside sqlite-utils putting them into one table."""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.measure import RCT, Spent, alternating, run
from benchmarks.speed.road import TRIAL, make_accounts
from benchmarks.speed.rows import Aim, Row

SMALL, LARGE = 100_000, 1_000_000
INSERT = """
import csv, sys, sqlite_utils
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    sqlite_utils.Database(sys.argv[2])["accounts"].insert_all(csv.DictReader(file), pk="account")
"""


def of_rct(folder: Path, accounts: Path, turn: int) -> Spent:
    ws = folder / f"ws-{accounts.stem}-{turn}"
    ws.mkdir()
    run([*RCT, "init", ".", "--city", "Springfield (simulated)", "--by", "Bench"], cwd=ws)
    run([*RCT, "new", TRIAL, "--from", TRIAL, "--simulated", "--yes"], cwd=ws)
    return run([*RCT, "frame", TRIAL, str(accounts)], cwd=ws)


def of_sqlite_utils(folder: Path, accounts: Path, turn: int) -> Spent:
    return run([sys.executable, "-c", INSERT, str(accounts), str(folder / f"plain-{turn}.db")])


def measured(rounds: int = 2) -> Row:
    peer = f"sqlite-utils {version('sqlite-utils')}"
    turns = iter(range(1_000))
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        small, large = folder / "small.csv", folder / "large.csv"
        make_accounts(SMALL, small)
        make_accounts(LARGE, large)
        spent = alternating(
            {
                "rct": lambda: of_rct(folder, large, next(turns)),
                peer: lambda: of_sqlite_utils(folder, large, next(turns)),
            },
            rounds,
        )
        hundred = of_rct(folder, small, next(turns))
    ours = spent["rct"]
    return Row(
        "frame",
        [
            Aim("times faster than sqlite-utils", spent[peer].wall / ours.wall, 2, "times", at_least=True),
            Aim("peak above that at 100,000 rows", ours.peak - hundred.peak, 50, "MiB"),
        ],
        [*spent.items(), ("rct, 100,000 rows", hundred)],
        [
            "rct checks every value, looks for equal ids and ids that look alike, computes a keyed pseudonym a row, writes "
            "people encrypted and pseudonyms plain, and hashes both; the peer stores what it reads. Both as they are by "
            "default: rct commits all rows at once, `insert_all` a hundred at a time, and waits for the disk each time.",
            "A workbook (XLSX) is unpacked in memory, up to 200 MiB: its rows are not counted here.",
        ],
        "columns packed by the block of rows, pseudonyms as their twelve bytes, people dealt into 256 heaps by pseudonym "
        "and sorted heap by heap, the index made once the rows are there (386 MiB above 100,000 rows became 40). JSON and "
        "HMAC by the batch. Not taken: a second reading of the file (parsing costs more than packing), a temporary table "
        "in private/ (people would lie on the disk once more), a statement for many rows at once (no faster).",
    )

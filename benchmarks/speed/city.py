"""Invented accounts of an invented city, any number of them: the list, and what was paid after the letters.

    python -m benchmarks.speed.city accounts N FILE
    python -m benchmarks.speed.city payments WORKSPACE TRIAL LIST FILE START

The columns are those of `rct demo`; nobody in it exists.
"""

from __future__ import annotations

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from rct.demo.city import BANDS, DISTRICTS, EFFECTS, FIRST, HEADER, LAST, STREETS

SEED = 20_260_301


def write_accounts(n: int, path: Path) -> None:
    random = np.random.default_rng(SEED)
    district = random.integers(len(DISTRICTS), size=n)
    balance = np.maximum(np.round(np.exp(random.normal(4.6, 0.5, n)), 2), 25.0)
    band = np.searchsorted([least for least, _ in BANDS], balance, side="right") - 1
    choose = [random.integers(len(words), size=n) for words in (FIRST, LAST, STREETS)]
    house, late, spanish = random.integers(1, 4000, n), random.random(n) < 0.3, random.random(n) < 0.2
    rows = zip(
        random.permutation(n).tolist(), *(c.tolist() for c in choose), house.tolist(), district.tolist(),
        balance.tolist(), band.tolist(), late.tolist(), spanish.tolist(), strict=True,
    )  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n")
        write.writerow(HEADER)
        write.writerows(
            (
                f"{i:08d}-{i % 7}", f"{FIRST[f]} {LAST[la]}", f"{h} {STREETS[s]} Street", "Springfield",
                f"{45_500 + d:05d}", DISTRICTS[d], "es" if es else "en", f"{owed:.2f}", BANDS[b][1],
                "1" if before else "0", "open", "",
            )
            for i, f, la, s, h, d, owed, b, before, es in rows
        )  # fmt: skip


def write_payments(workspace: Path, trial: str, accounts: Path, path: Path, start: date) -> None:
    """One row a payment, as the billing system exports them; who pays depends on the arm that was drawn."""
    from rct.design.tickets import unit_id
    from rct.registry import keys
    from rct.registry.workspace import find

    ws = find(workspace)
    key = keys.read_key(ws)
    with (ws.out(trial) / "assignment.csv").open(encoding="utf-8", newline="") as file:
        arms = {row[0]: row[3] for row in csv.reader(file)}
    random = np.random.default_rng(SEED + 1)
    day = [(start + timedelta(days=d)).isoformat() for d in range(46)]
    with accounts.open(encoding="utf-8", newline="") as source, path.open("w", newline="") as file:
        write = csv.writer(file, lineterminator="\n")
        write.writerow(("account", "paid_in_full", "paid_on", "amount"))
        for row in csv.DictReader(source):
            chance = 0.4 + EFFECTS[arms[unit_id(key, trial, row["account"])]]
            luck, when = random.random(2)
            if luck < chance:
                write.writerow((row["account"], "1", day[1 + int(30 * when)], row["balance"]))
            elif luck < chance + 0.1:
                write.writerow((row["account"], "1", day[31 + int(15 * when)], row["balance"]))


if __name__ == "__main__":
    if sys.argv[1] == "accounts":
        write_accounts(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        where, trial, accounts, path, start = sys.argv[2:]
        write_payments(Path(where), trial, Path(accounts), Path(path), date.fromisoformat(start))

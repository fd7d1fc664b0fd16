"""The whole road of a trial but its letters, from check to verify, at 10,000, 100,000 and 1,000,000 recipients."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.speed.measure import RCT, ROOT, Spent, run
from benchmarks.speed.rows import Aim, Row

TRIAL = "water-bills"
DAYS = 49


@dataclass(frozen=True)
class Places:
    """Where a road of `n` recipients is walked: the list, what was paid, the workspace."""

    accounts: Path
    payments: Path
    ws: Path

    @classmethod
    def of(cls, folder: Path, n: int) -> Places:
        return cls(folder / f"accounts-{n}.csv", folder / f"payments-{n}.csv", folder / f"ws-{n}")


def road(folder: Path, n: int, tree: Path = ROOT) -> dict[str, Spent]:
    """Each command's figures, in order; files and workspace are made in `folder`, by the code in `tree`."""
    start = date.today() - timedelta(days=DAYS)
    places = Places.of(folder, n)
    accounts, payments, ws = places.accounts, places.payments, places.ws
    make_accounts(n, accounts)
    ws.mkdir()
    commands = {
        "init": ("init", ".", "--city", "Springfield (simulated)", "--by", "Bench"),
        "new": ("new", TRIAL, "--from", TRIAL, "--start", start.isoformat(), "--simulated", "--yes"),
        "check": ("check", TRIAL, "--frame", str(accounts)),
        "lock": ("lock", TRIAL, "--approved-by", "Kim Lee", "--yes"),
        "frame": ("frame", TRIAL, str(accounts)),
        "draw": ("draw", TRIAL, "--yes"),
        "outcomes": ("outcomes", TRIAL, str(payments)),
        "analyze": ("analyze", TRIAL),
        "report": ("report", TRIAL),
        "verify": ("verify", TRIAL),
    }
    found = {}
    for name, args in commands.items():
        if name == "outcomes":
            make_payments(ws, accounts, payments, start, tree)
        found[name] = run([*RCT, *args], cwd=ws, tree=tree)
    return found


def make_accounts(n: int, path: Path) -> None:
    if not path.exists():
        run([sys.executable, "-m", "benchmarks.speed.city", "accounts", str(n), str(path)])


def make_payments(ws: Path, accounts: Path, path: Path, start: date, tree: Path) -> None:
    city = (sys.executable, "-m", "benchmarks.speed.city", "payments")
    run([*city, str(ws), TRIAL, str(accounts), str(path), start.isoformat()], tree=tree)


SIZES = (10_000, 100_000, 1_000_000)


def measured() -> Row:
    found: dict[int, dict[str, Spent]] = {}
    for n in SIZES:
        with tempfile.TemporaryDirectory() as where:
            found[n] = road(Path(where), n)
    total = {n: sum(s.wall for s in steps.values()) for n, steps in found.items()}
    peak = {n: max(s.peak for s in steps.values()) for n, steps in found.items()}
    figures = [
        (f"all of it, {n:,} recipients", Spent(total[n], sum(s.cpu for s in steps.values()), peak[n]))
        for n, steps in found.items()
    ]
    figures += [
        (f"{name}, {n:,}", s) for n, steps in found.items() if n > SIZES[0] for name, s in steps.items()
    ]
    return Row(
        "road",
        [
            Aim("time at 1,000,000 over time at 100,000", total[SIZES[2]] / total[SIZES[1]], 12, "times"),
            Aim("peak memory at 1,000,000", peak[SIZES[2]], 2048, "MiB"),
        ],
        figures,
        ["From `init` to `verify`, each command a process of its own, as in `rct demo`. One run a size."],
        "the list in packed columns, rows of the assignment as tuples, labels that are equal as one object, numbers in "
        "arrays, rows stored in their table's order and indexed afterwards.",
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        seen = road(Path(where), int(sys.argv[1]))
        for name, spent in seen.items():
            print(f"{name:10s} {spent.wall:7.2f} s wall {spent.cpu:7.2f} s cpu {spent.peak:7.0f} MiB")
        print(f"total {sum(s.wall for s in seen.values()):.2f} {sum(s.cpu for s in seen.values()):.2f}")

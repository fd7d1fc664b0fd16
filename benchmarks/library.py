"""A library of 5,000 entries: adding, finding, pooling; and pooling side by side with R's metafor in the same run.

python benchmarks/library.py [entries]     prints a table; nothing is stored. Without R the last column is empty.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pool_support import paper_text
from support import Road

from rct.estimate.pool import pool, typical_variance
from rct.evidence.library import entries as library
from rct.evidence.library.find import find
from rct.evidence.library.index import COLUMNS
from rct.registry.workspace import Workspace, read_settings

WORDS = "water bills letter social norm court reminder benefit renewal parking vaccine deadline plain".split()
SIZES = (10, 100, 1_000)  # metafor inverts a k x k matrix: 5,000 trials would take it an hour
R_CODE = """
suppressMessages(library(metafor))
d <- read.csv(commandArgs(TRUE)[1])
t <- replicate(if (nrow(d) > 500) 1 else 5, system.time(rma(d$y, sei = d$se, method = "REML", test = "knha"))[["elapsed"]])
r <- rma(d$y, sei = d$se, method = "REML", test = "knha", control = list(threshold = 1e-13, maxiter = 10000))
cat(sprintf('{"seconds": %.9g, "estimate": %.17g, "se": %.17g, "tau2": %.17g}', median(t), r$beta, r$se, r$tau2))
"""


def timed(call: Callable[[], object], rounds: int = 1) -> float:
    """Seconds, the best of several rounds: other work on the machine only adds."""
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return min(spent)


def main(entries: int) -> None:
    root = Path(tempfile.mkdtemp(prefix="rct-bench-"))
    try:
        measure(root, entries)
    finally:
        shutil.rmtree(root)
    beside_metafor()


def measure(root: Path, entries: int) -> None:
    """Add, find and pool through the commands."""
    rng = random.Random(1)
    road = Road(root)
    folder = root / "papers"
    folder.mkdir()
    for i in range(entries):
        n = rng.choice((500, 2_000, 10_000))
        events = round(n * (0.4 + rng.gauss(0.015, 0.02)))
        text = paper_text(
            f"City {i}", round(0.4 * n), min(n, max(0, events)), n, population=" ".join(rng.sample(WORDS, 4))
        )
        (folder / f"c{i}.toml").write_text(text, encoding="utf-8")
    print(f"{entries:,} entries")
    print(f"  add, all at once            {timed(lambda: road.ok('library', 'add', folder)):8.2f} s")
    one = road.file("one.toml", paper_text("One more", 400, 430))
    print(f"  add one more                {timed(lambda: road.ok('library', 'add', one)):8.2f} s")
    ws = Workspace(road.folder, read_settings(road.folder / "rct.toml"))
    print("  find                                      full text    a scan (LIKE)   found")
    for words in ("water bills letter social norm", "court reminder", "vaccine"):
        ours = timed(lambda words=words: find(ws, words), 9)  # type: ignore[misc]
        peer = timed(lambda words=words: scan(ws, words), 3)  # type: ignore[misc]
        total = find(ws, words).total
        print(f"    {words:<38} {1000 * ours:6.1f} ms {1000 * peer:11.1f} ms {total:9,}")
    print(f"    {'(everything)':<38} {1000 * timed(lambda: find(ws, ''), 9):6.1f} ms")
    for k in (6, 100, entries):
        names = [f"c{i}" for i in range(k)]
        print(
            f"  pool {k:>5,} of them           {timed(lambda names=names: road.ok('pool', 'paid', *names)):8.2f} s"
        )  # type: ignore[misc]
    print(f"  rebuild the index           {timed(lambda: road.ok('library', 'rebuild')):8.2f} s")
    size = (road.folder / "library" / "library.db").stat().st_size
    print(f"  library.db                  {size / 1e6:8.1f} MB")


def scan(ws: Workspace, words: str) -> list[tuple[str]]:
    """The peer: every row's text looked through for every word."""
    text = " || ".join(f"words.{column}" for column in COLUMNS)
    asked = " and ".join(f"{text} like ?" for _ in words.split())
    with library.reading(ws) as db:
        return db.execute(
            f"select entry.title from words join entry on entry.id = words.rowid where {asked} order by entry.title",
            [f"%{word}%" for word in words.split()],
        ).fetchall()


def beside_metafor() -> None:
    """REML with Hartung and Knapp's interval, the same numbers in both, in one run."""
    rscript = shutil.which("Rscript")
    print("\nREML, Hartung-Knapp         rct       metafor    ratio   largest relative difference")
    for k in SIZES:
        rng = np.random.default_rng(k)
        se = np.exp(rng.normal(np.log(0.01), 0.7, k))
        y = rng.normal(0.01, np.hypot(se, 0.01))
        ours = pool(y.tolist(), (se**2).tolist())
        mine = timed(lambda y=y, se=se: pool(y.tolist(), (se**2).tolist()), 5)  # type: ignore[misc]
        line = f"  {k:>6,} trials      {1000 * mine:9.1f} ms"
        if rscript is not None:
            with tempfile.TemporaryDirectory() as inner:
                file = Path(inner, "d.csv")
                file.write_text(
                    "y,se\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(y.tolist(), se.tolist(), strict=True))
                )
                script = Path(inner, "r.R")
                script.write_text(R_CODE)
                done = subprocess.run(
                    [rscript, "--vanilla", str(script), str(file)], capture_output=True, text=True, check=True
                )
            r = json.loads(done.stdout)
            spread = ours.tau2 + typical_variance(se**2)  # tau2 itself may be 0
            worst = max(
                abs(ours.estimate / r["estimate"] - 1),
                abs(ours.interval.std_error / r["se"] - 1),
                abs(ours.tau2 - r["tau2"]) / spread,
            )
            line += f"{1000 * r['seconds']:10.1f} ms {r['seconds'] / mine:8.1f}   {worst:.1e}"
        print(line)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)

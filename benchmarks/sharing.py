"""Share and verify at a million recipients: seconds, memory and the bundle's size, beside the analysis in the same run.

    python benchmarks/sharing.py [RECIPIENTS]

`rct share` computes everything anew from the rows before it lets anything out, so its peer is `rct analyze`; a reader's
`rct verify BUNDLE` needs no rows, so its time must not depend on how many there were.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

RCT = [sys.executable, "-m", "rct"]
DEFINITION = """[trial]
title = "Does a letter get bills paid?"
problem = "Bills are paid late."
hypothesis = "A letter helps."
channel = "letter"
owner = "Water Department"
analyst = "Ana"
ethics = "Simulated."
start = {today}
keywords = ["simulated"]

[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Today's letter"

[arms.social]
label = "Most neighbors pay on time"

[frame]
id = "account"
covariates = ["balance"]
categories = ["language"]

[design]
scheme = "blocked"
blocks = ["district"]

[outcomes.paid]
label = "Paid"
kind = "binary"
primary = true
missing = "zero"

[analysis]
date = {today}
subgroups = ["language"]

[decision]
worthwhile = 0.01
"""


def run(folder: Path, *args: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of one command."""
    before = time.monotonic()
    quiet = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawn(
        sys.executable,
        [*RCT, "-C", str(folder), *args],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)],
    )
    os.close(quiet)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"rct {' '.join(args)} failed")
    return time.monotonic() - before, used.ru_maxrss / 1024


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        folder = root / "city"
        subprocess.run(
            [*RCT, "init", str(folder), "--city", "Springfield"], check=True, stdout=subprocess.DEVNULL
        )
        trial = folder / "trials" / "bills"
        trial.mkdir(parents=True)
        (trial / "trial.toml").write_text(DEFINITION.format(today=date.today().isoformat()))
        rng = np.random.default_rng(1)
        language, district = rng.choice(["en", "es", "vi"], n, p=[0.7, 0.25, 0.05]), rng.integers(0, 24, n)
        with (root / "people.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["account", "balance", "language", "district"])
            out.writerows((f"{i:08}", 20 + i % 211, language[i], f"D{district[i]}") for i in range(n))
        with (root / "paid.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["account", "paid"])
            out.writerows((f"{i:08}", int(v)) for i, v in enumerate(rng.random(n) < 0.4))
        said = {}
        for name, args in {
            "lock": ("lock", "bills", "--yes"),
            "frame": ("frame", "bills", str(root / "people.csv")),
            "draw": ("draw", "bills", "--yes"),
            "outcomes": ("outcomes", "bills", str(root / "paid.csv")),
            "analyze": ("analyze", "bills"),
            "report": ("report", "bills"),
            "share": ("share", "bills"),
            "verify bundle": ("verify", str(trial / "out" / "bundle.zip")),
            "verify": ("verify", "bills"),
        }.items():
            said[name] = run(folder, *args)
            print(f"{name:14} {said[name][0]:8.1f} s {said[name][1]:8.0f} MB", file=sys.stderr, flush=True)
        size = (trial / "out" / "bundle.zip").stat().st_size
        share, analyze = said["share"], said["analyze"]
        print(f"{n:,} recipients: the bundle has {size / 1000:,.0f} kB")
        print(
            f"share          {share[0]:.1f} s, {share[1]:,.0f} MB: {share[0] / analyze[0]:.2f} times analyze"
        )
        print("verify BUNDLE  {:.1f} s, {:,.0f} MB".format(*said["verify bundle"]))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"in all {used.ru_utime:.0f} s of processor")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

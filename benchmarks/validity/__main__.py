"""Do the estimators keep their promises? Type I error and coverage by simulation, with rct's own draw.

`make validity` writes docs/validity.md in about forty minutes on two cores, and fails where the engine and the dense
implementation differ. Every scenario has ten fixed, finite sets of units with both potential outcomes; only the draw
is random, by SHA-256 tickets of a fresh key each time. Under the sharp null the treatment does nothing to anybody;
under heterogeneous effects each unit has its own, and the estimand is the average over these units. A short version
runs in tests/estimate/test_validity.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.validity.agreement import TRIALS, differ, held, section
from benchmarks.validity.page import document, table
from benchmarks.validity.simulate import run

PAGE = Path(__file__).parents[2] / "docs" / "validity.md"


def main(given: list[str] | None = None, page: Path = PAGE) -> int:
    """0; 1 where the two implementations differ in any trial, which the page then says."""
    asked = options().parse_args(given)
    began = time.monotonic()
    if asked.only:
        print("\n".join(table(run(asked.replications, asked.workers, asked.only), asked.replications)))
        return 0
    found = held(asked.workers, asked.trials)
    results = run(asked.replications, asked.workers)
    page.write_text(document(results, asked.replications, section(found)), encoding="utf-8")
    print(page)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return differ(found)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Type I error and coverage by simulation.")
    parser.add_argument("--replications", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--trials", type=int, default=TRIALS, help="of the two implementations, at random")
    parser.add_argument(
        "--only", default="", help="designs whose name holds this text: prints, writes nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

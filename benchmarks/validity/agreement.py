"""The engine held against its second, dense implementation on thousands of random trials (tests/estimate).

`make validity` runs it before the simulations, and its page says what was found. By itself:
`python -m benchmarks.validity.agreement [TRIALS]` prints every difference, and fails where there is any.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests"
TRIALS = 5_000
PART = 25  # at a time


@dataclass
class Held:
    """What was found. refused: fits that both refused."""

    trials: int = 0
    lines: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)


def _part(first: int, last: int) -> Held:
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from estimate.random_trials import agreement

    found = agreement(range(first, last))
    return Held(found.trials, found.lines, found.refused, found.differences)


def held(workers: int, trials: int = TRIALS) -> Held:
    """Both implementations on so many random trials."""
    began = time.monotonic()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when a worker loads numpy
    found = Held()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_part, at, min(at + PART, trials)) for at in range(0, trials, PART)]
        for job in jobs:
            part = job.result()
            found.trials += part.trials
            found.lines += part.lines
            found.refused += part.refused
            found.differences += part.differences
    print(
        f"{found.trials:,} random trials: {len(found.differences)} differences, {time.monotonic() - began:.0f} s",
        file=sys.stderr,
    )
    return found


def section(found: Held) -> str:
    """A section of Markdown: on how many random trials the two implementations agree, and every difference."""
    n = len(found.differences)
    said = "None differed." if not n else f"**{n:,} differed:**"
    return "\n".join(
        [
            "## Two implementations\n",
            f"Each number was computed twice on {found.trials:,} random trials, by the three estimators: by rct, and by a "
            "second",
            "program written from [the methods](methods.md) alone, with whole matrices in place of streamed sums",
            "(`tests/estimate/dense.py`). Two to eight arms, unequal shares, blocks, pairs, clusters, pairs of clusters,",
            "missing outcomes, covariates that are constant, collinear or rare, outcomes far from 0, replays. Estimates,",
            "standard errors, degrees of freedom, p-values, intervals, control means and counts of",
            f"{found.lines:,} lines were held to a relative 10⁻⁸; {found.refused:,} fits were refused by both. {said}",
            *([""] if n else []),
            *(f"- {text}" for text in found.differences),
            "",
        ]
    )


def differ(found: Held) -> int:
    """The exit status; every difference is told."""
    for text in found.differences:
        print(text, file=sys.stderr)
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(differ(held(2, int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)))

"""The engine held against its second, dense implementation on thousands of random trials (tests/estimate).

`make validity` runs it before the simulations, and its page says what was found.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
TRIALS = 5_000
PART = 25  # at a time


def _part(first: int, last: int) -> tuple[int, int, int, list[str]]:
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from estimate.random_trials import agreement

    found = agreement(range(first, last))
    return found.trials, found.lines, found.refused, found.differences


def agreement_section(workers: int, trials: int = TRIALS) -> str:
    """A section of Markdown: on how many random trials the two implementations agree, and every difference."""
    began = time.monotonic()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when a worker loads numpy
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_part, at, min(at + PART, trials)) for at in range(0, trials, PART)]
        parts = [job.result() for job in jobs]
    made, lines, refused = (sum(part[i] for part in parts) for i in range(3))
    differences = [text for part in parts for text in part[3]]
    print(
        f"{made:,} random trials: {len(differences)} differences, {time.monotonic() - began:.0f} s",
        file=sys.stderr,
    )
    said = "None differed." if not differences else f"**{len(differences):,} differed:**"
    return "\n".join(
        [
            "## Two implementations\n",
            f"Each number was computed twice on {made:,} random trials, by the three estimators: by rct, and by a second",
            "program written from [the methods](methods.md) alone, with whole matrices in place of streamed sums",
            "(`tests/estimate/dense.py`). Two to eight arms, unequal shares, blocks, pairs, clusters, pairs of clusters,",
            "missing outcomes, covariates that are constant, collinear or rare, outcomes far from 0, replays. Estimates,",
            "standard errors, degrees of freedom, p-values, intervals, control means and counts of",
            f"{lines:,} lines were held to a relative 10⁻⁸; {refused:,} fits were refused by both. {said}",
            *([""] if differences else []),
            *(f"- {text}" for text in differences),
            "",
        ]
    )

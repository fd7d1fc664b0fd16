"""How everything here is measured: fresh child processes, their wall and processor time, their peak memory.

The driver imports nothing heavy: a child's peak (`ru_maxrss`) begins with what its parent holds at the fork.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RCT = (sys.executable, "-m", "rct")
# Settings that choose another kernel than the processor's own: taken out for both sides of every comparison.
LEFT_OUT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
turns: int | None = None  # in place of each row's own number, where one asks for fewer


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, seconds of processor (user and system), peak memory in MiB; `data`: MiB held before the work
    began, `size`: MiB of the data itself (where a child says so); `answer`: what it found."""

    wall: float
    cpu: float
    peak: float
    data: float = 0.0
    size: float = 0.0
    answer: object = None


def environment(tree: Path = ROOT) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in LEFT_OUT} | {"PYTHONPATH": str(tree)}


def run(args: Sequence[str], *, cwd: Path | None = None, tree: Path = ROOT) -> Spent:
    """A command from start to end, by the code in `tree`. Raises RuntimeError with what it said where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(
        args,
        cwd=cwd or tree,
        env=environment(tree),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    out = child.stdout.read()
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(args)}: {(out + said).decode()[-2000:]}")
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, answer=out.decode())


def side(module: str, name: str, repeats: int) -> Spent:
    """One side of a row that calls functions: a child loads the data, then times the work (median)."""
    done = run([sys.executable, "-m", "benchmarks.speed.child", module, name, str(repeats)])
    return Spent(**json.loads(str(done.answer).splitlines()[-1]))


def alternating(sides: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, Spent]:
    """Each side in turn, `rounds` times over; the median of each figure, the largest peak."""
    seen: dict[str, list[Spent]] = {name: [] for name in sides}
    for _ in range(turns or rounds):
        for name, once in sides.items():
            seen[name].append(once())
    return {name: median(found) for name, found in seen.items()}


def median(found: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(s.wall for s in found),
        statistics.median(s.cpu for s in found),
        max(s.peak for s in found),
        statistics.median(s.data for s in found),
        found[0].size,
        found[0].answer,
    )

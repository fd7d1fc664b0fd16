"""One side of a comparison in a process of its own: `python -m benchmarks.speed.child MODULE SIDE REPEATS`.

MODULE.SIDES[SIDE] loads the data and returns (the work to time, the data's size in MiB). The last line printed
is a JSON object with the figures.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import sys
import time


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor() -> float:
    """Seconds so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(module: str, side: str, repeats: int) -> None:
    if side.startswith("rct"):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program sets it
    work, size = importlib.import_module(f"benchmarks.speed.{module}").SIDES[side]()
    before = peak()
    wall, cpu = [], []
    for _ in range(repeats):
        began, used = time.perf_counter(), processor()
        answer = work()
        wall.append(time.perf_counter() - began)
        cpu.append(processor() - used)
    print(
        json.dumps(
            {
                "wall": statistics.median(wall), "cpu": statistics.median(cpu), "peak": peak(), "data": before,
                "size": size, "answer": answer,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

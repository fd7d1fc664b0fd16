"""`python -m crash [COMMAND …]`: break the commands in every way there is here; write docs/safety.md with `--page`.

Every verdict is a line of JSON in `--log`; what was wrong is printed as it is found. Exit code 1 if anything was.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from crash import elsewhere, faults, page, races, server
from crash.cases import Case, Ground
from crash.commands import named
from crash.faults import Verdict

INSTANTS, RACES = 1_000, 100
SLOW = 0.5  # seconds: of a command that takes longer, every third call is refused, and fewer race
KINDS = ("kill", "random", "error", "size", "two", "ten", "old", "read-only")
Task = tuple[str, str, int, int, str]  # kind, row, number, of how many, which error
_cases: dict[str, Case] = {}


def tasks(kinds: Sequence[str], every: int) -> Iterator[Task]:
    """All that is to be done; with `every` above 1, one of so many of each kind."""
    speeds = {name: 1 / max(case.seconds, 0.1) for name, case in _cases.items()}
    for name, case in _cases.items():
        calls, slow = len(case.calls), case.seconds > SLOW
        many = {
            "kill": calls,
            "random": round(INSTANTS * speeds[name] / sum(speeds.values())),
            "size": len(faults.SIZES),
            "two": RACES // (5 if slow else 1),
            "ten": -(-RACES // len(_cases)),
            "old": int(name != "init"),
            "read-only": 1,
        }
        for kind in kinds:
            step = every * (3 if kind == "kill" and slow and not case.row.every_call else 1)
            for i in range(0, many.get(kind, 0), step):
                yield kind, name, i, many[kind], ""
        if "error" in kinds:
            step = every * (3 if slow else 1)
            for i in range(0, calls, step):
                errors, turn = faults.errors_of(case.calls[i]), i // step
                if errors:
                    yield "once", name, i, calls, errors[turn % len(errors)]
                    yield "from", name, i, calls, errors[(turn + 1) % len(errors)]


def do(task: Task) -> Verdict:
    kind, name, i, of, error = task
    case = _cases[name]
    if kind == "kill":
        return faults.kill_at(case, i)
    if kind == "random":
        return faults.kill_after(case, i, of)
    if kind == "once":
        return faults.error_at(case, i, error)
    if kind == "from":
        return faults.error_from(case, i, error)
    if kind == "size":
        return faults.small_files(case, faults.SIZES[i])
    if kind in ("two", "ten"):
        return races.race(case, 2 if kind == "two" else 10, i)
    return elsewhere.old_registry(case) if kind == "old" else elsewhere.read_only(case)


def main() -> None:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__)
    parser.add_argument("commands", nargs="*")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every", type=int, default=1, help="only one of so many, for a quick look")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="stop then, with what was done by then"
    )
    parser.add_argument("--log", type=Path, default=Path(".crash.jsonl"))
    parser.add_argument("--page", type=Path, help="write the report here when all is done")
    given = parser.parse_args()
    rows, ground = named(given.commands), Ground()
    wrong = 0
    try:
        for row in rows:
            _cases[row.name] = case = Case(ground, row)
            _said(row.name, f"{len(case.calls)} calls, {case.seconds:.2f} s", case.faults)
            wrong += len(case.faults)
        server.end()  # each worker starts its own
        listed = list(tasks(given.kinds.split(","), given.every))
        # Mixed, so that a run that is stopped has seen something of everything; what is there once comes first.
        random.Random(1).shuffle(listed)
        listed.sort(key=lambda task: task[0] not in ("old", "read-only"))
        started, done = time.monotonic(), 0
        with given.log.open("w") as log, multiprocessing.get_context("fork").Pool(given.workers) as pool:
            head = {name: [len(case.calls), case.seconds] for name, case in _cases.items()}
            log.write(json.dumps(head) + "\n")
            for verdict in pool.imap_unordered(do, listed, chunksize=4):
                log.write(json.dumps(asdict(verdict)) + "\n")
                log.flush()
                done += 1
                if verdict.wrong:
                    wrong += 1
                    _said(f"{verdict.row}, {verdict.kind}", verdict.where, verdict.wrong)
                if time.monotonic() - started > 60 * given.minutes:
                    break
    finally:
        ground.close()
    minutes = (time.monotonic() - started) / 60
    print(f"{done:,} of {len(listed):,} runs in {minutes:.0f} minutes; wrong: {wrong:,}")
    if given.page:
        given.page.write_text(page.written(given.log), encoding="utf-8")
    sys.exit(1 if wrong else 0)


def _said(what: str, where: str, wrong: Sequence[str]) -> None:
    print(f"{what}: {where}" + "".join(f"\n    {w}" for w in wrong), flush=True)


if __name__ == "__main__":
    main()

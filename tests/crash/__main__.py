"""`python -m crash [COMMAND …]`: break the commands in every way there is here; write docs/safety.md with `--page`.

Every verdict is a line of JSON in `--log`; what was wrong is printed as it is found, and how far it is once a
minute. However it ends (done, `--minutes` over, Ctrl-C, SIGTERM, SIGHUP), the page is written whole of what was
done by then. Exit code 1 if anything was wrong, 3 if not all was done.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

from crash import page, server
from crash.cases import Case, Ground
from crash.commands import Row, named
from crash.tasks import KINDS, Task, tasks
from crash.workers import LIMIT, logged, results

MINUTE = 60.0


class Stopped(BaseException):
    """A signal asks to end."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__)
    parser.add_argument("commands", nargs="*")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every", type=int, default=1, help="only one of so many, for a quick look")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="stop then, with what was done by then"
    )
    parser.add_argument("--limit", type=int, default=LIMIT, help="seconds for one run; longer is a fault")
    parser.add_argument("--log", type=Path, default=Path(".crash.jsonl"))
    parser.add_argument("--page", type=Path, help="write the report here when all is done")
    given = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    rows, ground = named(given.commands), Ground()
    until = time.monotonic() + MINUTE * given.minutes
    run = Run(given.log)
    try:
        cases = run.prepared(ground, rows)
        server.end()  # each worker starts its own
        listed = list(tasks(cases, given.kinds.split(","), given.every))
        # Mixed, so that a run that is stopped has seen something of everything; what is there once comes first.
        random.Random(1).shuffle(listed)
        listed.sort(key=lambda task: task[0] not in ("old", "read-only"))
        run.all(cases, listed, given.workers, given.limit, until)
    except Stopped:
        _say("stopped by a signal")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # what follows is short
        server.abandon()
        run.close()
        ground.close()
        if given.page and run.done:
            page.replaced(given.page, given.log)
    sys.exit(1 if run.wrong else 3 if run.done < run.planned else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Run:
    """A run as it goes: its log, what was done, what was wrong."""

    def __init__(self, log: Path):
        self.log: TextIO = log.open("w", encoding="utf-8")
        self.done = self.wrong = self.planned = 0
        self.began = time.monotonic()

    def prepared(self, ground: Ground, rows: Sequence[Row]) -> dict[str, Case]:
        """The cases of the rows; a row that doesn't work is said to be wrong, and the others go on."""
        cases = {}
        for row in rows:
            try:
                case = Case(ground, row)
                _say(f"{row.name}: {len(case.calls)} calls, {case.processor:.2f} s of a processor")
                wrong = case.faults
                cases[row.name] = case
            except Exception as error:
                server.abandon()
                wrong = [f"could not be prepared: {error}"]
            if wrong:
                self._add({"kind": "prepared", "row": row.name, "where": "", "struck": False, "wrong": wrong})
        return cases

    def all(
        self, cases: Mapping[str, Case], listed: list[Task], workers: int, limit: int, until: float
    ) -> None:
        self.planned = len(listed)
        rows = {name: [len(case.calls), case.processor] for name, case in cases.items()}
        self._write({"rows": rows, "planned": self.planned, "workers": workers})
        began = told = time.monotonic()
        for done in results(cases, listed, workers, limit):
            if done is not None:
                self.done += 1
                self._add(logged(done))
            now = time.monotonic()
            if now > until:
                _say("the time is over")
                break
            if now - told > MINUTE or self.done == self.planned:
                told = now
                self._tell((now - began) / MINUTE)

    def _tell(self, minutes: float) -> None:
        left = minutes * (self.planned - self.done) / max(self.done, 1)
        share = 100 * self.done / max(self.planned, 1)
        _say(
            f"{self.done:,} of {self.planned:,} runs ({share:.0f}%) in {minutes:.0f} minutes, about {left:.0f} left; "
            f"wrong: {self.wrong:,}"
        )

    def _add(self, verdict: dict[str, object]) -> None:
        self._write(verdict)
        found = verdict["wrong"]
        if isinstance(found, list) and found:
            self.wrong += 1
            _say(
                f"{verdict['row']}, {verdict['kind']}: {verdict['where']}"
                + "".join(f"\n    {w}" for w in found)
            )

    def _write(self, line: dict[str, object]) -> None:
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()

    def close(self) -> None:
        minutes = (time.monotonic() - self.began) / MINUTE
        self._write({"minutes": round(minutes, 2)})
        self.log.close()
        _say(f"{self.done:,} of {self.planned:,} runs in {minutes:.0f} minutes; wrong: {self.wrong:,}")


if __name__ == "__main__":
    main()

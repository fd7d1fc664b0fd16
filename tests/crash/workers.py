"""Runs a list of tasks in several processes, unattended: what hangs or breaks is a verdict, and the rest goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.pool import IMapUnorderedIterator
from types import FrameType
from typing import Any

from crash import server
from crash.cases import Case
from crash.faults import Verdict
from crash.tasks import CALLED, Task, do

LIMIT = 240  # seconds for one broken run and all that is asked of what it left
PULSE = 5.0  # seconds between two looks at the clock
_cases: Mapping[str, Case] = {}  # in the workers, from before they were forked


class Late(BaseException):
    """A run took longer than its limit: not an Exception, so that nothing on the way takes it for one."""


@dataclass(frozen=True)
class Done:
    """A verdict and what it cost: seconds on the clock and of processors, the command's and the harness's own."""

    verdict: Verdict
    seconds: float
    processor: float


def results(
    cases: Mapping[str, Case], tasks: Sequence[Task], workers: int, limit: int = LIMIT
) -> Iterator[Done | None]:
    """What each task gave, in any order; None every few seconds in between, so that the caller sees the clock.

    Ends early when no worker has answered for longer than any run may take: one of them was killed from outside.
    """
    global _cases
    _cases = cases
    with multiprocessing.get_context("fork").Pool(workers, _begin) as pool:
        answers: IMapUnorderedIterator[Done] = pool.imap_unordered(_guarded, [(t, limit) for t in tasks])
        heard = time.monotonic()
        while time.monotonic() - heard < limit + 60:
            try:
                done = answers.next(timeout=PULSE)
            except multiprocessing.TimeoutError:
                yield None
                continue
            except StopIteration:
                return
            heard = time.monotonic()
            yield done


def _begin() -> None:
    """A worker's own signals: the keyboard's is for the parent, which ends the workers; what they run ends with them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _late)
    signal.signal(signal.SIGTERM, _ended)


def _late(number: int, frame: FrameType | None) -> None:
    server.abandon()
    raise Late


def _ended(number: int, frame: FrameType | None) -> None:
    server.abandon()
    os._exit(1)


def _guarded(given: tuple[Task, int]) -> Done:
    task, limit = given
    began, own, spent = time.monotonic(), time.process_time(), server.spent()
    signal.alarm(limit)
    try:
        verdict = do(_cases, task)
    except Late:
        verdict = _failed(task, f"took longer than {limit} s")
    except Exception:
        server.abandon()
        verdict = _failed(task, f"the harness failed: {traceback.format_exc()}")
    finally:
        signal.alarm(0)
    processor = time.process_time() - own + server.spent() - spent
    return Done(verdict, time.monotonic() - began, processor)


def _failed(task: Task, why: str) -> Verdict:
    kind, row, i, of, error = task
    return Verdict(CALLED.get(kind, kind).format(error), row, f"{i + 1} of {of}", True, [why])


def logged(done: Done) -> dict[str, Any]:
    """A line of the log."""
    verdict = done.verdict
    return {
        "kind": verdict.kind, "row": verdict.row, "where": verdict.where, "struck": verdict.struck,
        "wrong": list(verdict.wrong), "seconds": round(done.seconds, 3), "processor": round(done.processor, 3),
    }  # fmt: skip

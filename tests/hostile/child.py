"""Runs rct commands in processes with little memory and time, and says how they ended.

A server of its own, started once, loads all of rct; every command runs in a fork of it with limits on what it may
use beyond that. Time is the processor's, so that a busy machine fails nothing.
"""

from __future__ import annotations

import gc
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from warm import warm

BROKEN = 70  # the command ended in a traceback
WALL = 20  # times the processor's seconds that a command may take in all


@dataclass(frozen=True)
class Ended:
    """How a command ended: `code` is None where a signal ended it (out of time, or killed by the system)."""

    code: int | None
    out: str
    err: str
    seconds: float
    mebibytes: int

    @property
    def problems(self) -> list[dict[str, Any]]:
        return list(json.loads(self.out).get("problems", []))

    @property
    def sound(self) -> bool:
        """No traceback, no hang, no more memory than it may have."""
        return self.code in (0, 1, 2) and "Traceback" not in self.err


@cache
def _server() -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[1]
    paths = os.pathsep.join([str(root), str(root.parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "hostile.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


def run(*args: object, seconds: int, mebibytes: int) -> Ended:
    """`rct args` within so many seconds of processor time and so much memory beyond the program's own."""
    server = _server()
    if server.stdin is None or server.stdout is None:
        raise AssertionError("both are pipes")
    request = {"args": [str(a) for a in args], "seconds": seconds, "mebibytes": mebibytes}
    server.stdin.write(json.dumps(request).encode() + b"\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, f"the server of commands ended with {server.wait()}"
    return Ended(**json.loads(answer))


# --- the server


def serve() -> None:
    warm()
    gc.collect()
    gc.freeze()  # a fork then shares what is loaded instead of copying it
    for line in sys.stdin:
        print(json.dumps(_one(json.loads(line))), flush=True)


def _one(request: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        pid = os.fork()
        if pid == 0:
            _child(request, out.fileno(), err.fileno())
        status = _wait(pid, start + WALL * request["seconds"])
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = [_read(stream) for stream in (out, err)]
    return {
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "out": said[0],
        "err": said[1],
        "seconds": round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 3),
        "mebibytes": used.ru_maxrss >> 10,  # the most of any child so far
    }


def _wait(pid: int, until: float) -> int:
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > until:
            os.kill(pid, 9)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.001)


def _read(stream: Any) -> str:
    stream.seek(0)
    return str(stream.read().decode("utf-8", "replace"))


def _child(request: dict[str, Any], out: int, err: int) -> None:
    import traceback

    from rct.cli.main import main

    code: object = BROKEN
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        space = pages * resource.getpagesize() + (request["mebibytes"] << 20)
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], request["seconds"] + 1))
        with redirect_stdout(_stream(1)), redirect_stderr(_stream(2)):
            try:
                main(request["args"])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code if isinstance(code, int) else 0)


def _stream(fd: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(open(fd, "wb", closefd=False), encoding="utf-8", errors="strict")


if __name__ == "__main__":
    serve()

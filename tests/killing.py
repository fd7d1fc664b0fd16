"""Runs rct commands in processes that can be killed at a chosen call or moment, and says how they ended.

A server of its own, started once: every command runs in a fork of it, so that what is slow to import is
imported once, and no thread of the test's own process is lost in a fork.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

# What changes a disk or a database, as Python calls it; a kill comes right before or right after such a call.
CALLS = {
    "execute", "executemany", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir", "write", "open", "chmod", "fchmod",
    "close",
}  # fmt: skip
BROKEN = 70  # the command ended in a traceback


# --- in the test's process


@cache
def _server() -> subprocess.Popen[bytes]:
    root = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": f"{root}{os.pathsep}{root.parent}",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def ask(folder: Path, command: tuple[object, ...], **how: Any) -> dict[str, Any]:
    """Run `rct -C folder command`. `how` it dies: `call` and `after`, or `seconds`; or its `file_size` limit.

    The answer: `killed`, `code` (None if killed), `calls` (how many changing calls it made, if it lived).
    """
    server = _server()
    if server.stdin is None or server.stdout is None:
        raise AssertionError("both are pipes")
    request = {"args": ["-C", str(folder), *map(str, command)], **how}
    server.stdin.write(json.dumps(request).encode() + b"\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, f"the server of commands ended with {server.wait()}"
    return dict(json.loads(answer))


# --- in the server's


def serve() -> None:
    import rct

    for module in pkgutil.walk_packages(rct.__path__, "rct."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for line in sys.stdin:
        print(json.dumps(_one(json.loads(line))), flush=True)


def _one(request: Mapping[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _child(request, write)
    os.close(write)
    if "seconds" in request:
        time.sleep(request["seconds"])
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    with os.fdopen(read) as pipe:
        said = pipe.read()
    killed = os.WIFSIGNALED(status)
    return {"killed": killed, "code": None if killed else os.WEXITSTATUS(status), "calls": int(said or 0)}


def _child(request: Mapping[str, Any], told: int) -> None:
    from rct.cli.main import main

    silent = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(silent, fd)
    if "file_size" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size"],) * 2)
    seen, wanted, at = 0, "c_return" if request.get("after") else "c_call", request.get("call")

    def hook(frame: FrameType, event: str, arg: object) -> None:
        nonlocal seen
        if event == wanted and getattr(arg, "__name__", "") in CALLS:
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    def begin(event: str, arguments: tuple[object, ...]) -> None:
        # Nothing is written before a database is opened for it; to watch every call until then would take long.
        if event == "sqlite3.connect" and not str(arguments[0]).startswith("file:"):
            sys.setprofile(hook)

    code: object = BROKEN
    try:
        sys.addaudithook(begin)
        main(request["args"])
    except SystemExit as end:
        code = end.code
    finally:
        sys.setprofile(None)
        os.write(told, str(seen).encode())
        os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    serve()

"""Runs rct commands in processes that can be killed or refused at a chosen system call, and says how they ended.

A server of its own, started once: every command runs in a fork of it, so that what is slow to import is imported
once. strace attaches to the fork, and nothing of rct runs before its tracing has begun: the fork asks for its
session until strace answers in the kernel's place.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from warm import warm

BROKEN = 70  # the command ended in a traceback
PATIENCE = 120.0  # seconds after which a command counts as hanging
_TRACED = 4242  # what strace answers for the session
_IMPORTED = "\0imported\0"  # after what a command says: the modules that it still had to load
_PR_SET_PDEATHSIG, _PR_SET_PTRACER, _PR_SET_CHILD_SUBREAPER, _ANYONE = 1, 0x59616D61, 36, -1
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2


@dataclass(frozen=True)
class Ended:
    """How a command ended: `code` is None when it was killed; `out` is all it said, on both streams.

    `processor`: its seconds of a processor, with its children's and the tracer's; of several at once, the mean.
    """

    code: int | None
    out: str
    seconds: float
    hung: bool = False
    processor: float = 0.0

    @property
    def killed(self) -> bool:
        return self.code is None


# --- in the harness's process


_spent = 0.0  # seconds of processors, of all commands so far


def spent() -> float:
    """The seconds of processors that this process's commands have taken so far."""
    return _spent


@cache
def _server() -> subprocess.Popen[bytes]:
    tests = Path(__file__).parent.parent
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "crash.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def run_at_once(commands: Sequence[Sequence[object]], **how: Any) -> list[Ended]:
    """Run `rct ARGUMENTS` for each of the commands, all from the same instant.

    `how`: `strace` (its arguments, for a single command), `seconds` (kill then), `file_size` (RLIMIT_FSIZE in bytes),
    `powerless` (rights bind root too), `temporary` (TMPDIR), `folder` (the current one), `later` (days that the clock is
    ahead).
    """
    server = _server()
    if server.stdin is None or server.stdout is None:
        raise AssertionError("both are pipes")
    request = {"commands": [[str(a) for a in command] for command in commands], **how}
    server.stdin.write(json.dumps(request).encode() + b"\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    if not answer:
        raise RuntimeError(f"the server of commands ended with {server.wait()}")
    ended = [Ended(**one) for one in json.loads(answer)]
    global _spent
    _spent += sum(one.processor for one in ended)
    return ended


def run(command: Sequence[object], **how: Any) -> Ended:
    """Run `rct ARGUMENTS`; see `run_at_once`."""
    return run_at_once([command], **how)[0]


def end() -> None:
    """Stop the server; the next command starts another."""
    if _server.cache_info().currsize:
        _server().communicate()
        _server.cache_clear()


def abandon() -> None:
    """Kill the server, and with it whatever it runs; the next command starts another."""
    if _server.cache_info().currsize:
        _server().kill()
        _server().wait()
        _server.cache_clear()


# --- in the server's


def serve() -> None:
    os.setpgid(0, 0)  # the keyboard's signals are for who asks
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    warm()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    strace = shutil.which("strace")
    _still()
    for line in sys.stdin.buffer:
        before = _children()
        said, imported = _together(json.loads(line), strace)
        for each in said:
            each["processor"] = (_children() - before) / len(said)
        for name in imported:  # so that the next fork need not
            with suppress(Exception):
                importlib.import_module(name)
        if imported:
            _still()
        sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
        sys.stdout.buffer.flush()


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _still() -> None:
    """What is loaded is left out of garbage collection: a fork then shares its memory instead of copying it."""
    gc.collect()
    gc.freeze()


def _together(request: Mapping[str, Any], strace: str | None) -> tuple[list[dict[str, Any]], list[str]]:
    started, start = os.pipe()
    running = []
    for command in request["commands"]:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            os.close(start)
            ours.close()
            _child(command, request, started, theirs)
        theirs.close()
        ours.recv(1)  # it is ready: its own preparations are not among the calls that are counted
        running.append((pid, ours))
    os.close(started)
    tracer = None
    if request.get("strace"):
        tracer = subprocess.Popen(
            [strace or "strace", "-q", "-q", *request["strace"], "-p", str(running[0][0])],
            stdin=subprocess.DEVNULL,
        )
    began = time.monotonic()
    os.close(start)
    said = [_wait(pid, ours, began, request.get("seconds")) for pid, ours in running]
    if tracer is not None:
        _leave(tracer)
    imported: list[str] = []
    for each in said:
        each["out"], _, names = each["out"].partition(_IMPORTED)
        imported += names.split()
    return said, list(dict.fromkeys(imported))


def _wait(pid: int, ours: socket.socket, began: float, seconds: float | None) -> dict[str, Any]:
    """Gather what the command says until it ends; kill it in time. Its own children end by themselves."""
    parts, hung, until = [], False, began + (PATIENCE if seconds is None else seconds)
    while True:
        ready, _, _ = select.select([ours], [], [], max(until - time.monotonic(), 0))
        if not ready:
            hung = hung or seconds is None
            os.kill(pid, signal.SIGKILL)
            until = time.monotonic() + PATIENCE
            continue
        part = ours.recv(1 << 16)
        if not part:
            break
        parts.append(part)
    ours.close()
    status = os.waitpid(pid, 0)[1]
    took = time.monotonic() - began
    _bury(pid)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    return {"code": code, "out": b"".join(parts).decode("utf-8", "replace"), "seconds": took, "hung": hung}


def _leave(tracer: subprocess.Popen[bytes]) -> None:
    """The tracer ends with what it traced; one that hangs is killed."""
    try:
        tracer.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()


def _bury(group: int) -> None:
    """Wait for what the command itself had started: it sees that nobody reads any more, and ends."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if os.waitpid(-group, os.WNOHANG)[0] == 0:
                time.sleep(0.002)
        except ChildProcessError:
            return
    os.killpg(group, signal.SIGKILL)


def _child(command: list[str], request: Mapping[str, Any], started: int, said: socket.socket) -> None:
    from rct.cli.main import main

    os.setpgid(0, 0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a server that is killed takes its commands along
    os.umask(0)
    code, known = BROKEN, set(sys.modules)
    try:
        _prctl(_PR_SET_PTRACER, _ANYONE)
        os.environ["TMPDIR"] = request.get("temporary", os.environ.get("TMPDIR", "/tmp"))
        os.chdir(request.get("folder", "/"))
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 0)
        for fd in (1, 2):
            os.dup2(said.fileno(), fd)
        said.close()
        # A socket is written to by `sendto`: what the command says is not among the calls that are refused.
        sys.stdout, sys.stderr = _speaker(1), _speaker(2)
        if "file_size" in request:
            resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size"],) * 2)
        if request.get("powerless"):
            _give_up_powers()
        if request.get("later"):
            _forward(request["later"])
        os.write(1, b"\0")
        os.read(started, 1)
        while request.get("strace") and os.getsid(0) != _TRACED:
            time.sleep(0.0005)
        main(command)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        print(_IMPORTED, *sorted(set(sys.modules) - known), flush=True)
        os._exit(code)


def _speaker(fd: int) -> Any:
    return socket.socket(fileno=os.dup(fd)).makefile("w", encoding="utf-8", errors="backslashreplace")


def traced(log: Path | None, *more: str) -> list[str]:
    """strace's arguments: `more`, and the answer that the fork waits for."""
    where = ["-o", str(log) if log else os.devnull]
    return [*where, "-e", f"inject=getsid:retval={_TRACED}", *more]


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, ctypes.c_long(value), 0, 0, 0)


def _forward(days: int) -> None:
    """The day on which rct decides what is due, so many days ahead; the time of its events stays the machine's."""
    from rct.registry import chain

    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=days)

    chain.date = Later  # type: ignore[misc, attr-defined]


def _give_up_powers() -> None:
    """Rights bind root too: the process gives up what lets it pass them over."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then their upper halves
    if libc.capget(head, held) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for i in (0, 1, 2):
        held[i] &= ~((1 << _DAC_OVERRIDE) | (1 << _DAC_READ_SEARCH))
    if libc.capset(head, held) != 0:
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # who asked was stopped
        serve()

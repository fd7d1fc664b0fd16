"""The system calls that change something: which a command makes, in order, and how strace is told to break one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

OPENING = ("open", "openat", "creat")
CHANGING = (
    *OPENING, "write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate",
    "copy_file_range", "sendfile", "fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link",
    "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat",
    "chown", "fchown", "lchown", "fchownat", "utimensat", "setxattr", "fsetxattr",
)  # fmt: skip
_WRITES = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC)")
_LINE = re.compile(r"(?P<task>\d+) +(?P<name>\w+)\((?P<rest>.*)")

# What a full disk, a failing one and a right taken away are answered with. Each is tried at every call: on a disk that
# copies before it writes, removing a file can find no room; a network drive can deny a write to what was opened.
ERRORS = ("ENOSPC", "EIO", "EACCES")


@dataclass(frozen=True)
class Call:
    """The `number`th call of `name` that the command makes; `before` says how many of each came before it."""

    name: str
    number: int
    what: str  # its arguments, without the data
    before: dict[str, int]


def listed(log: Path, root: Path, city: Path) -> tuple[list[Call], list[str]]:
    """The calls of a traced command that change something in `root`; and those in `city` that another task made.

    strace counts the calls of each name and each task; so the main task must be the one that changes anything.
    """
    counted: Counter[str] = Counter()
    calls, others, main = [], [], None
    for line in log.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None or found["name"] not in CHANGING:
            main = main or (line.split()[0] if "getsid" in line else None)
            continue
        changes = found["name"] not in OPENING or bool(_WRITES.search(found["rest"]))
        if found["task"] != main:
            others += [line] if changes and str(city) in found["rest"] else []
            continue
        before = dict(counted)
        counted[found["name"]] += 1
        if changes and str(root) in found["rest"]:
            calls.append(Call(found["name"], counted[found["name"]], found["rest"][:200], before))
    return calls, others


def killing(call: Call) -> list[str]:
    """Die as the call begins, so that it is not made."""
    return [f"inject={call.name}:signal=KILL:when={call.number}"]


def failing(call: Call, error: str) -> list[str]:
    """This one call is refused."""
    return [f"inject={call.name}:error={error}:when={call.number}"]


def failing_on(call: Call, error: str) -> list[str]:
    """This call and all later ones that change something are refused; opening a file to read still works."""
    rules = [
        f"inject=?{n}:error={error}:when={call.before.get(n, 0) + 1}+" for n in CHANGING if n not in OPENING
    ]
    return rules if call.name not in OPENING else [*rules, *failing(call, error)]

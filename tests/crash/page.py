"""docs/safety.md: what was broken, how often, and what was wrong afterwards, from the verdicts of a run.

`python -m crash.page FILE LOG …` writes it from the logs of runs, also of runs that were stopped.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ABOUT = """# What rct survives

rct promises: after a crash at any instant the workspace is as before the command or as after it; the same command
again reaches the state after; nothing is left over; no name lies outside `private/`; nobody else can read or write
what is the office's. `make crash` breaks the commands that write in every way below and looks, without rct's own
code, at what is left. This page is written by it.

How: strace kills or refuses at a chosen system call, counted in a run before. The calls are all that change
something: opening to write, writing, cutting, syncing, renaming, removing, making folders, setting modes. The command
runs in a fork of a Python that has everything imported, under umask 000; tracing has begun before rct's first line.
A refused call ends with ENOSPC, EIO or EACCES: each of the three at every call, that once, and from that call on at
all that change something. Every command is given twice at once a hundred times, and ten times at once a hundred times.
After each run: what the workspace holds is compared with before and after (tables, vault, files; keys, tokens and
times taken out), `rct verify` must hold, modes and temporary folders are looked at, a word that stands in every name,
address and id is searched for in all files and in what was printed, and the command is given again. A workspace that
is byte for byte the one before is not given again: what comes next is known. After every second kill the folder is
renamed first, so that nothing can rest on where it lies.
"""

KINDS = (
    ("prepared", "nothing: the command, before anything is broken"),
    ("killed", "killed as a call begins"),
    ("killed at random", "killed by the clock"),
    ("ENOSPC once", "one call: disk full"),
    ("EIO once", "one call: disk fails"),
    ("EACCES once", "one call: denied"),
    ("ENOSPC from then on", "from a call on: disk full"),
    ("EIO from then on", "from a call on: disk fails"),
    ("EACCES from then on", "from a call on: denied"),
    ("file size", "files limited to a size (RLIMIT_FSIZE)"),
    ("2 at once", "the same command twice at once"),
    ("10 at once", "the same command ten times at once"),
    ("old registry", "rct.db of before put back"),
    ("read-only", "nothing may be written"),
)

LIMITS = """## What this shows, and what it can't

- A process that dies loses nothing that it had handed to the system. **Power loss** does: what was not synced may be
  torn or out of order. rct syncs files before it renames them, folders after, and runs SQLite with `synchronous=EXTRA`
  and `fullfsync`; that order was reviewed, not tested: it needs a disk that forgets.
- **Network drives** (NFS, SMB) were not run. The registry keeps to SQLite's rollback journal, which works there as far
  as the server's locks do.
- **Windows and macOS** were not run. What differs there is in one module (`rct/fs.py`): paths beyond 260 characters,
  names that differ by case alone, and files that Excel holds open are handled in it and tested as functions on Linux.
- Copies in memory of a disk (snapshots, SSD remnants, backups) are beyond any program.
- A temporary folder of the letters' own process, without any name in it, stays if that process is killed by itself.
- `rct new` writes files that are the user's from then on. Where it was killed between its commit and putting them in
  their places, other commands don't see the trial until `rct new` is given again.
"""


@dataclass
class Logged:
    """What the logs of runs tell."""

    rows: dict[str, list[float]] = field(default_factory=dict)  # command → calls, seconds of a processor
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    planned: int = 0
    minutes: float = 0.0


def read(*logs: Path) -> Logged:
    """A line each: what was planned, a verdict a run, how long it took. A last line that was cut short is left out."""
    found = Logged()
    for log in logs:
        for text in log.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if "rows" in line:
                found.rows |= line["rows"]
                found.planned += line["planned"]
            elif "minutes" in line:
                found.minutes += line["minutes"]
            else:
                found.verdicts.append(line)
    return found


def written(*logs: Path) -> str:
    """The page, from runs' logs."""
    found = read(*logs)
    rows, verdicts = found.rows, found.verdicts
    parts = [
        ABOUT, _machine(found), _by_command(rows, verdicts), _by_kind(verdicts), _wrong(verdicts), LIMITS,
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def replaced(target: Path, *logs: Path) -> None:
    """Write the page in the place of the one before: whole, or not at all."""
    text = written(*logs)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(target)


def _machine(found: Logged) -> str:
    runs = [v for v in found.verdicts if v["kind"] != "prepared"]
    killed = _killed(runs)
    calls = int(sum(calls for calls, _ in found.rows.values()))
    wrong = sum(bool(v["wrong"]) for v in found.verdicts)
    mended = sum(_mended(i, found.verdicts) for i in range(len(found.verdicts)))
    since = f" ({mended:,} of them right when done again on mended code)" if mended else ""
    system = f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}"
    text = (
        f"## The run\n\n{date.today()}, on {system}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}: {len(runs):,} runs in {found.minutes:.0f} minutes, {wrong:,} with something wrong"
        f"{since}. It killed at {killed:,} of {calls:,} calls.\n"
    )
    if len(runs) < found.planned:
        whole = sum(v["processor"] for v in runs) / max(len(runs), 1) * found.planned / 60
        text += (
            f"\nThe run was stopped before its end: {len(runs):,} of {found.planned:,} runs were done, chosen by chance. "
            f"By the processor time of these, all of them take about {whole / 2:.0f} minutes on two free cores.\n"
        )
    return text


def _by_command(rows: dict[str, list[float]], verdicts: Sequence[dict[str, Any]]) -> str:
    table = [
        "## By command\n",
        "| command | calls that change something | killed at | killed by the clock | refused a call | file size | "
        "two, ten at once | wrong |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, (calls, _) in rows.items():
        mine = [v for v in verdicts if v["row"] == name]
        kinds = Counter(v["kind"] for v in mine)
        refused = sum(n for kind, n in kinds.items() if kind.startswith("E"))
        table.append(
            f"| {name} | {int(calls):,} | {_killed(mine):,} | {kinds['killed at random']:,} | {refused:,} | "
            f"{kinds['file size']:,} | {kinds['2 at once']:,}, {kinds['10 at once']:,} | "
            f"{sum(bool(v['wrong']) for v in mine):,} |"
        )
    return "\n".join(table) + "\n"


def _by_kind(verdicts: Sequence[dict[str, Any]]) -> str:
    table = [
        "## By kind\n",
        "`Struck` are the runs in which the command did not end as if nothing had happened.\n",
        "| what was done | runs | struck | wrong |",
        "|---|---:|---:|---:|",
    ]
    for kind, words in KINDS:
        mine = [v for v in verdicts if v["kind"] == kind]
        struck, wrong = sum(v["struck"] for v in mine), sum(bool(v["wrong"]) for v in mine)
        table.append(f"| {words} | {len(mine):,} | {struck:,} | {wrong:,} |")
    return "\n".join(table) + "\n"


def _wrong(verdicts: Sequence[dict[str, Any]]) -> str:
    found = [i for i, v in enumerate(verdicts) if v["wrong"]]
    if not found:
        return ""
    lines = ["## What was wrong\n\nWhat a run finds is mended before the next one.\n"]
    for i in found[:50]:
        v = verdicts[i]
        where = v["where"].split("<")[0].split('"')[0].strip()
        words = [word for word in v["wrong"][0].split() if set(word) != {"^"}]  # a traceback's marks
        said = " ".join(words)[-160:].replace("|", "/")
        since = " Mended: the same again was right." if _mended(i, verdicts) else ""
        lines.append(f"- {v['row']}, {v['kind']}, {where}: {said}.{since}")
    return "\n".join(lines) + "\n"


def _killed(verdicts: Sequence[dict[str, Any]]) -> int:
    """At how many calls a command was killed, each counted once."""
    return len({(v["row"], v["where"].partition(":")[0]) for v in verdicts if v["kind"] == "killed"})


def _mended(i: int, verdicts: Sequence[dict[str, Any]]) -> bool:
    """Whether what was wrong in the `i`th verdict was done once more in a later log, and was right."""
    v = verdicts[i]

    def which(other: dict[str, Any]) -> tuple[str, str, str]:
        return other["row"], other["kind"], other["where"].partition(":")[0]

    return bool(v["wrong"]) and any(which(w) == which(v) and not w["wrong"] for w in verdicts[i + 1 :])


if __name__ == "__main__":
    replaced(Path(sys.argv[1]), *map(Path, sys.argv[2:]))

"""docs/speed.md: ratios first, then every figure of the run."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from benchmarks.speed.measure import LEFT_OUT
from benchmarks.speed.rows import TABLE, Aim, Row

HEAD = """# Speed

`make bench` measures everything here in one run and writes this page: rct and what a user would take instead, in turn, each
in fresh processes, medians of the turns. Ratios come first, since seconds are of this machine alone; under 2 they are
close to a tie. Peak memory is that of a whole process (`ru_maxrss`), imports and data included.
"""


def page(rows: list[Row], took: float, load: float) -> str:
    """The page for these rows, `took` seconds in all; `load`: how many processes ran beside, at the start."""
    parts = [HEAD, f"Machine: {machine()}.", _settings(), ""]
    if load > 1:
        parts += [
            f"Other work ran at the same time ({load:.0f} processes at the start): seconds are too long.",
            "",
        ]
    parts += ["| what | beside it | reached | aim | held |", "|---|---|---|---|---|"]
    for key, (what, beside, aim) in TABLE.items():
        found = [row for row in rows if row.key == key]
        parts += [_line(row, one) for row in found for one in row.aims]
        parts += [] if found else [f"| {what} | {beside} | not measured in this run | {aim} | |"]
    missed = [row for row in rows if not all(a.held for a in row.aims)]
    if missed:
        parts += ["", "## Where an aim is missed", ""]
        parts += [f"- **{row.what}**: {_missed(row)}. Tried: {row.tried}" for row in missed]
    parts += ["", "## Every figure", ""]
    for row in rows:
        parts += [f"### {row.what[0].upper()}{row.what[1:]}", ""]
        parts += ["| | seconds | of processor | peak MiB |", "|---|---|---|---|"]
        parts += [
            f"| {name} | {_seconds(s.wall)} | {_seconds(s.cpu)} | {s.peak:,.0f} |" for name, s in row.figures
        ]
        parts += ["", *row.notes, ""]
    parts.append(f"The whole run took {took / 60:.0f} minutes.")
    return "\n".join(parts) + "\n"


def machine() -> str:
    """Cores, processor and versions; nothing that names the machine."""
    import importlib.metadata

    cores = os.cpu_count()
    said = [f"{cores} cores", _processor(), f"Python {platform.python_version()}"]
    said += [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy")]
    if shutil.which("R"):
        first = subprocess.run(["R", "--version"], capture_output=True, text=True, check=False).stdout.split(
            "\n"
        )[0]
        said.append(" ".join(first.split()[:3]).replace("version ", ""))
    return ", ".join(s for s in said if s)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or platform.machine()
    of = dict(line.split(":", 1) for line in info.read_text().split("\n\n")[0].splitlines() if ":" in line)
    of = {k.strip(): v.strip() for k, v in of.items()}
    model = of.get("model name", platform.machine())
    family = f" (family {of['cpu family']}, model {of['model']})" if "cpu family" in of else ""
    return model + family


def _settings() -> str:
    blas = " and ".join(f"`{name}`" for name in LEFT_OUT if name.startswith("OPENBLAS"))
    return (
        f"{blas}, which choose a kernel other than the processor's own, are taken out of the environment of both sides. rct "
        "computes with one thread of OpenBLAS, as the program sets it; peers with what they choose, and where it matters "
        "with one thread too."
    )


def _line(row: Row, aim: Aim) -> str:
    aimed = f"{'≥' if aim.at_least else '≤'} {_value(aim.aim, aim.unit)}"
    cells = (
        f"{row.what}: {aim.name}",
        row.beside,
        _value(aim.reached, aim.unit),
        aimed,
        "yes" if aim.held else "**no**",
    )
    return f"| {' | '.join(cells)} |"


def _missed(row: Row) -> str:
    return "; ".join(
        f"{a.name} {_value(a.reached, a.unit)} where {_value(a.aim, a.unit)} was the aim"
        for a in row.aims
        if not a.held
    )


def _value(x: float, unit: str) -> str:
    number = f"{x:,.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number}×" if unit == "times" else f"{number} {unit}"


def _seconds(x: float) -> str:
    return f"{x:,.1f}" if x >= 10 else f"{x:.2f}" if x >= 0.1 else f"{x:.3f}"

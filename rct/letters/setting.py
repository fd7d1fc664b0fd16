"""Set pieces as PDF or PNG in a child process of its own: typst with limits on time and memory.

`set_pieces` writes the data to the child's standard input and reads the files from its standard output: nothing of a
recipient lies on a disk meanwhile. The root that typst may read is a private folder with the fixed .typ file and
copies of the pictures under names of ours; no link, no package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rct.errors import Problem, RctError, stop
from rct.tables.glyphs import font_folder, require_sound_fonts

SECONDS = 600  # for one file of at most 1,000 pieces
MEMORY = 6 * 1024**3  # of address space; a file of 1,000 letters takes well under 1 GiB of memory
ALONE_SECONDS, ALONE_MEMORY = 20, 3 * 1024**3  # for one picture alone


@dataclass(frozen=True)
class Job:
    """What to set: one of the fixed .typ files, its data, the pictures' bytes by the names that the data uses.

    `step`: the pages from one piece's end to the next where each has one page. It is set so first, which is quicker,
    and once more where a piece has more; 0: at once as it comes.
    """

    source: str
    data: Mapping[str, Any]
    pictures: Mapping[str, bytes]
    fonts: Path | None
    time: int
    formats: tuple[str, ...] = ("pdf",)
    ppi: int = 110
    step: int = 0
    seconds: int = SECONDS
    memory: int = MEMORY


@dataclass(frozen=True)
class Typeset:
    """The PDF (empty if it wasn't asked for), a PNG a page, and (reference, last page) of each piece in order."""

    pdf: bytes
    pngs: tuple[bytes, ...]
    ends: tuple[tuple[str, int], ...]


def set_pieces(job: Job) -> Typeset:
    """Set them. Raises `RctError` when typst refuses, takes too long or too much memory."""
    if job.fonts is not None:
        require_sound_fonts(job.fonts)
    header = {
        "source": job.source,
        "time": job.time,
        "formats": list(job.formats),
        "ppi": job.ppi,
        "fonts": [str(f) for f in (font_folder(), job.fonts) if f is not None and f.is_dir()],
        "step": job.step,
        "seconds": job.seconds,
        "memory": job.memory,
        "pictures": [[name, len(data)] for name, data in job.pictures.items()],
    }
    payload = b"".join([_framed(header), _framed(job.data), *job.pictures.values()])
    environment = {k: v for k, v in os.environ.items() if k in _KEPT}
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "rct.letters.setter"],
            input=payload,
            capture_output=True,
            timeout=job.seconds,
            env=environment
            | {"RAYON_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=False,
        )
    except subprocess.TimeoutExpired:
        _refused(f"it took longer than {job.seconds} seconds")
    line, _, rest = ran.stdout.partition(b"\n")
    if ran.returncode != 0 or not line.startswith(b"{"):
        _refused(f"the program that sets them ended with {ran.returncode}")
    said = json.loads(line)
    if said.get("error"):
        _explain(job, str(said["error"]))
    parts = []
    for size in said["sizes"]:
        parts.append(rest[:size])
        rest = rest[size:]
    pdf = parts.pop(0) if "pdf" in job.formats else b""
    return Typeset(pdf, tuple(parts), tuple((ref, page) for ref, page in said["ends"]))


def damaged(name: str, data: bytes) -> Problem | None:
    """What keeps this picture alone from being printed, or None. `name` is its path under templates/."""
    own = f"p0{PurePosixPath(name).suffix.lower()}"
    job = Job("picture.typ", {"file": own}, {own: data}, None, 0, seconds=ALONE_SECONDS, memory=ALONE_MEMORY)
    try:
        set_pieces(job)
    except RctError as error:
        why = error.problems[0].rule.removeprefix(_NOT_SET).rstrip(".")
        rule = f"The picture can't be printed: {why}."
        fix = "Open it in a program for pictures and save it again as PNG or JPEG."
        return Problem("picture_damaged", rule, fix, file=f"templates/{name}", found=name)
    return None


def _explain(job: Job, why: str) -> None:
    """Refuse what typst did not set, naming the picture or the font where it is one of them."""
    named = job.data.get("pictures", {})
    found = [damaged(name, job.pictures[own]) for name, own in named.items()]
    if problems := [problem for problem in found if problem is not None]:
        raise RctError(problems)
    if _NO_FONT in why:
        stop(
            "letterhead",
            "No file in templates/fonts/ is the font that templates/letterhead.toml names.",
            "Put the font's file there, correct the name, or leave font out.",
            file="templates/letterhead.toml",
            field="font",
            found=", ".join(job.data.get("fonts", ())),
        )
    _refused(why)


_NOT_SET = "The letters could not be set: "
_NO_FONT = "unknown font family"
_KEPT = {
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
}


def _framed(value: object) -> bytes:
    data = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return len(data).to_bytes(8, "big") + data


def _refused(why: str) -> Any:
    stop(
        "letters_not_set",
        f"{_NOT_SET}{why}.",
        "Look at the pictures and the template; rct proof NAME shows each letter alone.",
    )

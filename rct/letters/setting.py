"""Set pieces as PDF or PNG in a child process of its own: typst with limits on time and memory.

`set_pieces` writes the data to the child's standard input and reads the files from its standard output: nothing of a
recipient lies on a disk meanwhile. The root that typst may read is a private folder with the fixed .typ file and
copies of the pictures under names of ours; no link, no package.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rct.errors import stop
from rct.tables.glyphs import font_folder

SECONDS = 600  # for one file of at most 1,000 pieces
MEMORY = 6 * 1024**3  # of address space; a file of 1,000 letters takes well under 1 GiB of memory
_TYPST = Path(__file__).parent / "typst"


@dataclass(frozen=True)
class Job:
    """What to set: one of the fixed .typ files, its data, the pictures' bytes by the names that the data uses."""

    source: str
    data: Mapping[str, Any]
    pictures: Mapping[str, bytes]
    fonts: Path | None
    time: int
    formats: tuple[str, ...] = ("pdf",)
    ppi: int = 110


@dataclass(frozen=True)
class Made:
    """The PDF (empty if it wasn't asked for), a PNG a page, and (reference, last page) of each piece in order."""

    pdf: bytes
    pngs: tuple[bytes, ...]
    ends: tuple[tuple[str, int], ...]


def set_pieces(job: Job) -> Made:
    """Set them. Raises `RctError` when typst refuses, takes too long or too much memory."""
    header = {
        "source": job.source,
        "time": job.time,
        "formats": list(job.formats),
        "ppi": job.ppi,
        "fonts": str(job.fonts) if job.fonts is not None and job.fonts.is_dir() else None,
        "pictures": [[name, len(data)] for name, data in job.pictures.items()],
    }
    payload = b"".join([_framed(header), _framed(job.data), *job.pictures.values()])
    environment = {k: v for k, v in os.environ.items() if k in _KEPT}
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "rct.letters.setting"],
            input=payload,
            capture_output=True,
            timeout=SECONDS,
            env=environment
            | {"RAYON_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=False,
        )
    except subprocess.TimeoutExpired:
        _refused(f"it took longer than {SECONDS} seconds")
    line, _, rest = ran.stdout.partition(b"\n")
    if ran.returncode != 0 or not line.startswith(b"{"):
        _refused(f"the program that sets them ended with {ran.returncode}")
    said = json.loads(line)
    if said.get("error"):
        _refused(str(said["error"]))
    parts = []
    for size in said["sizes"]:
        parts.append(rest[:size])
        rest = rest[size:]
    pdf = parts.pop(0) if "pdf" in job.formats else b""
    return Made(pdf, tuple(parts), tuple((ref, page) for ref, page in said["ends"]))


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
        f"The letters could not be set: {why}.",
        "Look at the pictures and the template; rct proof NAME shows each letter alone.",
    )


# --- the child


def _child() -> None:
    _limit()
    header = json.loads(_read_framed())
    data = _read_framed()
    with tempfile.TemporaryDirectory(prefix="rct-") as folder:
        root = Path(folder)
        shutil.copyfile(_TYPST / header["source"], root / "main.typ")
        for name, size in header["pictures"]:
            (root / name).write_bytes(sys.stdin.buffer.read(size))
        (root / "packages").mkdir()
        said, parts = _compiled(root, header, data.decode())
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + b"".join(parts))


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource

    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_framed() -> bytes:
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    return sys.stdin.buffer.read(size)


def _compiled(root: Path, header: Mapping[str, Any], data: str) -> tuple[dict[str, Any], list[bytes]]:
    import typst

    fonts = [font_folder()] + ([Path(header["fonts"])] if header["fonts"] else [])
    compiler = typst.Compiler(
        root / "main.typ",
        root=root,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        package_path=root / "packages",
        package_cache_path=root / "packages",
    )
    parts: list[bytes] = []
    try:
        for kind in header["formats"]:
            standards: Sequence[Any] = ["ua-1"] if kind == "pdf" else []
            made = compiler.compile(
                format=kind, pdf_standards=list(standards), timestamp=header["time"], ppi=header["ppi"]
            )
            parts += made if isinstance(made, list) else [made or b""]
        ends = json.loads(compiler.query("<piece>", field="value"))
    except typst.TypstError as error:
        return {"error": str(error.message)[:300]}, []
    return {"sizes": [len(p) for p in parts], "ends": [[e["ref"], e["page"]] for e in ends]}, parts


if __name__ == "__main__":
    _child()

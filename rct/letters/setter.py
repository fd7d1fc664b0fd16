"""The child that `setting.set_pieces` starts: it sets one file and ends. Run as `python -m rct.letters.setter`.

It takes the job from standard input and gives the files to standard output. Nothing is imported that it doesn't need:
ten thousand letters start it twenty times.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TYPST = Path(__file__).parent / "typst"
_ENDS = "query(<piece>).map(end => (end.value.ref, end.location().page()))"


class _Warned(Exception):  # noqa: N818 - typst's own word
    """typst has set the file, and says that something in it is not as it was written."""


def main() -> None:
    """One job: its header, its data, its pictures; then a line of JSON and the files one after another."""
    header = json.loads(_framed())
    _limit(header["seconds"], header["memory"])
    data = _framed().decode()
    with tempfile.TemporaryDirectory(prefix="rct-") as folder:
        root = Path(folder)
        shutil.copyfile(_TYPST / header["source"], root / "main.typ")
        for name, size in header["pictures"]:
            (root / name).write_bytes(sys.stdin.buffer.read(size))
        (root / "packages").mkdir()
        said, parts = _compiled(root, header, data)
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    os._exit(0)  # taking apart what typst holds in memory takes as long as setting a few letters


def _limit(seconds: int, memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _framed() -> bytes:
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    return sys.stdin.buffer.read(size)


def _compiled(root: Path, header: Mapping[str, Any], data: str) -> tuple[dict[str, Any], list[bytes]]:
    import typst

    compiler = typst.Compiler(
        root / "main.typ",
        root=root,
        font_paths=[Path(folder) for folder in header["fonts"]],
        ignore_system_fonts=True,
        package_path=root / "packages",
        package_cache_path=root / "packages",
    )

    def made(one_page: bool) -> tuple[list[list[Any]], list[bytes]]:
        inputs = {"data": data, "one_page": "yes" if one_page else "no"}
        parts: list[bytes] = []
        for kind in header["formats"]:
            one, warned = compiler.compile_with_warnings(
                format=kind,
                sys_inputs=inputs,
                pdf_standards=["ua-1"] if kind == "pdf" else [],
                timestamp=header["time"],
                ppi=header["ppi"],
            )
            if warned:  # something was left out, or was set otherwise than it is written
                raise _Warned("; ".join(dict.fromkeys(str(w.message) for w in warned)))
            parts += one if isinstance(one, list) else [one or b""]
        return json.loads(compiler.eval(_ENDS)), parts

    try:
        step = header["step"]
        ends, parts = made(step > 0)
        if step and [page for _, page in ends] != [1 + step * i for i in range(len(ends))]:
            ends, parts = made(False)
    except typst.TypstError as error:
        return {"error": str(error.message)[:300]}, []
    except _Warned as error:
        return {"error": str(error)[:300]}, []
    return {"sizes": [len(p) for p in parts], "ends": ends}, parts


if __name__ == "__main__":
    main()

"""`rct letters --import`: a Word letter becomes a template of ours, under a name that nothing has yet."""

from __future__ import annotations

import re
from pathlib import Path

from rct import fs
from rct.errors import stop
from rct.letters.word_file import open_word
from rct.letters.word_text import Imported, read_letter
from rct.registry.workspace import Workspace


def import_letter(ws: Workspace, file: Path, to: str | None) -> tuple[Path, Imported, bool]:
    """Write templates/NAME.md; (its path, what it holds and what was lost, whether it is new)."""
    imported = read_letter(open_word(file))
    if not imported.text.strip():
        stop("not_word", "The document holds no text.", "Give the letter's own file.", file=file.name)
    stem = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "letter"
    name = f"{stem[:60]}.md" if to is None else to
    if not re.fullmatch(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.md", name):
        stop(
            "bad_letter_name",
            "A letter is a file under templates/ whose name ends in .md.",
            "For example: --to water-bills/plain.md",
            field="--to",
            found=name,
        )
    path = ws.templates / name
    data = imported.text.encode()
    if path.exists():
        if path.is_file() and path.read_bytes() == data:
            return path, imported, False
        stop(
            "letter_exists",
            f"There is another letter in templates/{name}; it is not written over.",
            "Give another name: --to NAME.md",
            field="--to",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    fs.write_out(path, data)
    return path, imported, True

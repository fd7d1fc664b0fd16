"""A name that no font can draw is warned of when the list is loaded: nobody is left out of a trial for it."""

from __future__ import annotations

from pathlib import Path

from rct.errors import Problem
from rct.frame.rows import FrameRows
from rct.tables.glyphs import PLAIN, known_characters, script

LISTED = 10


def undrawable(rows: FrameRows, fonts: Path) -> list[Problem]:
    """One warning a column and script, with the rows; values are not shown. `fonts` is templates/fonts/."""
    known: frozenset[int] | None = None
    found: dict[tuple[str, str], list[int]] = {}
    for column, values in rows.contact.items():
        unusual = {c for texts in values.blocks() for c in _beyond_plain("".join(texts))}
        if not unusual:
            continue
        known = known_characters(fonts) if known is None else known
        missing = {c for c in unusual if ord(c) not in known}
        if not missing:
            continue
        for i, value in enumerate(values):
            for name in sorted({script(c) for c in missing.intersection(value)}):
                found.setdefault((column, name), []).append(rows.number[i])
    return [_warning(rows.file, column, name, numbers) for (column, name), numbers in sorted(found.items())]


def _beyond_plain(text: str) -> set[str]:
    return set() if text.isascii() else {c for c in set(text) if ord(c) > PLAIN}


def _warning(file: str, column: str, name: str, numbers: list[int]) -> Problem:
    shown = ", ".join(str(n) for n in numbers[:LISTED]) + (" …" if len(numbers) > LISTED else "")
    return Problem(
        code="no_glyph",
        file=file,
        row=numbers[0],
        field=column,
        found=f"{name}, rows {shown}",
        rule=f"No font that rct has can print {len(numbers):,} values of this column (script {name}).",
        fix="The rows are kept. Put a font that has the script into templates/fonts/ before letters are made.",
    )

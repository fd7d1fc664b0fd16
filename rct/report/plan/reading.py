"""How the office's own files are read, as the plan says it: headings, dates, numbers, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.language import listed, t
from rct.report.words.phrases import quoted

if TYPE_CHECKING:
    from rct.definition import Definition


def reading(definition: Definition) -> list[tuple[str, str]]:
    """(what, in words): nothing where the definition declares nothing."""
    rows: list[tuple[str, str]] = []
    if definition.columns:
        pairs = [
            t("{heading} for {column}", heading=quoted(heading), column=quoted(name))
            for name, heading in definition.columns.items()
        ]
        rows.append((t("Headings in the office's files"), listed(pairs)))
    formats = definition.formats
    if formats is None:
        return rows
    said = []
    if formats.date is not None:
        said.append(t("days as {format}", format=quoted(formats.date)))
    if formats.number is not None:
        said.append(t("numbers as {format}", format=quoted(formats.number)))
    for name, pattern in (formats.columns or {}).items():
        said.append(t("{column} as {format}", column=quoted(name), format=quoted(pattern)))
    if formats.yes:
        said.append(t("yes also as {words}", words=listed([quoted(word) for word in formats.yes])))
    if formats.no:
        said.append(t("no also as {words}", words=listed([quoted(word) for word in formats.no])))
    if said:
        told = t("{formats}; what is written otherwise is refused", formats="; ".join(said))
        rows.append((t("How values are written in these files"), told))
    return rows

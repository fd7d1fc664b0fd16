"""Whole columns at once: finding them, cleaning text, reading numbers. A chunk of rows is a tuple of cells a column.

Nearly every chunk is clean; one look at the joined text says so, and only the others are walked cell by cell.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from rct.errors import Problem, RctError, visible
from rct.tables.refusals import Refusals
from rct.tables.table import CellNote, Row, Table, shown_names
from rct.tables.values import TRIM, describe, parse_number, refused_character

CHUNK = 8_192  # rows

_NUMBERS = re.compile(r"(?:[+-]?+[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+\n)*+")


def chunks(table: Table) -> Iterator[list[Row]]:
    """The rows of `table`, CHUNK at a time."""
    rows = iter(table)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def places(table: Table, names: Iterable[str]) -> dict[str, int]:
    """Where each named column stands. Raises `RctError` with one problem for each that is missing."""
    where = {name: place for place, name in enumerate(table.header) if name}
    wanted = list(dict.fromkeys(names))
    missing = [missing_column(table, name) for name in wanted if name not in where]
    if missing:
        raise RctError(missing)
    return {name: where[name] for name in wanted}


def missing_column(table: Table, name: str) -> Problem:
    """The definition names a column that the file lacks."""
    close = difflib.get_close_matches(name, table.header, n=1) or [
        h for h in table.header if h.lower() == name.lower()
    ]
    guess = f" Did you mean '{visible(close[0])}'?" if close else ""
    return Problem(
        code="missing_column",
        rule=f"The file has no column '{visible(name)}'. It has: {shown_names(table.header)}.{guess}",
        fix=f"Add the column, or say which one it is: --rename {visible(close[0]) if close else 'file_column'}={visible(name)}",
        file=table.file,
        line=1,
        field=name,
    )


def clean(cells: Sequence[str], kept: frozenset[str] = frozenset()) -> tuple[Sequence[str], dict[int, str]]:
    """(`cells` in NFC and trimmed, place → first refused character). Characters in `kept` are not refused."""
    joined = "".join(cells)
    if joined.isprintable() and (joined.isascii() or unicodedata.is_normalized("NFC", joined)):
        return ([c.strip(" ") for c in cells] if " " in joined else cells), {}
    out: list[str] = []
    bad: dict[int, str] = {}
    for i, cell in enumerate(cells):
        text = unicodedata.normalize("NFC", cell).strip(TRIM)
        out.append(text)
        refused = refused_character(text, kept)
        if refused is not None:
            bad[i] = refused
    return out, bad


def numbers(cells: Sequence[str]) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """(values, places that are no number, places that are empty); nan stands at both."""
    if _NUMBERS.fullmatch("\n".join(cells) + "\n"):
        values = np.fromiter(map(float, cells), np.float64, len(cells))
        if np.isfinite(values).all():
            return values, [], []
    parsed = [parse_number(cell) for cell in cells]
    empty = [i for i, cell in enumerate(cells) if not cell.strip(TRIM)]
    bad = [i for i, value in enumerate(parsed) if value is None and cells[i].strip(TRIM)]
    return np.array([np.nan if value is None else value for value in parsed], np.float64), bad, empty


class Words:
    """Gives equal values one object, so that a million labels of few kinds take little memory; gives up on names."""

    def __init__(self, most: int = 65_536):
        self._known: dict[str, str] = {}
        self._most = most

    def share(self, cells: Sequence[str]) -> list[str]:
        if len(self._known) > self._most:
            return list(cells)
        keep = self._known.setdefault
        return [keep(cell, cell) for cell in cells]


class Chunk:
    """Some well-formed rows as columns: `number` and `line` of each row, `cells(place)` of a column."""

    def __init__(self, rows: Sequence[Row]):
        self.number = [row.number for row in rows]
        self.line = [row.line for row in rows]
        self._columns: list[Sequence[str]] = list(zip(*(row.cells for row in rows), strict=True))
        self._notes: dict[int, dict[int, CellNote]] = {}
        for i, row in enumerate(rows):
            for note in row.problems:
                self._notes.setdefault(note.column, {})[i] = note

    def __len__(self) -> int:
        return len(self.number)

    def cells(self, place: int) -> Sequence[str]:
        return self._columns[place]

    def notes(self, place: int) -> dict[int, CellNote]:
        """What the spreadsheet said about cells of this column, by the row's place in the chunk."""
        return self._notes.get(place, {})

    def only(self, keep: Sequence[bool]) -> Chunk:
        """The rows that `keep` marks."""
        if all(keep):
            return self
        part = Chunk(())
        part.number = list(compress(self.number, keep))
        part.line = list(compress(self.line, keep))
        part._columns = [tuple(compress(column, keep)) for column in self._columns]
        if self._notes:
            moved = {old: new for new, old in enumerate(compress(range(len(self)), keep))}
            part._notes = {
                place: {moved[i]: note for i, note in notes.items() if i in moved}
                for place, notes in self._notes.items()
            }
        return part


class Judge:
    """Reads the columns of chunks and refuses the rows whose cells can't be what the column must hold."""

    def __init__(self, table: Table, names: Iterable[str], refusals: Refusals):
        self._places = places(table, names)
        self._width = len(table.header)
        self.refusals = refusals

    def whole(self, rows: Sequence[Row]) -> tuple[Chunk, int]:
        """(the rows that have as many cells as the header, how many rows are blank); others are refused."""
        good: list[Row] = []
        blank = 0
        for row in rows:
            if len(row.cells) == self._width:
                good.append(row)
            elif not row.cells:
                blank += 1
            else:
                count = len(row.cells)
                detail = (
                    f"{count} {'value' if count == 1 else 'values'} and the header has {self._width} columns"
                )
                self.refusals.add("field_count", row.number, row.line, detail=detail)
        return Chunk(good), blank

    def refuse(
        self,
        chunk: Chunk,
        i: int,
        code: str,
        field: str | None = None,
        found: str | None = None,
        detail: str = "",
    ) -> None:
        """Refuse row `i` of the chunk."""
        self.refusals.add(code, chunk.number[i], chunk.line[i], field, found, detail)

    def sound(self, chunk: Chunk) -> list[bool]:
        """For each row of the chunk, whether it has no defect so far."""
        bad = self.refusals.rows
        return [True] * len(chunk) if not bad else [number not in bad for number in chunk.number]

    def raw(self, chunk: Chunk, name: str) -> Sequence[str]:
        """The column as it stands in the file; nothing is refused."""
        return chunk.cells(self._places[name])

    def text(
        self,
        chunk: Chunk,
        name: str,
        *,
        kept: frozenset[str] = frozenset(),
        allow: frozenset[str] = frozenset(),
    ) -> Sequence[str]:
        """The column in NFC and trimmed; refuses control characters, and what a spreadsheet shows otherwise."""
        place = self._places[name]
        cells, bad = clean(chunk.cells(place), kept)
        for i, c in bad.items():
            self.refuse(chunk, i, "control_character", name, cells[i], describe(c))
        self._notes(chunk, name, allow)
        return cells

    def number(self, chunk: Chunk, name: str) -> tuple[NDArray[np.float64], list[int]]:
        """(the column as numbers, places of empty cells); nan where empty or refused."""
        cells = chunk.cells(self._places[name])
        values, bad, empty = numbers(cells)
        noted = self._notes(chunk, name, NUMBER_NOTES)
        for i in bad:
            if i not in noted:
                self.refuse(chunk, i, "not_a_number", name, cells[i].strip(TRIM))
        return values, [i for i in empty if i not in noted] if noted else empty

    def _notes(self, chunk: Chunk, name: str, allow: frozenset[str]) -> set[int]:
        noted = {i: note for i, note in chunk.notes(self._places[name]).items() if note.kind not in allow}
        for i, note in noted.items():
            self.refuse(chunk, i, _NOTE_CODES[note.kind], name, note.found or None, note.cell)
        return set(noted)


# The kinds of spreadsheet notes that a column may carry without harm.
NUMBER_NOTES = frozenset(("format", "long"))
DATE_NOTES = frozenset(("date",))
_NOTE_CODES = {
    "format": "spreadsheet_format",
    "date": "spreadsheet_format",
    "time": "spreadsheet_format",
    "long": "spreadsheet_long_number",
    "error": "spreadsheet_error",
    "formula": "spreadsheet_formula",
}

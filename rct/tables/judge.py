"""Reads the columns of rows and refuses the rows whose cells can't be what their column must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import compress
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from rct.tables.columns import clean, numbers, places
from rct.tables.formats import Format
from rct.tables.refusals import Refusals
from rct.tables.table import CellNote, RowBlock, Table
from rct.tables.values import LARGEST, TRIM, describe, is_garbled, parse_date, too_large

Notes = Mapping[int, tuple[CellNote, ...]]  # by the row's place
NONE: frozenset[str] = frozenset()
# The kinds of spreadsheet notes that a column may carry without harm.
NUMBER_NOTES = frozenset(("format", "long"))
DATE_NOTES = frozenset(("date",))
_HARMLESS = "number"  # a number in General format: its text is what is shown
_UNFIT = "?"  # in place of what is not written as declared: no number, date or word
_NOTE_CODES = {
    "format": "spreadsheet_format",
    "date": "spreadsheet_format",
    "time": "spreadsheet_format",
    "long": "spreadsheet_long_number",
    "error": "spreadsheet_error",
    "formula": "spreadsheet_formula",
}


class Chunk:
    """Some well-formed rows as columns: `number` and `line` of each row, `cells(place)` of a column."""

    def __init__(self, number: Sequence[int], line: Sequence[int], rows: Sequence[list[str]], notes: Notes):
        self.number = number
        self.line = line
        self._rows = rows
        self._notes = notes

    def __len__(self) -> int:
        return len(self._rows)

    def cells(self, place: int) -> list[str]:
        return list(map(itemgetter(place), self._rows))

    def notes(self, place: int) -> dict[int, CellNote]:
        """What the spreadsheet said about cells of this column, by the row's place in the chunk."""
        return {i: note for i, several in self._notes.items() for note in several if note.column == place}

    def only(self, keep: Sequence[bool]) -> Chunk:
        """The rows that `keep` marks."""
        if all(keep):
            return self
        moved = {old: new for new, old in enumerate(compress(range(len(self)), keep))} if self._notes else {}
        return Chunk(
            list(compress(self.number, keep)),
            list(compress(self.line, keep)),
            list(compress(self._rows, keep)),
            {moved[i]: several for i, several in self._notes.items() if i in moved},
        )


class Judge:
    """The columns `names` of `table`, chunk by chunk. What is wrong goes to `refusals`, never an exception.

    Raises `RctError` at once where a column is missing.
    """

    def __init__(self, table: Table, names: Iterable[str], refusals: Refusals):
        self._places = places(table, names)
        self._width = len(table.header)
        self._formats = table.formats
        self.refusals = refusals

    def whole(self, block: RowBlock) -> tuple[Chunk, int]:
        """(the rows that have as many cells as the header, how many rows are blank); others are refused."""
        number = range(block.start, block.start + len(block.rows))
        width = self._width
        chunk = Chunk(number, block.line, block.rows, block.notes)
        fits = [len(cells) == width for cells in block.rows]
        if all(fits):
            return chunk, 0
        blank = 0
        for i, cells in enumerate(block.rows):
            if not cells:
                blank += 1
            elif len(cells) != width:
                values = f"{len(cells)} {'value' if len(cells) == 1 else 'values'}"
                detail = f"{values}, and the header has {width} {'column' if width == 1 else 'columns'}"
                self.refusals.add("field_count", number[i], block.line[i], detail=detail)
        return chunk.only(fits), blank

    def refuse(
        self,
        chunk: Chunk,
        i: int,
        code: str,
        field: str | None = None,
        found: str | None = None,
        detail: str = "",
        fix: str = "",
    ) -> None:
        """Refuse row `i` of the chunk."""
        self.refusals.add(code, chunk.number[i], chunk.line[i], field, found, detail, fix)

    def sound(self, chunk: Chunk) -> list[bool]:
        """For each row of the chunk, whether it has no defect so far."""
        bad = self.refusals.rows
        return [number not in bad for number in chunk.number] if bad else [True] * len(chunk)

    def raw(self, chunk: Chunk, name: str) -> Sequence[str]:
        """The column as it stands in the file, or as its format writes it; nothing is refused."""
        cells = chunk.cells(self._places[name])
        own = self._formats.columns.get(name)
        if own is None:
            return cells
        written, unfit = self._written(chunk, name, own, cells)
        return [cells[i] if i in unfit else cell for i, cell in enumerate(written)]

    def text(
        self, chunk: Chunk, name: str, *, kept: frozenset[str] = NONE, allow: frozenset[str] = NONE
    ) -> Sequence[str]:
        """The column in NFC and trimmed. Refuses control characters, and what a spreadsheet shows otherwise.

        `kept`: characters not to refuse; `allow`: kinds of spreadsheet notes that do no harm here.
        """
        return self.read(chunk, name, kept=kept, allow=allow)[0]

    def read(
        self, chunk: Chunk, name: str, *, kept: frozenset[str] = NONE, allow: frozenset[str] = NONE
    ) -> tuple[Sequence[str], set[int]]:
        """`text`, and the places of the cells that were refused: nothing more need be said of them."""
        cells, bad = clean(chunk.cells(self._places[name]), kept)
        for i, c in bad.items():
            code = "garbled_text" if is_garbled(cells[i]) else "control_character"
            self.refuse(chunk, i, code, name, cells[i], describe(c))
        own = self._formats.columns.get(name)
        if own is None or allow:  # with `allow` it is read as what it is, and the reader asks for its format
            return cells, self._noted(chunk, name, allow) | set(bad)
        written, unfit = self._written(chunk, name, own, cells)
        noted = self._noted(chunk, name, frozenset(("date", *NUMBER_NOTES)) - {"long"})
        for i in unfit - set(bad) - noted:
            self.refuse(chunk, i, "not_in_format", name, cells[i], own.pattern)
        return written, noted | unfit | set(bad)

    def _written(
        self, chunk: Chunk, name: str, own: Format, cells: Sequence[str]
    ) -> tuple[list[str], set[int]]:
        """(the column as its declared format writes it, the places of what does not fit)."""
        notes = chunk.notes(self._places[name])
        written = [own.text(cell, notes[i].kind if i in notes else None) for i, cell in enumerate(cells)]
        unfit = {i for i, text in enumerate(written) if text is None}
        return [cells[i] if text is None else text for i, text in enumerate(written)], unfit

    def plain_numbers(self, chunk: Chunk, name: str, cells: Sequence[str]) -> Sequence[str]:
        """Numbers that are written as declared, as 1234.5; what does not fit becomes no number."""
        own = self._formats.number_of(name)
        if own is None:
            return cells
        stored = {
            i for i, n in chunk.notes(self._places[name]).items() if n.kind in ("format", "long", _HARMLESS)
        }
        known = {text: own.plain(text) for text in set(cells)}
        return [
            cell if i in stored else _UNFIT if (plain := known[cell]) is None else plain
            for i, cell in enumerate(cells)
        ]

    def day_of(self, name: str) -> Callable[[str], date | None]:
        """What reads the days of a column."""
        own = self._formats.date_of(name)
        return parse_date if own is None else own.parse

    def refuse_unfit(self, chunk: Chunk, i: int, code: str, name: str, cell: str) -> None:
        """Refuse row `i` for `code`; a cell that is no date or no number may be none as declared."""
        formats = self._formats
        own = {"not_a_date": formats.date_of(name), "not_a_number": formats.number_of(name)}.get(code)
        code, detail = (code, "") if own is None else ("not_in_format", own.pattern)
        self.refuse(chunk, i, code, name, cell or None, detail)

    def yes_no(self, chunk: Chunk, name: str, code: str) -> tuple[Sequence[str], list[bool | None]]:
        """(the column as text, what each cell says); refuses for `code` what is neither yes nor no nor empty."""
        cells, refused = self.read(chunk, name, allow=NUMBER_NOTES)
        known = {word: self._formats.yes_no(word) for word in set(cells)}
        answers = [known[cell] for cell in cells]
        if None in known.values():
            for i, answer in enumerate(answers):
                if answer is None and i not in refused:
                    self.refuse(chunk, i, code, name, cells[i], self._words())
        return cells, answers

    def _words(self) -> str:
        """The declared words, as the end of a list of them."""
        declared = sorted(self._formats.yes | self._formats.no)
        return f"; declared: {', '.join(declared)}" if declared else ""

    def number(self, chunk: Chunk, name: str) -> tuple[NDArray[np.float64], list[int]]:
        """(the column as numbers, places of empty cells); nan where empty or refused.

        What is too large to be reckoned with is refused here, with its row, and not when it has spoiled a sum.
        """
        cells = chunk.cells(self._places[name])
        values, bad, empty = numbers(self.plain_numbers(chunk, name, cells))
        noted = self._noted(chunk, name, NUMBER_NOTES)
        huge = np.flatnonzero(np.abs(values) > LARGEST).tolist()
        beyond = set(huge)
        values[huge] = np.nan
        for i in sorted((*bad, *huge)):
            if i not in noted:
                if i in beyond or too_large(cells[i]):
                    self.refuse(chunk, i, "number_too_large", name, cells[i].strip(TRIM))
                else:
                    self.refuse_unfit(chunk, i, "not_a_number", name, cells[i].strip(TRIM))
        return values, [i for i in empty if i not in noted]

    def _noted(self, chunk: Chunk, name: str, allow: frozenset[str]) -> set[int]:
        """Refuse the rows whose spreadsheet cell is not what it looks like; their places."""
        noted = {
            i: note
            for i, note in chunk.notes(self._places[name]).items()
            if note.kind != _HARMLESS and note.kind not in allow
        }
        for i, note in noted.items():
            self.refuse(chunk, i, _NOTE_CODES[note.kind], name, note.found or None, note.cell)
        return set(noted)

"""CSV: the second reading, row by row. Never `splitlines`, which cuts at U+2028, U+0085 and more."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import NoReturn

from rct.errors import Problem, stop
from rct.tables.delimiter import delimiter_of, first_record
from rct.tables.survey import TooLongError, lines, refuse_long, survey
from rct.tables.table import ALONE_FIX, CHUNK, EMPTY_FIX, RowBlock
from rct.tables.values import TRIM

LONGEST = 131_072  # characters of a value


class CsvFile:
    """A delimited text file. `header` is the first record as it stands; `blocks()` reads the rest."""

    def __init__(self, path: Path, file: str, encoding: str | None, header_row: int = 1):
        csv.field_size_limit(LONGEST)  # one limit for the whole process, which other libraries move
        self._path = path
        self._file = file
        self._above = header_row - 1  # lines above the header
        self._survey = survey(path, file, encoding)
        self.encoding = self._survey.encoding
        self.sha256 = self._survey.sha256
        self.warnings: list[Problem] = []
        self.delimiter = self._find_delimiter()
        self.header = self._read_header()

    def _find_delimiter(self) -> str:
        with self._path.open("rb") as raw, TextIOWrapper(raw, self._survey.codec, newline="") as stream:
            for _ in islice(stream, self._above):
                pass
            header = first_record(stream)
        found = delimiter_of(header)
        if found is None:
            rule = "Two of comma, semicolon, tab and pipe stand equally often in the header."
            fix = "Put names that hold such a character in double quotes."
            stop(
                "ambiguous_delimiter",
                rule,
                fix,
                file=self._file,
                line=self._above + 1,
                found=header.strip()[:200],
            )
        return found

    def _read_header(self) -> list[str]:
        records = chain.from_iterable(block.rows for block in self._blocks(1, skip=0))
        header = next(records, [])
        if not any(records):
            if not header:
                stop("empty_file", "The file is empty.", EMPTY_FIX, file=self._file)
            stop(
                "header_alone",
                "The file has a header and no rows.",
                ALONE_FIX,
                file=self._file,
                line=self._above + 1,
            )
        return header

    def blocks(self) -> Iterator[RowBlock]:
        """The data rows, in order. Raises `RctError` for what ends the reading, naming row and line."""
        return self._blocks(CHUNK, skip=1)

    def _blocks(self, size: int, skip: int) -> Iterator[RowBlock]:
        """Blocks of up to `size` records, after the first `skip`.

        Numbers count from the record after the header.
        """
        rows: list[list[str]] = []
        start, line = 0, self._above  # number of the block's first record; lines read before it
        try:
            with self._path.open("rb") as raw, TextIOWrapper(raw, self._survey.codec, newline="") as stream:
                self._check_unchanged(raw.fileno())
                pending = [0]
                source = lines(stream, pending)
                for _ in islice(source, self._above):
                    pending[0] = 0
                reader = csv.reader(source, delimiter=self.delimiter, strict=True)
                for _ in islice(reader, skip):
                    start, line, pending[0] = start + 1, reader.line_num + self._above, 0
                while True:
                    rows = []
                    for cells in islice(reader, size):
                        pending[0] = 0
                        rows.append(cells)
                    if not rows:
                        break
                    read = reader.line_num + self._above
                    where = _lines_of(rows, line + 1, read - line)
                    yield RowBlock(start, where, [_unless_blank(cells) for cells in rows])
                    start, line = start + len(rows), read
                self._check_unchanged(raw.fileno())
        except (TooLongError, csv.Error, UnicodeDecodeError) as error:
            if isinstance(error, UnicodeDecodeError):
                self._refuse_changed()
            at = line + 1 + sum(map(_span, rows))
            self._refuse(error, (start + len(rows)) or None, at)

    def _check_unchanged(self, descriptor: int) -> None:
        state = os.fstat(descriptor)
        if (state.st_size, state.st_mtime_ns) != (self._survey.size, self._survey.changed):
            self._refuse_changed()

    def _refuse_changed(self) -> NoReturn:
        rule = "The file was changed while it was read."
        stop("file_changed", rule, "Close it elsewhere and give the command again.", file=self._file)

    def _refuse(self, error: Exception, row: int | None, line: int) -> NoReturn:
        said = str(error)
        if isinstance(error, TooLongError):
            refuse_long(self._file, row, line)
        if "unexpected end of data" in said:
            code, rule = "unclosed_quote", "A double quote is opened in this row and never closed."
            fix = 'Close it, or write "" for a quote inside a value.'
        elif "field larger than" in said:
            code, rule = (
                "field_too_long",
                f"A value in this row is longer than {LONGEST:,} characters.",
            )
            fix = "Most often a double quote is opened here and never closed."
        else:
            code, rule = "stray_quote", "In this row a quoted value goes on after its closing quote."
            fix = 'Write "" for a quote inside a quoted value.'
        stop(code, rule, fix, file=self._file, row=row, line=line)


def _unless_blank(cells: list[str]) -> list[str]:
    """`cells`, or an empty list where nothing stands in them."""
    if cells and (cells[0].strip(TRIM) or "".join(cells).strip(TRIM)):
        return cells
    return []


def _lines_of(rows: list[list[str]], first: int, count: int) -> range | list[int]:
    """The line on which each record begins, given the block's first line and how many lines it takes."""
    if count == len(rows):
        return range(first, first + count)
    where: list[int] = []
    for cells in rows:
        where.append(first)
        first += _span(cells)
    return where


def _span(cells: list[str]) -> int:
    """How many lines a record takes: one more than the line breaks inside its values."""
    return 1 + sum(c.count("\n") + c.count("\r") - c.count("\r\n") for c in cells)

"""XLSX, as text. openpyxl reads workbook, styles and shared strings; the sheet's rows are walked here.

Why the walk is ours: openpyxl's own drops rows that stand out of order and shows a formula without a stored
value as an empty cell; here neither is silent. Every part passes defusedxml first. python-calamine is faster,
but a lone cell at XFD1048576 aborts the process.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, iterparse

import defusedxml.ElementTree
import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from rct.errors import Problem, stop, typed, visible
from rct.tables.table import ALONE_FIX, CHUNK, EMPTY_FIX, CellNote, RowBlock, TableRow
from rct.tables.values import TRIM
from rct.tables.xlsx_cells import CELL, ROW, CellReader, whole

MAX_MEMBERS = 1_000
MAX_BYTES = 200 << 20  # all members, inflated
MAX_RATIO = 200  # of a member over RATIO_FROM bytes
RATIO_FROM = 10 << 20
MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 1_048_576, 16_384, 32_767  # a sheet's own limits, and a cell's


# A broken workbook makes openpyxl fail wherever its XML leads it.
_BROKEN = (
    SyntaxError,  # the parse errors of ElementTree and of lxml, where that is installed
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
)


_column = cache(column_index_from_string)  # ABC → 731; at most 18,278 of them, ValueError for anything else


class XlsxFile:
    """The first visible sheet of a workbook. `header` is its first row; `rows()` reads the rest."""

    encoding = None
    delimiter = None

    def __init__(
        self,
        path: Path,
        file: str,
        *,
        mark_numbers: bool = False,
        sheet: str | None = None,
        header_row: int = 1,
    ):
        if not openpyxl.DEFUSEDXML:
            stop(
                "xlsx_unsafe",
                "Workbooks are not read without defusedxml.",
                "Install defusedxml; unset OPENPYXL_DEFUSEDXML.",
            )
        self._file = file
        if path.stat().st_size > MAX_BYTES:
            self._too_large(f"it is larger than {MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._archive = io.BytesIO(content)  # openpyxl would judge a path by its ending
        self._check_archive()
        self._book = self._open_book()
        self.warnings: list[Problem] = []
        self._top = header_row
        self._sheet = self._choose_sheet(sheet)
        self._cells = CellReader(self._book, self._sheet._shared_strings, mark_numbers)
        self.header = self._read_header()

    def _check_archive(self) -> None:
        """The zip directory, before anything is inflated; zipfile gives no more than the stated sizes."""
        try:
            with zipfile.ZipFile(self._archive) as archive:
                members = archive.infolist()
                self._check_members(members)
                for member in members:
                    self._check_prolog(archive, member)
        except _BROKEN:
            self._broken()

    def _check_members(self, members: list[zipfile.ZipInfo]) -> None:
        if len(members) > MAX_MEMBERS:
            self._too_large(f"it holds {len(members):,} parts; the limit is {MAX_MEMBERS:,}")
        total = sum(m.file_size for m in members)
        if total > MAX_BYTES:
            self._too_large(f"unpacked it would take {total >> 20:,} MiB; the limit is {MAX_BYTES >> 20}")
        for m in members:
            if m.file_size > RATIO_FROM and m.file_size > MAX_RATIO * m.compress_size:
                self._too_large(f"a part of it unpacks to over {MAX_RATIO} times its size")
            if m.flag_bits & 1 or m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self._broken()

    def _check_prolog(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        """No part may declare a document type, with its entities; parts that are not XML are not read at all."""
        with archive.open(member) as part:
            try:
                next(defusedxml.ElementTree.iterparse(part, ("start",), forbid_dtd=True), None)
            except SyntaxError:
                return

    def _too_large(self, why: str) -> NoReturn:
        stop(
            "xlsx_too_large",
            f"The workbook is not read: {why}.",
            "Save the sheet as CSV UTF-8 and load that.",
            file=self._file,
        )

    def _broken(self) -> NoReturn:
        stop(
            "not_a_table",
            "This is not an XLSX workbook that can be read.",
            "Open it in the spreadsheet program and save it again as XLSX, or as CSV UTF-8.",
            file=self._file,
        )

    def _open_book(self) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about features that are not read here
                return openpyxl.load_workbook(self._archive, read_only=True, data_only=True, keep_links=False)
        except _BROKEN:
            self._broken()

    def _choose_sheet(self, asked: str | None) -> Any:
        """The sheet that was asked for, or the first that is shown, with a word about the others."""
        sheets = self._book.worksheets
        if asked is not None:
            same = [s for s in sheets if s.title.strip().casefold() == asked.strip().casefold()]
            if not same:
                known = ", ".join(f"'{visible(s.title)}'" for s in sheets[:20])
                rule = f"The workbook has no sheet '{visible(asked)}'. It has: {known}."
                fix = f"Name one of them: --sheet {typed(sheets[0].title)}" if sheets else EMPTY_FIX
                stop("no_sheet", rule, fix, file=self._file, found=visible(asked))
            return same[0]
        shown = [s for s in sheets if s.sheet_state == "visible"] or sheets
        if not shown:
            self._broken()
        if len(shown) > 1:
            others = ", ".join(f"'{visible(s.title)}'" for s in shown[1:6])
            self.warnings.append(
                Problem(
                    code="other_sheets",
                    rule=f"Only the sheet '{visible(shown[0].title)}' is read; there are also {others}.",
                    fix=f"Name the sheet to read, for example: --sheet {typed(shown[1].title)}",
                    file=self._file,
                )
            )
        return shown[0]

    def _read_header(self) -> list[str]:
        records = self._records()
        first = next(records, None)
        second = next((row for row in records if row.cells), None)
        if second is None and (first is None or not first.cells):
            stop("empty_file", "The sheet is empty.", EMPTY_FIX, file=self._file)
        if second is None:
            stop(
                "header_alone",
                "The sheet has a header and no rows.",
                ALONE_FIX,
                file=self._file,
                line=self._top,
            )
        assert first is not None
        return first.cells

    def blocks(self) -> Iterator[RowBlock]:
        """The data rows, in order, at least as wide as the header. Blank rows after the last are no rows."""
        records = self._records()
        next(records)
        width = len(self.header)
        while rows := list(islice(records, CHUNK)):
            for row in rows:
                if row.cells:
                    row.cells.extend([""] * (width - len(row.cells)))
            notes = {i: row.problems for i, row in enumerate(rows) if row.problems}
            yield RowBlock(rows[0].number, [row.line for row in rows], [row.cells for row in rows], notes)

    def _records(self) -> Iterator[TableRow]:
        at = self._top - 1  # the sheet's row that was yielded last
        rows = self._sheet_rows()
        while True:
            try:
                found = next(rows, None)
                if found is None:
                    return
                line, cells, notes = found
                if 0 < line < self._top:
                    continue  # above the header
                if not at < line <= MAX_ROWS:
                    raise ValueError("rows out of order")
            except _BROKEN:
                self._broken()
            if not cells:
                continue
            for blank in range(at + 1, line):
                yield TableRow(blank - self._top, blank, [])
            yield TableRow(line - self._top, line, cells, tuple(notes))
            at = line

    def _sheet_rows(self) -> Iterator[tuple[int, list[str], list[CellNote]]]:
        with self._sheet._get_source() as source:
            line = held = 0  # one shared text may fill many cells: what they hold in all is counted
            # Without a document type (see _check_prolog) there are no entities: the fast parser is as safe here.
            for _, element in iterparse(source):
                if element.tag == ROW:
                    stated = element.get("r")
                    line = line + 1 if stated is None else whole(stated)
                    cells, notes = self._row(element, line)
                    element.clear()
                    held += sum(map(len, cells))
                    if held > MAX_BYTES:
                        self._too_large(f"its cells hold more than {MAX_BYTES >> 20} MiB of text")
                    yield line, cells, notes

    def _row(self, row: Element, line: int) -> tuple[list[str], list[CellNote]]:
        """Text by column, cut after the last cell that holds something."""
        cells: list[str] = []
        notes: list[CellNote] = []
        column = 0
        for element in row.iter(CELL):
            stated = element.get("r")
            place = _column(stated.rstrip("0123456789")) if stated else column + 1
            if not column < place <= MAX_COLUMNS:
                raise ValueError("cells out of order")
            column = place
            text, kind, found = self._cells.read(element)
            if kind:
                notes.append(CellNote(column - 1, kind, f"{get_column_letter(column)}{line}", found))
            if len(text) > MAX_TEXT:
                stop(
                    "field_too_long",
                    f"A cell of a workbook holds at most {MAX_TEXT:,} characters.",
                    "Shorten the value.",
                    file=self._file,
                    row=max(line - self._top, 0) or None,
                    line=line,
                )
            if kind or text.strip(TRIM):
                cells.extend([""] * (column - 1 - len(cells)))
                cells.append(text)
        return cells, notes

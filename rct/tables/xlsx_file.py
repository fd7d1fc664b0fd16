"""XLSX, as text. openpyxl reads workbook, styles and shared strings; the sheet's rows are walked here.

Why the walk is ours: openpyxl's own drops rows that stand out of order and shows a formula without a stored
value as an empty cell; here neither is silent. All XML goes through defusedxml. python-calamine is faster,
but a lone cell at XFD1048576 aborts the process.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import openpyxl
from openpyxl.styles import numbers
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import from_excel, from_ISO8601

from rct.errors import Problem, stop, visible
from rct.tables.table import ALONE_FIX, CHUNK, EMPTY_FIX, Block, CellNote, Row
from rct.tables.values import TRIM

MAX_MEMBERS = 1_000
MAX_BYTES = 200 << 20  # all members, inflated
MAX_RATIO = 200  # of a member over RATIO_FROM bytes
RATIO_FROM = 10 << 20
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # a sheet's own limits
MAX_DIGITS = 15  # what a spreadsheet keeps of a number

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL, _VALUE, _FORMULA, _INLINE, _TEXT, _RUN = (
    _NS + tag for tag in ("row", "c", "v", "f", "is", "t", "r")
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
# A broken workbook makes openpyxl fail wherever its XML leads it.
_BROKEN = (
    ParseError,
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
)


class XlsxFile:
    """The first visible sheet of a workbook. `header` is its first row; `rows()` reads the rest."""

    encoding = None
    delimiter = None

    def __init__(self, path: Path, file: str):
        if not openpyxl.DEFUSEDXML:
            stop(
                "xlsx_unsafe",
                "Workbooks are not read without defusedxml.",
                "Install defusedxml; unset OPENPYXL_DEFUSEDXML.",
            )
        self._path = path
        self._file = file
        self._check_archive()
        with path.open("rb") as stream:
            self.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            state = os.fstat(stream.fileno())
        self._state = (state.st_size, state.st_mtime_ns)
        self._book = self._open_book()
        self.warnings: list[Problem] = []
        self._sheet = self._choose_sheet()
        self.header = self._read_header()

    def _check_archive(self) -> None:
        """The zip directory, before anything is inflated; zipfile gives no more than the stated sizes."""
        try:
            with zipfile.ZipFile(self._path) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self._broken()
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
                return openpyxl.load_workbook(self._path, read_only=True, data_only=True, keep_links=False)
        except _BROKEN:
            self._broken()

    def _choose_sheet(self) -> Any:
        sheets = self._book.worksheets
        shown = [s for s in sheets if s.sheet_state == "visible"] or sheets
        if not shown:
            self._broken()
        if len(shown) > 1:
            others = ", ".join(f"'{visible(s.title)}'" for s in shown[1:6])
            self.warnings.append(
                Problem(
                    code="other_sheets",
                    rule=f"Only the sheet '{visible(shown[0].title)}' is read; there are also {others}.",
                    fix="Put the sheet to read first, or save it as CSV UTF-8.",
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
            stop("header_alone", "The sheet has a header and no rows.", ALONE_FIX, file=self._file, line=1)
        assert first is not None
        return first.cells

    def blocks(self) -> Iterator[Block]:
        """The data rows, in order, at least as wide as the header. Blank rows after the last are no rows."""
        records = self._records()
        next(records)
        width = len(self.header)
        while rows := list(islice(records, CHUNK)):
            for row in rows:
                if row.cells:
                    row.cells.extend([""] * (width - len(row.cells)))
            notes = {i: row.problems for i, row in enumerate(rows) if row.problems}
            yield Block(rows[0].number, [row.line for row in rows], [row.cells for row in rows], notes)

    def _records(self) -> Iterator[Row]:
        state = self._path.stat()
        if (state.st_size, state.st_mtime_ns) != self._state:
            stop(
                "file_changed",
                "The file was changed while it was read.",
                "Close it elsewhere and give the command again.",
                file=self._file,
            )
        at = 0  # the sheet's row that was yielded last
        rows = self._sheet_rows()
        while True:
            try:
                found = next(rows, None)
                if found is None:
                    return
                line, cells, notes = found
                if not at < line <= MAX_ROWS:
                    raise ValueError("rows out of order")
            except _BROKEN:
                self._broken()
            if not cells:
                continue
            for blank in range(at + 1, line):
                yield Row(blank - 1, blank, [])
            yield Row(line - 1, line, cells, tuple(notes))
            at = line

    def _sheet_rows(self) -> Iterator[tuple[int, list[str], list[CellNote]]]:
        with self._sheet._get_source() as source:
            line = 0
            for _, element in defusedxml.ElementTree.iterparse(source, forbid_dtd=True):
                if element.tag == _ROW:
                    stated = element.get("r")
                    line = line + 1 if stated is None else int(stated)
                    cells, notes = self._row(element, line)
                    element.clear()
                    yield line, cells, notes

    def _row(self, row: Element, line: int) -> tuple[list[str], list[CellNote]]:
        """Text by column, cut after the last cell that holds something."""
        cells: list[str] = []
        notes: list[CellNote] = []
        column = 0
        for element in row.iter(_CELL):
            stated = element.get("r")
            place = coordinate_to_tuple(stated)[1] if stated else column + 1
            if not column < place <= MAX_COLUMNS:
                raise ValueError("cells out of order")
            column = place
            text, kind, found = self._cell(element)
            if kind:
                notes.append(CellNote(column - 1, kind, f"{get_column_letter(column)}{line}", found))
            if kind or text.strip(TRIM):
                cells.extend([""] * (column - 1 - len(cells)))
                cells.append(text)
        return cells, notes

    def _cell(self, element: Element) -> tuple[str, str, str]:
        """(text, kind of note or '', what to show for it)."""
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = element.find(_INLINE)
            return ("" if inline is None else _unescaped(_rich(inline))), "", ""
        value = element.findtext(_VALUE)
        if not value:
            if element.find(_FORMULA) is not None and kind != "str":
                return "", "formula", ""
            return "", "", ""
        if kind == "s":
            return _unescaped(self._sheet._shared_strings[int(value)]), "", ""
        if kind == "str":
            return _unescaped(value), "", ""
        if kind == "b":
            return ("TRUE" if int(value) else "FALSE"), "", ""
        if kind == "e":
            return value, "error", value
        if kind == "d":
            return _moment(from_ISO8601(value))  # type: ignore[no-untyped-call]
        return self._number(value, int(element.get("s", 0)))

    def _number(self, value: str, style: int) -> tuple[str, str, str]:
        if style in self._book._date_formats:
            try:
                return _moment(
                    from_excel(
                        float(value), self._book.epoch, timedelta=style in self._book._timedelta_formats
                    )
                )
            except (OverflowError, ValueError):
                return value, "error", value
        text = value if _WHOLE.fullmatch(value) else _shortest(float(value))
        shown = self._number_format(style)
        if shown not in ("General", "@"):  # a number in a cell formatted as text is shown as in General
            return text, "format", f"{text} (format {shown})"
        if len(text.lstrip("-")) > MAX_DIGITS and _WHOLE.fullmatch(text):
            return text, "long", text
        return text, "", ""

    def _number_format(self, style: int) -> str:
        number = self._book._cell_styles[style].numFmtId
        builtin = numbers.BUILTIN_FORMATS
        first_own = numbers.BUILTIN_FORMATS_MAX_SIZE
        return str(
            builtin.get(number, "General")
            if number < first_own
            else self._book._number_formats[number - first_own]
        )


def _shortest(value: float) -> str:
    """The shortest text that reads back as this number; whole numbers without a point."""
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def _moment(value: Any) -> tuple[str, str, str]:
    """A date as YYYY-MM-DD, with its time if it has one; a bare time or a duration is no date."""
    if isinstance(value, datetime.datetime):
        text = (
            value.isoformat(sep=" ", timespec="seconds")
            if value.time() != datetime.time()
            else value.date().isoformat()
        )
        return text, "date", text
    if isinstance(value, datetime.date):
        return value.isoformat(), "date", value.isoformat()
    return str(value), "time", str(value)


def _rich(node: Element) -> str:
    """The text of an inline string: its own, and that of its runs; phonetic hints are left out."""
    own = node.findtext(_TEXT) or ""
    return own + "".join(run.findtext(_TEXT) or "" for run in node.findall(_RUN))


def _unescaped(text: str) -> str:
    """Excel writes a control character as `_x000D_`; here it is that character, for the stage to refuse."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text

"""`read_table`: one door to CSV and XLSX. A `Table` knows its header and yields its rows, streaming."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from rct.errors import Problem, RctError, stop, visible
from rct.tables.formats import FileFormats, Layout
from rct.tables.values import TRIM

EMPTY_FIX = "Export it again: the first line must hold the column names."
ALONE_FIX = "Export it again, with the rows."
_TITLES = 20  # rows above a header that are looked through
CHUNK = 4_096  # rows that are in memory at once
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


class CellNote(NamedTuple):
    """What a spreadsheet cell holds besides its text. `column` is its place in the row, 0-based.

    kind: `format` (a number shown in another format than General), `number` (one in General, told only where formats
    are declared), `date` (the text is the ISO date), `time`,
    `long` (a number of over 15 digits, which a spreadsheet can't hold), `error` (#N/A …), `formula` (without
    a stored value).
    """

    column: int
    kind: str
    cell: str
    found: str


class TableRow(NamedTuple):
    """One data row. `number` counts data rows from 1, `line` is the file's line (XLSX: the sheet's row).

    A blank row has `cells == []`. `len(cells) != len(header)` is for the stage to judge.
    """

    number: int
    line: int
    cells: list[str]
    problems: tuple[CellNote, ...] = ()


@dataclass(frozen=True)
class RowBlock:
    """Up to CHUNK rows in a run: the first has number `start`, each its place in `line`, its cells in `rows`.

    `notes` has the spreadsheet's notes by the row's place in the block.
    """

    start: int
    line: Sequence[int]
    rows: list[list[str]]
    notes: dict[int, tuple[CellNote, ...]] = field(default_factory=dict)


class TableSource(Protocol):
    """A file that was looked over: its header record, and its rows as often as asked."""

    @property
    def sha256(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def delimiter(self) -> str | None: ...
    @property
    def header(self) -> list[str]: ...
    @property
    def warnings(self) -> list[Problem]: ...
    def blocks(self) -> Iterator[RowBlock]: ...


class Table:
    """A table of text. Each iteration reads the file anew; memory holds one block of rows."""

    def __init__(
        self,
        source: TableSource,
        file: str,
        rename: Mapping[str, str] | None,
        layout: Layout | None = None,
        header_row: int = 1,
    ):
        layout = layout or Layout()
        self._source = source
        self.formats: FileFormats = layout.formats
        self.file = file
        self.sha256 = source.sha256
        self.encoding = source.encoding
        self.delimiter = source.delimiter
        self.warnings = list(source.warnings)
        self.header_row = header_row
        self._called = {
            **layout.columns,
            **(rename or {}),
        }  # what the file calls a column: its name in the definition
        self.header = _names(source, file, rename or {}, layout.columns, header_row)

    def __iter__(self) -> Iterator[TableRow]:
        for block in self.blocks():
            for i, cells in enumerate(block.rows):
                yield TableRow(block.start + i, block.line[i], cells, block.notes.get(i, ()))

    def blocks(self) -> Iterator[RowBlock]:
        """The same rows, many at a time: several times faster."""
        return self._source.blocks()

    def line_of_header(self, names: Iterable[str]) -> int | None:
        """The line below the first that holds one of these names, where a title or `sep=,` stands above the header."""
        wanted = {name.casefold() for name in names}
        wanted |= {heading.casefold() for heading, name in self._called.items() if name.casefold() in wanted}
        try:
            block = next(self.blocks(), None)
        except RctError:
            return None  # what is wrong with the rows is said when they are read
        for line, cells in zip(block.line, block.rows[:_TITLES], strict=False) if block else ():
            if wanted & {unicodedata.normalize("NFC", cell).strip(TRIM).casefold() for cell in cells}:
                return line
        return None

    def ignored(self, names: Iterable[str]) -> list[str]:
        """The columns that `names` doesn't hold, in the file's order; one without a name is ''."""
        known = set(names)
        return [name for name in self.header if name not in known]


def delete_above(line: int) -> str:
    """What to do where the header stands in `line`."""
    lines = "line 1" if line == 2 else f"lines 1 to {line - 1:,}"
    return f"Say where the column names stand: --header-row {line}  (or delete {lines} of the file)."


def read_table(
    path: Path | str,
    *,
    encoding: str | None = None,
    rename: Mapping[str, str] | None = None,
    shown_as: str | None = None,
    layout: Layout | None = None,
    sheet: str | None = None,
    header_row: int = 1,
) -> Table:
    """Open a CSV (comma, semicolon, tab or pipe) or XLSX file as a `Table`. `sheet`: of a workbook, where it is not the
    first that is shown; `header_row`: the line with the column names; what stands above it is passed over.

    `encoding` is for files that are not UTF-8 and bear no mark; `rename` maps a column of the file to the
    name wanted; `shown_as` is the file's name in messages; `layout`: how the office's own files are laid out, its
    columns applied after `rename` and where the file has them. A CSV is read once here to check its encoding and
    hash it. Raises `RctError`: unreadable or empty file, header alone, encoding, NUL, a quote never closed,
    two columns of one name, not a table, a workbook over the limits. Some of these are found only while rows
    are read.
    """
    path = Path(path)
    file = shown_as if shown_as is not None else path.name
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        rule = f"The file could not be read: {error.strerror or 'unknown reason'}."
        stop("file_unreadable", rule, "Check the path, and who may read the file.", file=file)
    if not head:
        stop("empty_file", "The file is empty.", EMPTY_FIX, file=file)
    if head.startswith(_OLD_EXCEL):
        rule = "This is an old Excel file (.xls), or a workbook with a password."
        fix = "Open it in the spreadsheet program and save it as XLSX without a password, or as CSV UTF-8."
        stop("not_a_table", rule, fix, file=file)
    if head.startswith(_ZIP):
        if encoding is not None:
            rule = "A workbook has no encoding to choose."
            stop("encoding_conflict", rule, "Leave --encoding out.", file=file)
        from rct.tables.xlsx_file import XlsxFile  # openpyxl takes a while to import: only for a workbook

        numbers = layout is not None and layout.formats.of_numbers
        book = XlsxFile(path, file, mark_numbers=numbers, sheet=sheet, header_row=header_row)
        return Table(book, file, rename, layout, header_row)
    from rct.tables.csv_file import CsvFile

    if sheet is not None:
        stop("no_sheet", "A CSV file has no sheets.", "Leave --sheet out.", file=file, found=visible(sheet))
    return Table(CsvFile(path, file, encoding, header_row), file, rename, layout, header_row)


def _names(
    source: TableSource, file: str, rename: Mapping[str, str], columns: Mapping[str, str], header_row: int
) -> list[str]:
    """The header's names: NFC, trimmed, renamed, called as the definition calls them; refuses two of one name. A column
    may have none."""
    names = [unicodedata.normalize("NFC", name).strip(TRIM) for name in source.header]
    if not any(names):
        rule = (
            "The first line holds no column names."
            if header_row == 1
            else f"Line {header_row:,} holds no column names."
        )
        fix = "Say in which line they stand, for example --header-row 3, or delete what stands above them."
        stop("no_header", rule, fix, file=file, line=header_row)
    for old in rename:
        if old not in names:
            rule = f"The file has no column '{visible(old)}' to rename. It has: {shown_names(names)}."
            fix = "Write --rename file_column=name, with a column of the file on the left."
            stop("unknown_rename", rule, fix, file=file, line=header_row, field=old)
    called = {heading: name for name, heading in columns.items()}
    names = [rename[name] if name in rename else called.get(name, name) for name in names]
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            rule = f"{names.count(name)} columns are called '{visible(name)}'."
            stop(
                "duplicate_column",
                rule,
                "Give each column its own name.",
                file=file,
                line=header_row,
                field=name,
            )
    return names


def shown_names(names: Iterable[str]) -> str:
    """Column names for a message: quoted, safe to print, at most twenty."""
    known = [f"'{visible(name)}'" for name in names if name]
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return ", ".join(known[:20]) + more

"""`read_table`: one door to CSV and XLSX. A `Table` knows its header and yields its rows, streaming."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from rct.errors import Problem, stop, visible
from rct.tables.values import TRIM

EMPTY_FIX = "Export it again: the first line must hold the column names."
ALONE_FIX = "Export it again, with the rows."


class CellNote(NamedTuple):
    """What a spreadsheet cell holds besides its text. `column` is its place in the row, 0-based.

    kind: `format` (a number shown in another format than General), `date` (text is the ISO date), `time`,
    `long` (a number of over 15 digits, which a spreadsheet can't hold), `error` (#N/A …), `formula` (no stored value).
    """

    column: int
    kind: str
    cell: str
    found: str


class Row(NamedTuple):
    """One data row. `number` counts data rows from 1, `line` is the file's line (XLSX: the sheet's row).

    A blank row has `cells == []`. `len(cells) != len(header)` is for the stage to judge.
    """

    number: int
    line: int
    cells: list[str]
    problems: tuple[CellNote, ...] = ()


class Source(Protocol):
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
    def header_line(self) -> int: ...
    @property
    def warnings(self) -> list[Problem]: ...
    def rows(self) -> Iterator[Row]: ...


class Table:
    """A table of text. Iterating reads the file anew each time; memory holds one row."""

    def __init__(self, source: Source, file: str, rename: Mapping[str, str] | None):
        self._source = source
        self.file = file
        self.sha256 = source.sha256
        self.encoding = source.encoding
        self.delimiter = source.delimiter
        self.warnings = list(source.warnings)
        self.header = _names(source, file, rename or {})

    def __iter__(self) -> Iterator[Row]:
        return self._source.rows()

    def ignored(self, names: Iterable[str]) -> list[str]:
        """The columns that `names` doesn't hold, in the file's order; one without a name is ''."""
        known = set(names)
        return [name for name in self.header if name not in known]


def read_table(
    path: Path | str,
    *,
    encoding: str | None = None,
    rename: Mapping[str, str] | None = None,
    shown_as: str | None = None,
) -> Table:
    """Open a CSV (comma, semicolon, tab or pipe) or XLSX file as a `Table`.

    `encoding` is for files that are not UTF-8 and bear no mark; `rename` maps the file's column to the name wanted;
    `shown_as` is the file's name in messages. The whole file is read once to check its encoding and to hash it.
    Raises `RctError`: unreadable or empty file, header alone, encoding, NUL, a quote never closed, two columns of
    one name, not a table, a workbook over the limits. Some of these are found only while rows are read.
    """
    path = Path(path)
    file = shown_as if shown_as is not None else path.name
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        reason = error.strerror or "unreadable"
        stop(
            "file_unreadable",
            f"The file could not be read: {reason}.",
            "Check the path and who may read it.",
            file=file,
        )
    if not head:
        stop("empty_file", "The file is empty.", EMPTY_FIX, file=file)
    if head.startswith(b"PK\x03\x04"):
        from rct.tables.xlsx_file import XlsxFile  # openpyxl takes a while to import: only for a workbook

        if encoding is not None:
            stop(
                "encoding_conflict",
                "An XLSX file has no encoding to choose.",
                "Leave --encoding out.",
                file=file,
            )
        return Table(XlsxFile(path, file), file, rename)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        stop(
            "not_a_table",
            "This is an old Excel file (.xls), or a workbook with a password.",
            "Open it in the spreadsheet program and save it as XLSX without a password, or as CSV UTF-8.",
            file=file,
        )
    from rct.tables.csv_file import CsvFile

    return Table(CsvFile(path, file, encoding), file, rename)


def _names(source: Source, file: str, rename: Mapping[str, str]) -> list[str]:
    """The header's names: NFC, trimmed, renamed; refuses two of one name."""
    names = [unicodedata.normalize("NFC", name).strip(TRIM) for name in source.header]
    if not any(names):
        stop(
            "no_header",
            "The first line holds no column names.",
            "Delete what stands above the header, so that the first line holds the column names.",
            file=file,
            line=source.header_line,
        )
    for old in rename:
        if old not in names:
            stop(
                "unknown_rename",
                f"The file has no column '{visible(old)}' to rename. It has: {shown_names(names)}.",
                "Write --rename file_column=name with a column of the file on the left.",
                file=file,
                line=source.header_line,
                field=old,
            )
    names = [rename.get(name, name) for name in names]
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            stop(
                "duplicate_column",
                f"{names.count(name)} columns are called '{visible(name)}'.",
                "Give each column its own name.",
                file=file,
                line=source.header_line,
                field=name,
            )
    return names


def shown_names(names: Iterable[str]) -> str:
    """Column names for a message: quoted, safe to print, at most twenty."""
    known = [f"'{visible(name)}'" for name in names if name]
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return ", ".join(known[:20]) + more

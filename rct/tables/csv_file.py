"""CSV: encoding, delimiter, rows. Never `splitlines` (it cuts at U+2028), never a guess about bytes.

Two readings: the first hashes the file and proves its encoding; the second parses, row by row.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO

from rct.errors import Problem, stop, visible
from rct.tables.table import ALONE_FIX, EMPTY_FIX, Row
from rct.tables.values import TRIM

DELIMITERS = ",;\t|"
MAX_RECORD = 1 << 20  # characters of one row, and of one line
_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
# What --encoding takes, and Python's name for it.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "mac-roman": "mac-roman",
}
_EXPORT = "Export it as 'CSV UTF-8'."


class _TooLongError(Exception):
    """A row longer than MAX_RECORD."""


@dataclass(frozen=True)
class _Survey:
    sha256: str
    size: int
    changed: int  # st_mtime_ns


class CsvFile:
    """A delimited text file. `header` is the first record as it stands; `rows()` reads the rest."""

    def __init__(self, path: Path, file: str, encoding: str | None):
        self._path = path
        self._file = file
        self.encoding, self._codec = self._choose_encoding(encoding)
        self._survey = self._look_over()
        self.sha256 = self._survey.sha256
        self.warnings: list[Problem] = []
        self.header_line = 1
        self.delimiter = self._find_delimiter()
        self.header = self._read_header()

    # -- first reading -------------------------------------------------------------------------------

    def _choose_encoding(self, wanted: str | None) -> tuple[str, str]:
        with self._path.open("rb") as stream:
            head = stream.read(4)
        if wanted is not None and wanted.lower() not in ENCODINGS:
            known = ", ".join(ENCODINGS)
            stop(
                "unknown_encoding",
                f"'{visible(wanted)}' is not an encoding that rct reads.",
                f"Use one of: {known}.",
                file=self._file,
            )
        for bom, name, codec in _BOMS:
            if head.startswith(bom):
                if wanted is not None and not wanted.lower().startswith(name):
                    stop(
                        "encoding_conflict",
                        f"The file's first bytes say {name}.",
                        "Leave --encoding out.",
                        file=self._file,
                    )
                return name, codec
        name = (wanted or "utf-8").lower()
        return name, ENCODINGS[name]

    def _look_over(self) -> _Survey:
        """One pass over the bytes: hash, strict decoding, NUL, and no line beyond the limit."""
        digest = hashlib.sha256()
        decoder = codecs.getincrementaldecoder(self._codec)(errors="strict")
        run = 0  # characters since the last line break
        with self._path.open("rb") as stream:
            state = os.fstat(stream.fileno())
            while True:
                data = stream.read(_CHUNK)
                digest.update(data)
                try:
                    text = decoder.decode(data, final=not data)
                except UnicodeDecodeError:
                    self._refuse_encoding()
                if "\0" in text:
                    self._refuse_nul()
                last = max(text.rfind("\n"), text.rfind("\r"))
                first = min((i for i in (text.find("\n"), text.find("\r")) if i >= 0), default=len(text))
                if run + first > MAX_RECORD:
                    self._refuse_long(*self._first_row(lambda cells: False))
                run = run + len(text) if last < 0 else len(text) - last - 1
                if not data:
                    return _Survey(digest.hexdigest(), state.st_size, state.st_mtime_ns)

    def _first_row(
        self, wanted: Callable[[list[str]], bool], errors: str = "strict"
    ) -> tuple[int | None, int | None]:
        """Row number (0 is the header) and line of the first record that is `wanted`, or that can't be read."""
        number, line = -1, 0
        try:
            with self._path.open("rb") as raw, TextIOWrapper(raw, self._codec, errors, newline="") as stream:
                delimiter = _delimiter(_head(stream)) or ","
                stream.seek(0)
                pending = [0]
                bounded = iter(
                    partial(stream.readline, MAX_RECORD + 1), ""
                )  # no line is known to be short yet
                reader = csv.reader(_lines(bounded, pending), delimiter=delimiter, strict=True)
                for cells in reader:
                    number, pending[0] = number + 1, 0
                    if wanted(cells):
                        return number or None, line + 1
                    line = reader.line_num
        except (csv.Error, _TooLongError):
            pass
        return (number + 1) or None, line + 1

    def _refuse_encoding(self) -> NoReturn:
        if self._codec == "utf-8":
            self._refuse_not_utf8()
        errors = "replace" if self._codec.startswith("utf-16") else "surrogateescape"
        row, line = self._first_row(
            lambda cells: any("\ufffd" in c or _has_surrogate(c) for c in cells), errors
        )
        stop(
            "wrong_encoding",
            f"The file is not {self.encoding}: some bytes mean nothing in it.",
            f"{_EXPORT} Or name the right encoding: {', '.join(ENCODINGS)}.",
            file=self._file,
            row=row,
            line=line,
        )

    def _refuse_not_utf8(self) -> NoReturn:
        """The first row that is not UTF-8, and how three values would read as Windows-1252."""
        samples: dict[str, None] = {}

        def odd(cells: list[str]) -> bool:
            samples.update(dict.fromkeys(c for c in cells if _has_surrogate(c)))
            return len(samples) >= 3

        def first_odd(cells: list[str]) -> bool:
            return any(map(_has_surrogate, cells))

        row, line = self._first_row(first_odd, "surrogateescape")
        self._first_row(odd, "surrogateescape")
        raw = [value.encode("utf-8", "surrogateescape")[:60] for value in list(samples)[:3]]
        try:
            read = [f"'{visible(value.decode('cp1252'))}'" for value in raw]
        except UnicodeDecodeError:
            read = []
        stop(
            "wrong_encoding",
            "The file is not UTF-8"
            + (f"; as Windows-1252 it would read {', '.join(read)}." if read else ", nor Windows-1252."),
            (
                "If these read right, give the same command again with --encoding windows-1252. Else: "
                if read
                else ""
            )
            + _EXPORT,
            file=self._file,
            row=row,
            line=line,
            found=", ".join(read) or None,
        )

    def _refuse_nul(self) -> NoReturn:
        row, line = self._first_row(lambda cells: any("\0" in c for c in cells))
        with self._path.open("rb") as stream:
            head = stream.read(4)
        utf16 = self._codec == "utf-8" and len(head) >= 2 and (head[0] == 0 or head[1] == 0)
        stop(
            "nul_character",
            "The file holds a NUL character"
            + (": it looks like UTF-16 without a mark." if utf16 else ", which no text has."),
            _EXPORT,
            file=self._file,
            row=row,
            line=line,
        )

    def _refuse_long(self, row: int | None, line: int | None) -> NoReturn:
        stop(
            "row_too_long",
            f"A row is longer than {MAX_RECORD:,} characters.",
            "Look for a quote that is never closed, or for a file that is not a table.",
            file=self._file,
            row=row,
            line=line,
        )

    # -- second reading ------------------------------------------------------------------------------

    def _find_delimiter(self) -> str:
        with self._path.open("rb") as raw, TextIOWrapper(raw, self._codec, newline="") as stream:
            head = _head(stream)
        found = _delimiter(head)
        if found is None:
            stop(
                "ambiguous_delimiter",
                "The header can be cut in two ways: two of comma, semicolon, tab and pipe stand in it equally often.",
                "Put names that hold such a character in double quotes.",
                file=self._file,
                line=1,
                found=head[:200],
            )
        return found

    def _read_header(self) -> list[str]:
        records = self._records()
        first = next(records, None)
        second = next((row for row in records if row.cells), None)
        if second is None and (first is None or not first.cells):
            stop("empty_file", "The file is empty.", EMPTY_FIX, file=self._file)
        if second is None:
            stop("header_alone", "The file has a header and no rows.", ALONE_FIX, file=self._file, line=1)
        assert first is not None
        return first.cells

    def rows(self) -> Iterator[Row]:
        """The data rows, in order. Raises `RctError` for what ends the reading, naming row and line."""
        records = self._records()
        next(records)
        return records

    def _records(self) -> Iterator[Row]:
        """The header as row 0, then the rows."""
        number, line = -1, 0
        try:
            with self._path.open("rb") as raw, TextIOWrapper(raw, self._codec, newline="") as stream:
                self._unchanged(raw.fileno())
                pending = [0]
                reader = csv.reader(_lines(stream, pending), delimiter=self.delimiter, strict=True)
                for cells in reader:
                    pending[0] = 0
                    number += 1
                    if not cells or (not cells[0].strip(TRIM) and not "".join(cells).strip(TRIM)):
                        cells = []
                    yield Row(number, line + 1, cells)
                    line = reader.line_num
                self._unchanged(raw.fileno())
        except _TooLongError:
            self._refuse_long((number + 1) or None, line + 1)
        except UnicodeDecodeError:
            self._changed()
        except csv.Error as error:
            self._refuse_csv(str(error), (number + 1) or None, line + 1)

    def _unchanged(self, descriptor: int) -> None:
        state = os.fstat(descriptor)
        if (state.st_size, state.st_mtime_ns) != (self._survey.size, self._survey.changed):
            self._changed()

    def _changed(self) -> NoReturn:
        stop(
            "file_changed",
            "The file was changed while it was read.",
            "Close it elsewhere and give the command again.",
            file=self._file,
        )

    def _refuse_csv(self, said: str, row: int | None, line: int) -> NoReturn:
        if "unexpected end of data" in said:
            code, rule = "unclosed_quote", "A double quote is opened in this row and never closed."
            fix = 'Close it, or write "" for a quote inside a value.'
        elif "field larger than" in said:
            code, rule = (
                "field_too_long",
                f"A value in this row is longer than {csv.field_size_limit():,} characters.",
            )
            fix = "Most often a double quote is opened here and never closed."
        else:
            code, rule = "stray_quote", "In this row a quoted value goes on after its closing quote."
            fix = 'Write "" for a quote inside a quoted value.'
        stop(code, rule, fix, file=self._file, row=row, line=line)


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


def _lines(lines: Iterable[str], pending: list[int]) -> Iterator[str]:
    """The file's lines, with their ends; stops a record that grows without bound. `pending` is reset by the caller."""
    for line in lines:
        pending[0] += len(line)
        if pending[0] > MAX_RECORD:
            raise _TooLongError
        yield line


def _head(stream: TextIO) -> str:
    """The first record, quoted line breaks included, at most MAX_RECORD characters."""
    text = ""
    while len(text) <= MAX_RECORD:
        line = stream.readline(MAX_RECORD)
        text += line
        if not line or not _outside(text)[1]:
            break
    return text


def _outside(text: str) -> tuple[str, bool]:
    """What stands outside quotes, and whether a quote is still open. A quote opens only at a value's start."""
    kept: list[str] = []
    inside, start = False, True
    for c in text:
        if c == '"' and (inside or start):
            inside = not inside
            start = not inside  # right after a closing quote another quote is a doubled one
        elif not inside:
            start = c in DELIMITERS or c in "\r\n"
            kept.append(c)
    return "".join(kept), inside


def _delimiter(head: str) -> str | None:
    """The candidate that stands most often outside quotes; comma if none does; None if two tie."""
    outside, _ = _outside(head)
    counts = sorted(((outside.count(d), d) for d in DELIMITERS), reverse=True)
    if counts[0][0] == 0:
        return ","
    return None if counts[0][0] == counts[1][0] else counts[0][1]

"""The first reading of a text file: its hash, its encoding proved, no NUL, no endless line.

Bytes are never guessed: a byte order mark, else strict UTF-8, else the encoding that a person names.
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
from typing import NoReturn

from rct.errors import stop, visible
from rct.tables.delimiter import MAX_RECORD, delimiter_of, first_record

_CHUNK = 1 << 20
_MARKS = (
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


class TooLongError(Exception):
    """A row longer than MAX_RECORD characters."""


@dataclass(frozen=True)
class FileSurvey:
    """What the first reading found.

    `codec` is Python's name; `size` and `changed` tell whether the file moved.
    """

    encoding: str
    codec: str
    sha256: str
    size: int
    changed: int


def survey(path: Path, file: str, encoding: str | None) -> FileSurvey:
    """Read the whole file once. Raises `RctError` for its encoding, a NUL or a line beyond MAX_RECORD."""
    name, codec = _encoding(path, file, encoding)
    look = _Look(path, file, name, codec)
    return look.over()


def lines(source: Iterable[str], pending: list[int]) -> Iterator[str]:
    """The file's lines with their ends; stops a record that grows without bound.

    The caller resets `pending`.
    """
    for line in source:
        pending[0] += len(line)
        if pending[0] > MAX_RECORD:
            raise TooLongError
        yield line


def refuse_long(file: str, row: int | None, line: int | None) -> NoReturn:
    rule = f"A row is longer than {MAX_RECORD:,} characters."
    fix = "Look for a quote that is never closed, or for a file that is not a table."
    stop("row_too_long", rule, fix, file=file, row=row, line=line)


def _encoding(path: Path, file: str, wanted: str | None) -> tuple[str, str]:
    """(name to show, Python's codec)."""
    with path.open("rb") as stream:
        head = stream.read(4)
    asked = None if wanted is None else wanted.lower()
    if asked is not None and asked not in ENCODINGS:
        rule = f"'{visible(asked)}' is not an encoding that rct reads."
        stop("unknown_encoding", rule, f"Use one of: {', '.join(ENCODINGS)}.", file=file)
    for mark, name, codec in _MARKS:
        if head.startswith(mark):
            if asked is not None and not asked.startswith(name):
                rule = f"The file bears a mark that says {name}, and --encoding says {asked}."
                stop("encoding_conflict", rule, "Leave --encoding out.", file=file)
            return name, codec
    name = asked or "utf-8"
    return name, ENCODINGS[name]


@dataclass(frozen=True)
class _Look:
    path: Path
    file: str
    encoding: str
    codec: str

    def over(self) -> FileSurvey:
        digest = hashlib.sha256()
        decoder = codecs.getincrementaldecoder(self.codec)(errors="strict")
        run = 0  # characters since the last line break
        with self.path.open("rb") as stream:
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
                first = min((i for i in (text.find("\n"), text.find("\r")) if i >= 0), default=len(text))
                if run + first > MAX_RECORD:
                    refuse_long(self.file, *self._first_row(lambda _: False))
                last = max(text.rfind("\n"), text.rfind("\r"))
                run = run + len(text) if last < 0 else len(text) - last - 1
                if not data:
                    break
        return FileSurvey(self.encoding, self.codec, digest.hexdigest(), state.st_size, state.st_mtime_ns)

    def _first_row(
        self, wanted: Callable[[list[str]], bool], errors: str = "strict"
    ) -> tuple[int | None, int | None]:
        """Number (None: the header) and line of the first record that is `wanted` or that can't be parsed."""
        number, line = -1, 0
        try:
            with self.path.open("rb") as raw, TextIOWrapper(raw, self.codec, errors, newline="") as stream:
                delimiter = delimiter_of(first_record(stream)) or ","
                stream.seek(0)
                pending = [0]
                bounded = iter(
                    partial(stream.readline, MAX_RECORD + 1), ""
                )  # no line is known to be short yet
                reader = csv.reader(lines(bounded, pending), delimiter=delimiter, strict=True)
                for cells in reader:
                    number, pending[0] = number + 1, 0
                    if wanted(cells):
                        return number or None, line + 1
                    line = reader.line_num
        except (csv.Error, TooLongError):
            pass  # the record after the last that could be read: what is wanted lies in it or beyond it
        return (number + 1) or None, line + 1

    def _looks_like_utf16(self) -> bool:
        with self.path.open("rb") as stream:
            return self.codec == "utf-8" and b"\0" in stream.read(4)

    def _refuse_nul(self) -> NoReturn:
        rule, fix = "The file holds a NUL character, which no text has.", _EXPORT
        if self._looks_like_utf16():
            rule = "The file holds NUL characters: it looks like UTF-16 without a mark."
            fix = f"{_EXPORT} Or give the same command again with --encoding utf-16-le."
        row, line = self._first_row(lambda cells: any("\0" in c for c in cells), "replace")
        stop("nul_character", rule, fix, file=self.file, row=row, line=line)

    def _refuse_encoding(self) -> NoReturn:
        if self._looks_like_utf16():
            self._refuse_nul()
        if self.codec == "utf-8":
            self._refuse_not_utf8()
        errors = "replace" if self.codec.startswith("utf-16") else "surrogateescape"
        row, line = self._first_row(lambda cells: any("\ufffd" in c or _escaped(c) for c in cells), errors)
        rule = f"The file is not {self.encoding}: some of its bytes mean nothing there."
        fix = f"{_EXPORT} Or name the right one with --encoding: {', '.join(ENCODINGS)}."
        stop("wrong_encoding", rule, fix, file=self.file, row=row, line=line)

    def _refuse_not_utf8(self) -> NoReturn:
        """The first row that is not UTF-8, and how three values would read as Windows-1252."""
        values: dict[str, None] = {}

        def three(cells: list[str]) -> bool:
            values.update(dict.fromkeys(filter(_escaped, cells)))
            return len(values) >= 3

        row, line = self._first_row(lambda cells: any(map(_escaped, cells)), "surrogateescape")
        self._first_row(three, "surrogateescape")
        raw = [value.encode("utf-8", "surrogateescape")[:60] for value in list(values)[:3]]
        try:
            read = ", ".join(f"'{visible(value.decode('cp1252'))}'" for value in raw)
        except UnicodeDecodeError:
            read = ""
        if read:
            rule = f"The file is not UTF-8. As Windows-1252 it would read: {read}."
            fix = "If these read right, give the same command again with --encoding windows-1252. If not: "
        else:
            rule, fix = "The file is not UTF-8, nor Windows-1252.", ""
        stop("wrong_encoding", rule, fix + _EXPORT, file=self.file, row=row, line=line, found=read or None)


def _escaped(text: str) -> bool:
    """Whether `text` holds a byte that could not be decoded (as errors="surrogateescape" keeps it)."""
    return not text.isascii() and any("\udc80" <= c <= "\udcff" for c in text)

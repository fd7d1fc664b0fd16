"""One cell of a workbook as text: what a spreadsheet stores, and a note where it shows something else."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.styles import numbers
from openpyxl.utils.datetime import from_excel, from_ISO8601

MAX_DIGITS = 15  # what a spreadsheet keeps of a number

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROW, CELL, _VALUE, _FORMULA, _INLINE, _TEXT, _RUN = (
    _NS + tag for tag in ("row", "c", "v", "f", "is", "t", "r")
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")


class CellReader:
    """Reads cells with the styles of `book`, an openpyxl workbook, and its shared strings. `mark_numbers`: numbers in
    General format have a note too."""

    def __init__(self, book: Any, strings: Sequence[str], mark_numbers: bool = False):
        self._book = book
        self._general = "number" if mark_numbers else ""
        self._strings = strings

    def read(self, element: Element) -> tuple[str, str, str]:
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
            return _unescaped(self._strings[whole(value)]), "", ""
        if kind == "str":
            return _unescaped(value), "", ""
        if kind == "b":
            return {"0": "FALSE", "1": "TRUE"}[value], "", ""
        if kind == "e":
            return value, "error", value
        if kind == "d":
            return _moment(from_ISO8601(value))  # type: ignore[no-untyped-call]
        if kind != "n":
            raise ValueError("a cell of no known kind")
        return self._number(value, whole(element.get("s", "0")))

    def _number(self, value: str, style: int) -> tuple[str, str, str]:
        if style in self._book._date_formats:
            try:
                return _moment(
                    from_excel(
                        _float(value), self._book.epoch, timedelta=style in self._book._timedelta_formats
                    )
                )
            except (OverflowError, ValueError):
                return value, "error", value
        text = value if _WHOLE.fullmatch(value) else _shortest(_float(value))
        shown = self._number_format(style)
        if shown not in ("General", "@"):  # a number in a cell formatted as text is shown as in General
            return text, "format", f"{text} (format {shown})"
        if len(text.lstrip("-")) > MAX_DIGITS and _WHOLE.fullmatch(text):
            return text, "long", text
        return text, self._general, ""

    def _number_format(self, style: int) -> str:
        number = self._book._cell_styles[style].numFmtId
        builtin = numbers.BUILTIN_FORMATS
        first_own = numbers.BUILTIN_FORMATS_MAX_SIZE
        return str(
            builtin.get(number, "General")
            if number < first_own
            else self._book._number_formats[number - first_own]
        )


def whole(text: str) -> int:
    """A whole number from 0 in ASCII digits; ValueError for all else that `int()` would take."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("not a whole number")
    return int(text)


def _float(text: str) -> float:
    """A number as workbooks write it; ValueError for `1_000`, other digits, and words that `float()` would take."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return float(text)


def _shortest(value: float) -> str:
    """The shortest text that reads back as this number; whole numbers without a point."""
    if not math.isfinite(value):
        raise ValueError("a cell's number is not finite")
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

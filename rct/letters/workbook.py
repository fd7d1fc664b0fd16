"""Tables for vendors and sending systems: a workbook in which every cell is text, and an exact CSV beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from rct.tables.people import FORMULA_STARTS

MAX_ROWS = 1_048_575  # what a sheet holds beside its header
MAX_CELL = 32_767  # characters that a cell holds
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")  # a phone number such as +15550100 runs nowhere


def string_workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX of one sheet whose cells are all text: no formula, no number, no date. At most MAX_ROWS rows.

    openpyxl makes the book, the sheet goes into its archive row by row: openpyxl's own way lays it, names and
    addresses and all, into a file of the system's temporary folder first, where a command that dies leaves it, and
    takes five times as long.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.writer.excel import ExcelWriter

    out = io.BytesIO()
    archive = ZipFile(out, "w", ZIP_DEFLATED)
    book = Workbook(write_only=True)
    cell = WriteOnlyCell(book.create_sheet("rct"), value="")
    cell.number_format = "@"  # text: Excel leaves it alone when someone edits it
    style = cell.style_id

    class Streamed(ExcelWriter):
        def write_worksheet(self, sheet: Any) -> None:
            with archive.open(sheet.path[1:], "w", force_zip64=True) as stream:
                for part in _sheet(chain([header], rows), style):
                    stream.write(part.encode())
            self.manifest.append(sheet)

    Streamed(book, archive).save()
    return out.getvalue()


def _sheet(rows: Iterable[Sequence[str]], style: int) -> Iterator[str]:
    """A worksheet's XML (ECMA-376, part 1, 18.3): cells as inline strings, blanks at their ends kept."""
    yield (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    middle = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    begins: list[str] = []
    for number, row in enumerate(rows, start=1):
        while len(begins) < len(row):
            begins.append(f'<c r="{_column(len(begins))}')
        cells = [
            f"{begin}{number}{middle}{_escaped(text)}</t></is></c>"
            for begin, text in zip(begins, row, strict=False)
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _column(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    before = _column(index // 26 - 1) if index >= 26 else ""
    return before + chr(ord("A") + index % 26)


def _escaped(text: str) -> str:
    if _ILLEGAL.search(text):
        raise ValueError("a workbook holds no control characters")
    text = text[:MAX_CELL].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")  # a reader of XML takes a bare one for a line feed


def exact_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 without a mark, LF, quoted only where needed: every value as it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def running_rows(rows: Iterable[Sequence[str]]) -> list[int]:
    """The rows (from 1) with a cell that a spreadsheet would run as a formula."""
    return [
        number
        for number, row in enumerate(rows, start=1)
        if any(text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text) for text in row)
    ]

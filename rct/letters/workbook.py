"""Tables for vendors and sending systems: a workbook in which every cell is text, and an exact CSV beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from rct.tables.people import FORMULA_STARTS

MAX_ROWS = 1_048_575  # what a sheet holds beside its header
MAX_CELL = 32_767  # characters that a cell holds
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")  # a phone number such as +15550100 runs nowhere


def string_workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX of one sheet whose cells are all text: no formula, no number, no date. At most MAX_ROWS rows.

    The sheet goes straight into the archive: openpyxl's own way lays it, names and addresses and all, into a file of
    the system's temporary folder first, where a command that dies leaves it.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    out = io.BytesIO()
    archive = ZipFile(out, "w", ZIP_DEFLATED)

    class Streamed(ExcelWriter):
        def write_worksheet(self, sheet: Any) -> None:
            sheet._drawing = SpreadsheetDrawing()
            with archive.open(sheet.path[1:], "w", force_zip64=True) as stream:
                sheet._writer = WorksheetWriter(sheet, out=stream)
                sheet._writer.write_top()
                for row in chain([header], rows):
                    sheet.append([_text_cell(WriteOnlyCell(sheet, value=text)) for text in row])
                sheet.close()
            sheet._rels = sheet._writer._rels
            self.manifest.append(sheet)

    book = Workbook(write_only=True)
    book.create_sheet("rct")
    Streamed(book, archive).save()
    return out.getvalue()


def _text_cell(cell: Any) -> Any:
    cell.data_type = "s"  # openpyxl would make a formula of "=1+1"
    cell.number_format = "@"
    return cell


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

"""Tables for vendors and sending systems: a workbook in which every cell is text, and an exact CSV beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from rct.tables.people import FORMULA_STARTS

MAX_ROWS = 1_048_575  # what a sheet holds beside its header
MAX_CELL = 32_767  # characters that a cell holds
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")  # a phone number such as +15550100 runs nowhere


def string_workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX of one sheet whose cells are all text: no formula, no number, no date. At most MAX_ROWS rows."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("rct")
    for row in (header, *rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type = "s"  # openpyxl would make a formula of "=1+1"
            cell.number_format = "@"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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

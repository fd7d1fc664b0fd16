"""Reading tables: CSV and XLSX, every cell as text, every row with its number and its place in the file.

Nothing here knows what a column means; frame and outcomes do. See `read_table`.
"""

from __future__ import annotations

from rct.tables.refusals import Counts, Refusals
from rct.tables.table import CellNote, Table, TableRow, read_table
from rct.tables.values import BadId, clean_id, clean_label, parse_date, parse_number, parse_yes_no

__all__ = [
    "BadId",
    "CellNote",
    "Counts",
    "Refusals",
    "Table",
    "TableRow",
    "clean_id",
    "clean_label",
    "parse_date",
    "parse_number",
    "parse_yes_no",
    "read_table",
]

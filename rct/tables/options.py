"""How a file is read, and what may be done with it, as a command was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rct.tables.formats import Layout
from rct.tables.table import Table, read_table


@dataclass(frozen=True)
class FileOptions:
    """`encoding`: of a file that is not UTF-8; `rename`: column of the file → the name wanted; `refuse_bad_rows`: load
    the rest of a file with defects; `correct`: replace values that were loaded otherwise; `reason`: why, for both;
    `sheet` of a workbook, where it is not the first; `header_row`: the line with the column names, where that is not the
    first."""

    encoding: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    refuse_bad_rows: bool = False
    correct: bool = False
    reason: str = ""
    sheet: str | None = None
    header_row: int | None = None

    def read(self, file: Path, layout: Layout | None = None) -> Table:
        """The file as a table, laid out as the definition says. Raises `RctError` as `read_table` does."""
        return read_table(
            file,
            encoding=self.encoding,
            rename=self.rename,
            layout=layout,
            sheet=self.sheet,
            header_row=self.header_row or 1,
        )

    def told(self) -> dict[str, Any]:
        """How the file was read, as an event has it."""
        return {
            "rename": dict(self.rename),
            "encoding": self.encoding or "",
            "sheet": self.sheet,
            "header_row": self.header_row,
        }

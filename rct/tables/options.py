"""How a file is read, and what may be done with it, as a command was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rct.tables.formats import Layout
from rct.tables.table import Table, read_table


@dataclass(frozen=True)
class FileOptions:
    """`encoding`: of a file that is not UTF-8; `rename`: column of the file → the name wanted; `refuse_bad_rows`: load
    the rest of a file with defects; `correct`: replace values that were loaded otherwise; `reason`: why, for both."""

    encoding: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    refuse_bad_rows: bool = False
    correct: bool = False
    reason: str = ""

    def read(self, file: Path, layout: Layout | None = None) -> Table:
        """The file as a table, laid out as the definition says. Raises `RctError` as `read_table` does."""
        return read_table(file, encoding=self.encoding, rename=self.rename, layout=layout)

"""What a case of the hostile corpus is: a file, the command that meets it, and the fate that it must have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SECONDS, MEBIBYTES = 10, 512  # of processor time; of memory beyond the program's own

# Where a file comes in, and the command that meets it first.
DOORS = {
    "list": "rct check NAME --frame FILE, rct frame",
    "outcomes": "rct outcomes",
    "mailed": "rct mailed",
    "definition": "rct check",
    "template": "rct check, rct proof",
    "word": "rct letters --import",
}


LISTED = "listed"  # for `code` and `warns`: what fates.tsv says of this case


@dataclass(frozen=True)
class Case:
    """One hostile file, and the fate that it must have.

    `code` is None where the file is accepted; `stored` says what must then be stored of the spoilt row, exactly. Else it
    is the code of the first problem; `row` and `field` are where it stands. `warns`: the code of a warning beside it.
    """

    kind: str
    name: str
    make: Callable[[], bytes]
    door: str = "list"
    code: str | None = None
    row: int | None = None
    field: str | None = None
    stored: Mapping[str, object] = dataclasses.field(default_factory=dict)
    warns: str | None = None
    args: tuple[str, ...] = ()
    suffix: str = "csv"
    seconds: int = SECONDS
    mebibytes: int = MEBIBYTES

    @property
    def fate(self) -> str:
        if self.code is None:
            return "accepted exactly" + (f"; warned of: {self.warns}" if self.warns else "")
        place = f", row {self.row}" if self.row is not None else ""
        return f"refused: {self.code}{place}" + (f", {self.field}" if self.field else "")

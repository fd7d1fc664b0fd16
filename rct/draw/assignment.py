"""assignment.csv: the draw as others read it, sorted by unit, exact."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rct.registry.store import Assigned

COLUMNS = ("unit", "block", "cluster", "arm", "prob", "ticket")


def assignment_csv(rows: Sequence[Assigned]) -> bytes:
    """UTF-8, no BOM, LF, nothing neutralized."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()

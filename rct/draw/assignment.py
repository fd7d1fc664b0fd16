"""assignment.csv: the draw as others read it, sorted by unit, exact."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence

from rct.registry.store import BATCH, Assigned

COLUMNS = ("unit", "block", "cluster", "arm", "prob", "ticket")


def assignment_csv(rows: Sequence[Assigned]) -> bytes:
    """UTF-8, no BOM, LF, nothing neutralized."""
    return b"".join(_parts(rows))


def assignment_csv_sha256(rows: Sequence[Assigned]) -> str:
    """The hex SHA-256 of `assignment_csv`, which is never whole in memory."""
    sha = hashlib.sha256()
    for part in _parts(rows):
        sha.update(part)
    return sha.hexdigest()


def _parts(rows: Sequence[Assigned]) -> Iterator[bytes]:
    for low in range(-1, len(rows), BATCH):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if low < 0:
            writer.writerow(COLUMNS)
        writer.writerows(rows[max(low, 0) : low + BATCH])
        yield text.getvalue().encode()

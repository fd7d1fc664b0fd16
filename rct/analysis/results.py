"""results.csv and results.json: the columns of docs/results.md, exact, for machines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rct.registry.store import RESULT_COLUMNS


def results_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """UTF-8, LF; null is empty; numbers as the shortest text that reads back."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RESULT_COLUMNS)
    writer.writerows(["" if row[c] is None else row[c] for c in RESULT_COLUMNS] for row in rows)
    return text.getvalue().encode()


def results_json(name: str, plan_hash: str, run: int, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One object with the rows; never NaN."""
    listed = [{c: row[c] for c in RESULT_COLUMNS} for row in rows]
    data = {"trial": name, "plan_hash": plan_hash, "run": run, "results": listed}
    return (json.dumps(data, allow_nan=False, indent=1) + "\n").encode()

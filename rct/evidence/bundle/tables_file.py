"""The tables in a bundle: results and cells as CSV, the flow as JSON; what few people are behind is not in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rct.analysis.results import results_csv
from rct.errors import stop
from rct.registry.store import RESULT_COLUMNS
from rct.report import suppress
from rct.report.record import MemoRecord, ResultRow

CELL_COLUMNS = ("outcome", "arm", "subgroup", "level", "n", "events", "non_events")
FIRST_COLUMNS = RESULT_COLUMNS[:-2]  # of bundles written before fragile and n_without_comparison
WHOLE = frozenset(
    "n n_arm n_control n_clusters n_blocks n_drawn n_missing n_without_comparison randomization_draws".split()
)
TEXT = frozenset("outcome arm control term subgroup level family estimator se_type role fragile".split())
MOST_ROWS = 5_000


def results(memo: MemoRecord) -> bytes:
    """results.csv with the published rows: the columns of docs/results.md, withheld figures empty."""
    return results_csv([asdict(row) for row in suppress.published(memo)])


def cells(memo: MemoRecord) -> bytes:
    """cells.csv: units, events and the rest by arm, and by arm and level, of every cell that may be published."""
    hidden = suppress.audited(memo)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CELL_COLUMNS)
    for cell in memo.cells:
        if cell.key in hidden or cell.n == 0:
            continue
        events = ("", "") if cell.events is None else (cell.events, cell.n - cell.events)
        writer.writerow([cell.outcome, cell.arm, cell.subgroup or "", cell.level or "", cell.n, *events])
    return text.getvalue().encode()


def flow(memo: MemoRecord) -> bytes:
    """flow.json: from the rows of the list to the outcomes; null is a count of fewer than the threshold."""
    left = suppress.exclusions(memo.flow, memo.threshold)
    few = memo.threshold
    said = {
        "rct_flow": 1,
        "rows": left.rows,
        "excluded": left.excluded,
        "refused": left.refused,
        "units": memo.flow.units,
        "clusters": memo.flow.clusters,
        "arms": {arm: n if n >= few else None for arm, n in memo.draw.units},
        "outcomes": [
            {
                "outcome": o.outcome,
                "arm": o.arm,
                "drawn": o.drawn if o.drawn >= few else None,
                "observed": suppress.observed(memo, o) if o.drawn >= few else None,
            }
            for o in memo.outcomes
        ],
    }
    return (json.dumps(said, indent=1, allow_nan=False) + "\n").encode()


def read_results(data: bytes, file: str = "results.csv") -> list[ResultRow]:
    """The rows of a results.csv from elsewhere. Raises RctError `bundle_table` at the first that can't be."""
    columns = FIRST_COLUMNS if data.startswith(",".join(FIRST_COLUMNS).encode() + b"\n") else RESULT_COLUMNS
    rows = _table(data, columns, file)
    return [_row(cells, columns, number, file) for number, cells in enumerate(rows, start=1)]


def small_cells(data: bytes, threshold: int, file: str = "cells.csv") -> list[int]:
    """Numbers of the rows of a cells.csv from elsewhere that count fewer than `threshold`, or nobody can read."""
    wrong = []
    for number, cells in enumerate(_table(data, CELL_COLUMNS, file), start=1):
        counts = [c for c in cells[4:] if c != ""]
        fits = len(cells) == len(CELL_COLUMNS) and bool(counts)
        if not fits or not all(c.isascii() and c.isdigit() and int(c) >= threshold for c in counts):
            wrong.append(number)
    return wrong


def _table(data: bytes, columns: Sequence[str], file: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        stop("bundle_table", f"This is no table of a bundle: {error}.", file=file)
    if not rows or rows[0] != list(columns) or len(rows) > MOST_ROWS:
        stop(
            "bundle_table",
            "This is no table of a bundle: its columns are others, or it is too long.",
            file=file,
        )
    return rows[1:]


def _row(cells: Sequence[str], columns: Sequence[str], number: int, file: str) -> ResultRow:
    if len(cells) != len(columns):
        stop("bundle_table", "The row has another number of fields.", file=file, row=number)
    values: dict[str, Any] = {}
    for name, text in zip(columns, cells, strict=True):
        try:
            values[name] = _value(name, text)
        except (ValueError, OverflowError):
            stop("bundle_table", "This is no figure.", file=file, row=number, field=name, found=text[:100])
    return ResultRow.of(values)


def _value(name: str, text: str) -> Any:
    if text == "":
        return None
    if name in TEXT:
        return text
    if name in WHOLE:
        if not text.isascii() or not text.isdigit():
            raise ValueError
        return int(text)
    number = float(text)
    if number - number != 0 or not text.isascii() or "_" in text:
        raise ValueError
    return number

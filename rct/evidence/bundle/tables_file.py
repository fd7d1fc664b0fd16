"""The tables in a bundle: results and cells as CSV, the flow as JSON; what few people are behind is not in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rct.analysis.results import results_csv
from rct.errors import stop
from rct.registry.results import VERSIONS, Result, ResultColumn
from rct.report import suppress
from rct.report.record import MemoRecord

CELL_COLUMNS = {
    **dict.fromkeys(("outcome", "arm", "subgroup", "level"), str),
    **dict.fromkeys(("n", "events", "non_events"), int),
}
MOST_ROWS = 5_000


def results(memo: MemoRecord) -> bytes:
    """results.csv with the published rows: the columns of docs/results.md, withheld figures empty."""
    return results_csv(suppress.published(memo))


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


def read_results(data: bytes, file: str = "results.csv") -> list[Result]:
    """The rows of a results.csv from elsewhere. Raises RctError `bundle_table` at the first that can't be."""
    heads = {results_csv((), columns): columns for columns in VERSIONS}
    columns = heads.get(data[: data.find(b"\n") + 1], VERSIONS[0])
    rows = _table(data, [c.name for c in columns], file)
    return [_row(cells, columns, number, file) for number, cells in enumerate(rows, start=1)]


def small_cells(data: bytes, threshold: int, file: str = "cells.csv") -> list[int]:
    """Numbers of the rows of a cells.csv from elsewhere that count fewer than `threshold`, or nobody can read."""
    wrong = []
    for number, cells in enumerate(_table(data, list(CELL_COLUMNS), file), start=1):
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


def _row(cells: Sequence[str], columns: Sequence[ResultColumn], number: int, file: str) -> Result:
    if len(cells) != len(columns):
        stop("bundle_table", "The row has another number of fields.", file=file, row=number)
    values: dict[str, Any] = {}
    for column, text in zip(columns, cells, strict=True):
        try:
            values[column.name] = _value(column, text)
        except (ValueError, OverflowError):
            stop(
                "bundle_table",
                "This is no figure.",
                file=file,
                row=number,
                field=column.name,
                found=text[:100],
            )
    return Result.of(values)


def _value(column: ResultColumn, text: str) -> Any:
    if text == "":
        return None
    if column.type is str:
        return text
    if column.type is int:
        if not text.isascii() or not text.isdigit():
            raise ValueError
        return int(text)
    number = float(text)
    if number - number != 0 or not text.isascii() or "_" in text:
        raise ValueError
    return number

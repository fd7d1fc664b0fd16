"""Every row of an outcomes file is accounted for, and the values are those of a slow and plain reading."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import definition

from rct.definition import check_text
from rct.outcomes.read import read_outcomes
from rct.tables import read_table

from .conftest import KNOWN, START, TODAY, outcome

PLANS = {
    "unit": outcome("paid", date_column="on", window_days=30) + outcome("amount", "continuous"),
    "event": outcome("paid", rows="event", date_column="on", window_days=30)
    + outcome("amount", "continuous", rows="event", date_column="on"),
}
HEADER = ("account", "paid", "amount", "on")
values = st.tuples(
    st.sampled_from(["001", "002", "003", "004", "005", " 001", "X1", "Z", "", "0\x07"]),
    st.sampled_from(["1", "no", "", "x", "y", "maybe"]),
    st.sampled_from(["1.5", "0.1", "0.2", "-2", "", "1,5"]),
    st.sampled_from(["2026-01-12", "2026-02-11", "2026-02-12", "2026-01-01", "2026-04-02", "", "soon"]),
)
ragged = st.lists(st.sampled_from(["001", "", "x"]), max_size=5)
lines = st.lists(st.one_of(values.map(list), values.map(list), ragged), min_size=1, max_size=25)


@pytest.mark.parametrize("rows_are", ["unit", "event"])
@given(rows=lines)
def test_rows_are_kept_excluded_or_refused_and_nothing_else(rows_are: str, rows: list[list[str]]) -> None:
    rows = [*rows, ["099", "1", "2", "2026-01-20"]]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *rows])
    plan = check_text(definition(start=START, outcomes=PLANS[rows_are]), "bills")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paid.csv"
        path.write_bytes(out.getvalue().encode())
        table = read_table(path)
        found = read_outcomes(table, plan, KNOWN.get, today=TODAY)
        cells = {row.number: row.cells for row in table}
    counts = found.counts
    assert counts.rows == len(cells) == counts.kept + counts.excluded + counts.refused
    assert sum(counts.reasons.values()) == counts.excluded + counts.refused
    assert counts.refused == len({d.row for d in found.refusals.defects})
    refused = {d.row for d in found.refusals.defects}
    kept = [c for n, c in cells.items() if n not in refused and c and KNOWN.get(c[0].strip()) == "kept"]
    assert counts.kept == len(kept)
    plain: dict[str, dict[str, list[float]]] = {"paid": {}, "amount": {}}
    for unit, paid, amount, on in kept:
        inside = not on or date.fromisoformat(on) >= START
        for name, text, end in (("paid", paid, date(2026, 2, 11)), ("amount", amount, date.max)):
            mine = plain[name].setdefault(unit.strip(), [])
            if text:
                value = float({"no": 0, "y": 1, "x": 1}.get(text, text))
                counted = rows_are == "unit" or (inside and (not on or date.fromisoformat(on) <= end))
                mine.append(value if counted else 0.0)
    join = {"paid": max, "amount": math.fsum}
    for name, by_unit in plain.items():
        assert found.values[name] == {u: join[name](v) if v else None for u, v in by_unit.items()}

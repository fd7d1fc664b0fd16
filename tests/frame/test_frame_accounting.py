"""Every row is accounted for: rows = kept + excluded + refused, whatever the file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rct.frame.read import read_wanted
from rct.frame.wanted import Wanted
from rct.tables import TableRow, read_table

HEADER = ("account", "balance", "status", "out", "district", "household", "name", "note")
WANTED = Wanted(
    "account",
    covariates=("balance",),
    categories=("status",),
    contact=("name",),
    blocks=("district",),
    clusters="household",
    opt_out="out",
    eligible="balance >= 5 and status != 'closed'",
)
values = st.tuples(
    st.sampled_from(["1", "01", " 1", "2", "3", "4", "5", "6", "7", "8", "", "a\x07", "1.0"]),
    st.sampled_from(["1", "7", "9", "9", "9", "", "x", "inf", "9 "]),
    st.sampled_from(["open", "open", "closed", "o\x07"]),
    st.sampled_from(["", "no", "no", "yes", "maybe"]),
    st.sampled_from(["N", "N", "S", ""]),
    st.sampled_from(["h1", "h2", "h3", "h4", ""]),
    st.sampled_from(["Ana", "Null", "a\nb", ""]),
    st.sampled_from(["", "x", "a\nb"]),
)
ragged = st.lists(st.sampled_from(["1", "", "x"]), max_size=9)
lines = st.lists(
    st.one_of(values.map(list), values.map(list), values.map(list), ragged), min_size=1, max_size=30
)


def write(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


@given(lines)
def test_rows_are_kept_excluded_or_refused_and_nothing_else(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(write([*rows, ["sure", "9", "open", "", "N", "hx", "", ""]]))
        table = read_table(path)
        found = read_wanted(table, WANTED)
        read: dict[int, TableRow] = {row.number: row for row in table}
    counts = found.counts
    assert counts.rows == len(read) == counts.kept + counts.excluded + counts.refused
    assert sum(counts.reasons.values()) == counts.excluded + counts.refused
    assert counts.refused == len({d.row for d in found.refusals.defects})
    assert counts.kept == len(found.ids) == len(set(found.ids))
    columns = [found.clusters, found.blocks, found.categories["status"], found.contact["name"]]
    assert {len(c or ()) for c in columns} | {len(found.covariates["balance"]), len(found.line)} == {
        counts.kept
    }
    refused = {d.row for d in found.refusals.defects}
    for unit, number, line in zip(found.ids, found.number.tolist(), found.line.tolist(), strict=True):
        assert number not in refused
        assert read[number].line == line
        assert read[number].cells[0].strip() == unit
    assert not set(found.ids) & set(found.excluded_ids)
    assert not set(found.ids) & set(found.refused_ids)
    homes: dict[str, set[str]] = {}
    for cluster, block in zip(found.clusters or (), found.blocks or (), strict=True):
        homes.setdefault(cluster, set()).add(block)
    assert all(len(blocks) == 1 for blocks in homes.values())
    for defect in found.refusals.defects:
        assert read[defect.row].line == defect.line


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(rows: list[list[str]], rng: object) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for each in (rows, shuffled):
            path = Path(folder) / "list.csv"
            path.write_bytes(write([*each, ["sure", "9", "open", "", "N", "hx", "", ""]]))
            found.append(read_wanted(read_table(path), WANTED))
    one, other = found
    assert sorted(one.ids) == sorted(other.ids)
    assert one.counts == other.counts
    assert one.excluded_ids == other.excluded_ids
    assert one.refused_ids == other.refused_ids

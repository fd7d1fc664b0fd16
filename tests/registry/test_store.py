"""Rows of a trial: stored and read back exactly, whatever the columns are called, and digested so that change shows."""

from __future__ import annotations

import contextlib
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rct.registry import schema, store
from rct.registry.store import Assigned, Frame, FrameColumn

LABELS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
NAMES = st.lists(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=8), unique=True, max_size=3
)


@contextlib.contextmanager
def database() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("begin")
        schema.migrate(db)
        yield db


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    n = draw(st.integers(1, 6))
    texts = st.lists(LABELS, min_size=n, max_size=n)
    columns = {}
    for name in draw(NAMES):
        kind = draw(st.sampled_from(["covariate", "category", "block"]))
        values = draw(st.lists(NUMBERS, min_size=n, max_size=n) if kind == "covariate" else texts)
        columns[name] = FrameColumn(name, kind, array("d", values) if kind == "covariate" else values)
    units = [f"{i:024x}" for i in draw(st.lists(st.integers(0, 2**64), min_size=n, max_size=n, unique=True))]
    return Frame(units, draw(texts), draw(texts), columns)


@given(frames())
@settings(max_examples=60)
def test_a_frame_comes_back_as_it_was_in_its_order(frame: Frame) -> None:
    with database() as db:
        store.save_frame(db, "bills", frame, {})
        read = store.read_frame(db, "bills")
        assert read == frame
        assert list(read.columns) == list(frame.columns)
        assert store.frame_digest(read) == store.frame_digest(frame)


@given(frames(), st.data())
@settings(max_examples=60)
def test_any_changed_cell_changes_the_digest(frame: Frame, data: st.DataObject) -> None:
    said = store.frame_digest(frame)
    i = data.draw(st.integers(0, len(frame.units) - 1))
    blocks = [b + "x" if j == i else b for j, b in enumerate(frame.blocks)]
    assert store.frame_digest(Frame(frame.units, blocks, frame.clusters, frame.columns)) != said
    for name, column in frame.columns.items():
        changed = [
            v if j != i else (v + "x" if isinstance(v, str) else 12.5 if v != 12.5 else 13.5)
            for j, v in enumerate(column.values)
        ]
        columns = {**frame.columns, name: FrameColumn(name, column.kind, tuple(changed))}
        assert store.frame_digest(Frame(frame.units, frame.blocks, frame.clusters, columns)) != said


def test_columns_called_like_the_registrys_own_or_alike_but_for_case() -> None:
    names = ["unit", "row", "Block", "block", "A", "a", "rowid", 'say "hi"', "x y", "select", "é"]
    frame = Frame(["0" * 24], [""], [""], {n: FrameColumn(n, "category", [n]) for n in names})
    with database() as db:
        store.save_frame(db, "bills", frame, {})
        assert store.read_frame(db, "bills") == frame
        assert store.read_frame(db, "bills", only=["a"]).columns == {"a": FrameColumn("a", "category", ["a"])}


def test_a_second_frame_takes_the_place_of_the_first() -> None:
    with database() as db:
        store.save_frame(
            db,
            "bills",
            Frame(["0" * 24], ["b"], ["c"], {"x": FrameColumn("x", "covariate", (1.0,))}),
            {"9" * 24: "opted_out"},
        )
        other = Frame(["1" * 24], [""], [""], {})
        store.save_frame(db, "bills", other, {})
        assert store.read_frame(db, "bills") == other
        assert store.read_excluded(db, "bills") == {}


def test_an_assignment_is_stored_once() -> None:
    row = Assigned("0" * 24, "b", "c", "letter", "0.5", "t")
    with database() as db:
        store.save_assignment(db, "bills", [row], {})
        assert store.read_assignment(db, "bills") == [row]
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            store.save_assignment(db, "bills", [row], {})


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.none() | NUMBERS))
@settings(max_examples=40)
def test_outcomes_come_back_and_unobserved_is_not_absent(values: dict[str, float | None]) -> None:
    with database() as db:
        store.make_outcome_table(db, "bills")
        store.put_outcomes(db, "bills", "paid", values, 5)
        assert store.read_outcome(db, "bills", "paid") == values
        before = store.outcomes_digest(db, "bills")
        store.put_outcomes(db, "bills", "late", {"a": 1.0}, 6)
        assert store.outcomes_digest(db, "bills") != before
        assert store.read_outcome(db, "bills", "paid") == values


def test_trials_do_not_see_each_other(tmp_path: Path) -> None:
    with database() as db:
        for name in ("bills", "bills-2"):
            store.save_frame(db, name, Frame([f"{name:0>24}"], [""], [""], {}), {"x": name})
        store.drop_trial(db, "bills")
        assert not store.has_table(db, "frame", "bills")
        assert store.read_frame(db, "bills-2").units == [f"{'bills-2':0>24}"]
        assert store.read_excluded(db, "bills-2") == {"x": "bills-2"}

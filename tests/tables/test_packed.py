"""Packed columns: to whoever reads them, a list of the same values."""

from __future__ import annotations

import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.tables.packed import Floats, Rising, Same, Texts

TEXT = st.text(st.characters(exclude_characters="\n"), max_size=5)
FLOAT = st.floats(allow_nan=False)
WHOLE = st.integers(0, 2**40)


@given(st.sampled_from([(Texts, TEXT), (Floats, FLOAT), (Rising, WHOLE)]), st.data())
def test_a_packed_column_is_a_list_of_its_values(case, data) -> None:
    kind, values = case
    blocks = data.draw(st.lists(st.lists(values, max_size=4), max_size=4))
    flat = [value for block in blocks for value in block]
    column = kind()
    for block in blocks:
        column.extend(block)
    assert column == flat == column.tolist()
    assert len(column) == len(flat)
    assert [list(block) for block in column.blocks()] == [block for block in blocks if block]
    assert [column[i] for i in range(-len(flat), len(flat))] == flat + flat
    assert column[1:3] == flat[1:3]
    keep = data.draw(st.lists(st.booleans(), min_size=len(flat), max_size=len(flat)))
    assert column.only(np.array(keep, bool)) == [
        value for value, good in zip(flat, keep, strict=True) if good
    ]
    assert [list(block) for block in column.drained()] == [block for block in blocks if block]
    assert len(column) == 0
    with pytest.raises(IndexError):
        column[len(flat)]


def test_numbers_are_kept_to_the_bit() -> None:
    values = [0.1, -0.0, 5e-324, 1.7976931348623157e308, float("nan")]
    assert [struct.pack("d", v) for v in Floats(values)] == [struct.pack("d", v) for v in values]
    assert all(type(v) is float for v in Floats(values))
    assert all(type(v) is int for v in Rising([7, 8]))


def test_a_line_break_is_no_text_to_pack() -> None:
    with pytest.raises(ValueError, match="line break"):
        Texts(["a\nb"])


def test_a_column_shows_none_of_its_values_and_is_small() -> None:
    names = Texts([f"{i} Main Street" for i in range(4_096)])
    assert "Main" not in repr(names)
    assert len(pickle.dumps(names)) < 8 * 4_096
    assert len(pickle.dumps(Rising(range(1, 4_097)))) < 400


def test_one_text_many_times() -> None:
    assert Same("x", 3) == ["x", "x", "x"]
    assert Same("x", 3)[2] == "x"
    assert list(Same("x", 0)) == []

"""Equal values, and ids that only look different."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.tables.twins import equal_groups, lookalikes


@given(st.lists(st.sampled_from(["a", "b", "c", "é", ""])))
def test_equal_values_are_found_with_their_places(values: list[str]) -> None:
    expected = [
        [i for i, v in enumerate(values) if v == value]
        for value in dict.fromkeys(values)
        if values.count(value) > 1
    ]
    assert equal_groups(values) == expected


def test_equal_values_are_found_across_a_long_list() -> None:
    values = [str(i) for i in range(50_000)]
    values[49_999] = "7"
    assert equal_groups(values) == [[7, 49_999]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("123", "00123"),
        ("A-7", "A-007"),
        ("123", "123.0"),
        ("123.00", "0123"),
        ("ab1", "AB1"),
        ("straße", "STRASSE"),
        ("O123", "0123"),
        ("l0", "1O"),
        ("I5", "l5"),
        ("AB", "АВ"),  # Cyrillic
        ("ΑΒ", "AΒ"),  # one Greek, one Latin alpha
        ("Ａ1", "A1"),
        ("5-1", "5‑1"),
        ("O'Neil", "O’Neil"),
        ("12", "١٢"),
        ("A 1", "A\u00a01"),
    ],
)
def test_ids_that_look_alike_are_found(one: str, other: str) -> None:
    assert lookalikes([one, "Z", other]) == [[0, 2]]


@pytest.mark.parametrize(
    ("one", "other"),
    [("100", "1000"), ("123", "1230"), ("A1", "B1"), ("1.5", "15"), ("1.0.5", "1.5"), ("0", "00a")],
)
def test_ids_that_differ_in_sight_are_not_warned_of(one: str, other: str) -> None:
    assert lookalikes([one, other]) == []


def test_ids_in_sequence_give_no_warning() -> None:
    assert lookalikes([f"{i:06d}" for i in range(20_000)]) == []
    assert lookalikes([str(i) for i in range(20_000)]) == []

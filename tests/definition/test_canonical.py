"""Canonical JSON: the same content, the same bytes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.definition.canonical import NotCanonicalError, decimal_text, dumps, loads

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEY = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY.filter(str.isascii), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_reads_back_and_writes_the_same(value: Any) -> None:
    text = dumps(value)
    assert dumps(loads(text)) == text
    assert loads(text) == json.loads(text)


@given(st.dictionaries(KEY.filter(str.isascii), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_changes_nothing_and_is_that_of_utf16(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert dumps(value) == dumps(turned)
    assert list(json.loads(dumps(value))) == sorted(value, key=lambda key: key.encode("utf-16-be"))


def test_the_form_is_that_of_rfc_8785() -> None:
    value = {"b": [1, True, None, '€\u000f\n"\\/'], "a": -0, "aa": {}, "é": []}
    assert dumps(value) == '{"a":0,"aa":{},"b":[1,true,null,"€\\u000f\\n\\"\\\\/"],"é":[]}'


def test_two_spellings_of_the_same_words_give_the_same_bytes() -> None:
    assert dumps({"x": "e\u0301"}) == dumps({"x": "\u00e9"})


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        1.0,
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        {"😀": 1},
        b"x",
        {1, 2},
    ],
    ids=repr,
)
def test_what_programs_would_write_differently_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        dumps([value])


def test_two_keys_that_are_one_after_nfc_are_refused() -> None:
    with pytest.raises(NotCanonicalError, match="stands twice"):
        dumps({"e\u0301": 1, "\u00e9": 2})


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1, "b":2}',
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":NaN}',
        '{"a":"\\u00e9"}',
        '{"a":-0}',
        "{",
        "",
        "[" * 100_000,
        '{"a":1}\n',
    ],
    ids=lambda text: text[:20],
)
def test_text_that_is_not_just_as_it_would_be_written_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        loads(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_reads_back_as_itself_and_is_the_shortest(number: float) -> None:
    text = decimal_text(number)
    assert float(text) == number
    assert "e" not in text.lower()
    assert len(Decimal(text).normalize().as_tuple().digits) == len(
        Decimal(repr(number)).normalize().as_tuple().digits
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (40.0, "40"),
        (40, "40"),
        (0.05, "0.05"),
        (1e-7, "0.0000001"),
        (1e16, "10000000000000000"),
        (-0.0, "0"),
        (-1.5, "-1.5"),
    ],
)
def test_the_same_number_always_has_the_same_text(number: float, text: str) -> None:
    assert decimal_text(number) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_text(number: float) -> None:
    with pytest.raises(NotCanonicalError):
        decimal_text(number)

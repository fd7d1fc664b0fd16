"""Whole columns: what is missing, numbers and text many at once, as one by one."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.errors import RctError
from rct.tables import parse_number
from rct.tables.columns import clean, numbers, places
from rct.tables.values import SPELLING, TRIM

from .conftest import Read


def test_every_missing_column_is_listed_with_what_was_meant(read: Read) -> None:
    table = read("Account,balnce,x\n1,2,3\n")
    with pytest.raises(RctError) as error:
        places(table, ["account", "balance", "street", "x"])
    problems = error.value.problems
    assert [(p.code, p.field, p.line) for p in problems] == [
        ("missing_column", "account", 1),
        ("missing_column", "balance", 1),
        ("missing_column", "street", 1),
    ]
    assert "It has: 'Account', 'balnce', 'x'." in problems[0].rule
    assert "Did you mean 'Account'?" in problems[0].rule
    assert "--rename balnce=balance" in problems[1].fix
    assert "Did you mean" not in problems[2].rule


words = st.sampled_from(["1", "-2.5", "1e3", "", " 7 ", "1_0", "inf", "x", "1e999", "٣", "1\n2", "0"])


@given(st.lists(words | st.text(max_size=4)))
def test_a_column_of_numbers_is_read_as_each_number_alone(cells: list[str]) -> None:
    values, bad, empty = numbers(cells)
    for i, cell in enumerate(cells):
        alone = parse_number(cell)
        assert math.isnan(values[i]) if alone is None else values[i] == alone
        assert (i in empty) == (not cell.strip(TRIM))
        assert (i in bad) == (alone is None and i not in empty)


@given(
    st.lists(
        st.sampled_from(["a", " b ", "Cafe\u0301", "\u00a0x", "a\x07", "a\u200cb", "é"]) | st.text(max_size=4)
    )
)
def test_a_column_of_text_is_cleaned_as_each_text_alone(cells: list[str]) -> None:
    cleaned, bad = clean(cells, SPELLING)
    assert list(cleaned) == [unicodedata.normalize("NFC", c).strip(TRIM) for c in cells]
    for i, text in enumerate(cleaned):
        refused = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}
        wrong = [c for c in text if unicodedata.category(c) in refused and c not in SPELLING]
        assert bad.get(i) == (wrong[0] if wrong else None)

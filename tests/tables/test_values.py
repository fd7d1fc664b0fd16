"""One cell: numbers, yes or no, dates, ids, labels."""

from __future__ import annotations

import math
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.tables import BadId, clean_id, clean_label, parse_date, parse_number, parse_yes_no


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        (" -3.5\t", -3.5),
        ("+0.50", 0.5),
        ("1e6", 1e6),
        ("007", 7.0),
        ("\u00a02E-3 ", 0.002),
        ("-0", 0.0),
    ],
)
def test_plain_numbers_are_read(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "1.234,56", "1,234.56", "1 234", "1_000", "٣٤", "１２", "inf", "-Infinity", "nan", "1e400", "-1e999",
     "0x10", "5.", ".5", "1e", "--1", "−5", "$5", "5%", "NA", "Null", "1\n", "1\x1f", "1\u2009"],
)  # fmt: skip
def test_nothing_else_is_a_number(text: str) -> None:
    assert parse_number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_python_writes_reads_back(value: float) -> None:
    assert parse_number(repr(value)) == value


@given(st.text(max_size=8))
def test_a_number_is_always_finite(text: str) -> None:
    value = parse_number(text)
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "1", " x ", "X", "True"])
def test_words_for_yes(word: str) -> None:
    assert parse_yes_no(word) is True


@pytest.mark.parametrize("word", ["no", "N", "False", "0", "", " \t", "\u00a0"])
def test_words_for_no(word: str) -> None:
    assert parse_yes_no(word) is False


@pytest.mark.parametrize("word", ["ja", "2", "1.0", "oui", "-", "NA", "ｙ", "yes no", "faſe", "Kes", "none"])
def test_other_words_are_neither(word: str) -> None:
    assert parse_yes_no(word) is None


@pytest.mark.parametrize(
    "text",
    ["2026-01-31", " 2026-01-31 ", "2026-01-31T00:00:00Z", "2026-01-31 23:59", "2026-01-31 11:59:59.123 PM",
     "2026-01-31T10:00:00+05:30"],
)  # fmt: skip
def test_a_time_after_the_day_is_ignored(text: str) -> None:
    assert parse_date(text) == date(2026, 1, 31)


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "2026-13-01", "0000-01-01", "31.01.2026", "01/31/2026", "2026-1-31", "20260131", "2026-01-31x",
     "2026-01-31 soon", "٢٠٢٦-٠١-٣١", "2026-01-3１", "46053"],
)  # fmt: skip
def test_nothing_else_is_a_day(text: str) -> None:
    assert parse_date(text) is None


def test_an_id_is_kept_exactly() -> None:
    assert clean_id("00123") == "00123"
    assert clean_id("123.0") == "123.0"
    assert clean_id("aB") == "aB"
    assert clean_id("Ａ1") == "Ａ1"  # full width stays: NFC, not NFKC


def test_an_id_is_trimmed_of_tab_space_and_hard_space_only() -> None:
    assert clean_id("\t \u00a0A 1\u00a0 \t") == "A 1"
    for other in ("\n", "\r", "\x0b", "\u200b", "\ufeff", "\u2028"):
        with pytest.raises(BadId):
            clean_id(f"A1{other}")
    assert clean_id("\u2003A1") == "\u2003A1"


def test_an_id_is_composed() -> None:
    assert clean_id("Cafe\u0301") == "Café"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \t", "is empty"),
        ("a\nb", "holds U+000A (a line break)"),
        ("a\tb", "holds U+0009 (a tab)"),
        ("a\x1b[31m", "holds U+001B (an escape code)"),
        ("a\u202eb", "holds U+202E (right-to-left override)"),
        ("a\x07", "holds U+0007 (a control character)"),
        ("a\U000e1000", "holds U+E1000 (not a character of Unicode)"),
    ],
)
def test_what_an_id_may_not_hold_is_named(text: str, reason: str) -> None:
    with pytest.raises(BadId) as error:
        clean_id(text)
    assert error.value.reason == reason


def test_a_label_may_be_empty() -> None:
    assert clean_label(" ") == ""


@given(st.text(max_size=12))
def test_a_clean_id_is_clean_again_and_holds_no_control(text: str) -> None:
    try:
        once = clean_id(text)
    except BadId:
        return
    assert clean_id(once) == once
    assert once == unicodedata.normalize("NFC", once)
    assert not {unicodedata.category(c) for c in once} & {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}

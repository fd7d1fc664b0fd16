"""Rounding happens once, at display, and never makes a sentence contradict itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.report.words import numbers as show
from rct.report.words.finding import Scale

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        (show.whole(12345), "12,345"),
        (show.decimal(-0.04, 1), "0.0"),
        (show.decimal(-1234.56, 1), "−1,234.6"),
        (show.decimal(999_999_999_999_999.0, 0), "999,999,999,999,999"),
        (show.decimal(-1.26e30, 1), "−1.26e30"),
        (show.points(0.0321), "3.2"),
        (show.percent(0.42), "42.0%"),
        (show.exactly(0.10), "0.1"),
        (show.exactly(1200.0), "1,200"),
        (show.points_exactly(0.015), "1.5"),
        (show.confidence(1 - 0.05), "95%"),
        (show.three_figures(17280), "17,300"),
        (show.three_figures(42.4), "42"),
        (show.money(12.5, "USD"), "$12.50"),
        (show.money(8520, "USD"), "$8,520"),
        (show.money(17280, "USD", rough=True), "$17,300"),
        (show.money(-5, "EUR"), "−€5.00"),
        (show.money(0.004, "USD"), "$0.004"),
        (show.money(1234, "CAD"), "CAD 1,234"),
        (show.p_value(0.43), "p = 0.43"),
        (show.p_value(0.0042), "p = 0.004"),
        (show.p_value(0.00002), "p < 0.001"),
        (show.p_value(0.0496, 0.05), "p = 0.0496"),
        (show.p_value(0.05, 0.05), "p = 0.05"),
        (show.p_value(0.0511, 0.05), "p = 0.051"),
        (show.p_value(0.05 + 1e-9, 0.05), "p > 0.05"),
        (show.p_value(0.05 - 1e-9, 0.05), "p < 0.05"),
        (show.p_value(0.0007, 0.0005), "p = 0.000700"),
        (show.p_value(0.0000002, 0.0005), "p < 0.000001"),
        (show.precise(1.0000004, 1.0), "1.0000004"),
        (show.degrees(4998.0), "4,998"),
        (show.degrees(3.62), "3.6"),
        (show.precise(0.0314650), "0.031465"),
        (show.precise(1.3e-7), "1.3000e−07"),
        (show.in_fours("sha256:abcdef12"), "sha256: abcd ef12"),
        (show.in_fours("abcdef12"), "abcd ef12"),
    ],
)
def test_a_number_looks_as_agreed(given_: str, text: str) -> None:
    assert given_ == text


@given(FINITE, st.integers(0, 6))
def test_no_negative_zero_and_no_hyphen_for_minus(value: float, places: int) -> None:
    text = show.decimal(value, places)
    assert "-" not in text
    assert not (text.startswith("−") and not any(c in "123456789" for c in text))


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_different_numbers_look_different_where_decimals_can_tell(a: float, b: float) -> None:
    places = show.apart(1, [(a, b)])
    assert show.decimal(a, places) != show.decimal(b, places) or abs(a - b) < 2e-6


def test_a_sum_that_rounding_breaks_is_noticed() -> None:
    assert show.adds_up(42.0, 3.2, 45.2, 1)
    assert not show.adds_up(41.96, 3.18, 45.14, 1)


def test_money_below_zero_has_its_sign_before_the_currency() -> None:
    assert Scale(False, 2, unit="USD").level(-2.61) == f"{show.MINUS}$2.61"
    assert Scale(False, 2, unit="USD").level(2.61) == "$2.61"
    assert Scale(False, 1, unit="kWh").level(-2.61) == f"{show.MINUS}2.6 kWh"

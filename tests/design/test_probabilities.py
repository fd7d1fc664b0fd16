"""Exact probabilities, their shortest text, and the counts that shares can give."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.design.probabilities import as_replayed, could_give, exact, possible_counts, shortest

SHARES = st.lists(st.integers(1, 1_000_000), min_size=2, max_size=8)


@given(SHARES)
def test_probabilities_sum_to_one(shares: list[int]) -> None:
    assert sum(exact(shares)) == 1


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (Fraction(1, 2), "0.5"),
        (Fraction(1, 3), "0.3333333333333333"),
        (Fraction(2, 3), "0.6666666666666666"),
        (Fraction(3, 10), "0.3"),
        (Fraction(1, 7), "0.14285714285714285"),
        (Fraction(1), "1"),
    ],
)
def test_shortest_text(p: Fraction, text: str) -> None:
    assert shortest(p) == text


@given(SHARES)
def test_the_text_reads_back(shares: list[int]) -> None:
    for p in exact(shares):
        assert float(shortest(p)) == p.numerator / p.denominator


@given(st.integers(0, 10_000), SHARES)
def test_bounds_hold_the_exact_part_and_at_most_one_leftover(n: int, shares: list[int]) -> None:
    for p, (low, high) in zip(exact(shares), possible_counts(n, shares), strict=True):
        assert low <= n * p <= high
        assert high - low == (0 if (n * p).denominator == 1 else 1)


@pytest.mark.parametrize(
    ("counts", "shares", "possible"),
    [
        ((5, 5), (1, 1), True),
        ((6, 4), (1, 1), False),
        ((6, 5), (1, 1), True),
        ((5, 6), (1, 1), True),
        ((4, 7), (1, 1), False),
        ((2, 1, 1), (2, 1, 1), True),
        ((1, 1, 2), (2, 1, 1), False),
        ((0, 1, 0), (1, 1, 1), True),
        ((0, 0), (1, 1), True),
    ],
)
def test_counts_that_the_shares_could_not_have_given(counts, shares, possible: bool) -> None:
    assert could_give(counts, shares) is possible


def test_a_replayed_block_has_the_parts_it_was_replayed_with() -> None:
    assert as_replayed((6, 4)) == (Fraction(3, 5), Fraction(2, 5))

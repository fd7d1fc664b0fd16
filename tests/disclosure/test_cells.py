"""Cells under the threshold, and those that would give them away, are hidden."""

from __future__ import annotations

import pytest

from rct.disclosure import Cell, hidden_cells, is_small


def cell(n: int, events: int | None = None, arm: str = "a", level: str | None = None) -> Cell:
    return Cell("paid", arm, "language" if level else None, level, n, events)


@pytest.mark.parametrize(
    ("n", "events", "small"),
    [
        (9, None, True),
        (10, None, False),
        (0, None, False),
        (0, 0, False),
        (100, 9, True),
        (100, 10, False),
        (100, 90, False),
        (100, 91, True),
        (100, 0, True),
        (100, 100, True),
    ],
)
def test_a_cell_is_small_by_people_events_or_non_events(n: int, events: int | None, small: bool) -> None:
    assert is_small(cell(n, events), 10) is small


def test_threshold_zero_hides_nothing() -> None:
    assert hidden_cells([cell(1, 0), cell(1, 1, level="x"), cell(3, level="y")], 0) == frozenset()


def test_a_single_hidden_level_takes_the_smallest_other_level_with_it() -> None:
    cells = [cell(200, 80)]
    cells += [cell(100, 40, level="en"), cell(60, 35, level="es"), cell(40, 5, level="zh")]
    hidden = hidden_cells(cells, 10)
    assert hidden == {("paid", "a", "language", "zh"), ("paid", "a", "language", "es")}


def test_no_hidden_level_can_be_had_by_subtraction() -> None:
    """Whatever the sizes: an arm's hidden levels are none, or two, or all it has."""
    for sizes in [(3, 50, 70), (3, 4, 70), (3, 70), (50, 60), (9,), (9, 9, 9), (0, 9, 40)]:
        cells = [cell(sum(sizes)), *(cell(n, level=f"l{i}") for i, n in enumerate(sizes))]
        hidden = {key for key in hidden_cells(cells, 10) if key[2] is not None}
        populated = sum(n > 0 for n in sizes)
        assert len(hidden) == 0 or len(hidden) >= min(2, populated)


def test_arms_are_looked_at_one_by_one() -> None:
    sizes = [("a", "x", 50), ("a", "y", 60), ("b", "x", 5), ("b", "y", 70)]
    cells = [cell(n, arm=arm, level=level) for arm, level, n in sizes]
    cells += [cell(110, arm="a"), cell(75, arm="b")]
    assert hidden_cells(cells, 10) == {
        ("paid", "b", "language", "x"),
        ("paid", "b", "language", "y"),
    }

"""Bounds of hidden counts: against all tables that there are, against a textbook's table, on random ones."""

from __future__ import annotations

from itertools import product
from math import inf

import numpy as np
import pytest

from rct.disclosure.audit import (
    CountBounds,
    PrintedTables,
    Relation,
    adds_up,
    complementary,
    exposed,
    hidden_bounds,
)
from rct.errors import RctError


def two_way(rows: int, columns: int) -> list[Relation]:
    """A table with margins: cells (i, j), row totals (i, None), column totals (None, j), the total."""
    return [
        *(adds_up((i, None), [(i, j) for j in range(columns)]) for i in range(rows)),
        *(adds_up((None, j), [(i, j) for i in range(rows)]) for j in range(columns)),
        adds_up((None, None), [(i, None) for i in range(rows)]),
        adds_up((None, None), [(None, j) for j in range(columns)]),
    ]


def filled(table: np.ndarray) -> dict[object, float]:
    values: dict[object, float] = {(i, j): float(v) for (i, j), v in np.ndenumerate(table)}
    values |= {(i, None): float(v) for i, v in enumerate(table.sum(axis=1))}
    values |= {(None, j): float(v) for j, v in enumerate(table.sum(axis=0))}
    return values | {(None, None): float(table.sum())}


def test_one_hidden_level_is_known_by_subtraction() -> None:
    relations = [adds_up("all", ["en", "es", "zh"])]
    bounds = hidden_bounds(relations, {"all": 100, "en": 60, "es": 33}, ["zh"])
    assert bounds == {"zh": CountBounds(7, 7)}


def test_two_hidden_levels_share_what_is_left() -> None:
    relations = [adds_up("all", ["en", "es", "zh"])]
    assert hidden_bounds(relations, {"all": 100, "en": 60}, ["es", "zh"]) == {
        "es": CountBounds(0, 40),
        "zh": CountBounds(0, 40),
    }


def test_a_corner_of_four_hidden_cells() -> None:
    """Rows 12 and 30, columns 20 and 22 once the published cells are taken off: by hand 0 to 12, 8 to 20."""
    relations = two_way(2, 2)
    shown = {(0, None): 12.0, (1, None): 30.0, (None, 0): 20.0, (None, 1): 22.0, (None, None): 42.0}
    bounds = hidden_bounds(relations, shown, [(0, 0), (1, 0), (0, 1), (1, 1)])
    assert bounds == {
        (0, 0): CountBounds(0, 12),
        (1, 0): CountBounds(8, 20),
        (0, 1): CountBounds(0, 12),
        (1, 1): CountBounds(10, 22),
    }


def test_a_count_in_no_table_is_unknown_and_one_with_infinite_room_too() -> None:
    assert hidden_bounds([adds_up("all", ["a", "b"])], {"a": 3}, ["b", "else"]) == {
        "b": CountBounds(0, inf),
        "else": CountBounds(0, inf),
    }


def test_rounded_figures_leave_room() -> None:
    relations = [adds_up("all", ["a", "b"])]
    assert hidden_bounds(relations, {"all": (95, 105), "a": 60}, ["b"]) == {"b": CountBounds(35, 45)}


def test_inequalities_and_weights() -> None:
    relations = [Relation((("n", 1.0),), 0, 50), Relation((("n", 2.0), ("e", -1.0)), 10, inf)]
    assert hidden_bounds(relations, {}, ["n", "e"]) == {"n": CountBounds(5, 50), "e": CountBounds(0, 90)}


@pytest.mark.parametrize("seed", range(25))
def test_bounds_are_those_of_all_tables_that_fit(seed: int) -> None:
    """Every table of whole numbers with the published cells and margins, counted out."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 4, (2, 3))
    values = filled(table)
    hidden = [c for c in product(range(2), range(3)) if rng.random() < 0.7] or [(0, 0)]
    shown = {cell: v for cell, v in values.items() if cell not in hidden}
    fits = []
    most = [range(int(min(table.sum(axis=1)[i], table.sum(axis=0)[j])) + 1) for i, j in hidden]
    for guess in product(*most):
        trial = table.copy()
        for cell, v in zip(hidden, guess, strict=True):
            trial[cell] = v
        if (trial.sum(axis=0) == table.sum(axis=0)).all() and (trial.sum(axis=1) == table.sum(axis=1)).all():
            fits.append(guess)
    expected = {
        cell: CountBounds(min(f[i] for f in fits), max(f[i] for f in fits)) for i, cell in enumerate(hidden)
    }
    assert hidden_bounds(two_way(2, 3), shown, hidden) == expected


@pytest.mark.parametrize("seed", range(10))
def test_greedy_suppression_ends_with_every_sensitive_cell_protected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 60, (4, 5))
    values = filled(table)
    groups = {cell: [cell] for cell in values if None not in cell}  # type: ignore[operator]
    small = [cell for cell in groups if 0 < values[cell] < 10]
    done = complementary(PrintedTables(two_way(4, 5), values, groups, values), small, small, 10)
    assert not done.exposed
    shown = {cell: v for cell, v in values.items() if cell not in done.hidden}
    assert exposed(two_way(4, 5), shown, small, 10) == {}
    assert set(small) <= done.hidden
    # Not everything is hidden, and what was added was needed: the table fails without the last of it.
    assert len(done.hidden) < len(groups)


def test_the_cheapest_neighbor_is_hidden() -> None:
    values = {"all": 200.0, "en": 120.0, "es": 70.0, "zh": 6.0, "vi": 4.0}
    relations = [adds_up("all", ["en", "es", "zh", "vi"])]
    groups = {name: [name] for name in ("en", "es", "zh", "vi")}
    done = complementary(PrintedTables(relations, values, groups, values), ["zh"], ["zh"], 10)
    assert done.hidden == {"zh", "vi"}, "6 + 4 = 10 is room enough"
    values |= {"zh": 5.0, "en": 121.0}
    done = complementary(PrintedTables(relations, values, groups, values), ["zh"], ["zh"], 10)
    assert done.hidden == {"zh", "es"}, "5 + 4 = 9 is too little, and with es vi need not go"


def test_what_may_not_be_hidden_is_kept_and_what_stays_exposed_is_said() -> None:
    values = {"all": 60.0, "en": 55.0, "es": 5.0}
    printed = PrintedTables([adds_up("all", ["en", "es"])], values, {"en": ["en"], "es": ["es"]}, {})
    done = complementary(printed, ["es"], ["es"], 10, keep=["en"])
    assert done.hidden == {"es"}
    assert done.exposed == {"es": CountBounds(5, 5)}


def test_figures_that_contradict_each_other_are_named() -> None:
    with pytest.raises(ValueError, match="contradict"):
        hidden_bounds([adds_up("all", ["a", "b"])], {"all": 10, "a": 12}, ["b"])
    with pytest.raises(ValueError, match="contradict"):
        hidden_bounds([adds_up("all", ["a", "b"]), adds_up("x", ["y"])], {"all": 10, "a": 4, "b": 5}, ["y"])
    with pytest.raises(ValueError, match="both hidden and published"):
        hidden_bounds([], {"a": 1}, ["a"])
    with pytest.raises(ValueError, match="is published"):
        complementary(PrintedTables([], {"a": 1}, {"a": ["a"]}, {}), [], ["a"], 10)


def test_too_many_hidden_counts_demand_coarser_categories() -> None:
    with pytest.raises(RctError) as error:
        hidden_bounds([], {}, range(2_001))
    assert error.value.problems[0].code == "too_many_cells"
    assert "coarser categories" in error.value.problems[0].fix

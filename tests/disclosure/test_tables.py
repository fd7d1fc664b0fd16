"""All tables of a trial together: what one of them withholds no other gives away."""

from __future__ import annotations

import random

import pytest

from rct.disclosure import Cell, PrintedFacts, adds_up, exposed, hidden_cells, hide, is_small


def table(levels, *, outcome="paid", subgroup="language", binary=True, arms=("c", "t")):
    """Cells of arms by level from {level: ((n, events), …) by arm}, with the arms' totals."""
    cells = []
    for i, arm in enumerate(arms):
        rows = [(level, *counts[i]) for level, counts in levels.items()]
        total = (sum(n for _, n, _ in rows), sum(e for *_, e in rows))
        for level, n, e in [(None, *total), *rows]:
            cells.append(Cell(outcome, arm, subgroup if level else None, level, n, e if binary else None))
    return cells


def test_a_level_hidden_for_its_size_is_not_given_away_by_the_balance_table() -> None:
    """A complement hidden in the results alone would stand in the balance table: so a third level goes."""
    levels = {"en": ((400, 100), (400, 110)), "es": ((60, 20), (60, 21)), "vi": ((8, 4), (30, 15))}
    cells = tuple(table(levels, binary=False))
    simple = hidden_cells(cells, 10)
    assert {k[1:] for k in simple} == {("c", "language", "vi"), ("c", "language", "es")}
    drawn = (("c", 468), ("t", 490))
    observed = (("paid", "c", 468), ("paid", "t", 490))
    listed = tuple(("language", lv, (n[0][0], n[1][0])) for lv, n in levels.items())
    everything = hide(cells, 10, PrintedFacts(drawn, observed, listed))
    # The complement in the results may stand in no row of the balance table either.
    assert everything.levels == {("language", "vi"), ("language", "es")}
    assert {k[1:] for k in everything.cells} == {("c", "language", "vi"), ("c", "language", "es")}
    assert not everything.exposed


def test_two_hidden_levels_that_pin_each_other_take_a_third() -> None:
    """Two levels of 3 and 4: their sum, 7, is known, so each is known to within 7."""
    levels = {
        "en": ((400, 0), (400, 0)),
        "es": ((3, 0), (90, 0)),
        "vi": ((4, 0), (90, 0)),
        "zh": ((50, 0), (50, 0)),
    }
    cells = tuple(table(levels, binary=False))
    assert {k[3] for k in hidden_cells(cells, 10) if k[1] == "c"} == {"es", "vi", "zh"}


def test_nothing_small_hides_nothing() -> None:
    levels = {"en": ((400, 100), (400, 110)), "es": ((60, 20), (60, 21))}
    assert hidden_cells(table(levels), 10) == frozenset()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_tables_nothing_small_is_exposed(seed: int) -> None:
    """Random tables, two outcomes and two subgroups; what stays is audited again from scratch."""
    rng = random.Random(seed)
    levels = {
        f"l{i}": [(n, rng.randrange(n + 1)) for n in (rng.randrange(1, 60), rng.randrange(1, 60))]
        for i in range(5)
    }
    other = {"x": [], "y": []}
    for arm in range(2):
        n = sum(v[arm][0] for v in levels.values())
        e = sum(v[arm][1] for v in levels.values())
        part = rng.randrange(n + 1)
        low, high = max(0, e - (n - part)), min(e, part)
        events = rng.randint(low, high)
        other["x"].append((part, events))
        other["y"].append((n - part, e - events))
    cells = table(levels) + [c for c in table(other, subgroup="side") if c.subgroup]
    hidden = hidden_cells(cells, 10)
    relations, shown, small = [], {}, []
    for c in cells:
        counts = {"n": c.n, "e": c.events, "f": c.n - (c.events or 0)}
        relations.append(adds_up(("n", c.key), [("e", c.key), ("f", c.key)]))
        if c.key not in hidden:
            shown |= {(what, c.key): float(n) for what, n in counts.items()}
            assert not is_small(c, 10)
        elif is_small(c, 10):
            small += [(what, c.key) for what, n in counts.items() if n < 10]
    for arm in "ct":
        for column in ("language", "side"):
            keys = [c.key for c in cells if c.arm == arm and c.subgroup == column]
            relations += [adds_up((w, ("paid", arm, None, None)), [(w, k) for k in keys]) for w in "nef"]
    assert exposed(relations, shown, small, 10) == {}

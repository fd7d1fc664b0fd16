"""Which cells of all of a trial's tables together stay hidden: small ones, complements, and what the audit adds.

The tables hang together: an arm's levels add up to the arm, events and the rest to its units; of an outcome that
everyone has, a level's units are those of the balance table, which stands in memo and appendix too. Over all of
that together nobody may work out a small count to within less than the threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache

from rct.disclosure.audit import Hiding, Relation, adds_up, complementary
from rct.disclosure.cells import Cell, Key, hidden_cells, is_small

Level = tuple[str, str, str]  # arm, column, level


@lru_cache(maxsize=256)
def hidden_in_all(
    cells: tuple[Cell, ...],
    threshold: int,
    drawn: tuple[tuple[str, int], ...],
    listed: tuple[tuple[Level, int], ...],
) -> frozenset[Key]:
    """The keys of all cells that may not be published.

    drawn: units of each arm. listed: units of (arm, column, level) that the balance table prints. A table that no
    hiding of levels makes safe is hidden wholly. Raises RctError `too_many_cells`, as `hidden_bounds` does.
    """
    hidden = set(hidden_cells(cells, threshold))
    by_key = {cell.key: cell for cell in cells}
    totals = [key for key in by_key if key[2] is None]
    while True:
        found = _audited(cells, by_key, threshold, hidden, totals, dict(drawn), dict(listed))
        hidden |= {k for k in found.hidden if isinstance(k, tuple)}
        tables = {cell[1][0::2] for cell in found.exposed if isinstance(cell, tuple)}  # outcome, subgroup
        more = {key for key in by_key if key[2] is not None and key[0::2][:2] in tables} - hidden
        if not more:
            return frozenset(hidden)
        hidden |= more


def _audited(
    cells: Sequence[Cell],
    by_key: Mapping[Key, Cell],
    threshold: int,
    hidden: set[Key],
    totals: Sequence[Key],
    drawn: Mapping[str, int],
    listed: Mapping[Level, int],
) -> Hiding:
    relations: list[Relation] = []
    counts = {key: _counts(cell) for key, cell in by_key.items()}
    values: dict[Hashable, float | tuple[float, float]] = {
        (what, key): float(n) for key, each in counts.items() for what, n in each.items()
    }
    sensitive: list[Hashable] = []
    levels: dict[tuple[str, str, str], list[Key]] = defaultdict(list)
    for key, cell in by_key.items():
        if cell.events is not None:
            relations.append(adds_up(("units", key), [("events", key), ("others", key)]))
        if is_small(cell, threshold):
            sensitive += [(what, key) for what, n in counts[key].items() if n < threshold]
        if cell.subgroup is not None:
            levels[cell.outcome, cell.arm, cell.subgroup].append(key)
    for (outcome, arm, column), keys in levels.items():
        total: Key = (outcome, arm, None, None)
        for what, n in counts.get(total, {}).items():
            if n == sum(counts[key][what] for key in keys):
                relations.append(adds_up((what, total), [(what, key) for key in keys]))
        if total in by_key and by_key[total].n == drawn.get(arm):
            for key in keys:
                same: Hashable = ("drawn", (arm, column, key[3]))
                relations.append(adds_up(("units", key), [same]))
                if listed.get((arm, column, key[3] or "")) == by_key[key].n:
                    values[same] = float(by_key[key].n)
    groups: dict[Hashable, list[Hashable]] = {key: [(what, key) for what in counts[key]] for key in by_key}
    cost: dict[Hashable, float] = {key: float(cell.n) for key, cell in by_key.items()}
    kept = [total for total in totals if total not in hidden]
    return complementary(relations, values, groups, hidden, sensitive, float(threshold), cost, keep=kept)


def _counts(cell: Cell) -> dict[str, int]:
    counts = {"units": cell.n}
    if cell.events is not None:
        counts |= {"events": cell.events, "others": cell.n - cell.events}
    return counts

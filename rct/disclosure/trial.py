"""All tables of one trial together: which of their counts have to be hidden so that no small one comes out.

One set of linear relations holds what the tables share. In an arm, the levels of a subgroup add up to the arm,
in people, in events and in non-events; people with and without a known outcome add up to those drawn, whose
number is printed; and the table of balance prints how many of each level were drawn to each arm. What one
outcome hides, another with the same people would show, so a level that is hidden in an arm is hidden there for
every outcome. Small counts are hidden, and greedily more (`rct.disclosure.audit`), until a reader knows none
of them to within less than the threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rct.disclosure.audit import MOST, CountBounds, PrintedTables, Relation, adds_up, complementary, too_many
from rct.disclosure.cells import Cell, Key, is_small

Count = tuple[Hashable, ...]


@dataclass(frozen=True)
class PrintedFacts:
    """What is printed beside the cells. All empty: nothing but the cells is.

    drawn     (arm, units drawn), printed whatever it is
    observed  (outcome, arm, units with a known outcome)
    levels    (column, level, units drawn to each arm, in the order of `drawn`): the table of balance
    """

    drawn: tuple[tuple[str, int], ...] = ()
    observed: tuple[tuple[str, str, int], ...] = ()
    levels: tuple[tuple[str, str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Hidden:
    """What may not be printed. `exposed`: small counts that stay known to within less than the threshold
    though all that may be is hidden, as in an arm of eight; the number drawn to an arm is always printed."""

    cells: frozenset[Key] = frozenset()
    levels: frozenset[tuple[str, str]] = frozenset()
    observed: frozenset[tuple[str, str]] = frozenset()
    exposed: Mapping[Hashable, CountBounds] = field(default_factory=dict)


@lru_cache(maxsize=32)
def hide(cells: tuple[Cell, ...], threshold: int, facts: PrintedFacts = PrintedFacts()) -> Hidden:
    """Small cells, and whatever of cells, balance and observed counts would give one away.

    Raises RctError `too_many_cells` over 2,000 small counts. Counts that contradict each other, as no trial's do,
    can't be audited: every level of every subgroup is hidden.
    """
    tables = _CountTables(cells, facts)
    small = {cell.key for cell in cells if is_small(cell, threshold)}
    levels = {(c, level) for c, level, counts in facts.levels if _few(counts, facts.drawn, threshold)}
    observed = {(o, arm) for o, arm, n in facts.observed if 0 < n < threshold}
    hidden: set[Hashable] = {
        *(_group(key) for key in small),
        *(("level", *level) for level in levels),
        *(("observed", *pair) for pair in observed),
    }
    sensitive = [
        count
        for count in tables.values
        if tables.owner.get(count) in hidden and tables.is_sensitive(count, small, threshold)
    ]
    if len(sensitive) > MOST:
        too_many(len(sensitive))
    groups = tables.groups()
    try:
        hiding = complementary(
            PrintedTables(tables.relations, tables.values, groups, tables.cost),
            hidden,
            sensitive,
            float(threshold),
            keep=[name for name in groups if name[0] in ("whole", "observed")],
        )
    except ValueError:
        return Hidden(
            frozenset({cell.key for cell in cells if cell.subgroup is not None} | small),
            frozenset((column, level) for column, level, _ in facts.levels),
            frozenset(observed),
        )
    return Hidden(
        frozenset(cell.key for cell in cells if _group(cell.key) in hiding.hidden and cell.n > 0),
        frozenset((str(name[1]), str(name[2])) for name in _named(hiding.hidden, "level")),
        frozenset(observed),
        hiding.exposed,
    )


def hidden_cells(cells: tuple[Cell, ...] | list[Cell], threshold: int) -> frozenset[Key]:
    """The keys of all cells that may not be published where nothing but cells is. See `hide`.

    A threshold of 0 hides nothing, and 1 only the groups in which all did the same.
    """
    return hide(tuple(cells), threshold).cells


def _group(key: Key) -> tuple[Hashable, ...]:
    """What is printed or hidden as one: an arm's level for every outcome; an arm as a whole for one."""
    outcome, arm, subgroup, level = key
    return ("whole", outcome, arm) if subgroup is None else ("cell", arm, subgroup, level)


def _named(groups: frozenset[Hashable], kind: str) -> list[tuple[Hashable, ...]]:
    return [name for name in groups if isinstance(name, tuple) and name[0] == kind]


def _few(counts: tuple[int, ...], drawn: tuple[tuple[str, int], ...], threshold: int) -> bool:
    return any(min(c, n - c) < threshold for c, (_, n) in zip(counts, drawn, strict=True))


class _CountTables:
    """Counts by name, the relations that they keep, and which of them are printed together."""

    def __init__(self, cells: tuple[Cell, ...], facts: PrintedFacts):
        self.values: dict[Count, float] = {}
        self.owner: dict[Count, tuple[Hashable, ...]] = {}
        self.relations: list[Relation] = []
        self.cost: dict[tuple[Hashable, ...], float] = defaultdict(float)
        self._drawn, self._observed = dict(facts.drawn), {(o, a): n for o, a, n in facts.observed}
        for arm, n in facts.drawn:
            self.values["drawn", arm, None, None] = n
        for (outcome, arm), n in self._observed.items():
            self._put(("n", outcome, arm, None, None), n, ("observed", outcome, arm))
            self._put(("missing", outcome, arm, None, None), self._drawn[arm] - n, ("observed", outcome, arm))
        for column, level, counts in facts.levels:
            self.cost["level", column, level] = sum(counts) / 1_000  # rather a row of balance than a result
            for (arm, _), n in zip(facts.drawn, counts, strict=True):
                self._put(("drawn", arm, column, level), n, ("level", column, level))
        for cell in cells:
            self._cell(cell)
        self.relations = [r for r in (*self.relations, *self._sums()) if self._holds(r)]

    def _holds(self, relation: Relation) -> bool:
        """Whether it does in the counts as given; what doesn't (counts made up for an example) ties nothing."""
        known = [(self.values.get(count), weight) for count, weight in relation.weights]  # type: ignore[call-overload]
        return any(v is None for v, _ in known) or sum(v * w for v, w in known if v is not None) == 0

    def _put(self, count: Count, value: float, group: tuple[Hashable, ...]) -> None:
        self.values.setdefault(count, value)
        self.owner.setdefault(count, group)

    def _cell(self, cell: Cell) -> None:
        group, where = _group(cell.key), cell.key
        self._put(("n", *where), cell.n, group)
        if group[0] == "cell":
            self.cost[group] = max(self.cost[group], cell.n)
        if cell.events is not None:
            self._put(("events", *where), cell.events, group)
            self._put(("others", *where), cell.n - cell.events, group)
            self.relations.append(adds_up(("n", *where), [("events", *where), ("others", *where)]))
        if (cell.outcome, cell.arm) in self._observed:
            drawn = ("drawn", cell.arm, cell.subgroup, cell.level)
            self.relations.append(adds_up(drawn, [("n", *where), ("missing", *where)]))
            if cell.subgroup is not None and drawn in self.values:
                self.values["missing", *where] = self.values[drawn] - cell.n
                self.owner["missing", *where] = group

    def _sums(self) -> Iterator[Relation]:
        """Levels add up to the arm."""
        parts: dict[Count, list[Count]] = defaultdict(list)
        for count in {c for relation in self.relations for c, _ in relation.weights} | set(self.values):
            if isinstance(count, tuple) and count[-1] is not None:
                parts[(*count[:-2], count[-2])].append(count)
        for whole, levels in parts.items():
            yield adds_up((*whole[:-1], None, None), sorted(levels, key=repr))

    def groups(self) -> dict[tuple[Hashable, ...], list[Count]]:
        found: dict[tuple[Hashable, ...], list[Count]] = defaultdict(list)
        for count, name in self.owner.items():
            found[name].append(count)
        return found

    def is_sensitive(self, count: Count, small: set[Key], threshold: int) -> bool:
        """Whether a count by itself is too small to be known; of a level nobody has there is nothing to know."""
        if self.values[count] >= threshold:
            return False
        kind, *where = count
        if kind in ("events", "others"):
            return tuple(where) in small
        return kind in ("n", "drawn") and self.values[count] > 0

"""Could a reader work out a hidden count from the published ones? Answered by linear programs.

A hidden count lies somewhere between the least and the greatest value that agree with everything published:
two linear programs a count (Zayatz 1992, "Using linear programming methodology for disclosure avoidance
purposes", US Census Bureau RR-92/02). It counts as protected when that interval is at least `width` wide, a
"sliding protection level" in the words of Fischetti and Salazar-González (2001, "Solving the cell suppression
problem on tabular data with linear constraints", Management Science 47). We ask for a width of the threshold
itself, so that the interval holds counts that need no hiding; R's GaussSuppression asks for 2.

What it doesn't cover: a reader who knows members of a small group, and one who reasons from our own choice of
what to hide. Published counts and a group's own size are all that the programs know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, inf, isfinite
from typing import Any, NoReturn

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from rct.errors import stop

Cell = Hashable  # any name of a count
Values = Mapping[Any, float | tuple[float, float]]  # by cell

MOST = 2_000  # hidden counts that are audited; more need coarser categories
SECOND_LOOK = 2_000  # programs that are spent on showing again what was hidden without need
NEAR = 1e-6  # a bound this near to a whole number is that number


@dataclass(frozen=True)
class Relation:
    """What everyone knows of some counts: sum(weight × count) lies in [low, high]."""

    weights: tuple[tuple[Cell, float], ...]
    low: float = 0.0
    high: float = 0.0


def adds_up(total: Cell, parts: Iterable[Cell]) -> Relation:
    """The relation `total = sum(parts)`, as a table's margin has it."""
    return Relation(((total, -1.0), *((part, 1.0) for part in parts)))


@dataclass(frozen=True)
class CountBounds:
    """The least and the greatest whole number that a count may be; `high` may be infinite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def hidden_bounds(
    relations: Sequence[Relation], published: Values, hidden: Collection[Cell]
) -> dict[Cell, CountBounds]:
    """For each cell of `hidden` what a reader of `published` can know of it.

    relations  what ties counts together (margins, totals); every count is known to be 0 or more
    published  a value for each printed count, or (low, high) where it was printed rounded
    hidden     the counts asked about; none may be in `published`. Others in no table are unknown too.

    Bounds are those of the linear programs, rounded inwards since counts are whole: a reader with an integer
    program can at best do a little better in tables of three and more dimensions, and no better in two.
    Raises RctError `too_many_cells` over 2,000 hidden counts, ValueError where published counts contradict
    each other or one is hidden and published.
    """
    asked = dict.fromkeys(hidden)
    if any(cell in published for cell in asked):
        raise ValueError("a count is both hidden and published")
    if len(asked) > MOST:
        too_many(len(asked))
    tables = _RelationIndex(relations)
    tables.require_agreement(published)
    bounds: dict[Cell, CountBounds] = {}
    for cell in asked:
        if cell not in bounds:
            part = tables.part(cell, published)
            bounds |= {other: part.bounds(other) for other in part.columns if other in asked}
    return bounds


def too_many(counts: int) -> NoReturn:
    """Raise the error that demands coarser categories."""
    stop(
        "too_many_cells",
        f"The tables hide {counts:,} counts; {MOST:,} are the most whose safety is checked.",
        "Use coarser categories: fewer levels of each subgroup, or join small ones.",
        found=f"{counts:,}",
    )


def exposed(
    relations: Sequence[Relation], published: Values, sensitive: Collection[Cell], width: float
) -> dict[Cell, CountBounds]:
    """The cells of `sensitive` that a reader can know to within less than `width`."""
    bounds = hidden_bounds(relations, published, sensitive)
    return {cell: b for cell, b in bounds.items() if b.width < width}


@dataclass(frozen=True)
class PrintedTables:
    """Tables that would be printed whole, and in which pieces they can be held back.

    relations  as `hidden_bounds` has them
    values     every count
    groups     name -> the counts that are printed or hidden together (a row of a table); a count in no
               group is always printed
    cost       what hiding a group loses, e.g. its number of people; 0 where it is not named
    """

    relations: Sequence[Relation]
    values: Values
    groups: Mapping[Any, Collection[Cell]]
    cost: Mapping[Any, float]


@dataclass(frozen=True)
class Hiding:
    """What `complementary` found: the groups to hide, and the cells that stay exposed whatever is hidden."""

    hidden: frozenset[Hashable]
    exposed: Mapping[Cell, CountBounds]


def complementary(
    printed: PrintedTables,
    hidden: Collection[Hashable],
    sensitive: Collection[Cell],
    width: float,
    *,
    keep: Collection[Hashable] = (),
) -> Hiding:
    """Hide more groups, one at a time, until no sensitive cell can be known to within less than `width`.

    hidden     the groups hidden to begin with; all values but those of hidden groups are published
    sensitive  the counts to protect; each has to lie in a hidden group
    keep       groups that are never hidden; what that leaves exposed is in `Hiding.exposed`, and a table
               with anything there isn't fit to be published

    Greedy, after Cox (1980, JASA 75): it always ends, since each round hides one more, the cheapest first, by name
    where equal. What turns out not to
    be needed, the dearest first, is shown again. Raises as `hidden_bounds` does.
    """
    relations, values, groups, cost = printed.relations, printed.values, printed.groups, printed.cost
    owner = {cell: name for name, cells in groups.items() for cell in cells}
    gone, stays = set(hidden), set(keep)
    if loose := [cell for cell in sensitive if owner.get(cell) not in gone]:
        raise ValueError(f"a sensitive count is published: {loose[0]!r}")
    tables = _RelationIndex(relations)
    shown = {cell: value for cell, value in values.items() if owner.get(cell) not in gone}
    safe: set[Cell] = set()
    stuck: list[Cell] = []
    for cell in sorted(sensitive, key=repr):
        while cell not in safe:
            # What is hidden later only widens an interval, so what is safe once stays safe.
            part = tables.part(cell, shown)
            safe |= part.at_least(width, cell, values, sensitive)
            if cell in safe:
                break
            choice = tables.beside(part.columns, owner, gone | stays)
            if not choice:
                stuck.append(cell)
                break
            name = min(choice, key=lambda name: (cost.get(name, 0.0), repr(name)))
            gone.add(name)
            for other in groups[name]:
                shown.pop(other, None)
    added = sorted(gone - set(hidden), key=lambda name: (-cost.get(name, 0.0), repr(name)))
    if len(added) * len(sensitive) <= SECOND_LOOK and not stuck:
        for name in added:
            again = {cell: value for cell, value in values.items() if owner.get(cell) not in gone - {name}}
            if all(c in tables.part(c, again).at_least(width, c, values, ()) for c in sensitive):
                gone.discard(name)
    return Hiding(frozenset(gone), exposed(relations, shown, stuck, width))


# --- linear programs


@dataclass(frozen=True)
class _Part:
    """Unknown counts that hang together, and what is known of them: low <= A x <= high, x >= 0."""

    columns: Mapping[Cell, int]
    limits: Sequence[tuple[float, float | None]]
    rows: Sequence[tuple[Mapping[int, float], float, float]]

    @cached_property
    def _held(self) -> dict[str, Any]:
        equal = [(row, low) for row, low, high in self.rows if low == high]
        between = [(row, low, high) for row, low, high in self.rows if low != high]
        upper = [(row, high) for row, _, high in between if isfinite(high)]
        upper += [({c: -w for c, w in row.items()}, -low) for row, low, _ in between if isfinite(low)]
        held: dict[str, Any] = {"bounds": self.limits, "method": "highs", "options": {"presolve": False}}
        if equal:
            held |= {"A_eq": self._matrix([r for r, _ in equal]), "b_eq": [b for _, b in equal]}
        if upper:
            held |= {"A_ub": self._matrix([r for r, _ in upper]), "b_ub": [b for _, b in upper]}
        return held

    def bounds(self, cell: Cell) -> CountBounds:
        """Exact: one program for each end."""
        ends = [self._end(cell, sign)[0] for sign in (1.0, -1.0)]
        return CountBounds(*ends)

    def at_least(self, width: float, cell: Cell, truth: Values, others: Collection[Cell]) -> frozenset[Cell]:
        """Those of `others` and `cell` that are surely `width` wide, `cell` if it is so at all.

        Each solution on the way is a table that fits, for every other cell too; so are the true values.
        """
        values = [truth.get(c) for c in self.columns]
        known = np.array([v if isinstance(v, (int, float)) else np.nan for v in values])
        low, high = known.copy(), known.copy()
        place = self.columns[cell]
        for sign in (1.0, -1.0):
            if high[place] - low[place] < width or np.isnan(low[place]):
                end, table = self._end(cell, sign)
                if table is None:
                    high[place] = inf
                else:
                    low, high = np.fmin(low, table), np.fmax(high, table)
                    low[place], high[place] = (end, high[place]) if sign > 0 else (low[place], end)
        wide = np.floor(high + NEAR) - np.ceil(low - NEAR) >= width
        return frozenset(c for c, i in self.columns.items() if wide[i] and (c == cell or c in others))

    def _end(self, cell: Cell, sign: float) -> tuple[float, Any]:
        """The least value of a count (sign 1) or the greatest (sign -1), and a table with it, if finite."""
        aim = np.zeros(len(self.columns))
        aim[self.columns[cell]] = sign
        answer = linprog(aim, **self._held)
        if answer.status == 3:
            return inf, None
        if answer.status != 0:
            raise ValueError(f"the published counts contradict each other ({answer.message})")
        value = sign * float(answer.fun)
        return float(ceil(value - NEAR) if sign > 0 else floor(value + NEAR)), answer.x

    def _matrix(self, rows: Sequence[Mapping[int, float]]) -> Any:
        places = [(i, c, w) for i, row in enumerate(rows) for c, w in row.items()]
        at, column, weight = zip(*places, strict=True)
        return csr_matrix((weight, (at, column)), shape=(len(rows), len(self.columns)))


class _RelationIndex:
    """Relations by the counts that stand in them."""

    def __init__(self, relations: Sequence[Relation]):
        self.relations = relations
        self.of: dict[Cell, list[int]] = defaultdict(list)
        for i, relation in enumerate(relations):
            for cell, _ in relation.weights:
                self.of[cell].append(i)

    def part(self, start: Cell, published: Values) -> _Part:
        """All that hangs together with an unknown count: many small programs in place of a large one."""
        columns, waiting, rows, seen = {start: 0}, [start], [], set()
        while waiting:
            for i in self.of.get(waiting.pop(), ()):
                if i in seen:
                    continue
                seen.add(i)
                unknown, low, high = _reduced(self.relations[i], published)
                new = [cell for cell in unknown if cell not in columns]
                columns |= {cell: len(columns) + k for k, cell in enumerate(new)}
                waiting += new
                if unknown:
                    rows.append(({columns[cell]: weight for cell, weight in unknown.items()}, low, high))
        return _Part(columns, [_limit(published.get(cell)) for cell in columns], rows)

    def beside(
        self, unknown: Iterable[Cell], owner: Mapping[Cell, Hashable], without: set[Hashable]
    ) -> set[Hashable]:
        """The groups that stand in one relation with any of the unknown counts."""
        at = {i for cell in unknown for i in self.of.get(cell, ())}
        return {owner[c] for i in at for c, _ in self.relations[i].weights if c in owner} - without

    def require_agreement(self, published: Values) -> None:
        """ValueError where counts that are all published don't add up."""
        for relation in self.relations:
            unknown, low, high = _reduced(relation, published)
            if not unknown and (low > NEAR or high < -NEAR):
                raise ValueError("the published counts contradict each other")


def _reduced(relation: Relation, published: Values) -> tuple[dict[Cell, float], float, float]:
    """A relation among the counts that are unknown or printed rounded; what is known is taken off the ends."""
    unknown: dict[Cell, float] = defaultdict(float)
    known = 0.0
    for cell, weight in relation.weights:
        value = published.get(cell)
        if isinstance(value, (int, float)):
            known += weight * value
        else:
            unknown[cell] += weight
    return (
        {cell: weight for cell, weight in unknown.items() if weight},
        relation.low - known,
        relation.high - known,
    )


def _limit(value: float | tuple[float, float] | None) -> tuple[float, float | None]:
    if isinstance(value, tuple):
        return max(value[0], 0.0), value[1] if isfinite(value[1]) else None
    return 0.0, None

"""Tables beside the results that count people once more: mail that came back, answers to a survey, what residents said.

They stand next to tables that tell their totals, or tables of the same people by arm. A part that is hidden must not
be what is left when the others are taken off such a total.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from rct.disclosure.audit import PrintedTables, Relation, adds_up, complementary
from rct.disclosure.cells import Cell, is_small


def hide_parts(
    parts: Mapping[str, int], hidden: Collection[str], threshold: int, low: float, high: float = inf
) -> frozenset[str]:
    """Which parts may not be printed where everyone knows that they add up to something between `low` and `high`.

    hidden  those that are too small by themselves

    Where parts and total contradict each other, as in no trial, nothing can be said: all are hidden.
    """
    few = frozenset(hidden)
    if not few:
        return few
    try:
        values = {name: float(n) for name, n in parts.items()}
        relation = Relation(tuple((name, 1.0) for name in parts), low, high)
        printed = PrintedTables([relation], values, {name: [name] for name in parts}, cost=values)
        hiding = complementary(printed, few, list(few), float(threshold))
    except ValueError:
        return frozenset(parts)
    return frozenset(parts) if hiding.exposed else frozenset(str(name) for name in hiding.hidden)


def hide_levels(
    levels: Mapping[str, tuple[int, int]], threshold: int, also: Collection[str] = ()
) -> frozenset[str]:
    """Which levels (of people; and of these, who did) may not be printed: too small, or what would tell those.

    also  levels whose numbers would tell a count that another table hides: of the same people by arm
    """
    small = {name for name, (n, did) in levels.items() if is_small(Cell("", "", "", name, n, did), threshold)}
    begin = small | (set(also) & set(levels))
    values: dict[tuple[str, str | None], float] = {("did", None): 0.0, ("did not", None): 0.0}
    for name, (n, did) in levels.items():
        values["did", name], values["did not", name] = float(did), float(n - did)
        values["did", None] += did
        values["did not", None] += n - did
    sensitive = [
        cell
        for cell, value in values.items()
        if cell[1] in begin and (value < threshold or cell[1] not in small)
    ]
    printed = PrintedTables(
        [adds_up((kind, None), [(kind, name) for name in levels]) for kind in ("did", "did not")],
        values,
        {name: [("did", name), ("did not", name)] for name in levels},
        cost={name: float(n) for name, (n, _) in levels.items()},
    )
    hiding = complementary(printed, begin, sensitive, float(threshold))
    return frozenset(levels) if hiding.exposed else frozenset(str(name) for name in hiding.hidden)

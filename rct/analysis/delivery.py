"""Delivery by arm: what was mailed, delivered, returned and forwarded, held against what was drawn.

Delivery happens after the draw. It is told and tested, and never filters the analysis: who got no letter stays in
the arm that was drawn. What people did with a piece (opened, clicked, replied, stopped) is a result, and is shown by
arm only when results may be.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.estimate.checks import RatioCheck, sample_ratio
from rct.letters.pieces import DELIVERY, RESPONSES, STATUSES, WISHES
from rct.registry import doses, state, store
from rct.registry.state import State


@dataclass(frozen=True)
class Delivery:
    """One status: pieces by arm of those to whom something is sent, and whether they are as many as lots would give.

    `counts` are units; the check counts clusters where the draw was clustered. None: nothing to test.
    """

    status: str
    counts: Mapping[str, int]
    drawn: Mapping[str, int]
    check: RatioCheck | None


def shown(db: sqlite3.Connection, found: State, definition: Definition) -> Sequence[str]:
    """The statuses that may be shown by arm today: before the date of the results, none that is a result.

    Where people of this trial opted out and a later list left them out, what was sent by arm would tell how many.
    """
    if found.results_open(definition.analysis.date):
        return STATUSES
    wished = any(d.status in WISHES for d in doses.read_doses(db, found.name))
    return () if wished and any(map(state.left_out, found.all("letters", "handover"))) else DELIVERY


def delivery(
    db: sqlite3.Connection, definition: Definition, statuses: Sequence[str] = DELIVERY
) -> list[Delivery]:
    """The statuses that were told, in the order of `statuses`. Nothing was loaded: []."""
    told = doses.read_doses(db, definition.name)
    if not told:
        return []
    rows = {row.unit: row for row in store.read_assignment(db, definition.name)}
    reached = {rows[d.unit].arm for d in told}
    arms = [a for a, arm in definition.arms.items() if arm_templates(arm) or a in reached]
    drawn = {a: {row.unit for row in rows.values() if row.arm == a} for a in arms}
    found = []
    for status in statuses:
        units = {d.unit for d in told if d.status == status}
        if units:
            by_arm = {a: units & drawn[a] for a in arms}
            found.append(
                Delivery(
                    status,
                    {a: len(by_arm[a]) for a in arms},
                    {a: len(drawn[a]) for a in arms},
                    _check(by_arm, drawn, rows, clustered=definition.clustered)
                    if status in DELIVERY
                    else None,
                )
            )
    return found


ARRIVED = ("delivered", "forwarded", *RESPONSES)  # any of these: a piece got through
MOST_LEVELS = 50  # of a column by which reach is told; a finer one would be all small counts


@dataclass(frozen=True)
class LevelReach:
    """Units with this value to whom something is sent, and those of whom only returned mail was told."""

    column: str
    level: str
    sent: int
    unreached: int


def reach(db: sqlite3.Connection, definition: Definition) -> list[LevelReach]:
    """Who was never reached, by each planned subgroup, category and block column, levels in byte order.

    Arms together: who was reached is about addresses, not about wording. No returned mail was told: [].
    """
    told = doses.read_doses(db, definition.name)
    came_back = {d.unit for d in told if d.status == "returned"}
    if not came_back:
        return []
    unreached = came_back - {d.unit for d in told if d.status in ARRIVED}
    arms = {row.unit: row.arm for row in store.read_assignment(db, definition.name)}
    mailed = {a for a, arm in definition.arms.items() if arm_templates(arm)}
    mailed |= {arms[d.unit] for d in told}
    names = dict.fromkeys(
        (*definition.analysis.subgroups, *definition.frame.categories, *definition.design.blocks)
    )
    frame = store.read_frame(db, definition.name, only=list(names))
    found = []
    for name in (n for n in names if n in frame.columns):
        values = [str(v) for v in frame.columns[name].values]
        sent = Counter(v for unit, v in zip(frame.units, values, strict=True) if arms[unit] in mailed)
        missed = Counter(v for unit, v in zip(frame.units, values, strict=True) if unit in unreached)
        if len(sent) <= MOST_LEVELS:
            levels = sorted(sent, key=lambda text: text.encode())
            found += [LevelReach(name, level, sent[level], missed[level]) for level in levels]
    return found


def _check(
    by_arm: Mapping[str, set[str]],
    drawn: Mapping[str, set[str]],
    rows: Mapping[str, store.Assigned],
    *,
    clustered: bool,
) -> RatioCheck | None:
    """Observed against drawn, arm by arm; None with one arm, where there is nothing to compare."""

    def size(units: set[str]) -> int:
        return len({rows[u].cluster for u in units}) if clustered else len(units)

    observed = tuple(size(units) for units in by_arm.values())
    expected = tuple(size(units) for units in drawn.values())
    if len(observed) < 2 or not min(expected) or not sum(observed):
        return None
    return sample_ratio(observed, expected)

"""What a file of outcomes changes in what is stored: what is new, what differs, and what is refused.

A file may hold some of the outcomes and some of the units. The same values again are unchanged; another value
for a unit that has one needs `--correct --reason`, and is a deviation.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rct import fs
from rct.definition import Definition
from rct.errors import Problem, RctError
from rct.outcomes.names import NOBODY, Names
from rct.outcomes.rows import OutcomeRows
from rct.registry.events import OutcomesBody, Until
from rct.registry.state import State
from rct.registry.workspace import Workspace
from rct.tables import Counts
from rct.tables.people import csv_for_people

Values = dict[str, dict[str, float | None]]  # outcome → unit → value; None is unobserved


@dataclass(frozen=True)
class LoadedOutcomes:
    """What a load did, counted in values (a unit and an outcome)."""

    rows: OutcomeRows
    new: int
    unchanged: int
    changed: int
    fresh: bool

    @property
    def counts(self) -> Counts:
        return self.rows.counts


class Fates:
    """What became of a name at the frame: 'kept', 'excluded', or None for one that was never in it."""

    def __init__(self, names: Names, known: Mapping[str, str]):
        self._names, self._known = names, known

    def __call__(self, text: str) -> str | None:
        unit = self._names.unit(text)
        fate = None if unit is None else self._known.get(unit, "excluded" if unit == NOBODY else None)
        return "excluded" if fate not in (None, "kept") else fate


def units_of(names: Names, rows: OutcomeRows) -> dict[str, str]:
    """Each name in the file → its unit, reckoned once."""
    ids = {id for by_id in rows.values.values() for id in by_id}.union(*rows.refused.values())
    return {id: str(names.unit(id)) for id in ids}


def by_unit_of(unit: Mapping[str, str], rows: OutcomeRows) -> Values:
    """The file's values by unit, where it names people."""
    return {o: {unit[id]: value for id, value in by_id.items()} for o, by_id in rows.values.items()}


def compare(before: Values, values: Values) -> tuple[Values, int, Values]:
    """What is new, how much is unchanged, and what differs from what is stored."""
    new: Values = {}
    changed: Values = {}
    unchanged = 0
    for outcome, by_unit in values.items():
        stored = before[outcome]
        for unit, value in by_unit.items():
            if unit not in stored:
                new.setdefault(outcome, {})[unit] = value
            elif stored[unit] != value:
                changed.setdefault(outcome, {})[unit] = value
            else:
                unchanged += 1
    return new, unchanged, changed


def marks(
    unit: Mapping[str, str], rows: OutcomeRows, before: Values, marked: Mapping[str, Collection[str]]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By outcome: units whose refused row leaves open what no other file said, and those whose sound row now says it.

    Under `missing = "zero"` they would else count as no, though the file may have said yes.
    """
    opened: dict[str, set[str]] = {}
    closed: dict[str, set[str]] = {}
    for outcome, ids in rows.refused.items():
        values = rows.values[outcome]
        refused = {unit[i] for i in ids if i in values or unit[i] not in before[outcome]}
        said = {unit[i] for i in values if i not in ids} & set(marked[outcome]) if marked[outcome] else set()
        if new := refused - set(marked[outcome]):
            opened[outcome] = new
        if said:
            closed[outcome] = said
    return opened, closed


def days(
    unit: Mapping[str, str], rows: OutcomeRows, changed: Values, ended: Values
) -> tuple[Values, dict[str, set[str]]]:
    """By outcome: each unit's last day where it is later than the one that is stored, or the value is another; and the
    units that have none any more."""
    later: Values = {}
    gone: dict[str, set[str]] = {}
    for outcome, by_id in rows.last.items():
        stored, other = ended[outcome], changed.get(outcome, {})
        said = {unit[id]: day for id, day in by_id.items()}
        new: dict[str, float | None] = {
            u: float(day)
            for u, day in said.items()
            if day > (stored.get(u) or 0) or (u in other and day != stored.get(u))
        }
        if new:
            later[outcome] = new
        if none := {u for u in other if u in stored and u not in said}:
            gone[outcome] = none
    return later, gone


def first_time(state: State, rows: OutcomeRows) -> bool:
    """An outcome that no earlier file held is told even where the file has no unit with a value."""
    told = {o for event in state.all(OutcomesBody) for o in event.body.outcomes}
    return not told.issuperset(rows.values)


def after_all(state: State, definition: Definition, rows: OutcomeRows) -> bool:
    """Whether the same values are told for the first time when their window has ended: nothing came since."""
    if state.analysis is not None:
        return False
    for outcome, until in rows.until.items():
        end = definition.window_end(outcome)
        before = [date.fromisoformat(u.loaded) for u in state.records_of(outcome)]
        if end is not None and before and max(before) < end <= until.loaded:
            return True
    return False


def refuse_changed(
    ws: Workspace,
    definition: Definition,
    state: State,
    file: str,
    rows: OutcomeRows,
    unit_of: Mapping[str, str],
    before: Values,
) -> None:
    """Which values differ stands in private/NAME/refused.csv, once results may be shown.

    Before that not even how many: a file of people chosen by whoever asks, all with one value, would be told how many
    of them have the other. Of the people of one arm that is its result.
    """
    name, due = definition.name, definition.analysis.date
    differ = {
        outcome: {id: v for id, v in by_id.items() if before[outcome].get(unit_of[id], v) != v}
        for outcome, by_id in rows.values.items()
    }
    differ = {outcome: by_id for outcome, by_id in differ.items() if by_id}
    fix = f'If the file is right: rct outcomes {name} FILE --correct --reason "…" (a deviation).'
    listed: dict[str, tuple[str | None, str]]
    if not state.results_open(due):
        fix = f"Compare the file with the one that was loaded before; how many differ is told from {due} on. {fix}"
        listed = dict.fromkeys(differ, (None, ""))
    else:
        where = _list_changed(ws, name, differ, unit_of, before)
        listed = {
            outcome: (f"{len(by_id):,} with another value", f"They are listed in {where}. ")
            for outcome, by_id in differ.items()
        }
    raise RctError(
        [
            Problem(
                code="outcome_changed",
                file=file,
                field=outcome,
                found=count,
                rule="Some units have another value already; a value that was loaded is never changed in silence.",
                fix=f"{see}{fix}",
            )
            for outcome, (count, see) in listed.items()
        ]
    )


def _list_changed(
    ws: Workspace,
    name: str,
    differ: Mapping[str, Mapping[str, float | None]],
    unit_of: Mapping[str, str],
    before: Values,
) -> str:
    """Write each value that differs, with the person's id, the file's value and the one that is loaded."""

    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:.15g}"

    header = ("row", "id", "field", "found", "loaded")
    told = [
        (i, id, outcome, shown(value), shown(before[outcome][unit_of[id]]))
        for i, (outcome, id, value) in enumerate(
            ((outcome, id, value) for outcome, by_id in differ.items() for id, value in by_id.items()),
            start=1,
        )
    ]
    path = ws.private_trial(name) / "refused.csv"
    fs.make_dir(path.parent, private=True)
    fs.write_atomic(path, csv_for_people(header, told), private=True, token=secrets.token_hex(16))
    return ws.shown(path)


def size(values: Values) -> int:
    """How many values these are: one a unit and outcome."""
    return sum(len(by_unit) for by_unit in values.values())


def counted(rows: OutcomeRows, loaded: LoadedOutcomes) -> dict[str, Any]:
    """What the event says of the file."""
    return {
        "outcomes": tuple(sorted(rows.values)),
        **rows.counts.told(),
        "unplaced": rows.unplaced,
        "outside": rows.outside,
        "unobserved": rows.unobserved,
        "until": {
            outcome: Until(
                last=None if until.last is None else until.last.isoformat(),
                busy=until.busy,
                loaded=until.loaded.isoformat(),
            )
            for outcome, until in rows.until.items()
        },
        "new": loaded.new,
        "unchanged": loaded.unchanged,
        "changed": loaded.changed,
    }

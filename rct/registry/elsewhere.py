"""People of one trial in the arms that another has drawn, before that one's results are due.

Outcomes loaded into such a trial would show the other's results by arm, with no trace in its log. The key can tell: it
makes each person's code in the other trial from the id. Only the stages that may see ids ask.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rct.definition import plan
from rct.design.tickets import unit_ids
from rct.design.told import tells
from rct.errors import RctError, stop
from rct.registry import chain, keys, state, store, vault
from rct.registry.events import StopBody
from rct.registry.workspace import Workspace

MOST_LEVELS = 50  # of a column that may stand for another trial's arms


def refuse_arms_of_another(
    ws: Workspace, name: str, token: str, arms: Mapping[str, str] | None = None
) -> None:
    """RctError `arms_of_another_trial` where `arms` (unit → arm) tell those that another trial drew.

    token: the batch of the trial's people in the vault. arms None: those of the stored draw; then also no column of
    the list may tell the other's.
    """
    with state.reading(ws) as db:
        others = list(_not_due(ws, db, name))
        if not others:
            return
        labels = _labels(db, name) if arms is None else {"arm": arms}
        with vault.opened(ws) as opened:
            people = {unit: id for unit, id, _, _ in vault.people(opened, token)}
        for other, due in others:
            arm_of = _arms(ws, db, other, people)
            for given in labels.values():
                shared = [unit for unit in given if unit in arm_of]
                if tells([given[u] for u in shared], [arm_of[u] for u in shared]):
                    _refuse(other, due)


def _labels(db: sqlite3.Connection, name: str) -> dict[str, Mapping[str, object]]:
    """What may stand for arms in a trial: its own, and each column of its list that has few values."""
    found: dict[str, Mapping[str, object]] = {
        "arm": {row.unit: row.arm for row in store.read_assignment(db, name)}
    }
    frame = store.read_frame(db, name)
    for column in frame.columns.values():
        if 1 < len(set(column.values)) <= MOST_LEVELS:
            found[column.name] = dict(zip(frame.units, column.values, strict=True))
    return found


def _not_due(ws: Workspace, db: sqlite3.Connection, name: str) -> Iterator[tuple[str, date]]:
    """Other trials in earnest that were drawn, not stopped, and whose results may not be shown yet."""
    for other in chain.trials(db):
        trial_state = state.read_unchecked(db, other)
        if (
            other == name
            or trial_state.draw is None
            or trial_state.last(StopBody)
            or trial_state.practice
            or trial_state.simulated
        ):
            continue
        try:
            definition = plan.from_plan(state.read_plan(ws, db, trial_state))
        except RctError:
            continue  # its plan is gone or was changed: `verify` names it
        if not definition.practice and not trial_state.results_open(definition.analysis.date):
            yield other, definition.analysis.date


def _arms(ws: Workspace, db: sqlite3.Connection, other: str, people: Mapping[str, str]) -> dict[str, str]:
    """Unit here → the arm that the other trial drew for the same id."""
    there = {row.unit: row.arm for row in store.read_assignment(db, other)}
    units: Sequence[str] = list(people)
    codes = unit_ids(keys.read_key(ws), other, [people[u] for u in units])
    return {unit: there[code] for unit, code in zip(units, codes, strict=True) if code in there}


def _refuse(other: str, due: date) -> None:
    stop(
        "arms_of_another_trial",
        f"These are people of {other}, told apart by the arms that {other} drew; its results may be seen on {due}. "
        "Outcomes here would show them before.",
        f'Wait until then. If it can\'t wait, in the open: rct analyze {other} --early --reason "…" (a deviation). '
        f'If {other} is given up: rct stop {other} --reason "…"',
        found=other,
    )

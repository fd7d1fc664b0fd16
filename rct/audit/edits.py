"""Edits after the lock: what on disk differs from the plan in force, named by every command."""

from __future__ import annotations

import sqlite3

from rct.errors import RctError
from rct.registry import chain, state
from rct.registry.state import State
from rct.registry.workspace import Workspace


def edits(ws: Workspace, db: sqlite3.Connection, found: State) -> list[str]:
    """A sentence for each difference between the plan in force and trial.toml with its letters, or the log's fault."""
    broken = next(chain.failures(list(found.events)), None)
    if broken is not None:
        see = f"rct verify {found.name}".rstrip()
        return [f"its log does not hold together: {broken[1]}; see {see}."]
    if found.plan is None or found.forgotten:
        return []
    from rct.definition import load, plan  # the models; most trials of a list are not locked

    try:
        locked = state.read_plan(ws, db, found)
    except RctError as error:
        return [p.rule for p in error.problems]
    file = ws.definition_file(found.name)
    if not file.is_file():
        return [f"{ws.shown(file)} is gone; the locked plan stands."]
    try:
        current = plan.plan_json(load(file), ws.templates)
    except RctError as error:
        return [f"{ws.shown(file)} was edited after the lock and has mistakes now: {error.problems[0].rule}"]
    return [f"changed after the lock: {change}" for change in plan.difference(locked, current)]

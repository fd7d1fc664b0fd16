"""The analysis of what is stored, made anew from it, and whether that is what was loaded and drawn."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from importlib.metadata import version

from rct.analysis.compute import Analysis, compute
from rct.analysis.coverage import cut_arms, last_days
from rct.analysis.planned import planned
from rct.definition import Definition
from rct.draw.lots import rows_digest
from rct.errors import stop
from rct.registry import store
from rct.registry.events import OutcomesBody
from rct.registry.state import State
from rct.registry.workspace import Workspace


def numpy_version() -> str:
    """The numpy that draws the randomization test's arrangements: another may draw others from one seed."""
    return version("numpy")


def recompute(ws: Workspace, db: sqlite3.Connection, found: State, definition: Definition) -> Analysis:
    """The analysis of the plan on the stored rows, from nothing but plans, frame, assignment and outcomes."""
    if found.draw is None:
        raise AssertionError("what is analyzed was drawn")
    lots = str(found.draw.body.key or found.draw.body.frame_hash)
    frame, arms, outcomes = stored(db, found, definition)
    made = compute(definition, frame, arms, outcomes, lots, planned(ws, db, found, definition))
    last = last_days(db, definition, list(outcomes))
    return replace(made, cut=tuple(cut_arms(definition, frame, arms, outcomes, last) if last else ()))


def stored(
    db: sqlite3.Connection, found: State, definition: Definition
) -> tuple[store.Frame, list[str], dict[str, dict[str, float | None]]]:
    """What an analysis reads: the frame, each unit's arm, and the outcomes that a file was loaded for (nan: refused)."""
    name = definition.name
    loaded = {o for e in found.all(OutcomesBody) for o in e.body.outcomes}
    outcomes = {o: store.read_known(db, name, o) for o in definition.outcomes if o in loaded}
    return store.read_frame(db, name), store.read_arms(db, name), outcomes


def require_untouched(db: sqlite3.Connection, found: State, outcomes: str | None = None) -> None:
    """What is analyzed is what was loaded and drawn: rct.db can be opened by other programs too. outcomes: the digest of
    the stored ones, where they are read."""
    draw, loaded = found.draw, found.last(OutcomesBody)
    parts: list[tuple[str, str, bool]] = []
    if found.frame is not None:
        same = store.frame_digest(store.read_frame(db, found.name)) == found.frame_digest
        parts.append(("frame_changed", "list", same))
    if draw is not None:
        same = rows_digest(store.read_assignment(db, found.name)) == draw.body.assignment
        parts.append(("assignment_changed", "draw", same))
    if outcomes is not None and loaded is not None:
        parts.append(("outcomes_changed", "outcomes", outcomes == loaded.body.digest))
    for code, what, same in parts:
        if not same:
            stop(
                code,
                f"The stored rows of the {what} are not those that the log tells of.",
                f"Restore rct.db from a copy. See: rct verify {found.name}",
                file="rct.db",
            )

"""`rct analyze`: run the plan in force on what is stored, when it is due, and keep the results."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from importlib.metadata import version

from rct.analysis.compute import Analysis, compute
from rct.analysis.coverage import cut_arms, last_days
from rct.analysis.due import require_due
from rct.analysis.planned import planned
from rct.analysis.results import results_csv, results_json
from rct.definition import Definition, plan
from rct.draw.run import rows_digest
from rct.errors import stop
from rct.registry import chain, state, store
from rct.registry.change import changing, tidy
from rct.registry.events import AnalyzeBody, OutcomesBody
from rct.registry.results import Result, read_results, save_results
from rct.registry.state import State
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Analyzed:
    event: chain.Event[AnalyzeBody]
    rows: tuple[Result, ...]
    fresh: bool
    analysis: Analysis | None = None  # of a fresh run, with what is told beside the rows


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


def analyze(ws: Workspace, name: str, person: str, *, early: bool = False, reason: str = "") -> Analyzed:
    """Run the plan. Refused before its date unless `early`, with a reason: that is a deviation.

    The same plan on the same data again changes nothing; new or corrected outcomes make a new run.
    """
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True, open=False, people=False)
        plan_bytes = state.read_plan(ws, db, found)
        definition = plan.from_plan(plan_bytes)
        today = chain.due_date(list(found.events))
        ahead = require_due(definition, today, early=early)
        planned_hash, outcomes = plan.plan_hash(plan_bytes), store.outcomes_digest(db, name)
        last = found.analysis
        if last is not None and (last.body.plan_hash, last.body.outcomes) == (planned_hash, outcomes):
            return Analyzed(last, tuple(read_results(db, name, last.body.run)), False)
        require_untouched(db, found, outcomes)
        analysis = recompute(ws, db, found, definition)
    run = len(found.all(AnalyzeBody)) + 1
    with changing(ws, name, person, seen=len(found.events)) as change:
        save_results(change.db, name, run, analysis.rows)
        out = ws.out(name)
        files = {
            "results.csv": change.write(out / "results.csv", results_csv(analysis.rows), private=True),
            "results.json": change.write(
                out / "results.json",
                results_json(name, planned_hash, run, analysis.rows, analysis.refused, analysis.told),
                private=True,
            ),
        }
        event = change.event(
            AnalyzeBody(
                plan_hash=planned_hash,
                outcomes=outcomes,
                run=run,
                numpy=numpy_version(),
                early=ahead,
                reason=reason if ahead else "",
                due=definition.analysis.date.isoformat(),
                verdict=analysis.decision.verdict,
                refused=analysis.refused,
                files=files,
                notes=tuple(n.text for n in analysis.notes if n.deviation),
                not_analyzed=analysis.not_analyzed,
                dropped=tuple(dict.fromkeys(name for name, _ in analysis.dropped)),
            )
        )
    return Analyzed(event, analysis.rows, True, analysis)


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

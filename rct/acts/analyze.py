"""`rct analyze`: run the plan in force on what is stored, when it is due, and keep the results."""

from __future__ import annotations

from dataclasses import dataclass

from rct.analysis.compute import Analysis
from rct.analysis.due import require_due
from rct.analysis.results import results_csv, results_json
from rct.analysis.stored import numpy_version, recompute, require_untouched
from rct.definition import plan
from rct.registry import chain, state, store
from rct.registry.change import changing, tidy
from rct.registry.events import AnalyzeBody
from rct.registry.results import Result, read_results, save_results
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Analyzed:
    event: chain.Event[AnalyzeBody]
    rows: tuple[Result, ...]
    fresh: bool
    analysis: Analysis | None = None  # of a fresh run, with what is told beside the rows


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

"""`rct analyze`: run the plan in force on what is stored, when it is due, and keep the results."""

from __future__ import annotations

from dataclasses import dataclass

from rct.analysis.due import require_due
from rct.analysis.results import results_csv, results_json
from rct.analysis.stored import numpy_version, recompute, require_untouched
from rct.registry import chain
from rct.registry.change import changing, tidy
from rct.registry.events import AnalyzeBody
from rct.registry.results import Result, save_results
from rct.registry.trial import Trial, again


@dataclass(frozen=True)
class MadeAnalysis:
    """The last analysis and its rows; `fresh` is False where it stood there already. `seen`: the trial as it was read,
    for whoever tells of it."""

    event: chain.Event[AnalyzeBody]
    rows: tuple[Result, ...]
    fresh: bool
    seen: Trial


def analyze(seen: Trial, person: str, *, early: bool = False, reason: str = "") -> MadeAnalysis:
    """Run the plan. Refused before its date unless `early`, with a reason: that is a deviation.

    The same plan on the same data again changes nothing; new or corrected outcomes make a new run.
    """
    ws, name = seen.ws, seen.name
    tidy(ws)
    with again(seen) as trial:
        state = trial.state
        at = trial.drawn()
        definition = at.definition
        ahead = require_due(definition, at.today, early=early)
        planned_hash, outcomes = at.plan_hash, at.outcomes_digest
        last = state.analysis
        if last is not None and (last.body.plan_hash, last.body.outcomes) == (planned_hash, outcomes):
            return MadeAnalysis(last, tuple(at.results(last.body.run)), False, trial)
        require_untouched(at, outcomes=True)
        analysis = recompute(at)
    run = len(state.all(AnalyzeBody)) + 1
    with changing(ws, name, person, seen=len(state.events)) as change:
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
    return MadeAnalysis(event, analysis.rows, True, trial)

"""Edits after the lock: what on disk differs from the plan in force, named by every command."""

from __future__ import annotations

from rct.errors import RctError
from rct.registry import chain
from rct.registry.trial import Trial


def edits(trial: Trial) -> list[str]:
    """A sentence for each difference between the plan in force and trial.toml with its letters, or the log's fault."""
    return trial.once("edits", lambda: _edits(trial))


def _edits(trial: Trial) -> list[str]:
    ws, state = trial.ws, trial.state
    broken = next(chain.failures(list(state.events)), None)
    if broken is not None:
        see = f"rct verify {state.name}".rstrip()
        return [f"its log does not hold together: {broken[1]}; see {see}."]
    if state.plan is None or state.forgotten:
        return []
    from rct.definition import load, plan  # the models; most trials of a list are not locked

    try:
        _ = trial.plan_bytes
    except RctError as error:
        return [p.rule for p in error.problems]
    file = ws.definition_file(state.name)
    if not file.is_file():
        return [f"{ws.shown(file)} is gone; the locked plan stands."]
    try:
        current = plan.plan_json(load(file), ws.templates)
    except RctError as error:
        return [f"{ws.shown(file)} was edited after the lock and has mistakes now: {error.problems[0].rule}"]
    return [
        f"changed after the lock: {change}"
        for change in plan.differing(trial.plan_parts, plan.read_plan(current))
    ]

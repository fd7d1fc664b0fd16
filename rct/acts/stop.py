"""`rct stop`: a trial ends early, with a reason."""

from __future__ import annotations

from rct.audit.reason import require_reason
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import StopBody
from rct.registry.workspace import Workspace


def stop_trial(ws: Workspace, name: str, person: str, reason: str) -> chain.Event | None:
    """End a trial early; None when it was stopped before."""
    reason = require_reason(reason)
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    state.require_begun(ws, trial_state)
    state.require(trial_state, open=False)
    if trial_state.stopped:
        return None
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        return change.event(StopBody(reason=reason, stage=trial_state.stage))

"""`rct decide`: what people decided, written beside what the agreed rule said."""

from __future__ import annotations

from rct.audit.reason import require_reason
from rct.errors import stop
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import DecideBody, PrintedBody
from rct.registry.events.parts import Verdict
from rct.registry.workspace import Workspace


def decide(
    ws: Workspace, name: str, person: str, verdict: Verdict, note: str
) -> tuple[chain.Event[DecideBody], bool]:
    """Record a decision on the last analysis; (event, False) when the very same stands already.

    Refused before a memo of that analysis: nobody decides on what leadership has not seen.
    """
    note = require_reason(note, "--note")
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    state.require(trial_state, drawn=True, open=False)
    analysis = trial_state.analysis
    printed = trial_state.after(PrintedBody, event=analysis) if analysis is not None else []
    if analysis is None or not any(e.body.of == "memo" for e in printed):
        stop(
            "not_reported",
            f"There is no memo of {name} to decide on.",
            f"Write it first: rct report {name}",
        )
    body = DecideBody(verdict=verdict, note=note, rule=analysis.body.verdict, head=analysis.hash)
    last = trial_state.last(DecideBody)
    if last is not None and last.person == person and last.body.like(body):
        return last, False
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        return change.event(body), True

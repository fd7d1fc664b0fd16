"""What people decided, written beside what the agreed rule said, and the days to look again."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from rct.audit.closing import require_reason
from rct.errors import stop
from rct.registry import chain, state
from rct.registry.change import changing
from rct.registry.state import State
from rct.registry.workspace import Workspace

VERDICTS = ("adopt", "adapt", "drop")
AGAIN = (6, 12)  # months after a decision


def decide(ws: Workspace, name: str, person: str, verdict: str, note: str) -> tuple[chain.Event, bool]:
    """Record a decision on the last analysis; (event, False) when the very same stands already.

    Refused before a memo of that analysis: nobody decides on what leadership has not seen.
    """
    note = require_reason(note)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
    state.require(found, drawn=True, open=False)
    analysis = found.analysis
    printed = found.after("printed", event=analysis) if analysis is not None else []
    if analysis is None or not any(e.body.get("of") == "memo" for e in printed):
        stop(
            "not_reported",
            f"There is no memo of {name} to decide on.",
            f"Write it first: rct report {name}",
        )
    body = {"verdict": verdict, "note": note, "rule": analysis.body["verdict"], "head": analysis.hash}
    last = found.last("decide")
    if last is not None and last.person == person and {k: last.body.get(k) for k in body} == body:
        return last, False
    with changing(ws, name, person, seen=len(found.events)) as change:
        return change.event("decide", body), True


def look_again(found: State, today: date) -> str | None:
    """The sentence that asks for another look, 6 and 12 months after the last decision; None when it isn't due."""
    last = found.last("decide")
    if last is None:
        return None
    day = date.fromisoformat(last.time[:10])
    due = [(months, on) for months in AGAIN if (on := months_later(day, months)) <= today]
    if not due:
        return None
    months, on = due[-1]
    # A decision of that day or later is the look that was asked for; it starts the months anew.
    return (
        f"decided on {day} ({last.body['verdict']}); the {months} months were over on {on}: look at the outcome "
        f"again, then: rct decide {found.name} adopt|adapt|drop --note …"
    )


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

"""The next real step of a trial, for `rct status` and for the last line of each command. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rct.audit.following import followups, look_due, next_look
from rct.registry.events import DecideBody, HandoverBody, LettersBody, MailedBody
from rct.registry.state import State

if TYPE_CHECKING:
    from rct.definition import Definition

MESSAGES = ("email", "sms")


def upcoming(trial: State, definition: Definition | None, today: date) -> str:
    """The command that comes next in a trial. `definition` is the plan in force, None where it can't be read; before the
    lock it isn't looked at."""
    name, stage = trial.name, trial.stage
    if stage == "drawn" and definition is not None:
        return f"rct {_after_draw(trial, definition, today)}"
    if stage == "reported":
        return f"rct {_after_memo(trial, today)}"
    return {
        "new": f"rct check {name}   then   rct lock {name}",
        "locked": f"rct frame {name} FILE",
        "framed": f"rct lock {name}",
        "ready": f"rct draw {name}",
        "drawn": f"rct outcomes {name} FILE",
        "outcomes": f"rct analyze {name}",
        "analyzed": f"rct report {name}",
    }.get(stage, f"rct log {name}")


def _after_draw(trial: State, definition: Definition, today: date) -> str:
    """Print or hand over, then what became of the pieces, then outcomes; those that rct doesn't send need no printing, and
    what was never told by the time that results are due is not asked for any more."""
    from rct.definition.sending import (
        sending,
    )  # it brings the models, for which a list of trials must not wait

    name, draw = trial.name, trial.draw
    own = "rct" in sending(definition, replayed=trial.replayed).values()
    if not own or draw is None or trial.replayed or today >= definition.analysis.date:
        return f"outcomes {name} FILE"
    if not trial.after(LettersBody, HandoverBody, event=draw):
        return f"{'handover' if definition.trial.channel in MESSAGES else 'letters'} {name}"
    return f"outcomes {name} FILE" if trial.last(MailedBody) else f"mailed {name} FILE"


def _after_memo(trial: State, today: date) -> str:
    """A decision, the memo that prints it, the pages for everyone; then, months later, what became of it."""
    name, decision = trial.name, trial.last(DecideBody)
    if decision is None:
        return f'decide {name} adopt|adapt|drop --note "…"'
    if not any(e.seq > decision.seq for e in trial.printed("memo")):
        return f"report {name}"
    months = look_due(decision, today)
    if months is not None and not any(e.body.months == months for e in followups(trial)):
        return f"followup {name} --adopted yes|partly|no"
    return "site"


def waits_for(trial: State, start: date, results: date) -> date | None:
    """The day that a trial waits for: its start until it is drawn, the day of results until they are seen, and after a
    decision the day on which is asked what became of it."""
    if trial.stage in ("new", "locked", "framed", "ready"):
        return start
    if trial.stage in ("drawn", "outcomes"):
        return results
    return next_look(trial) if trial.stage == "reported" else None

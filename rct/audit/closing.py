"""How a trial ends: stopped with a reason, or forgotten."""

from __future__ import annotations

from rct import fs
from rct.errors import stop
from rct.registry import chain, doses, remarks, state, store
from rct.registry.change import changing, tidy
from rct.registry.workspace import Workspace


def require_reason(reason: str, field: str = "--reason") -> str:
    """A reason that says something: 3 to 2,000 printable characters."""
    text = " ".join(reason.split())
    if not 3 <= len(text) <= 2_000 or not text.isprintable():
        stop(
            "bad_reason",
            "A reason is 3 to 2,000 printable characters.",
            "Say in a sentence why.",
            field=field,
        )
    return text


def stop_trial(ws: Workspace, name: str, person: str, reason: str) -> chain.Event | None:
    """End a trial early; None when it was stopped before."""
    reason = require_reason(reason)
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
    _require_known(ws, name, found)
    state.require(found, open=False)
    if found.last("stop"):
        return None
    with changing(ws, name, person, seen=len(found.events)) as change:
        return change.event("stop", {"reason": reason, "stage": found.stage})


def forget_trial(ws: Workspace, name: str, person: str) -> str:
    """Delete a trial's people: 'people', or 'wholly' for a practice trial, or 'already'."""
    fs.require_name(name, "trial")
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
    _require_known(ws, name, found)
    if found.forgotten:
        return "already"
    folder = ws.trials / name
    if not found.practice:
        with changing(ws, name, person, seen=len(found.events)) as change:
            change.supersede_people()
            change.remove(ws.private_trial(name))
            change.event("forget", {"stage": found.stage})
        return "people"
    with changing(ws, "", person) as change:
        change.db.execute("update batch set superseded = 1 where trial = ? and vault = 1", (name,))
        store.drop_trial(change.db, name)
        doses.drop_doses(change.db, name)
        remarks.drop_remarks(change.db, name)
        for path in (ws.private_trial(name), folder, ws.templates / name):
            change.remove(path)
        change.event("forget_practice", {"trial": name, "events": len(found.events)})
    return "wholly"


def _require_known(ws: Workspace, name: str, found: state.State) -> None:
    if not found.events and not ws.definition_file(name).is_file():
        stop(
            "no_trial",
            "There is no such trial in this workspace.",
            "See: rct status",
            field="NAME",
            found=name,
        )

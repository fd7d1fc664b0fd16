"""`rct note`: something that a reader should know and no other command tells, written down on the day it is known."""

from __future__ import annotations

from rct.audit.noting import named_in, require_note
from rct.errors import stop
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import NoteBody
from rct.registry.workspace import Workspace


def note(
    ws: Workspace, name: str, person: str, text: str, *, memo: bool
) -> tuple[chain.Event[NoteBody], bool]:
    """Write a note into the trial's log; (event, False) when the very same stands there already.

    Raises `RctError` for a text that is none, and for one that holds what only the vault may: a person's name,
    address, number or id.
    """
    body = NoteBody(text=require_note(text, memo=memo), memo=memo)
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    state.require_begun(ws, trial_state)
    for event in trial_state.all(NoteBody):
        if event.body.like(body):
            return event, False
    what = named_in(ws, trial_state, body.text)
    if what:
        stop(
            "note_personal",
            f"The note holds {what} of someone in this trial. The log is kept and shared: it names nobody.",
            "Say it without names, addresses, numbers and ids: how many people, which version, which day.",
            field="TEXT",
        )
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        return change.event(body), True

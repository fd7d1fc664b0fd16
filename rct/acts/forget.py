"""`rct forget`: a trial's people are deleted; a practice trial wholly."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

from rct import fs
from rct.registry import doses, remarks, schema, state, store
from rct.registry.change import changing, tidy
from rct.registry.events import ForgetBody, ForgetPracticeBody
from rct.registry.workspace import Workspace


def forget_trial(ws: Workspace, name: str, person: str) -> str:
    """Delete a trial's people: 'people', or 'wholly' for a practice trial, or 'already'.

    A list that an older rct stored in the order of the city's file is put into that of its codes: beside the file it
    would tell whose row is whose. Its event then guards the rows as they stand from here on.
    """
    fs.require_name(name, "trial")
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
        telling = store.has_table(db, "frame", name) and not store.in_order(db, name)
        whole = telling and store.frame_digest(store.read_frame(db, name)) == trial_state.frame_digest
    state.require_begun(ws, trial_state)
    if trial_state.forgotten and not telling:
        _wipe(ws)
        return "already"
    folder = ws.trials / name
    if not trial_state.practice:
        with changing(ws, name, person, seen=len(trial_state.events)) as change:
            body = ForgetBody(stage=trial_state.stage)
            if telling:
                body = body.but(rows_digest=store.put_in_order(change.db, name), as_loaded=whole)
            if not trial_state.forgotten:
                change.supersede_people()
                change.remove(ws.private_trial(name))
            change.event(body)
        _wipe(ws)
        return "people"
    with changing(ws, "", person) as change:
        change.db.execute("update batch set superseded = 1 where trial = ? and vault = 1", (name,))
        store.drop_trial(change.db, name)
        doses.drop_doses(change.db, name)
        remarks.drop_remarks(change.db, name)
        for path in (ws.private_trial(name), folder, ws.templates / name):
            change.remove(path)
        change.event(ForgetPracticeBody(trial=name, events=len(trial_state.events)))
    _wipe(ws)
    return "wholly"


def _wipe(ws: Workspace) -> None:
    """Give back the pages of rct.db that hold rows of before. Where another command reads, or the disk is full, they
    wait for the next `forget`."""
    with closing(schema.open_for_writing(ws.database)) as db, suppress(sqlite3.OperationalError):
        if db.execute("pragma freelist_count").fetchone() != (0,):
            db.execute("vacuum")

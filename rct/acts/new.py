"""`rct new` and `rct adapt`: a new trial's files and the first event of its chain, in one change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from rct import fs
from rct.errors import stop
from rct.registry import chain, state
from rct.registry.change import changing, refuse_changed, tidy
from rct.registry.events import NewBody
from rct.registry.workspace import Workspace


def is_made(ws: Workspace, name: str) -> bool:
    """Whether the trial has a definition; what a dead command committed is put into its place before that is seen."""
    fs.require_name(name, "trial")
    tidy(ws)
    return ws.definition_file(name).exists()


@dataclass(frozen=True)
class Beginning:
    """What a trial begins with: the files of its folder, its letters under templates/, and where both come from."""

    files: Mapping[str, bytes]
    letters: Mapping[str, bytes]
    source: str
    practice: bool = False
    simulated: bool = False


def create_trial(ws: Workspace, name: str, person: str, beginning: Beginning) -> chain.Event | None:
    """Write trials/NAME/… and templates/…; None when the trial was made before (nothing is overwritten)."""
    fs.require_name(name, "trial")
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    if trial_state.events:
        _require_in_place(ws, name)
        return None
    targets = {ws.trials / name / file: data for file, data in beginning.files.items()}
    targets |= {fs.inside(ws.templates, path): data for path, data in beginning.letters.items()}
    for path in targets:
        if os.path.lexists(path):
            if _made_meanwhile(ws, name):
                _require_in_place(ws, name)
                return None
            stop(
                "file_in_the_way",
                "rct never writes over a file of yours.",
                "Choose another name, or move the file away.",
                file=ws.shown(path),
            )
    with changing(ws, name, person, seen=0) as change:
        change.practice = beginning.practice
        written = {ws.shown(path): change.write(path, data) for path, data in targets.items()}
        return change.event(
            NewBody(
                trial=name,
                practice=beginning.practice,
                simulated=beginning.simulated,
                source=beginning.source,
                files=written,
            )
        )


def _require_in_place(ws: Workspace, name: str) -> None:
    """Refuse where the command that made the trial is just putting its files into their places."""
    path = ws.definition_file(name)
    with state.reading(ws) as db:
        if not path.exists() and state.current_path(db, path).exists():
            refuse_changed(name)


def _made_meanwhile(ws: Workspace, name: str) -> bool:
    """Whether another command, given at the same time, made the trial since its log was read."""
    with state.reading(ws) as db:
        return bool(state.read_state(db, name).events)

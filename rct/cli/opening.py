"""Opening a trial for a command: its definition, and a word about edits after the lock."""

from __future__ import annotations

import json

from rct import fs
from rct.audit.overview import names, notices
from rct.cli.common import Talk
from rct.definition import Definition, load, plan
from rct.errors import RctError, stop, visible
from rct.registry import state
from rct.registry.workspace import Workspace


def load_definition(ws: Workspace, name: str) -> Definition:
    """trial.toml of NAME; an `RctError` with every mistake, or that there is no such trial."""
    fs.require_name(name, "trial")
    path = ws.definition_file(name)
    if not path.is_file():
        import difflib

        known = sorted(p.parent.name for p in ws.trials.glob("*/trial.toml"))
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Make it with: rct new {name}"
        stop("no_trial", "There is no such trial in this workspace.", hint, field="NAME", found=name)
    _refuse_renamed(ws, name)
    return load(path)


def _refuse_renamed(ws: Workspace, name: str) -> None:
    """Refuse a folder that holds another trial's locked plan: it was renamed, or copied with all that is in it."""
    try:
        held = str(json.loads((ws.out(name) / "plan.json").read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # none, or damaged: who reads it says so
    if held == name or not fs.is_name(held):
        return
    copied = ws.definition_file(held).is_file()
    stop(
        "renamed_folder",
        f"The folder trials/{name} holds the locked plan of the trial {held}.",
        f"For a trial of its own, delete trials/{name}/out."
        if copied
        else f"Rename the folder back to trials/{held}; a new trial is made with: rct new {name}",
        file=ws.shown(ws.out(name) / "plan.json"),
    )


def announce(talk: Talk, name: str | None) -> None:
    """Say that a trial is practice or simulated; name every edit since the lock, on standard error.

    Without a name: of all trials. Refused where there is no trial of that name.
    """
    for trial, found in notices(talk.workspace, name):
        said = (("PRACTICE", trial.practice), ("SIMULATED", trial.simulated))
        marks = [word for word, holds in said if holds]
        if marks:
            talk.say(f"{' and '.join(marks)}: {trial.name}")
        for notice in found:
            talk.note(f"note: {trial.name or 'the workspace'}: {visible(notice)}")


def plan_or_definition(ws: Workspace, name: str, sections: tuple[str, ...]) -> Definition:
    """The plan in force, or trial.toml before the lock. Refused when these sections were edited since."""
    definition = load_definition(ws, name)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        if found.plan is None:
            return definition
        locked = state.read_plan(ws, db, found)
    changes = [
        c
        for c in plan.difference(locked, plan.plan_json(definition, ws.templates))
        if c.field.split(".")[0] in sections
    ]
    if changes:
        stop(
            "edited_after_lock",
            "What this command needs was edited after the lock: " + "; ".join(str(c) for c in changes[:10]),
            f'Undo the edit, or change the plan in the open: rct amend {name} --reason "…"',
            file=ws.shown(ws.definition_file(name)),
        )
    return plan.from_plan(locked)


def plan_in_force(ws: Workspace, name: str) -> Definition:
    """The locked plan as a definition, with its amendments; refused before the lock."""
    with state.reading(ws) as db:
        names(ws, db, name)
        return plan.from_plan(state.read_plan(ws, db, state.read_state(db, name)))


def require_printable(talk: Talk, definition: Definition) -> None:
    """Refuse a plan with a picture or font that can't be printed: it would be found out when the letters are due."""
    from rct.letters.compose import printed_pictures
    from rct.letters.pictures import unprintable
    from rct.tables.glyphs import require_sound_fonts

    require_sound_fonts(talk.workspace.templates / "fonts")
    names = printed_pictures(talk.workspace, definition)
    if names:
        with talk.working("Looking at the pictures"):
            problems = unprintable(talk.workspace.templates, names)
        if problems:
            raise RctError(problems)

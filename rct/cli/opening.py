"""Opening a trial for a command: its definition, and a word about edits after the lock."""

from __future__ import annotations

import json
import sqlite3

from rct import fs
from rct.audit.overview import names, notices
from rct.audit.upcoming import upcoming
from rct.cli.common import Talk
from rct.definition import Definition, load, plan
from rct.errors import RctError, stop, visible
from rct.registry import chain, state
from rct.registry.trial import Trial, opened
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


def announce(talk: Talk, name: str | None) -> list[Trial]:
    """Say that a trial is practice or simulated; name every edit since the lock, on standard error. Returns the trials
    as they were read for it.

    Without a name: of all trials. Refused where there is no trial of that name.
    """
    with state.reading(talk.workspace) as db:
        return announce_in(talk, db, name)


def announce_in(talk: Talk, db: sqlite3.Connection, name: str | None) -> list[Trial]:
    """The same in a registry that is open."""
    told = notices(talk.workspace, db, name)
    for trial, found in told:
        said = (("PRACTICE", trial.state.practice), ("SIMULATED", trial.state.simulated))
        marks = [word for word, holds in said if holds]
        if marks:
            talk.say(f"{' and '.join(marks)}: {trial.name}")
        for notice in found:
            talk.note(f"note: {trial.name or 'the workspace'}: {visible(notice)}")
    return [trial for trial, _ in told if trial.name]


def next_step(ws: Workspace, name: str) -> str:
    """The command that comes next in a trial, after one that changed it."""
    with opened(ws, name) as trial:
        return _upcoming(trial)


def after_loading(ws: Workspace, name: str) -> str:
    """What comes next once something was loaded beside the outcomes: what the trial waits for, or its memo anew."""
    with opened(ws, name) as trial:
        return f"rct report {name}" if trial.state.stage in ("analyzed", "reported") else _upcoming(trial)


def _upcoming(trial: Trial) -> str:
    try:
        definition = trial.definition if trial.state.plan is not None else None
    except RctError:
        definition = None  # the plan was edited, which has been said
    return upcoming(trial.state, definition, chain.due_date(list(trial.state.events)))


def plan_or_definition(ws: Workspace, name: str, sections: tuple[str, ...]) -> Definition:
    """The plan in force, or trial.toml before the lock. Refused when these sections were edited since."""
    definition = load_definition(ws, name)
    with opened(ws, name) as trial:
        if trial.state.plan is None:
            return definition
        locked = trial.plan_parts
    changes = [
        c
        for c in plan.differing(locked, plan.read_plan(plan.plan_json(definition, ws.templates)))
        if c.field.split(".")[0] in sections
    ]
    if changes:
        stop(
            "edited_after_lock",
            "What this command needs was edited after the lock: " + "; ".join(str(c) for c in changes[:10]),
            f'Undo the edit, or change the plan in the open: rct amend {name} --reason "…"',
            file=ws.shown(ws.definition_file(name)),
        )
    return trial.definition


def plan_in_force(ws: Workspace, name: str) -> Definition:
    """The locked plan as a definition, with its amendments; refused before the lock."""
    with state.reading(ws) as db:
        names(ws, db, name)
        return Trial(ws, db, state.read_state(db, name)).definition


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

"""Where each trial stands, for `rct status` and `rct log`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rct import fs
from rct.audit.clock import wrong_clocks
from rct.audit.edits import edits
from rct.audit.entered import gone
from rct.audit.following import look_again
from rct.audit.upcoming import upcoming, waits_for
from rct.definition.outline import Outline, outline
from rct.errors import RctError, stop
from rct.registry import chain, state
from rct.registry.state import State
from rct.registry.trial import Trial
from rct.registry.workspace import Workspace

if TYPE_CHECKING:
    from rct.definition import Definition


@dataclass(frozen=True)
class StatusLine:
    """One line of `rct status`."""

    name: str
    stage: str
    practice: bool
    due: str | None  # the date before which no result by arm is shown, or of what comes next
    next: str  # the command that comes next
    notices: tuple[str, ...]
    calendar: tuple[str, ...]


def names(ws: Workspace, db: sqlite3.Connection, name: str | None) -> list[str]:
    """The trials asked for: NAME (refused if unknown), or all that have a folder or a chain."""
    folders = [p.parent.name for p in ws.trials.glob("*/trial.toml") if fs.may_be_trial(p.parent.name)]
    known = sorted({*folders, *chain.trials(db)})
    if name is None:
        return known
    fs.require_name(name, "trial")
    if name not in known:
        import difflib

        if name in gone(state.read_unchecked(db, ""), known):
            stop(
                "trial_gone",
                f"The workspace's log tells of trial {name}, and rct.db holds nothing of it: it was dropped.",
                "Restore rct.db and private/ from the same copy. See: rct verify",
                field="NAME",
                found=name,
            )
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        stop(
            "no_trial",
            "There is no such trial in this workspace.",
            f"{hint}See: rct status",
            field="NAME",
            found=name,
        )
    return [name]


def states(ws: Workspace, name: str | None, *, checked: bool = True) -> list[State]:
    """The trials asked for. `checked`: refused where a log does not hold together."""
    read = state.read_state if checked else state.read_unchecked
    with state.reading(ws) as db:
        return [read(db, n) for n in names(ws, db, name)]


def own_log(ws: Workspace) -> State:
    """The workspace's own log, unchecked."""
    with state.reading(ws) as db:
        return state.read_unchecked(db, "")


def dropped(ws: Workspace) -> list[str]:
    """Names of trials that the workspace's log tells of, and of which nothing is here."""
    with state.reading(ws) as db:
        return gone(state.read_unchecked(db, ""), chain.trials(db))


def own_faults(ws: Workspace) -> list[str]:
    """What the workspace's own log doesn't hold together by, in a sentence."""
    with state.reading(ws) as db:
        return edits(Trial(ws, db, state.read_unchecked(db, "")))


def overview(ws: Workspace, name: str | None) -> list[StatusLine]:
    """Where the trials asked for stand; the calendar where one is asked for by name."""
    with state.reading(ws) as db:
        return [
            _standing(Trial(ws, db, state.read_unchecked(db, n)), alone=name is not None)
            for n in names(ws, db, name)
        ]


def notices(ws: Workspace, db: sqlite3.Connection, name: str | None) -> list[tuple[Trial, list[str]]]:
    """For each trial asked for, a sentence for every edit since its lock; without a name, first of all for a fault of
    the workspace's own log."""
    own = [""] if name is None else []
    trials = [Trial(ws, db, state.read_unchecked(db, n)) for n in [*own, *names(ws, db, name)]]
    told = [(f, edits(f)) for f in trials]
    if name is None:
        for trial in trials:
            trial.let_go()
    return told


def events_of(ws: Workspace, name: str | None) -> list[chain.Event]:
    """The events of one trial, or of the workspace and all trials, each chain in its order."""
    with state.reading(ws) as db:
        chosen = [*([""] if name is None else []), *names(ws, db, name)]
        return [e for n in chosen for e in chain.read(db, n)]


def _standing(trial: Trial, *, alone: bool) -> StatusLine:
    trial_state = trial.state
    read = _outline(trial.ws, trial_state, alone) or _definition(trial)
    if read is None:
        wrong = tuple(edits(trial)) or (f"trial.toml has mistakes: rct check {trial_state.name}",)
        wrong += tuple(w.text for w in wrong_clocks(trial_state.events))
        then = upcoming(trial_state, None, chain.due_date(list(trial_state.events)))
        return StatusLine(trial_state.name, trial_state.stage, trial_state.practice, None, then, wrong, ())
    about, definition, lines = read.outline, read.definition, read.calendar
    due = waits_for(trial_state, about.start, about.results)
    told = [*edits(trial), *(w.text for w in wrong_clocks(trial_state.events))]
    today = chain.due_date(list(trial_state.events))
    if about.retain_until is not None and today >= about.retain_until and not trial_state.forgotten:
        told.append(
            f"names and addresses were to be kept until {about.retain_until}: rct forget {trial_state.name}"
        )
    again = look_again(trial_state, today)
    if again is not None:
        told.append(again)
    practice = trial_state.practice or "practice" in about.keywords
    then = upcoming(trial_state, definition, today)
    return StatusLine(
        trial_state.name,
        trial_state.stage,
        practice,
        due.isoformat() if due else None,
        then,
        tuple(told),
        lines,
    )


class _Read(NamedTuple):
    """A trial's days, its definition if that was read whole, its calendar."""

    outline: Outline
    definition: Definition | None = None
    calendar: tuple[str, ...] = ()


def _outline(ws: Workspace, trial_state: State, alone: bool) -> _Read | None:
    """Of a trial in a list that is still being planned: its trial.toml without the models."""
    known = None if alone or trial_state.plan is not None else outline(ws.definition_file(trial_state.name))
    return None if known is None else _Read(known)


def _definition(trial: Trial) -> _Read | None:
    """The plan in force, else trial.toml, with its calendar; None when neither can be read."""
    from rct.definition import load
    from rct.definition.dates import calendar, calendar_lines

    try:
        if trial.state.plan is not None and chain.sound(trial.state.events):
            read = trial.definition
        else:
            read = load(trial.ws.definition_file(trial.name), letters=False)  # `check` reads them
    except RctError:
        return None
    said = read.trial
    about = Outline(said.start, read.analysis.date, said.retain_until, tuple(said.keywords or ()))
    return _Read(about, read, tuple(calendar_lines(calendar(read))))

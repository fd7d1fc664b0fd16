"""What has happened in a trial so far, read off its log: never kept anywhere else."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar, cast

from rct import fs
from rct.errors import stop, visible
from rct.registry import chain, schema
from rct.registry.events import (
    AmendBody,
    AnalyzeBody,
    Body,
    DrawBody,
    EnteredBody,
    ForgetBody,
    FrameBody,
    HandoverBody,
    LettersBody,
    LockBody,
    NewBody,
    OutcomesBody,
    PlanBody,
    PrintedBody,
    StopBody,
    Until,
)
from rct.registry.workspace import Workspace

B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class State:
    """A trial's events, and the questions that commands ask of them."""

    name: str
    events: Sequence[chain.Event]

    def all(self, *kinds: type[B]) -> list[chain.Event[B]]:
        """The events whose bodies are of these kinds. One that can't be read is of none."""
        return [cast(chain.Event[B], e) for e in self.events if isinstance(e.body, kinds)]

    def last(self, *kinds: type[B]) -> chain.Event[B] | None:
        return next(iter(reversed(self.all(*kinds))), None)

    def printed(self, of: str) -> list[chain.Event[PrintedBody]]:
        """Every printing of documents `of` this kind."""
        return [e for e in self.all(PrintedBody) if e.body.of == of]

    def records_of(self, outcome: str) -> list[Until]:
        """How far each file with this outcome reached; of none that an older rct loaded."""
        untils = [e.body.until for e in self.all(OutcomesBody) if e.body.until is not None]
        return [until[outcome] for until in untils if outcome in until]

    @property
    def practice(self) -> bool:
        return is_practice(self.events)

    @property
    def simulated(self) -> bool:
        """The outcomes come from a generator, not from people."""
        first = self.events[0].body if self.events else None
        return isinstance(first, NewBody | PrintedBody) and bool(first.simulated)

    @property
    def lock(self) -> chain.Event[LockBody] | None:
        return self.last(LockBody)

    @property
    def plan(self) -> chain.Event[PlanBody] | None:
        """The event of the plan in force: the lock or the last amendment."""
        return self.last(PlanBody)

    @property
    def plan_number(self) -> int:
        return len(self.all(PlanBody))

    @property
    def frame(self) -> chain.Event[FrameBody] | None:
        return self.last(FrameBody)

    @property
    def draw(self) -> chain.Event[DrawBody] | None:
        return self.last(DrawBody)

    @property
    def replayed(self) -> bool:
        """The draw was made elsewhere and read in."""
        return self.draw is not None and self.draw.body.replay is not None

    @property
    def analysis(self) -> chain.Event[AnalyzeBody] | None:
        return self.last(AnalyzeBody)

    @property
    def frame_digest(self) -> str | None:
        """The digest of the stored list: that of its load, or of its rows once they were put into another order."""
        orders = [d for e in self.all(ForgetBody) if (d := e.body.rows_digest) is not None]
        return orders[-1] if orders else self.frame.body.rows_digest if self.frame else None

    @property
    def forgotten(self) -> bool:
        return any(e.kind == ForgetBody.kind for e in self.events)

    @property
    def stopped(self) -> bool:
        return any(e.kind == StopBody.kind for e in self.events)

    @property
    def outdated(self) -> bool:
        """Whether outcomes or plan changed since the last analysis."""
        at = self.analysis
        return at is not None and bool(self.after(OutcomesBody, event=at) or self.after(AmendBody, event=at))

    def results_open(self, due: date) -> bool:
        """Whether results may be shown by arm: their date is there, or they were seen before it."""
        return self.analysis is not None or chain.due_date(list(self.events)) >= due

    def after(self, *kinds: type[B], event: chain.Event) -> list[chain.Event[B]]:
        """Events of these kinds that came later than `event`."""
        return [e for e in self.all(*kinds) if e.seq > event.seq]

    @property
    def stage(self) -> str:
        if self.forgotten:
            return "forgotten"
        if self.stopped:
            return "stopped"
        if self.analysis and not self.outdated:
            printed = [e for e in self.printed("memo") if e.seq > self.analysis.seq]
            return "reported" if printed else "analyzed"
        if self.draw:
            return "outcomes" if self.last(OutcomesBody) else "drawn"
        if self.lock and self.frame:
            return "ready"
        return "locked" if self.lock else "framed" if self.frame else "new"


def is_practice(events: Sequence[chain.Event]) -> bool:
    """Whether a log is of a trial for practice: its first event says so."""
    first = events[0].body if events else None
    return isinstance(first, NewBody | PrintedBody) and bool(first.practice)


def units_by_arm(draw: chain.Event[DrawBody], arms: Iterable[str]) -> dict[str, int]:
    """How many units each of the plan's arms was drawn; refused where the event tells of other arms."""
    arms = list(arms)
    if not draw.body.units.keys() >= set(arms):
        stop(
            "chain_broken",
            f"The draw (event {draw.seq} of {draw.trial}) tells of other arms than the plan.",
            f"Compare with a copy and with the printed head: rct verify {draw.trial}",
            file="rct.db",
        )
    return {arm: draw.body.units[arm] for arm in arms}


def files_of(body: Body) -> Mapping[str, str] | None:
    """The files that an event names, by name; None where it is of no kind that writes any, or an older rct wrote it."""
    found: Mapping[str, str] | None = getattr(body, "files", None)
    return found


def left_out(body: Body) -> int:
    """How many people who opted out a list of pieces lacks, by the body of `letters` or `handover`."""
    if not isinstance(body, LettersBody | HandoverBody):
        return 0
    by_version = body.versions.values() if isinstance(body, LettersBody) else ()  # of an older rct
    return (body.left_out or {}).get("opted_out", 0) + sum(n.get("opted_out", 0) for n in by_version)


def plan_file(ws: Workspace, name: str, number: int) -> Path:
    """Where the plan is written: plan.json at the lock, plan-2.json at the first amendment, and so on."""
    return ws.out(name) / ("plan.json" if number == 1 else f"plan-{number}.json")


def current_path(db: sqlite3.Connection, path: Path) -> Path:
    """Where the committed bytes of `path` lie now: a temporary name when the last writer died before renaming."""
    newest, where = -1, path
    for leftover in path.parent.glob("*.tmp-*") if path.parent.is_dir() else ():
        match = fs.TEMPORARY.fullmatch(leftover.name)
        if match and match["name"] == path.name:
            known = db.execute("select rowid from batch where token = ?", (match["token"],)).fetchone()
            if known and known[0] > newest:
                newest, where = known[0], leftover
    return where


def all_there(db: sqlite3.Connection, paths: Iterable[Path]) -> bool:
    """Whether committed files lie in their places, or on their way there: another command may be renaming them."""
    return all(current_path(db, path).is_file() or path.is_file() for path in paths)


def read_plan(ws: Workspace, db: sqlite3.Connection, state: State) -> bytes:
    """The plan in force, its bytes checked against the log; an edited plan.json is refused and named."""
    event = state.plan
    if event is None:
        refuse_unlocked(state.name)
    path = plan_file(ws, state.name, state.plan_number)
    where = current_path(db, path)
    if not where.is_file():
        moved = _folder_with(ws, path.name, event.body.plan_hash)
        stop(
            "plan_missing",
            f"The folder trials/{moved} holds the trial {state.name}: it was renamed."
            if moved
            else "The locked plan's file is missing.",
            f"Rename it back to trials/{state.name}." if moved else "Restore it from a copy.",
            file=ws.shown(path),
        )
    data = where.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != event.body.plan_hash:
        stop(
            "plan_changed",
            f"This file is not the plan that was locked (event {event.seq}, {event.time}): a locked plan never changes.",
            f"Restore the file from a copy. To change the plan: rct amend {state.name} --reason …",
            file=ws.shown(path),
            found=f"sha256 {found}",
        )
    return data


def refuse_unlocked(name: str) -> NoReturn:
    """Raise: what was asked for needs a locked plan."""
    stop("not_locked", f"The plan of {name} is not locked yet.", f"Lock it with: rct lock {name}")


def _folder_with(ws: Workspace, file: str, digest: str) -> str | None:
    """The folder of another name that has this very plan: who renames a trial's folder renames no trial."""
    for plan in sorted(ws.trials.glob(f"*/out/{file}")):
        if plan.is_file() and hashlib.sha256(plan.read_bytes()).hexdigest() == digest:
            return visible(plan.parent.parent.name)
    return None


@contextmanager
def reading(ws: Workspace) -> Iterator[sqlite3.Connection]:
    """The registry, opened so that nothing can be written, in one consistent view."""
    db = schema.open_for_reading(ws.database)
    try:
        db.execute("begin")
        db.execute("select count(*) from sqlite_master").fetchone()
        yield db
    except UnicodeDecodeError as error:  # Python's sqlite3, where SQLite's own message quotes damaged bytes
        stop(
            "registry_damaged",
            "The registry is damaged.",
            "Restore rct.db and private/ from the same copy.",
            file=ws.database.name,
            found=str(error),
        )
    finally:
        db.close()


def read_state(db: sqlite3.Connection, name: str) -> State:
    """The trial's events; an `RctError` when its log does not hold together, for nothing may rest on that."""
    state = read_unchecked(db, name)
    broken = next(chain.failures(list(state.events)), None)
    if broken is not None:
        log = f"The log of {name}" if name else "The workspace's log"
        stop(
            "chain_broken",
            f"{log} does not hold together: {broken[1]}.",
            f"Compare with a copy and with the printed head: rct verify {name}".rstrip(),
            file="rct.db",
        )
    return state


def entered(db: sqlite3.Connection, event: chain.Event) -> str:
    """The head of the workspace's log as of the commit of `event`: '' where an older rct didn't enter it there."""
    rows = db.execute(
        f"select {chain.COLUMNS} from event where trial = '' and kind = 'entered' and instr(text, ?) > 0",
        (event.hash,),
    )
    events = State("", [chain.of_text(chain.Stored(*row)) for row in rows]).all(EnteredBody)
    return next((e.hash for e in events if e.body.head == event.hash), "")


def read_unchecked(db: sqlite3.Connection, name: str) -> State:
    """The trial's events as they stand, for those who say what is wrong with them."""
    return State(name, chain.read(db, name))


def require(state: State, *, drawn: bool = False, open: bool = True, people: bool = True) -> None:
    """Refuse what a forgotten or stopped trial, or one that is not drawn yet, can't do.

    `people`: whether the command needs names or ids; analysis and memo never do.
    """
    if people and state.forgotten:
        stop(
            "forgotten", f"Trial {state.name} was forgotten: its people are deleted.", "Start another trial."
        )
    if open and state.stopped:
        event = state.last(StopBody)
        reason = event.body.reason if event else ""
        stop("stopped", f"Trial {state.name} was stopped.", "Start another trial.", found=reason)
    if drawn and state.draw is None:
        _refuse_undrawn(state.name)


def require_drawn(state: State, *, open: bool = True, people: bool = True) -> chain.Event[DrawBody]:
    """The draw, after `require`."""
    require(state, open=open, people=people)
    if state.draw is None:
        _refuse_undrawn(state.name)
    return state.draw


def _refuse_undrawn(name: str) -> NoReturn:
    stop("not_drawn", f"Trial {name} has not been drawn.", f"Draw it with: rct draw {name}")


def require_begun(ws: Workspace, state: State) -> None:
    """Refuse a name under which there is neither a log nor a definition."""
    if not state.events and not ws.definition_file(state.name).is_file():
        stop(
            "no_trial",
            "There is no such trial in this workspace.",
            "See: rct status",
            field="NAME",
            found=state.name,
        )

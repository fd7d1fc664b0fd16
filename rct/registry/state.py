"""What has happened in a trial so far, read off its log: never kept anywhere else."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rct import fs
from rct.errors import stop, visible
from rct.registry import chain, schema
from rct.registry.workspace import Workspace

STAGES = (
    "new",
    "locked",
    "framed",
    "ready",
    "drawn",
    "outcomes",
    "analyzed",
    "reported",
    "stopped",
    "forgotten",
)


@dataclass(frozen=True)
class State:
    """A trial's events, and the questions that commands ask of them."""

    name: str
    events: Sequence[chain.Event]

    def all(self, *kinds: str) -> list[chain.Event]:
        return [e for e in self.events if e.kind in kinds]

    def last(self, *kinds: str) -> chain.Event | None:
        return next((e for e in reversed(self.events) if e.kind in kinds), None)

    @property
    def practice(self) -> bool:
        return bool(self.events and self.events[0].body.get("practice"))

    @property
    def simulated(self) -> bool:
        """The outcomes come from a generator, not from people."""
        return bool(self.events and self.events[0].body.get("simulated"))

    @property
    def lock(self) -> chain.Event | None:
        return self.last("lock")

    @property
    def plan(self) -> chain.Event | None:
        """The event of the plan in force: the lock or the last amendment."""
        return self.last("lock", "amend")

    @property
    def plan_number(self) -> int:
        return len(self.all("lock", "amend"))

    @property
    def frame(self) -> chain.Event | None:
        return self.last("frame")

    @property
    def draw(self) -> chain.Event | None:
        return self.last("draw")

    @property
    def replayed(self) -> bool:
        """The draw was made elsewhere and read in."""
        return self.draw is not None and self.draw.body.get("replay") is not None

    @property
    def analysis(self) -> chain.Event | None:
        return self.last("analyze")

    @property
    def frame_digest(self) -> str | None:
        """The digest of the stored list: that of its load, or of its rows once they were put into another order."""
        orders = [e for e in self.all("forget") if "rows_digest" in e.body]
        event = orders[-1] if orders else self.frame
        return None if event is None else str(event.body["rows_digest"])

    @property
    def forgotten(self) -> bool:
        return self.last("forget") is not None

    def results_open(self, due: date) -> bool:
        """Whether results may be shown by arm: their date is there, or they were seen before it."""
        return self.analysis is not None or chain.due_date(list(self.events)) >= due

    def after(self, *kinds: str, event: chain.Event) -> list[chain.Event]:
        """Events of these kinds that came later than `event`."""
        return [e for e in self.all(*kinds) if e.seq > event.seq]

    @property
    def stage(self) -> str:
        if self.forgotten:
            return "forgotten"
        if self.last("stop"):
            return "stopped"
        if self.analysis and not self.after("outcomes", "amend", event=self.analysis):
            printed = [e for e in self.after("printed", event=self.analysis) if e.body.get("of") == "memo"]
            return "reported" if printed else "analyzed"
        if self.draw:
            return "outcomes" if self.last("outcomes") else "drawn"
        if self.lock and self.frame:
            return "ready"
        return "locked" if self.lock else "framed" if self.frame else "new"


def left_out(event: chain.Event) -> int:
    """How many people who opted out a list of pieces lacks, by an event of `letters` or `handover`."""
    total = event.body.get("left_out", {}).get("opted_out", 0)
    by_version = event.body.get("versions", {}) if event.kind == "letters" else {}  # of an older rct
    return int(total) + sum(int(n.get("opted_out", 0)) for n in by_version.values())


def plan_file(ws: Workspace, name: str, number: int) -> Path:
    """Where the plan is written: plan.json at the lock, plan-2.json at the first amendment, and so on."""
    return ws.out(name) / ("plan.json" if number == 1 else f"plan-{number}.json")


def current_path(ws: Workspace, db: sqlite3.Connection, path: Path) -> Path:
    """Where the committed bytes of `path` lie now: a temporary name when the last writer died before renaming."""
    newest, where = -1, path
    for leftover in path.parent.glob("*.tmp-*") if path.parent.is_dir() else ():
        match = fs.TEMPORARY.fullmatch(leftover.name)
        if match and match["name"] == path.name:
            known = db.execute("select rowid from batch where token = ?", (match["token"],)).fetchone()
            if known and known[0] > newest:
                newest, where = known[0], leftover
    return where


def all_there(ws: Workspace, db: sqlite3.Connection, paths: Iterable[Path]) -> bool:
    """Whether committed files lie in their places, or on their way there: another command may be renaming them."""
    return all(current_path(ws, db, path).is_file() or path.is_file() for path in paths)


def read_plan(ws: Workspace, db: sqlite3.Connection, state: State) -> bytes:
    """The plan in force, its bytes checked against the log; an edited plan.json is refused and named."""
    event = state.plan
    if event is None:
        stop(
            "not_locked",
            f"The plan of {state.name} is not locked yet.",
            f"Lock it with: rct lock {state.name}",
        )
    path = plan_file(ws, state.name, state.plan_number)
    where = current_path(ws, db, path)
    if not where.is_file():
        moved = _folder_with(ws, path.name, event.body["plan_hash"])
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
    if found != event.body["plan_hash"]:
        stop(
            "plan_changed",
            f"This file is not the plan that was locked (event {event.seq}, {event.time}): a locked plan never changes.",
            f"Restore the file from a copy. To change the plan: rct amend {state.name} --reason …",
            file=ws.shown(path),
            found=f"sha256 {found}",
        )
    return data


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
    found = read_unchecked(db, name)
    broken = next(chain.failures(list(found.events)), None)
    if broken is not None:
        stop(
            "chain_broken",
            f"The log of {name} does not hold together: {broken[1]}.",
            f"Compare with a copy and with the printed head: rct verify {name}",
            file="rct.db",
        )
    return found


def entered(db: sqlite3.Connection, event: chain.Event) -> str:
    """The head of the workspace's log as of the commit of `event`: '' where an older rct didn't enter it there."""
    rows = db.execute(
        "select hash, text from event where trial = '' and kind = 'entered' and instr(text, ?) > 0",
        (event.hash,),
    )
    found = (hash for hash, text in rows if json.loads(text)["body"].get("head") == event.hash)
    return str(next(found, ""))


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
    if open and state.last("stop"):
        event = state.last("stop")
        reason = event.body.get("reason", "") if event else ""
        stop("stopped", f"Trial {state.name} was stopped.", "Start another trial.", found=str(reason))
    if drawn and state.draw is None:
        stop("not_drawn", f"Trial {state.name} has not been drawn.", f"Draw it with: rct draw {state.name}")

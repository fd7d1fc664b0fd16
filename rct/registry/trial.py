"""A trial as opened: what a command reads of it is read at most once, and only when it is asked for.

`Locked`, `Framed` and `Drawn` are the same trial where it is known to be so far: what they name is there. What is
worked out of it above (its edits, its analysis) hangs on it by `once`, so that two who ask share it. A change is made
without it, by `rct.registry.change`; whoever tells of the trial afterwards opens it `again`.

The rows of the draw are read by those who need them, each time: of a million people they are most of the memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from rct.errors import stop
from rct.registry import chain, state, store
from rct.registry.chain import Event
from rct.registry.events import DrawBody, FrameBody, LockBody, OutcomesBody, PlanBody
from rct.registry.results import Result, read_results
from rct.registry.state import State
from rct.registry.store import Frame
from rct.registry.workspace import Workspace

if TYPE_CHECKING:
    from rct.definition import Definition

V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial in one reading of the registry. `kept` is what was read of it, the same for all its views."""

    ws: Workspace
    db: sqlite3.Connection = field(repr=False)
    state: State
    kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, what: str, read: Callable[[], V]) -> V:
        """What `read` gives, kept under `what` for whoever asks next."""
        if what not in self.kept:
            self.kept[what] = read()
        return cast(V, self.kept[what])

    def refuse(self, code: str, what: str) -> NoReturn:
        """RctError: what is stored was changed by another program."""
        stop(
            code,
            f"The stored rows of the {what} are not those that the log tells of.",
            f"Restore rct.db from a copy. See: rct verify {self.name}",
            file="rct.db",
        )

    def let_go(self) -> None:
        """Keep the plan alone: who walks through many trials holds the rows of none but one."""
        for what in self.kept.keys() - {"definition", "templates", "plan_hash", "today"}:
            del self.kept[what]

    @property
    def name(self) -> str:
        return self.state.name

    @property
    def today(self) -> date:
        """The machine's date, never before the log's last."""
        return self.once("today", lambda: chain.due_date(list(self.state.events)))

    # --- the plan in force; RctError before the lock, and where its file is not the one of the log

    @property
    def plan_bytes(self) -> bytes:
        """plan.json, checked against the log."""
        return self.once("plan_bytes", lambda: state.read_plan(self.ws, self.db, self.state))

    @property
    def plan_parts(self) -> Mapping[str, Any]:
        """What stands in plan.json: rct_plan, name, definition, templates."""
        from rct.definition.plan import read_plan  # the models come with it; a list of trials does without

        return self.once("plan_parts", lambda: read_plan(self.plan_bytes))

    @property
    def plan_hash(self) -> str:
        from rct.definition.plan import plan_hash

        return self.once("plan_hash", lambda: plan_hash(self.plan_bytes))

    @property
    def definition(self) -> Definition:
        from rct.definition.plan import definition_of

        return self.once("definition", lambda: definition_of(self.plan_parts))

    @property
    def templates(self) -> Mapping[str, str]:
        """Path -> sha256 of every letter and picture that the plan names."""
        return self.once("templates", lambda: self.plan_parts["templates"])

    @property
    def practice(self) -> bool:
        return self.state.practice or self.definition.practice

    @property
    def simulated(self) -> bool:
        return self.state.simulated or self.definition.simulated

    @property
    def real(self) -> bool:
        """Neither for practice nor simulated."""
        return not self.practice and not self.simulated

    @property
    def due(self) -> bool:
        """Whether the plan's analysis date is reached: nothing of its outcomes leaves before, early or not."""
        return self.today >= self.definition.analysis.date

    # --- the rows

    @property
    def frame(self) -> Frame:
        """The list with all its columns."""
        return self.once("frame", lambda: store.read_frame(self.db, self.name))

    @property
    def units(self) -> Frame:
        """The list for its units, blocks and clusters: its columns only where they were read already."""
        if "frame" in self.kept:
            return self.frame
        return self.once("units", lambda: store.read_frame(self.db, self.name, only=()))

    @property
    def frame_digest(self) -> str:
        return self.once("frame_digest", lambda: store.frame_digest(self.frame))

    @property
    def arms(self) -> list[str]:
        """The arm of each unit, in the list's order. RctError `assignment_changed` where one has none of the plan's."""
        return self.once("arms", self._arms)

    def _arms(self) -> list[str]:
        arms = store.read_arms(self.db, self.name, self.units.units)
        if len(arms) != len(self.units.units) or not set(arms) <= self.definition.arms.keys():
            self.refuse("assignment_changed", "draw")
        return arms

    @property
    def assignment_digest(self) -> str:
        return self.once("assignment_digest", lambda: store.assignment_digest(self.db, self.name))

    def outcome(self, name: str) -> dict[str, float | None]:
        """Unit -> value of one outcome: None is unobserved, nan a row that was refused."""
        return self.once(f"outcome {name}", lambda: store.read_known(self.db, self.name, name))

    @property
    def outcomes(self) -> dict[str, dict[str, float | None]]:
        """The outcomes of the plan that a file was loaded for, in the plan's order."""
        loaded = {o for e in self.state.all(OutcomesBody) for o in e.body.outcomes}
        return {o: self.outcome(o) for o in self.definition.outcomes if o in loaded}

    @property
    def outcomes_digest(self) -> str:
        return self.once("outcomes_digest", lambda: store.outcomes_digest(self.db, self.name))

    def results(self, run: int) -> list[Result]:
        """The rows that a run of `analyze` stored."""
        return self.once(f"results {run}", lambda: read_results(self.db, self.name, run))

    # --- the same trial, known to be further

    def locked(self) -> Locked:
        """RctError `not_locked` before the lock."""
        lock, plan = self.state.lock, self.state.plan
        if lock is None or plan is None:
            state.refuse_unlocked(self.name)
        return Locked(self.ws, self.db, self.state, self.kept, lock=lock, plan=plan)

    def framed(self) -> Framed:
        """RctError before the lock, and `no_frame` before the list."""
        at, load = self.locked(), self.state.frame
        if load is None:
            stop(
                "no_frame",
                f"No list of people is loaded for {self.name}.",
                f"Load it with: rct frame {self.name} FILE",
            )
        return Framed(self.ws, self.db, self.state, self.kept, lock=at.lock, plan=at.plan, load=load)

    def drawn(self, *, open: bool = False, people: bool = False) -> Drawn:
        """RctError before the draw, and where the log tells of a draw without a plan or list; with `open` where the
        trial was stopped, with `people` where it was forgotten."""
        draw = state.require_drawn(self.state, open=open, people=people)
        at = self.framed()
        return Drawn(
            self.ws, self.db, self.state, self.kept, lock=at.lock, plan=at.plan, load=at.load, draw=draw
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Locked(Trial):
    """A trial with a plan. lock: the first event of it; plan: that of the plan in force."""

    lock: Event[LockBody]
    plan: Event[PlanBody]


@dataclass(frozen=True, eq=False, kw_only=True)
class Framed(Locked):
    """A trial with a plan and a list. load: the event of its list."""

    load: Event[FrameBody]


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn(Framed):
    """A trial that was drawn."""

    draw: Event[DrawBody]


@contextmanager
def opened(ws: Workspace, name: str) -> Iterator[Trial]:
    """The trial, in one consistent view. RctError where its log does not hold together."""
    with state.reading(ws) as db:
        yield Trial(ws, db, state.read_state(db, name))


def locked_trials(ws: Workspace, db: sqlite3.Connection) -> list[Locked]:
    """Every trial with a locked plan, in order of name, each plan read. RctError where a log or plan does not hold
    together."""
    trials = [Trial(ws, db, state.read_state(db, name)) for name in chain.trials(db)]
    locked = [trial.locked() for trial in trials if trial.state.lock is not None]
    for trial in locked:
        _ = trial.definition, trial.today
        trial.let_go()
    return locked


@contextmanager
def again(trial: Trial, *, own: int = 0) -> Iterator[Trial]:
    """A trial that was opened before, its log read anew. What was read of it stays where the log is the same but for
    the `own` events that this command has added since."""
    with state.reading(trial.ws) as db:
        now = state.read_state(db, trial.name)
        heads, before = ([e.hash for e in s.events] for s in (now, trial.state))
        same = heads[: len(before)] == before and len(heads) == len(before) + own
        yield Trial(trial.ws, db, now, trial.kept if same else {})

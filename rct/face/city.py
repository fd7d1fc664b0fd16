"""A city's workspace and its trials, to read: nothing here writes, and nothing by arm comes out before its date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from rct.analysis.due import is_open, require_current, require_open
from rct.analysis.explore import Asked
from rct.analysis.explore import explore as run_explore
from rct.analysis.stored import analyzed, require_untouched
from rct.audit import deviations as audit
from rct.audit import overview
from rct.audit.blind import log_of
from rct.audit.verify import verify as run_verify
from rct.definition import Definition
from rct.errors import Problem, stop
from rct.evidence.bundle.resharing import shared_failures
from rct.face import given, shown, tables
from rct.face.estimating import Estimates, of_fit
from rct.face.refusing import refusing
from rct.registry import state, store
from rct.registry.events import OutcomesBody
from rct.registry.trial import Trial as Opened
from rct.registry.workspace import Workspace, find
from rct.report.gather import beside_results


@refusing
def open_city(path: str | Path) -> City:
    """The workspace of a folder: that folder, or the nearest above it with an rct.toml. Nothing is written in it."""
    folder = Path(path)
    if not folder.is_dir():
        stop("no_folder", "There is no such folder.", "Check the path.", found=str(folder))
    return City(find(folder))


@dataclass(frozen=True, repr=False)
class City:
    """A city's workspace. `city["water-bills"]` is a trial; iterating gives the names of all."""

    workspace: Workspace = field(repr=False)

    @property
    def name(self) -> str | None:
        """The city's name in rct.toml."""
        return self.workspace.settings.city

    @refusing
    def _names(self) -> list[str]:
        with state.reading(self.workspace) as db:
            return overview.names(self.workspace, db, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    @refusing
    def __getitem__(self, name: str) -> Trial:
        """A trial by name. RctError `no_trial` where there is none."""
        with state.reading(self.workspace) as db:
            overview.names(self.workspace, db, name)
        return Trial(self, name)

    @property
    @refusing
    def trials(self) -> pd.DataFrame:
        """What `rct status` lists: a row a trial, with its stage and the date that it waits for."""
        listed = overview.overview(self.workspace, None)
        rows = [(t.name, t.stage, t.due, t.practice) for t in listed]
        table = pd.DataFrame(rows, columns=["name", "stage", "due", "practice"])
        return table.assign(due=pd.to_datetime(table["due"])).set_index("name")

    def __repr__(self) -> str:
        return shown.text(self._title(), self.trials.reset_index())

    def _repr_html_(self) -> str:
        return shown.html(self._title(), self.trials.reset_index())

    def _title(self) -> str:
        return f"{self.name or 'No city named'}, {len(self)} trials"


@dataclass(frozen=True)
class Plan:
    """The plan in force: what was locked, with its amendments. `hash` is that of the lock's document."""

    name: str
    title: str
    hash: str
    number: int
    control: str
    arms: tuple[tuple[str, int], ...]
    scheme: str
    outcomes: tuple[str, ...]
    primary: tuple[str, ...]
    estimator: str
    standard_errors: str
    alpha: float
    date: date
    definition: Definition = field(repr=False)

    def _repr_html_(self) -> str:
        told = {k: v for k, v in asdict_shallow(self).items() if k not in ("definition", "name")}
        table = pd.DataFrame({"": list(told), "plan": [str(v) for v in told.values()]})
        return shown.html(f"The plan of {self.name}", table)


def asdict_shallow(record: Plan) -> dict[str, object]:
    """Field -> value, nothing copied."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


@dataclass(frozen=True, repr=False)
class Trial:
    """One trial, read when it is asked: each call sees the registry as it is then."""

    city: City = field(repr=False)
    name: str

    @property
    @refusing
    def stage(self) -> str:
        """new, locked, framed, ready, drawn, outcomes, analyzed, reported, stopped or forgotten."""
        with self._read() as trial:
            return trial.state.stage

    @property
    @refusing
    def plan(self) -> Plan:
        """The plan in force. RctError `not_locked` before the lock."""
        with self._read() as trial:
            known, hash_, number = trial.definition, trial.plan_hash, trial.state.plan_number
        return Plan(
            name=self.name,
            title=known.trial.title,
            hash=hash_,
            number=number,
            control=known.control,
            arms=tuple((name, arm.share) for name, arm in known.arms.items()),
            scheme=known.design.scheme,
            outcomes=tuple(known.outcomes),
            primary=tuple(known.primary),
            estimator=known.analysis.estimator,
            standard_errors=known.analysis.standard_errors,
            alpha=known.analysis.alpha,
            date=known.analysis.date,
            definition=known,
        )

    @property
    @refusing
    def log(self) -> pd.DataFrame:
        """Every event in order, as `rct log` tells it today: a row an event, its body as a dictionary."""
        with self._read() as trial:
            events = trial.state.events
        rows = [
            (t.event.seq, t.event.time, t.event.person, t.event.kind, t.body, t.event.hash)
            for t in log_of(self._ws, events)
        ]
        table = pd.DataFrame(rows, columns=["seq", "time", "person", "kind", "body", "hash"])
        return table.assign(time=pd.to_datetime(table["time"], utc=True)).set_index("seq")

    @property
    @refusing
    def deviations(self) -> pd.DataFrame:
        """Every deviation from the plan. Before the results may be seen, those that the log alone tells."""
        with self._read() as trial:
            seen = trial.state.analysis is not None and is_open(trial.state, trial.definition)
            told = (
                beside_results(analyzed(trial))[0]
                if seen
                else audit.deviations(trial, None, None, few=self._ws.settings.threshold)
            )
        return pd.DataFrame([asdict(d) for d in told], columns=["code", "seq", "time", "person", "text"])

    @refusing
    def frame(self) -> pd.DataFrame:
        """The list as it was loaded: a row a unit (pseudonyms), covariates, categories and blocks."""
        with self._read() as trial:
            if trial.state.frame is None:
                stop(
                    "no_frame",
                    f"No list of people is loaded for {self.name}.",
                    f"Load it with: rct frame {self.name} FILE",
                )
            require_untouched(trial)
            return tables.frame_table(trial.frame)

    @refusing
    def assignment(self) -> pd.DataFrame:
        """Who was drawn to which arm: the rows of assignment.csv. Of what people then did it tells nothing."""
        with self._read() as trial:
            state.require(trial.state, drawn=True, open=False, people=False)
            require_untouched(trial)
            return tables.assignment_table(trial.definition, store.read_assignment(trial.db, self.name))

    @refusing
    def outcomes(self) -> pd.DataFrame:
        """A column an outcome that was loaded, as the analysis reads it. RctError `not_due` before the date.

        Not even without the arms: beside `assignment()` each row would tell them.
        """
        with self._read() as trial:
            _require_open(trial)
            return tables.outcome_table(trial.definition, trial.frame, trial.outcomes)

    @refusing
    def data(self) -> pd.DataFrame:
        """List, assignment and outcomes side by side. RctError `not_due` before the date.

        A column of the list that bears the name of an outcome, or of a column of the assignment, ends in `_list` here.
        """
        outcomes = self.outcomes()
        drawn, known = self.assignment(), self.frame()
        taken = {*outcomes.columns, *drawn.columns}
        known = known.rename(columns={c: f"{c}_list" for c in known.columns if c in taken})
        return known.join(drawn).join(outcomes)

    @refusing
    def results(self) -> pd.DataFrame:
        """The rows of the last analysis, with the columns of docs/results.md.

        RctError `not_due` before the date, `not_analyzed`, and `analysis_stale` where outcomes or plan changed since.
        """
        with self._read() as trial:
            if trial.state.analysis is None and trial.state.plan is not None:
                require_open(trial.state, trial.definition)
            event = require_current(trial.state)
            rows = trial.results(event.body.run)
        table = tables.result_table(rows)
        table.attrs = {
            "trial": self.name,
            "run": event.body.run,
            "verdict": event.body.verdict,
            "refused": list(event.body.refused or ()),
        }
        return table

    @refusing
    def verify(self) -> list[Problem]:
        """Re-derive plan, draw, counts, results and what was shared: everything that does not hold, else []."""
        return list(run_verify(self._ws, [self.name], then=shared_failures))

    @refusing
    def explore(
        self,
        outcome: str,
        *,
        estimator: str | None = None,
        covariates: str | Sequence[str] | None = None,
        standard_errors: str | None = None,
        alpha: float | None = None,
    ) -> Estimates:
        """Another estimate than the plan's: exploratory, stored nowhere, adjusted for nothing.

        covariates are columns of the list; None: all that the plan names. RctError `not_due` before the date.
        """
        names = None if covariates is None else given.names(covariates)
        asked = Asked(outcome, estimator, names, standard_errors, alpha)
        return of_fit(outcome, run_explore(self._ws, self.name, asked))

    @property
    def _ws(self) -> Workspace:
        return self.city.workspace

    @contextmanager
    def _read(self) -> Iterator[Opened]:
        with state.reading(self._ws) as db:
            overview.names(self._ws, db, self.name)
            yield Opened(self._ws, db, state.read_state(db, self.name))

    def __repr__(self) -> str:
        return self._title()

    def _repr_html_(self) -> str:
        return shown.html(self._title())

    @refusing
    def _title(self) -> str:
        with self._read() as trial:
            sentences = [
                trial.state.stage,
                *(["PRACTICE"] if trial.state.practice else []),
                *(["SIMULATED"] if trial.state.simulated else []),
            ]
        return f"{self.name} ({', '.join(sentences)})"


def _require_open(trial: Opened) -> None:
    """RctError unless the outcomes may be read today, and are those that were loaded."""
    state.require(trial.state, drawn=True, open=False, people=False)
    require_open(trial.state, trial.definition)
    if trial.state.last(OutcomesBody) is None:
        stop("no_outcomes", "No outcomes were loaded.", f"Load them with: rct outcomes {trial.name} FILE")
    require_untouched(trial, outcomes=True)

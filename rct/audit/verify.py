"""Re-derive everything that can be re-derived, and name what does not hold.

In order: the chain, the plan's file, the frame and its counts, the vault's keyed digest, the draw from seed
and list, the outcomes, the results from the stored rows (to 1e-9 relative), every printed document. Nothing
here writes, and it works in a read-only workspace.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rct.analysis.results import comparable, differing_column, unwritten
from rct.analysis.stored import numpy_version, recompute
from rct.audit.clock import wrong_clocks
from rct.audit.database import file_failures, untold
from rct.audit.entered import entered_failures
from rct.audit.heads import find_head
from rct.audit.mail import mailed_failures
from rct.audit.people import people_untold
from rct.audit.rows import frame_rows, outcome_rows, replayed_probabilities, result_rows
from rct.definition import Definition, plan
from rct.design import tickets
from rct.draw.assignment import assignment_csv_sha256
from rct.draw.lots import assigned_rows, lots_of, rows_digest
from rct.errors import Problem, RctError
from rct.frame.kept import left_out_digest
from rct.registry import chain, keys, remarks, state, store, vault
from rct.registry.events import (
    AnalyzeBody,
    Body,
    DrawBody,
    ForgetBody,
    FrameBody,
    HandoverBody,
    LettersBody,
    OutcomesBody,
    PlanBody,
    PrintedBody,
    RemarksBody,
    SurveyBody,
)
from rct.registry.state import State, current_path
from rct.registry.store import Frame
from rct.registry.trial import Trial
from rct.registry.workspace import Workspace

Then = Callable[[Trial], Iterable[Problem]]


def verify(
    ws: Workspace, names: Sequence[str], *, head: str | None = None, then: Then | None = None
) -> Iterator[Problem]:
    """Every failure of these trials and of the workspace's own chain, the first one first. `then`: what else is looked
    at in a trial, once all of this holds."""
    with state.reading(ws) as db:
        trials = [Trial(ws, db, state.read_unchecked(db, name)) for name in names]
        yield from failures(ws, db, trials, head=head, then=then)


def failures(
    ws: Workspace,
    db: sqlite3.Connection,
    trials: Sequence[Trial],
    *,
    head: str | None = None,
    then: Then | None = None,
) -> Iterator[Problem]:
    """The same of trials that are open, their logs unchecked. The rows of one are let go before those of the next."""
    damaged = [_failure("registry_damaged", "", what) for what in file_failures(db)]
    own = state.read_unchecked(db, "")
    broken = {each.name: _links(each) for each in (own, *(t.state for t in trials))}
    beside = (
        []
        if any(broken.values())
        else _untold(ws, db, {s.name: s for s in (own, *(t.state for t in trials))})
    )
    lacking = [] if head is None else list(_head([*(t.state for t in trials), own], head))
    failed, more = bool(damaged or broken[""] or beside or lacking), list[Problem]()
    yield from [*damaged, *broken[""]]
    for trial in trials:
        for problem in broken[trial.name] or _trial(trial):
            failed = True
            yield problem
        if then is not None and not failed:
            more += then(trial)
        trial.let_go()
    yield from [*beside, *lacking, *(() if failed else more)]


def _links(trial_state: State) -> list[Problem]:
    """What does not hold together in a log."""
    return [
        _failure("chain", trial_state.name, what, field=str(seq))
        for seq, what in chain.failures(list(trial_state.events))
    ]


def remarks_on(states: Iterable[State]) -> Iterator[str]:
    """What holds and still has to be known: clocks that were wrong."""
    for trial_state in states:
        for wrong in wrong_clocks(trial_state.events):
            yield f"{trial_state.name or 'The log of the workspace'}: {wrong.text}"


def _untold(ws: Workspace, db: sqlite3.Connection, known: Mapping[str, State]) -> list[Problem]:
    """What stands in rct.db or the vault, and in no log; nothing is said of it where a log does not hold together."""
    chains = {name: known.get(name) or state.read_unchecked(db, name) for name in ["", *chain.trials(db)]}
    if not all(chain.sound(each.events) for each in chains.values()):
        return []
    return [
        *(_failure(code, name, what) for code, name, what in entered_failures(chains)),
        *(_failure("registry_changed", "", what) for what in untold(db, chains)),
        *(
            _failure("vault_changed", "", what, file="private/vault.db")
            for what in people_untold(ws, db, chains)
        ),
    ]


def _trial(trial: Trial) -> Iterator[Problem]:
    yield from _derived(trial)
    yield from _untold_files(trial)


def _derived(trial: Trial) -> Iterator[Problem]:
    yield from _plan(trial)
    if trial.state.plan is None:
        yield from _frame(trial)
        return
    try:
        _ = trial.definition
    except RctError:
        return  # `_plan` has named it
    stored = [*_frame(trial), *_draw(trial), *_outcomes(trial)]
    yield from stored
    yield from mailed_failures(trial)
    yield from _remarks(trial)
    yield from _results(trial)
    if not stored:  # nothing can be derived from rows that are not those that were stored
        yield from _rederived(trial)
    yield from _printed(trial)
    yield from _letters(trial)


def _plan(trial: Trial) -> Iterator[Problem]:
    for number, event in enumerate(trial.state.all(PlanBody), start=1):
        path = state.plan_file(trial.ws, trial.name, number)
        yield from _file(trial, path.name, event.body.plan_hash, "plan_changed", event)


def _frame(trial: Trial) -> Iterator[Problem]:
    db, trial_state = trial.db, trial.state
    event = trial_state.frame
    if event is None:
        return
    body = event.body
    if not store.has_table(db, "frame", trial_state.name):
        yield _failure(
            "frame_changed", trial_state.name, "the table of the frame is gone", field=str(event.seq)
        )
        return
    if _frame_hash(trial.frame) != body.frame_hash:
        yield _failure(
            "frame_changed", trial_state.name, "units, blocks or clusters are not those that were frozen"
        )
    elif trial.frame_digest != trial_state.frame_digest or any(
        e.body.as_loaded is False for e in trial_state.all(ForgetBody)
    ):
        yield _failure("frame_changed", trial_state.name, "a covariate or category is not what was loaded")
    else:
        for what in frame_rows(trial):
            yield _failure("frame_changed", trial_state.name, what)
    if body.left_out not in (None, left_out_digest(store.read_excluded(db, trial_state.name))):
        yield _failure(
            "frame_changed", trial_state.name, "who was left out of the list is not who was left out then"
        )
    if not body.adds_up or body.kept != len(trial.frame.units):
        yield _failure("rows_lost", trial_state.name, f"{body.rows} rows are not kept + excluded + refused")
    if not trial_state.forgotten:
        yield from _vault(trial, event)


def _frame_hash(frame: Frame) -> str:
    """The hash of the stored rows; none where they are no frame any more (a cluster now lies in two blocks)."""
    try:
        return tickets.frame_hash(frame.units, frame.blocks, frame.clusters)
    except RctError:
        return ""


def _vault(trial: Trial, event: chain.Event[FrameBody]) -> Iterator[Problem]:
    """Compared by a keyed digest: no name is looked at."""
    try:
        with vault.opened(trial.ws) as opened:
            whole = vault.is_whole(opened)
            said = vault.keyed_digest(keys.read_key(trial.ws), vault.people(opened, event.body.token))
    except RctError as error:
        yield from error.problems
        return
    if said != event.body.people or not whole:
        yield _failure(
            "vault_changed",
            trial.name,
            "the vault's rows are not those that were loaded",
            file="private/vault.db",
        )


def _seed(trial: Trial) -> Iterator[Problem]:
    """Until the draw the committed seed lies in private/, unchanged."""
    ws, db, trial_state = trial.ws, trial.db, trial.state
    if trial_state.lock is None or trial_state.draw is not None or trial_state.forgotten:
        return
    try:
        seed = keys.read_seed(ws, trial_state.name, current_path(db, keys.seed_file(ws, trial_state.name)))
        same = tickets.seed_commitment(seed) == trial_state.lock.body.seed_commitment
    except RctError as error:
        yield from error.problems
        return
    if not same:
        yield _failure(
            "seed_changed",
            trial_state.name,
            "the seed is not the one that the lock committed to",
            file=ws.shown(keys.seed_file(ws, trial_state.name)),
        )


def _replayed(trial: Trial, rows: list[store.Assigned]) -> Iterator[Problem]:
    """The chances of a draw made elsewhere follow from its counts."""
    try:
        derived = replayed_probabilities(trial, rows)
    except KeyError:
        return  # a unit without an arm: `_frame` has named it
    if store.read_probabilities(trial.db, trial.name) != derived:
        yield _failure(
            "probabilities_changed", trial.name, "the stored probabilities are not those of the draw"
        )


def _draw(trial: Trial) -> Iterator[Problem]:
    yield from _seed(trial)
    db, trial_state = trial.db, trial.state
    event = trial_state.draw
    if event is None or trial_state.lock is None:
        return
    body = event.body
    rows = (
        store.read_assignment(db, trial_state.name)
        if store.has_table(db, "assignment", trial_state.name)
        else []
    )
    if rows_digest(rows) != body.assignment:
        yield _failure(
            "assignment_changed", trial_state.name, "the stored assignment is not the one that was drawn"
        )
    elif body.key is not None:
        yield from _redraw(trial, event, rows)
    else:
        yield from _replayed(trial, rows)
    yield from _file(trial, "assignment.csv", body.files["assignment.csv"], "assignment_changed", event)


def _redraw(trial: Trial, event: chain.Event[DrawBody], rows: list[store.Assigned]) -> Iterator[Problem]:
    db, trial_state, body = trial.db, trial.state, event.body
    if (
        trial_state.lock is None
        or tickets.seed_commitment(body.seed) != trial_state.lock.body.seed_commitment
    ):
        yield _failure("seed_changed", trial_state.name, "the seed is not the one that the lock committed to")
    plans = [e for e in trial_state.all(PlanBody) if e.seq < event.seq]
    frames = [e for e in trial_state.all(FrameBody) if e.seq < event.seq]
    if not plans or not frames:
        yield _failure(
            "draw_out_of_order", trial_state.name, "the draw does not follow a lock and a loaded list"
        )
        return
    if plans[-1].body.plan_hash != body.plan_hash or frames[-1].body.frame_hash != body.frame_hash:
        yield _failure(
            "draw_not_derived", trial_state.name, "plan or list of the draw are not those in force then"
        )
        return
    key = tickets.draw_key(body.seed, body.plan_hash, body.frame_hash, body.beacon)
    try:
        definition = _plan_of_number(trial, len(plans))
    except (OSError, RctError):
        return  # `_plan` has named it
    frame = trial.units
    try:
        lots = lots_of(definition, frame, key)
    except RctError:
        return  # no draw can be made from these rows: `_frame` has named them
    if key != body.key or assigned_rows(frame, lots) != rows:
        yield _failure("draw_not_derived", trial_state.name, "seed, plan and list do not give this draw")
    elif store.read_probabilities(db, trial_state.name) != store.probability_rows(lots.probabilities):
        yield _failure(
            "probabilities_changed", trial_state.name, "the stored probabilities are not those of the draw"
        )
    elif assignment_csv_sha256(rows) != body.files["assignment.csv"]:
        yield _failure(
            "draw_not_derived", trial_state.name, "the draw's list has other bytes", file="assignment.csv"
        )


def _plan_of_number(trial: Trial, number: int) -> Definition:
    """The plan that was in force then. OSError or RctError where its file can't be read."""
    if number == trial.state.plan_number:
        return trial.definition
    path = state.plan_file(trial.ws, trial.name, number)
    return plan.from_plan(current_path(trial.db, path).read_bytes())


def _outcomes(trial: Trial) -> Iterator[Problem]:
    trial_state = trial.state
    event = trial_state.last(OutcomesBody)
    if event is None:
        return
    for loaded in trial_state.all(OutcomesBody):
        if not loaded.body.adds_up:
            yield _failure(
                "rows_lost", trial_state.name, f"event {loaded.seq}: rows are not kept + excluded + refused"
            )
    if trial.outcomes_digest != event.body.digest:
        yield _failure(
            "outcomes_changed", trial_state.name, "the stored outcomes are not those that were loaded"
        )
    else:
        for what in outcome_rows(trial):
            yield _failure("outcomes_changed", trial_state.name, what)


def _results(trial: Trial) -> Iterator[Problem]:
    """The stored results of every run, and the files of the last one, are what `analyze` wrote."""
    trial_state = trial.state
    event = trial_state.analysis
    if event is None:
        return
    for each in trial_state.all(AnalyzeBody):
        if unwritten(trial.results(each.body.run), each.body.files["results.csv"]) is None:
            yield _failure(
                "results_changed",
                trial_state.name,
                f"the stored results of run {each.body.run} are not those that event {each.seq} wrote",
            )
        for what in result_rows(trial, each.body.run):
            yield _failure("results_changed", trial_state.name, what)
    for file, digest in event.body.files.items():
        yield from _file(trial, file, digest, "results_changed", event)


def _rederived(trial: Trial) -> Iterator[Problem]:
    """The last run's results follow from plan and stored rows, and the verdict from them."""
    trial_state = trial.state
    event = trial_state.analysis
    if event is None:
        return
    stored = trial.results(event.body.run)
    later = trial_state.outdated
    if later:
        return  # the results are of the state before; a new run is due, and status says so
    try:
        analysis = recompute(trial.drawn())
    except RctError as error:
        yield from error.problems
        return
    derived = comparable(analysis.rows, stored, event.body.files["results.csv"])
    if len(stored) != len(derived):
        yield _failure(
            "results_changed", trial_state.name, f"{len(stored)} rows are stored, {len(derived)} are derived"
        )
    same_numpy = event.body.numpy == numpy_version()
    for i, (old, new) in enumerate(zip(stored, derived, strict=False), start=1):
        column = differing_column(old, new, same_numpy=same_numpy)
        if column is not None:
            yield _failure(
                "results_changed",
                trial_state.name,
                f"re-derived as {getattr(new, column)}",
                row=i,
                field=column,
                found=str(getattr(old, column)),
            )
    verdict = analysis.decision.verdict
    if verdict != event.body.verdict:
        yield _failure(
            "results_changed",
            trial_state.name,
            f"the agreed rule says {verdict}",
            found=event.body.verdict,
            field="verdict",
        )


def _printed(trial: Trial) -> Iterator[Problem]:
    """The latest printing of each document is what lies in out/."""
    latest: dict[str, tuple[str, chain.Event[PrintedBody]]] = {}
    for event in trial.state.all(PrintedBody):
        latest |= {file: (digest, event) for file, digest in event.body.files.items()}
    for file, (digest, event) in latest.items():
        yield from _file(trial, file, digest, "document_changed", event)


def _letters(trial: Trial) -> Iterator[Problem]:
    """Print files, survey and hand-over of the last time are those that were made, until the people are forgotten."""
    trial_state, private = trial.state, trial.ws.private_trial(trial.name)
    folders: dict[type[Body], Path] = {
        LettersBody: private / "letters",
        SurveyBody: private / "survey",
        HandoverBody: private,
    }
    for kind, folder in folders.items():
        event = trial_state.last(kind)
        if event is None or trial_state.forgotten:
            continue
        for file, digest in (state.files_of(event.body) or {}).items():
            yield from _same_file(trial, folder / file, digest, "document_changed", event)


def _remarks(trial: Trial) -> Iterator[Problem]:
    db, trial_state = trial.db, trial.state
    event = trial_state.last(RemarksBody)
    if event is not None and remarks.digest(db, trial_state.name) != event.body.digest:
        yield _failure(
            "remarks_changed", trial_state.name, "the stored remarks are not those that were loaded"
        )
    elif event is not None and event.body.sources not in (None, remarks.sources(db, trial_state.name)):
        yield _failure(
            "remarks_changed", trial_state.name, "the remarks are not told of the events that they came with"
        )


_OURS = re.compile(
    r"assignment\.csv|results\.(csv|json)|plan(-\d+)?\.json|(plan|memo|appendix)(\.[a-z]{2,3})?\.(md|html|pdf|docx|json)"
)


def _untold_files(trial: Trial) -> Iterator[Problem]:
    """A file of ours that no event wrote: an older rct.db was put back, or the log's end was cut."""
    ws, trial_state = trial.ws, trial.state
    folder = ws.out(trial_state.name)
    if trial.db.execute("select 1 from removal where path = ?", (ws.shown(folder.parent),)).fetchone():
        return  # a practice trial that was removed: the command died before its files were gone
    told = {file for e in trial_state.events for file in state.files_of(e.body) or ()}
    told |= {state.plan_file(ws, trial_state.name, i).name for i in range(1, trial_state.plan_number + 1)}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _OURS.fullmatch(path.name) and path.name not in told:
            yield _failure(
                "file_untold",
                trial_state.name,
                "the file is there, and no event of the log wrote it: an older rct.db was put back, or the log was cut",
                file=ws.shown(path),
            )


def _file(trial: Trial, file: str, digest: str, code: str, event: chain.Event) -> Iterator[Problem]:
    yield from _same_file(trial, trial.ws.out(trial.name) / file, digest, code, event)


def _same_file(trial: Trial, path: Path, digest: str, code: str, event: chain.Event) -> Iterator[Problem]:
    where, shown = current_path(trial.db, path), trial.ws.shown(path)
    if not where.is_file():
        yield _failure(code, trial.name, f"the file of event {event.seq} is gone", file=shown)
    elif hashlib.sha256(where.read_bytes()).hexdigest() != digest:
        yield _failure(code, trial.name, f"the file is not the one that event {event.seq} wrote", file=shown)


def _head(states: list[State], head: str) -> Iterator[Problem]:
    """`found`: the trials that were asked for, then the workspace's own log."""
    if not any(find_head(s, head) for s in states):
        yield _failure(
            "head_unknown",
            states[0].name if len(states) == 2 else "",
            "no event has this head: the log was rewritten or cut since it was printed, or the head is another trial's",
            field="--head",
            found=head,
        )


def _failure(code: str, name: str, what: str, **where: Any) -> Problem:
    where.setdefault("file", "rct.db")
    said = f"{name}: {what}" if name else what
    return Problem(
        code=code,
        rule=f"This does not hold: {said}.",
        fix="Compare with a copy and with the printed head.",
        **where,
    )

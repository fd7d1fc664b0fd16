"""Re-derive everything that can be re-derived, and name what does not hold.

In order: the chain, the plan's file, the frame and its counts, the vault's keyed digest, the draw from seed
and list, the outcomes, the results from the stored rows (to 1e-9 relative), every printed document. Nothing
here writes, and it works in a read-only workspace.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
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
from rct.draw.assignment import assignment_csv
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
from rct.registry.results import read_results
from rct.registry.state import State, current_path
from rct.registry.store import Frame
from rct.registry.workspace import Workspace


def verify(ws: Workspace, names: list[str], *, head: str | None = None) -> Iterator[Problem]:
    """Every failure of these trials and of the workspace's own chain, the first one first."""
    with state.reading(ws) as db:
        for what in file_failures(db):
            yield _failure("registry_damaged", "", what)
        sound = True
        for name in ["", *names]:
            found = state.read_unchecked(db, name)
            links = [
                _failure("chain", name, what, field=str(seq))
                for seq, what in chain.failures(list(found.events))
            ]
            sound = sound and not links
            yield from links
            if not links and name:
                yield from _trial(ws, db, found)
        chains = {name: state.read_unchecked(db, name) for name in ["", *chain.trials(db)]}
        if sound and all(chain.sound(each.events) for each in chains.values()):
            yield from _untold(ws, db, chains)
        if head is not None:
            yield from _head([state.read_unchecked(db, n) for n in [*names, ""]], head)


def remarks_on(ws: Workspace, names: list[str]) -> Iterator[str]:
    """What holds and still has to be known: clocks that were wrong."""
    with state.reading(ws) as db:
        for name in ["", *names]:
            for wrong in wrong_clocks(state.read_unchecked(db, name).events):
                yield f"{name or 'The log of the workspace'}: {wrong.text}"


def _untold(ws: Workspace, db: sqlite3.Connection, chains: dict[str, State]) -> Iterator[Problem]:
    """What stands in rct.db or the vault, and in no log."""
    for code, name, what in entered_failures(chains):
        yield _failure(code, name, what)
    for what in untold(db, chains):
        yield _failure("registry_changed", "", what)
    for what in people_untold(ws, db, chains):
        yield _failure("vault_changed", "", what, file="private/vault.db")


def _trial(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    yield from _derived(ws, db, found)
    yield from _untold_files(ws, db, found)


def _derived(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    yield from _plan(ws, db, found)
    if found.plan is None:
        yield from _frame(ws, db, found)
        return
    try:
        definition = plan.from_plan(state.read_plan(ws, db, found))
    except RctError:
        return  # `_plan` has named it
    stored = [*_frame(ws, db, found), *_draw(ws, db, found, definition), *_outcomes(db, found)]
    yield from stored
    yield from mailed_failures(db, found, definition)
    yield from _remarks(db, found)
    yield from _results(ws, db, found)
    if not stored:  # nothing can be derived from rows that are not those that were stored
        yield from _rederived(ws, db, found, definition)
    yield from _printed(ws, db, found)
    yield from _letters(ws, db, found)


def _plan(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    for number, event in enumerate(found.all(PlanBody), start=1):
        path = state.plan_file(ws, found.name, number)
        yield from _file(ws, db, found, path.name, event.body.plan_hash, "plan_changed", event)


def _frame(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    event = found.frame
    if event is None:
        return
    body = event.body
    if not store.has_table(db, "frame", found.name):
        yield _failure("frame_changed", found.name, "the table of the frame is gone", field=str(event.seq))
        return
    frame = store.read_frame(db, found.name)
    if _frame_hash(frame) != body.frame_hash:
        yield _failure(
            "frame_changed", found.name, "units, blocks or clusters are not those that were frozen"
        )
    elif store.frame_digest(frame) != found.frame_digest or any(
        e.body.as_loaded is False for e in found.all(ForgetBody)
    ):
        yield _failure("frame_changed", found.name, "a covariate or category is not what was loaded")
    else:
        for what in frame_rows(db, found.name, frame):
            yield _failure("frame_changed", found.name, what)
    if body.left_out not in (None, left_out_digest(store.read_excluded(db, found.name))):
        yield _failure(
            "frame_changed", found.name, "who was left out of the list is not who was left out then"
        )
    if not body.adds_up or body.kept != len(frame.units):
        yield _failure("rows_lost", found.name, f"{body.rows} rows are not kept + excluded + refused")
    if not found.forgotten:
        yield from _vault(ws, found, event)


def _frame_hash(frame: Frame) -> str:
    """The hash of the stored rows; none where they are no frame any more (a cluster now lies in two blocks)."""
    try:
        return tickets.frame_hash(frame.units, frame.blocks, frame.clusters)
    except RctError:
        return ""


def _vault(ws: Workspace, found: State, event: chain.Event[FrameBody]) -> Iterator[Problem]:
    """Compared by a keyed digest: no name is looked at."""
    try:
        with vault.opened(ws) as opened:
            whole = vault.is_whole(opened)
            said = vault.keyed_digest(keys.read_key(ws), vault.people(opened, event.body.token))
    except RctError as error:
        yield from error.problems
        return
    if said != event.body.people or not whole:
        yield _failure(
            "vault_changed",
            found.name,
            "the vault's rows are not those that were loaded",
            file="private/vault.db",
        )


def _seed(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    """Until the draw the committed seed lies in private/, unchanged."""
    if found.lock is None or found.draw is not None or found.forgotten:
        return
    try:
        seed = keys.read_seed(ws, found.name, current_path(db, keys.seed_file(ws, found.name)))
        same = tickets.seed_commitment(seed) == found.lock.body.seed_commitment
    except RctError as error:
        yield from error.problems
        return
    if not same:
        yield _failure(
            "seed_changed",
            found.name,
            "the seed is not the one that the lock committed to",
            file=ws.shown(keys.seed_file(ws, found.name)),
        )


def _replayed(
    db: sqlite3.Connection, found: State, definition: Definition, rows: list[store.Assigned]
) -> Iterator[Problem]:
    """The chances of a draw made elsewhere follow from its counts."""
    try:
        derived = replayed_probabilities(definition, store.read_frame(db, found.name, only=()), rows)
    except KeyError:
        return  # a unit without an arm: `_frame` has named it
    if store.read_probabilities(db, found.name) != derived:
        yield _failure(
            "probabilities_changed", found.name, "the stored probabilities are not those of the draw"
        )


def _draw(ws: Workspace, db: sqlite3.Connection, found: State, definition: Definition) -> Iterator[Problem]:
    yield from _seed(ws, db, found)
    event = found.draw
    if event is None or found.lock is None:
        return
    body = event.body
    rows = store.read_assignment(db, found.name) if store.has_table(db, "assignment", found.name) else []
    if rows_digest(rows) != body.assignment:
        yield _failure(
            "assignment_changed", found.name, "the stored assignment is not the one that was drawn"
        )
    elif body.key is not None:
        yield from _redraw(ws, db, found, event, rows)
    else:
        yield from _replayed(db, found, definition, rows)
    yield from _file(
        ws, db, found, "assignment.csv", body.files["assignment.csv"], "assignment_changed", event
    )


def _redraw(
    ws: Workspace,
    db: sqlite3.Connection,
    found: State,
    event: chain.Event[DrawBody],
    rows: list[store.Assigned],
) -> Iterator[Problem]:
    body = event.body
    if found.lock is None or tickets.seed_commitment(body.seed) != found.lock.body.seed_commitment:
        yield _failure("seed_changed", found.name, "the seed is not the one that the lock committed to")
    plans = [e for e in found.all(PlanBody) if e.seq < event.seq]
    frames = [e for e in found.all(FrameBody) if e.seq < event.seq]
    if not plans or not frames:
        yield _failure("draw_out_of_order", found.name, "the draw does not follow a lock and a loaded list")
        return
    if plans[-1].body.plan_hash != body.plan_hash or frames[-1].body.frame_hash != body.frame_hash:
        yield _failure("draw_not_derived", found.name, "plan or list of the draw are not those in force then")
        return
    key = tickets.draw_key(body.seed, body.plan_hash, body.frame_hash, body.beacon)
    path = state.plan_file(ws, found.name, len(plans))
    try:
        definition = plan.from_plan(current_path(db, path).read_bytes())
    except (OSError, RctError):
        return  # `_plan` has named it
    frame: Frame = store.read_frame(db, found.name, only=())
    try:
        lots = lots_of(definition, frame, key)
    except RctError:
        return  # no draw can be made from these rows: `_frame` has named them
    if key != body.key or assigned_rows(frame, lots) != rows:
        yield _failure("draw_not_derived", found.name, "seed, plan and list do not give this draw")
    elif store.read_probabilities(db, found.name) != store.probability_rows(lots.probabilities):
        yield _failure(
            "probabilities_changed", found.name, "the stored probabilities are not those of the draw"
        )
    elif (
        assignment_csv(rows)
        and hashlib.sha256(assignment_csv(rows)).hexdigest() != body.files["assignment.csv"]
    ):
        yield _failure(
            "draw_not_derived", found.name, "the draw's list has other bytes", file="assignment.csv"
        )


def _outcomes(db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    event = found.last(OutcomesBody)
    if event is None:
        return
    for loaded in found.all(OutcomesBody):
        if not loaded.body.adds_up:
            yield _failure(
                "rows_lost", found.name, f"event {loaded.seq}: rows are not kept + excluded + refused"
            )
    if store.outcomes_digest(db, found.name) != event.body.digest:
        yield _failure("outcomes_changed", found.name, "the stored outcomes are not those that were loaded")
    else:
        for what in outcome_rows(db, found):
            yield _failure("outcomes_changed", found.name, what)


def _results(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    """The stored results of every run, and the files of the last one, are what `analyze` wrote."""
    event = found.analysis
    if event is None:
        return
    for each in found.all(AnalyzeBody):
        rows = read_results(db, found.name, each.body.run)
        if unwritten(rows, each.body.files["results.csv"]) is None:
            yield _failure(
                "results_changed",
                found.name,
                f"the stored results of run {each.body.run} are not those that event {each.seq} wrote",
            )
        for what in result_rows(db, found.name, each.body.run):
            yield _failure("results_changed", found.name, what)
    for file, digest in event.body.files.items():
        yield from _file(ws, db, found, file, digest, "results_changed", event)


def _rederived(
    ws: Workspace, db: sqlite3.Connection, found: State, definition: Definition
) -> Iterator[Problem]:
    """The last run's results follow from plan and stored rows, and the verdict from them."""
    event = found.analysis
    if event is None:
        return
    stored = read_results(db, found.name, event.body.run)
    later = found.outdated
    if later:
        return  # the results are of the state before; a new run is due, and status says so
    try:
        analysis = recompute(ws, db, found, definition)
    except RctError as error:
        yield from error.problems
        return
    derived = comparable(analysis.rows, stored, event.body.files["results.csv"])
    if len(stored) != len(derived):
        yield _failure(
            "results_changed", found.name, f"{len(stored)} rows are stored, {len(derived)} are derived"
        )
    same_numpy = event.body.numpy == numpy_version()
    for i, (old, new) in enumerate(zip(stored, derived, strict=False), start=1):
        column = differing_column(old, new, same_numpy=same_numpy)
        if column is not None:
            yield _failure(
                "results_changed",
                found.name,
                f"re-derived as {getattr(new, column)}",
                row=i,
                field=column,
                found=str(getattr(old, column)),
            )
    verdict = analysis.decision.verdict
    if verdict != event.body.verdict:
        yield _failure(
            "results_changed",
            found.name,
            f"the agreed rule says {verdict}",
            found=event.body.verdict,
            field="verdict",
        )


def _printed(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    """The latest printing of each document is what lies in out/."""
    latest: dict[str, tuple[str, chain.Event[PrintedBody]]] = {}
    for event in found.all(PrintedBody):
        latest |= {file: (digest, event) for file, digest in event.body.files.items()}
    for file, (digest, event) in latest.items():
        yield from _file(ws, db, found, file, digest, "document_changed", event)


def _letters(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    """Print files, survey and hand-over of the last time are those that were made, until the people are forgotten."""
    private = ws.private_trial(found.name)
    folders: dict[type[Body], Path] = {
        LettersBody: private / "letters",
        SurveyBody: private / "survey",
        HandoverBody: private,
    }
    for kind, folder in folders.items():
        event = found.last(kind)
        if event is None or found.forgotten:
            continue
        for file, digest in (state.files_of(event.body) or {}).items():
            yield from _same_file(ws, db, found, folder / file, digest, "document_changed", event)


def _remarks(db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    event = found.last(RemarksBody)
    if event is not None and remarks.digest(db, found.name) != event.body.digest:
        yield _failure("remarks_changed", found.name, "the stored remarks are not those that were loaded")
    elif event is not None and event.body.sources not in (None, remarks.sources(db, found.name)):
        yield _failure(
            "remarks_changed", found.name, "the remarks are not told of the events that they came with"
        )


_OURS = re.compile(
    r"assignment\.csv|results\.(csv|json)|plan(-\d+)?\.json|(plan|memo|appendix)(\.[a-z]{2,3})?\.(md|html|pdf|docx|json)"
)


def _untold_files(ws: Workspace, db: sqlite3.Connection, found: State) -> Iterator[Problem]:
    """A file of ours that no event wrote: an older rct.db was put back, or the log's end was cut."""
    folder = ws.out(found.name)
    if db.execute("select 1 from removal where path = ?", (ws.shown(folder.parent),)).fetchone():
        return  # a practice trial that was removed: the command died before its files were gone
    told = {file for e in found.events for file in state.files_of(e.body) or ()}
    told |= {state.plan_file(ws, found.name, i).name for i in range(1, found.plan_number + 1)}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _OURS.fullmatch(path.name) and path.name not in told:
            yield _failure(
                "file_untold",
                found.name,
                "the file is there, and no event of the log wrote it: an older rct.db was put back, or the log was cut",
                file=ws.shown(path),
            )


def _file(
    ws: Workspace, db: sqlite3.Connection, found: State, file: str, digest: str, code: str, event: chain.Event
) -> Iterator[Problem]:
    yield from _same_file(ws, db, found, ws.out(found.name) / file, digest, code, event)


def _same_file(
    ws: Workspace,
    db: sqlite3.Connection,
    found: State,
    path: Path,
    digest: str,
    code: str,
    event: chain.Event,
) -> Iterator[Problem]:
    where = current_path(db, path)
    if not where.is_file():
        yield _failure(code, found.name, f"the file of event {event.seq} is gone", file=ws.shown(path))
    elif hashlib.sha256(where.read_bytes()).hexdigest() != digest:
        yield _failure(
            code, found.name, f"the file is not the one that event {event.seq} wrote", file=ws.shown(path)
        )


def _head(found: list[State], head: str) -> Iterator[Problem]:
    """`found`: the trials that were asked for, then the workspace's own log."""
    if not any(find_head(s, head) for s in found):
        yield _failure(
            "head_unknown",
            found[0].name if len(found) == 2 else "",
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

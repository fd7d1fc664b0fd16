"""What the digests of a trial's rows can't tell apart: an empty text and none, the order's numbers, which event a
value came with, and the chances of arms that a unit was not drawn to."""

from __future__ import annotations

from collections.abc import Iterator

from rct.design import probabilities
from rct.draw.strata import block_counts
from rct.registry import doses, store
from rct.registry.events import MailedBody, OutcomesBody
from rct.registry.store import Assigned, table
from rct.registry.trial import Trial


def frame_rows(trial: Trial) -> Iterator[str]:
    """Rows and columns are numbered without a gap, and no cell is missing."""
    db, name = trial.db, trial.name
    numbers = [n for (n,) in db.execute(f"select row from {table('frame', name)} order by row")]
    places = [
        n for (n,) in db.execute("select position from frame_column where trial = ? order by 1", (name,))
    ]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the rows of the list are not numbered as they were"
    if places != list(range(len(places))):
        yield "the columns of the list are not numbered as they were"
    for column in trial.frame.columns.values():
        if any(value is None for value in column.values):
            yield f"a cell of {column.name} is gone"


def outcome_rows(trial: Trial) -> Iterator[str]:
    """Each value came with an event of outcomes; which one, where the log says it."""
    db, state = trial.db, trial.state
    seqs = {e.seq for e in state.all(OutcomesBody)}
    last = state.last(OutcomesBody)
    if last is None or not store.has_table(db, "outcome", state.name):
        return
    used = {n for (n,) in db.execute(f"select distinct event from {table('outcome', state.name)}")}
    if not used <= seqs or last.body.sources not in (None, store.outcome_sources(db, state.name)):
        yield "the outcomes are not told of the events that they came with"


def dose_rows(trial: Trial) -> Iterator[str]:
    """The same of what was told of pieces; and no empty text stands where nothing was told."""
    db, state = trial.db, trial.state
    last = state.last(MailedBody)
    if last is None:
        return
    if last.body.sources not in (None, doses.sources(db, state.name)):
        yield "what was told of pieces is not told of the events that it came with"
    if any("" in (d.reason, d.date) for d in doses.read_doses(db, state.name)):
        yield "a reason or date of a piece is not what was loaded"


def result_rows(trial: Trial, run: int) -> Iterator[str]:
    """Rows are numbered without a gap, and no empty text stands for null."""
    places = [
        n
        for (n,) in trial.db.execute(
            "select position from result where trial = ? and run = ? order by position", (trial.name, run)
        )
    ]
    if places != list(range(1, len(places) + 1)):
        yield f"the results of run {run} are not numbered as they were"
    if any("" in row.as_dict().values() for row in trial.results(run)):
        yield f"a text of the results of run {run} is empty"


def replayed_probabilities(trial: Trial, rows: list[Assigned]) -> list[tuple[str, str, int, int]]:
    """The probabilities of a draw made elsewhere, from its counts: as `probability` must hold them."""
    definition, frame = trial.definition, trial.units
    arm_of = {row.unit: row.arm for row in rows}
    counts = block_counts(frame, [arm_of[unit] for unit in frame.units], list(definition.arms))
    return store.probability_rows(probabilities.replayed(counts, list(definition.arms), definition.shares))

"""`rct outcomes`: a file is read and matched to pseudonyms; what is new is kept, nothing that is there changed unasked."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path

from rct.analysis.stored import require_as_drawn
from rct.definition import Definition
from rct.outcomes import changes
from rct.outcomes.changes import LoadedOutcomes
from rct.outcomes.names import Names, names_by_id
from rct.outcomes.read import read_outcomes
from rct.registry import chain, store
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.elsewhere import refuse_arms_of_another
from rct.registry.events import OutcomesBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace
from rct.tables.options import FileOptions


def load_outcomes(
    ws: Workspace,
    definition: Definition,
    file: Path,
    person: str,
    how: FileOptions,
    names: Names | None = None,
) -> LoadedOutcomes:
    """Load `file` for the trial whose plan in force is `definition`. RctError lists what is wrong with it.

    `names`: rows name people by something else than the city's own id, such as a piece's reference code.
    """
    name = definition.name
    tidy(ws)
    with opened(ws, name) as trial:
        drawn = trial.drawn(people=True)
        db, state = drawn.db, drawn.state
        require_as_drawn(drawn)  # what is said of the file afterwards is said by arm
        known = store.read_excluded(db, name)
        known.update(zip(store.read_frame(db, name, only=()).units, repeat("kept")))
        before = {o: store.read_outcome(db, name, o) for o in definition.outcomes}
        marked = {o: store.read_outcome(db, name, store.REFUSED + o).keys() for o in definition.outcomes}
        ended = {o: store.read_outcome(db, name, store.LAST + o) for o in definition.outcomes}
    refuse_arms_of_another(ws, name, drawn.load.body.token)
    whose = names or names_by_id(ws, definition)
    rows = read_outcomes(
        how.read(file, definition.layout),
        definition,
        changes.Fates(whose, known),
        names=whose,
        today=chain.due_date(list(state.events)),
    )
    keep_refusals(ws, name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    unit = changes.units_of(whose, rows)
    values = changes.by_unit_of(unit, rows)
    new, unchanged, changed = changes.compare(before, values)
    if changed and not how.correct:
        changes.refuse_changed(ws, definition, state, file.name, rows, unit, before)
    unknown, settled = changes.marks(unit, rows, before, marked)
    later, gone = changes.days(unit, rows, changed, ended)
    told = new or changed or unknown or settled or later or gone
    fresh = bool(told or changes.first_time(state, rows) or changes.after_all(state, definition, rows))
    loaded = LoadedOutcomes(rows, changes.size(new), unchanged, changes.size(changed), fresh)
    if not loaded.fresh:
        return loaded
    with changing(ws, name, person, seen=len(state.events)) as change:
        store.make_outcome_table(change.db, name)
        seq = len(state.events) + 1
        for part in (new, changed):
            for outcome, by_unit in part.items():
                store.put_outcomes(change.db, name, outcome, by_unit, seq)
        for outcome, those in unknown.items():
            store.put_outcomes(change.db, name, store.REFUSED + outcome, dict.fromkeys(those), seq)
        for outcome, by_unit in later.items():
            store.put_outcomes(change.db, name, store.LAST + outcome, by_unit, seq)
        for mark, these in ((store.REFUSED, settled), (store.LAST, gone)):
            for outcome, those in these.items():
                store.take_out(change.db, name, mark + outcome, those)
        change.event(
            OutcomesBody(
                **changes.counted(rows, loaded),
                reason=how.reason,
                **how.told(),
                by=None if names is None else names.column,
                digest=store.outcomes_digest(change.db, name),
                sources=store.outcome_sources(change.db, name),
            )
        )
    return loaded

"""`rct frame`: a list is read, its people go into the vault, their pseudonyms into the registry, and it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition, listed
from rct.definition.links import linked_columns
from rct.errors import Problem, stop
from rct.frame import kept
from rct.frame.glyphs import undrawable
from rct.frame.people import People
from rct.frame.preview import block_sizes, check_size, foreseen_merges
from rct.frame.read import read_frame
from rct.frame.rows import FrameRows
from rct.registry import keys, state, store, vault
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import FrameBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace
from rct.tables import Counts
from rct.tables.options import FileOptions


@dataclass(frozen=True)
class LoadedFrame:
    """What a load did. `fresh` is False when the very same frame was there already; `facts`: what
    the list says of the draw to come."""

    rows: FrameRows
    frame_hash: str
    fresh: bool
    freezes: int
    refused_file: str | None
    warnings: list[Problem]
    facts: listed.LoadedList

    @property
    def counts(self) -> Counts:
        return self.rows.counts


def load_frame(
    ws: Workspace,
    definition: Definition,
    file: Path,
    person: str,
    how: FileOptions,
) -> LoadedFrame:
    """Load `file` as the frame of the trial; `definition` is the plan in force, or trial.toml before the lock.

    Raises RctError for a defective file (nothing is stored, all defects go to private/NAME/refused.csv), for
    another frame after the draw and, once the plan is locked, for cells too small for its estimator.
    """
    name = definition.name
    tidy(ws)
    with opened(ws, name) as trial:
        trial_state = trial.state
        state.require(trial_state)
        ledger = kept.ledger_of(trial)
    links = linked_columns(ws.templates, definition.template_paths)
    rows = read_frame(how.read(file, definition.layout), definition, ledger, links)
    refused_file = keep_refusals(ws, name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    warnings = [*rows.warnings, *undrawable(rows, ws.templates / "fonts")]
    key = keys.read_key(ws)
    facts = rows.facts()  # now: storing takes the columns away
    units, order = kept.units_of(key, name, rows)
    frame = kept.frame_of(key, name, rows, units, order)
    left_out = kept.left_out_of(key, name, rows, units)
    freezes = len(trial_state.all(FrameBody)) + 1
    body = FrameBody(
        **kept.counted(definition, rows, frame),
        left_out=kept.left_out_digest(left_out),
        reason=how.reason if rows.refusals else "",
        **how.told(),
        people="",  # they are counted as they are stored
        freezes=freezes,
        ledger=ledger.last,
    )
    sizes = block_sizes(rows)
    people = People(units, order, rows)
    if trial_state.frame is not None and kept.is_same(
        trial_state.frame.body, body, frame, order, key, people
    ):
        return LoadedFrame(rows, body.frame_hash, False, freezes - 1, refused_file, warnings, facts)
    if trial_state.draw is not None:
        stop(
            "frame_after_draw",
            f"{name} was drawn on {trial_state.draw.time}: its list can't change any more.",
            "Another list is another trial.",
            file=file.name,
        )
    if trial_state.plan is not None:
        check_size(definition, rows, sizes, foreseen_merges(definition, sizes))
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        change.supersede_people()
        store.save_frame(change.db, name, frame, left_out)
        digest = vault.Digest(key)
        change.put_people(digest.over(people))
        change.event(body.but(people=digest.hex()))
    return LoadedFrame(rows, body.frame_hash, True, freezes, refused_file, warnings, facts)

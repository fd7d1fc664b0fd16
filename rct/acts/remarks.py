"""`rct remarks`: a file of coded remarks is read, and what is new in it kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition
from rct.errors import stop
from rct.outcomes.names import Names
from rct.outcomes.remarks import KINDS, Gatherer, contact_of
from rct.registry import remarks as stored
from rct.registry import state, store
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import RemarksBody
from rct.registry.workspace import Workspace
from rct.tables import Counts, Refusals
from rct.tables.options import FileOptions


@dataclass(frozen=True)
class LoadedRemarks:
    """What a load did: rows as always, and how many remarks are new."""

    counts: Counts
    new: int
    unchanged: int
    kinds: dict[str, int]
    ignored: list[str]


def load_remarks(
    ws: Workspace,
    definition: Definition,
    file: Path,
    person: str,
    names: Names,
    how: FileOptions,
) -> LoadedRemarks:
    """Load `file`; what stands there already is unchanged. `RctError` lists what is wrong with it."""
    name = definition.name
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True, open=False)
        units = set(store.read_frame(db, name, only=()).units)
        before = set(stored.read_remarks(db, name))
    table = how.read(file, definition.layout)
    token = found.frame.body.token if found.frame else ""
    got = Gatherer(
        table, names, units, contact_of(ws, token), Refusals(table.file, frozenset([names.column]))
    )
    got.run()
    got.refusals.sort()
    keep_refusals(ws, name, got.refusals)
    if got.refusals and not how.refuse_bad_rows:
        raise got.refusals.error(may_go=False)
    if not got.kept:
        stop(
            "no_remark_rows",
            "No row is left: all are excluded or refused.",
            "Check the file.",
            file=table.file,
        )
    new = sorted(got.told - before, key=lambda r: (r.unit, r.kind, r.theme))
    reasons = {**got.excluded, **got.refusals.reasons()}
    counts = Counts(got.rows, got.kept, sum(got.excluded.values()), len(got.refusals.rows), reasons)
    kinds = {k: sum(r.kind == k for r in got.told) for k in KINDS if any(r.kind == k for r in got.told)}
    loaded = LoadedRemarks(
        counts, len(new), len(got.told) - len(new), kinds, table.ignored([names.column, "kind", "theme"])
    )
    if not new:
        return loaded
    with changing(ws, name, person, seen=len(found.events)) as change:
        stored.put_remarks(change.db, name, new, len(found.events) + 1)
        change.event(
            RemarksBody(
                **counts.told(),
                new=len(new),
                unchanged=loaded.unchanged,
                kinds=kinds,
                by=names.column,
                reason=how.reason,
                rename=dict(how.rename),
                encoding=how.encoding or "",
                digest=stored.digest(change.db, name),
                sources=stored.sources(change.db, name),
            )
        )
    return loaded

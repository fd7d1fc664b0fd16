"""`rct remarks`: a file of coded remarks is read, and what is new in it kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition
from rct.errors import stop
from rct.outcomes.names import Names
from rct.outcomes.remarks import KINDS, Gatherer, contact_of
from rct.registry import remarks as stored
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import RemarksBody
from rct.registry.trial import opened
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
    with opened(ws, name) as trial:
        drawn = trial.drawn(people=True)
        state = drawn.state
        units = set(drawn.units.units)
        before = set(stored.read_remarks(drawn.db, name))
    table = how.read(file, definition.layout)
    token = drawn.load.body.token
    gatherer = Gatherer(
        table, names, units, contact_of(ws, token), Refusals(table.file, frozenset([names.column]))
    )
    gatherer.run()
    gatherer.refusals.sort()
    keep_refusals(ws, name, gatherer.refusals)
    if gatherer.refusals and not how.refuse_bad_rows:
        raise gatherer.refusals.error(may_go=False)
    if not gatherer.kept:
        stop(
            "no_remark_rows",
            "No row is left: all are excluded or refused.",
            "Check the file.",
            file=table.file,
        )
    new = sorted(gatherer.told - before, key=lambda r: (r.unit, r.kind, r.theme))
    reasons = {**gatherer.excluded, **gatherer.refusals.reasons()}
    counts = Counts(
        gatherer.rows, gatherer.kept, sum(gatherer.excluded.values()), len(gatherer.refusals.rows), reasons
    )
    kinds = {
        k: sum(r.kind == k for r in gatherer.told) for k in KINDS if any(r.kind == k for r in gatherer.told)
    }
    loaded = LoadedRemarks(
        counts, len(new), len(gatherer.told) - len(new), kinds, table.ignored([names.column, "kind", "theme"])
    )
    if not new:
        return loaded
    with changing(ws, name, person, seen=len(state.events)) as change:
        stored.put_remarks(change.db, name, new, len(state.events) + 1)
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

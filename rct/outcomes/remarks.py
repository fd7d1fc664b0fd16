"""A file of coded remarks row by row: who said something, of which kind, on which theme.

Staff read what residents wrote or said on the phone and code it; the words themselves stay where they were written.
A theme is a few words of staff's. One that holds the person's own name or address is refused: it would carry it
into the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rct.definition import Definition
from rct.errors import stop
from rct.outcomes.names import NOBODY, Names
from rct.outcomes.own_names import own_of, tells
from rct.registry import remarks as stored
from rct.registry import state, store, vault
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import RemarksBody
from rct.registry.remarks import Remark
from rct.registry.workspace import Workspace
from rct.tables import Counts, Refusals, Table
from rct.tables.judge import NUMBER_NOTES, Chunk, Judge
from rct.tables.options import FileOptions

KINDS = ("asked", "objected", "praised", "other")
LONGEST = 60  # characters of a theme


@dataclass(frozen=True)
class LoadedRemarks:
    """What a load did: rows as always, and how many remarks are new."""

    counts: Counts
    new: int
    unchanged: int
    kinds: dict[str, int]
    ignored: list[str]


@dataclass
class _Gatherer:
    table: Table
    names: Names
    units: set[str]
    contact: Mapping[str, str]
    refusals: Refusals
    rows: int = 0
    kept: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    told: set[Remark] = field(default_factory=set)

    def run(self) -> None:
        judge = Judge(self.table, [self.names.column, "kind", "theme"], self.refusals)
        for block in self.table.blocks():
            self.rows += len(block.rows)
            chunk, blank = judge.whole(block)
            self._exclude("blank_line", blank)
            self._take(judge, chunk)

    def _exclude(self, reason: str, n: int) -> None:
        if n:
            self.excluded[reason] = self.excluded.get(reason, 0) + n

    def _take(self, judge: Judge, chunk: Chunk) -> None:
        said = judge.text(chunk, self.names.column, allow=NUMBER_NOTES)
        kinds = [" ".join(c.lower().split()) for c in judge.text(chunk, "kind")]
        themes = [" ".join(c.split()) for c in judge.text(chunk, "theme")]
        units = [self._whose(judge, chunk, i, self.names.spelled(text)) for i, text in enumerate(said)]
        for i, (kind, theme) in enumerate(zip(kinds, themes, strict=True)):
            if kind not in KINDS:
                judge.refuse(chunk, i, "unknown_kind", "kind", kind, ", ".join(KINDS))
            if not theme or len(theme) > LONGEST:
                judge.refuse(chunk, i, "theme_length", "theme", theme, str(LONGEST))
            elif (said_of := self.contact.get(units[i] or "")) and tells(theme, own_of(said_of)):
                judge.refuse(chunk, i, "theme_personal", "theme")
        sound = judge.sound(chunk)
        for i, unit in enumerate(units):
            if not sound[i] or unit is None:
                continue
            if unit == NOBODY:
                self._exclude("staff_piece", 1)
                continue
            remark = Remark(unit, kinds[i], themes[i].casefold())
            if remark in self.told:
                self._exclude("repeated_status", 1)
            else:
                self.kept += 1
                self.told.add(remark)

    def _whose(self, judge: Judge, chunk: Chunk, i: int, text: str) -> str | None:
        unit = self.names.unit(text) if text else None
        if not text:
            judge.refuse(chunk, i, "empty_id", self.names.column)
        elif unit is None or (unit != NOBODY and unit not in self.units):
            code = self.names.unknown(text)
            judge.refuse(chunk, i, code, self.names.column, text, *([""] if code == "unknown_unit" else []))
        return unit


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
    table = how.read(file)
    token = found.frame.body.token if found.frame else ""
    got = _Gatherer(table, names, units, _contact(ws, token), Refusals(table.file, frozenset([names.column])))
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


def _contact(ws: Workspace, token: str) -> dict[str, str]:
    """Each unit's own contact values, as the vault has them."""
    with vault.opened(ws) as opened:
        return {unit: text for unit, _, _, text in vault.people(opened, token)}

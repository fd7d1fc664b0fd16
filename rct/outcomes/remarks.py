"""A file of coded remarks row by row: who said something, of which kind, on which theme.

Staff read what residents wrote or said on the phone and code it; the words themselves stay where they were written.
A theme is a few words of staff's. One that holds the person's own name or address is refused: it would carry it
into the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rct.outcomes.names import NOBODY, Names
from rct.outcomes.own_names import own_of, tells
from rct.registry import vault
from rct.registry.remarks import Remark
from rct.registry.workspace import Workspace
from rct.tables import Refusals, Table
from rct.tables.judge import NUMBER_NOTES, Chunk, Judge

KINDS = ("asked", "objected", "praised", "other")
LONGEST = 60  # characters of a theme


@dataclass
class Gatherer:
    """Reads a table's remarks: `told` are those to keep, `refusals` the rows that say something amiss."""

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
        sentences = judge.text(chunk, self.names.column, allow=NUMBER_NOTES)
        kinds = [" ".join(c.lower().split()) for c in judge.text(chunk, "kind")]
        themes = [" ".join(c.split()) for c in judge.text(chunk, "theme")]
        units = [self._whose(judge, chunk, i, self.names.spelled(text)) for i, text in enumerate(sentences)]
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


def contact_of(ws: Workspace, token: str) -> dict[str, str]:
    """Each unit's own contact values, as the vault has them."""
    with vault.opened(ws) as opened:
        return {unit: text for unit, _, _, text in vault.people(opened, token)}

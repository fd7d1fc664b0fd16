"""Who gets which letter: the vault's rows, the frame's columns and the draw, joined. Only this stage may do so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rct.definition import Definition
from rct.letters.words import Value, Written
from rct.registry import keys, optout, store, vault
from rct.registry.trial import Drawn


@dataclass(frozen=True)
class Recipient:
    """One unit: its arm, the city's own id, every field that a letter may use.

    `missing` are the fields whose number the list lacked; the frame holds a mean there, which nobody is to read in
    a letter.
    """

    unit: str
    arm: str
    id: str
    fields: dict[str, Value]
    missing: tuple[str, ...] = ()
    opted_out: bool = False

    def language(self, definition: Definition) -> str:
        """Which of the arm's templates is theirs: the value of the arm's `language` column, '' for a single one."""
        column = definition.arms[self.arm].language
        return str(self.fields.get(column, "")).strip() if column else ""


def read_recipients(
    drawn: Drawn,
    arms: Sequence[str],
    until: int | None = None,
) -> list[Recipient]:
    """The drawn units of these arms, in the order of the stored list; who opted out since the draw is marked (with
    `until`, who had by that entry of the ledger)."""
    ws, db, name = drawn.ws, drawn.db, drawn.name
    arm_of = {row.unit: row.arm for row in store.read_assignment(db, name)}
    frame = store.read_frame(db, name)
    ledger = optout.read(ws, db) if until is None else optout.read(ws, db).until(until)
    key = keys.read_key(ws)
    with vault.opened(ws) as opened:
        people = {
            unit: (id, json.loads(contact))
            for unit, id, _, contact in vault.people(opened, drawn.load.body.token)
            if arm_of.get(unit) in arms
        }
    kept = [c for c in frame.columns if not c.endswith(" missing") or c in drawn.definition.registry_columns]
    flags = {c: frame.columns[f"{c} missing"].values for c in kept if f"{c} missing" in frame.columns}
    formats = drawn.definition.layout.formats
    listed = []
    for i, unit in enumerate(frame.units):
        if unit not in people:
            continue
        id, contact = people[unit]
        fields: dict[str, Value] = {}
        for column in kept:
            value = frame.columns[column].values[i]
            fields[column] = "" if value is None else value
        fields |= {c: Written(text, formats, c) for c, text in contact.items()} if formats else contact
        missing = tuple(c for c, values in flags.items() if values[i])
        out = any(e in ledger.seq for e in optout.entries_of(key, id, contact))
        listed.append(Recipient(unit, arm_of[unit], id, fields, missing, out))
    return listed

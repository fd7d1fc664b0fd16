"""Load a frame: read the file, put people into the vault and pseudonyms into the registry, freeze it.

This is one of the few modules that see a person's row. What leaves it for rct.db is a keyed pseudonym, the
block labels, and the covariates and categories that the definition names.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import numpy as np

from rct.definition import Definition, plan
from rct.design import tickets
from rct.errors import Problem, stop
from rct.frame.glyphs import undrawable
from rct.frame.preview import block_sizes, check_size, foreseen_merges
from rct.frame.read import read_frame
from rct.frame.rows import FrameRows
from rct.registry import keys, optout, state, store, vault
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.state import State
from rct.registry.store import Column, Frame
from rct.registry.workspace import Workspace
from rct.tables import BadId, Counts, clean_id, read_table
from rct.tables.refusals import EXCLUDED


@dataclass(frozen=True)
class Loaded:
    """What a load did. `fresh` is False when the very same frame was there already."""

    rows: FrameRows
    frame_hash: str
    fresh: bool
    freezes: int
    refused_file: str | None
    warnings: list[Problem]

    @property
    def counts(self) -> Counts:
        return self.rows.counts


def load_frame(
    ws: Workspace,
    definition: Definition,
    file: Path,
    person: str,
    *,
    encoding: str | None = None,
    rename: Mapping[str, str] | None = None,
    refuse_bad_rows: bool = False,
    reason: str = "",
) -> Loaded:
    """Load `file` as the frame of the trial; `definition` is the plan in force, or trial.toml before the lock.

    Raises RctError for a defective file (nothing is stored, all defects go to private/NAME/refused.csv), for
    another frame after the draw and, once the plan is locked, for cells too small for its estimator.
    """
    name = definition.name
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found)
        ledger = ledger_of(ws, db, found)
    rows = read_frame(read_table(file, encoding=encoding, rename=rename), definition, ledger)
    refused_file = keep_refusals(ws, name, rows.refusals)
    rows.settle(refuse_bad_rows=refuse_bad_rows)
    warnings = [*rows.warnings, *undrawable(rows, ws.templates / "fonts")]
    key = keys.read_key(ws)
    frame = _frame(key, name, rows)
    people = vault.keyed_digest(key, _people(rows, frame.units))
    left_out = _left_out(key, name, rows, frame.units)
    body = {
        **_body(definition, rows, frame, people, reason if rows.refusals else ""),
        "left_out": left_out_digest(left_out),
    }
    if found.frame is not None and _same(found.frame.body, body):
        return Loaded(rows, body["frame_hash"], False, len(found.all("frame")), refused_file, warnings)
    if found.draw is not None:
        stop(
            "frame_after_draw",
            f"{name} was drawn on {found.draw.time}: its list can't change any more.",
            "Another list is another trial.",
            file=file.name,
        )
    if found.plan is not None:
        sizes = block_sizes(rows)
        check_size(definition, rows, sizes, foreseen_merges(definition, sizes))
    freezes = len(found.all("frame")) + 1
    with changing(ws, name, person, seen=len(found.events)) as change:
        change.supersede_people()
        store.save_frame(change.db, name, frame, left_out)
        change.put_people(_people(rows, frame.units))
        change.event("frame", {**body, "rename": dict(rename or {}), "encoding": encoding or "",
                               "freezes": freezes, "ledger": ledger.last})  # fmt: skip
    return Loaded(rows, body["frame_hash"], True, freezes, refused_file, warnings)


def ledger_of(ws: Workspace, db: sqlite3.Connection, found: State) -> optout.Ledger:
    """The opt-outs that this trial's list must honour: all of them, or once drawn, those known at the list."""
    ledger = optout.read(ws, db)
    if found.draw is None or found.frame is None:
        return ledger
    return ledger.until(int(found.frame.body.get("ledger", 0)))


def _frame(key: bytes, name: str, rows: FrameRows) -> Frame:
    """The frame as the registry keeps it."""
    units = tickets.unit_ids(key, name, rows.ids)
    blocks = rows.blocks if rows.blocks is not None else [""] * len(units)
    clusters = [""] * len(units)
    if rows.clusters is not None:
        labels = list(dict.fromkeys(rows.clusters))
        known = dict(zip(labels, tickets.cluster_ids(key, name, labels), strict=True))
        clusters = [known[label] for label in rows.clusters]
    columns: dict[str, Column] = {}
    for column, values in rows.covariates.items():
        columns[column] = Column(column, "covariate", array("d", values))
        if column in rows.missing:
            flag = f"{column} missing"
            columns[flag] = Column(flag, "covariate", array("d", rows.missing[column].astype(float)))
    for column, text in rows.categories.items():
        columns[column] = Column(column, "category", text)
    for column, text in rows.block_values.items():
        columns.setdefault(column, Column(column, "block", text))
    return Frame(units, blocks, clusters, columns)


def _people(rows: FrameRows, units: Sequence[str]) -> Iterator[vault.Person]:
    """The vault's rows in order of unit, made as they are asked for."""
    names = [encode_basestring(column) for column in rows.contact]
    cells = list(rows.contact.values())
    for i in np.argsort(np.array(units, dtype="S24"), kind="stable").tolist():
        contact = ", ".join([f"{n}: {encode_basestring(c[i])}" for n, c in zip(names, cells, strict=True)])
        yield units[i], rows.ids[i], "" if rows.clusters is None else rows.clusters[i], f"{{{contact}}}"


def _left_out(key: bytes, name: str, rows: FrameRows, units: Sequence[str]) -> dict[str, str]:
    """Pseudonym → reason of rows that are not in the frame, so that their outcomes are known for what they are."""
    kept = set(units)
    reasons = {**dict.fromkeys(rows.refused_ids, "refused"), **rows.excluded_ids}
    found = {tickets.unit_id(key, name, id): reason for id, reason in reasons.items() if _may_be_id(id)}
    return {unit: reason for unit, reason in found.items() if unit not in kept}


def _may_be_id(text: str) -> bool:
    """An id that can't be one was refused for that; no outcome can name it either."""
    try:
        clean_id(text)
    except BadId:
        return False
    return True


def left_out_digest(left_out: Mapping[str, str]) -> str:
    """The digest of who was left out and why: an added row would turn a unit's outcomes into 'excluded'."""
    return store.rows_digest(sorted(left_out.items()))


def _body(definition: Definition, rows: FrameRows, frame: Frame, people: str, reason: str) -> dict[str, Any]:
    clusters = frame.clusters if definition.design.clusters else None
    return {
        "trial": definition.name,
        "reads": plan.frame_design_hash(definition),
        "frame_hash": tickets.frame_hash(frame.units, frame.blocks, clusters),
        "people": people,
        "rows": rows.counts.rows,
        "kept": rows.counts.kept,
        "excluded": {k: n for k, n in rows.counts.reasons.items() if k in EXCLUDED},
        "refused": {k: n for k, n in rows.counts.reasons.items() if k not in EXCLUDED},
        "clusters": len(set(frame.clusters)) if clusters is not None else 0,
        "blocks": len(set(frame.blocks)) if definition.design.blocks else 0,
        "imputed": {c: int(flags.sum()) for c, flags in rows.missing.items()},
        "rows_digest": store.frame_digest(frame),
        "reason": reason,
    }


def _same(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    return all(old.get(k) == v for k, v in new.items() if k != "reason")

"""What the registry keeps of a list of people: a keyed pseudonym each, and what the definition names.

This is one of the few modules that see a person's row. What leaves it for rct.db is the pseudonym, the
block labels, and the covariates and categories that the definition names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rct.definition import Definition, plan
from rct.design import tickets
from rct.design.pseudonyms import Pseudonyms
from rct.frame.people import People
from rct.frame.rows import FrameRows
from rct.registry import optout, store, vault
from rct.registry.events import FrameBody
from rct.registry.store import Frame, FrameColumn
from rct.registry.trial import Trial
from rct.tables import BadId, clean_id
from rct.tables.packed import Chosen, Floats, Places, Same


def ledger_of(trial: Trial) -> optout.Ledger:
    """The opt-outs that this trial's list must honour: all of them, or once drawn, those known at the list."""
    ledger = optout.read(trial.ws, trial.db)
    if trial.state.draw is None or trial.state.frame is None:
        return ledger
    return ledger.until(trial.state.frame.body.ledger or 0)


def units_of(key: bytes, name: str, rows: FrameRows) -> tuple[Pseudonyms, Places]:
    """The units in their order, and the place of each in the file.

    The registry keeps its rows in that order. The file's own would be a second key: whoever has the list could lay it
    beside rct.db and read off whose row is whose, without private/key and after the people were forgotten.
    """
    listed = Pseudonyms((tickets.unit_ids(key, name, ids) for ids in rows.ids.blocks()), len(rows.ids))
    order = np.concatenate(list(listed.order(0)))
    return listed.taken(order), order.astype(np.int32)


def frame_of(key: bytes, name: str, rows: FrameRows, units: Pseudonyms, order: Places) -> Frame:
    """The frame as the registry keeps it."""
    clusters: Sequence[str] = Same("", len(units))
    if rows.clusters is not None:
        listed = (tickets.cluster_ids(key, name, labels) for labels in rows.clusters.blocks())
        clusters = Pseudonyms(listed, len(units)).taken(order)
    columns: dict[str, FrameColumn] = {}
    for column, values in rows.covariates.items():
        columns[column] = FrameColumn(column, "covariate", values.taken(order))
        if column in rows.missing:
            flag = f"{column} missing"
            flags = Floats(rows.missing[column][order].astype(float).tolist())
            columns[flag] = FrameColumn(flag, "covariate", flags)
    for column, text in rows.categories.items():
        columns[column] = FrameColumn(column, "category", Chosen(text, order))
    for column, text in rows.block_values.items():
        if column not in columns:
            columns[column] = FrameColumn(column, "block", Chosen(text, order))
    blocks = Same("", len(units)) if rows.blocks is None else Chosen(rows.blocks, order)
    return Frame(units, blocks, clusters, columns)


def _in_order_of_the_file(frame: Frame, order: Places) -> Frame:
    """The frame as an older rct kept it."""
    places = np.argsort(order)

    def listed(values: Sequence[Any]) -> list[Any]:
        held = list(values)
        return [held[i] for i in places.tolist()]

    columns = {n: replace(c, values=listed(c.values)) for n, c in frame.columns.items()}
    return Frame(listed(frame.units), listed(frame.blocks), listed(frame.clusters), columns)


def left_out_of(key: bytes, name: str, rows: FrameRows, units: Iterable[str]) -> dict[str, str]:
    """Pseudonym → reason of rows that are not in the frame, so that their outcomes are known for what they are."""
    reasons = {**dict.fromkeys(rows.refused_ids, "refused"), **rows.excluded_ids}
    found = {tickets.unit_id(key, name, id): reason for id, reason in reasons.items() if _may_be_id(id)}
    for unit in units if found else ():
        found.pop(unit, None)
    return found


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


def counted(definition: Definition, rows: FrameRows, frame: Frame) -> dict[str, Any]:
    """What the event says of the list itself."""
    clusters = frame.clusters if definition.design.clusters else None
    blocks = frame.blocks if definition.design.blocks else None
    return {
        "trial": definition.name,
        "reads": plan.frame_design_hash(definition),
        "frame_hash": tickets.frame_hash(frame.units, blocks, clusters),
        **rows.counts.told(),
        "clusters": len(set(frame.clusters)) if clusters is not None else 0,
        "blocks": len(set(blocks)) if blocks is not None else 0,
        "imputed": {c: int(flags.sum()) for c, flags in rows.missing.items()},
        "rows_digest": store.frame_digest(frame),
    }


def is_same(
    old: FrameBody,
    new: FrameBody,
    frame: Frame,
    order: Places,
    key: bytes,
    people: People,
) -> bool:
    """Whether this list is the one that is loaded; the people last, for they take longest."""
    given = ("reason", "rename", "encoding", "freezes", "ledger")
    if not old.like(new, "people", "rows_digest", *given):
        return False
    if old.rows_digest != new.rows_digest:
        older = store.frame_digest(_in_order_of_the_file(frame, order))
        if old.rows_digest != older:
            return False
    return old.people == vault.keyed_digest(key, people)

"""Load what the vendor and the post say: counts by version, or what became of single pieces.

Stored as doses, beside the draw and the outcomes; nothing of it filters the analysis. The same again changes
nothing; another value for what was told before needs `--correct --reason`. Whoever wants nothing more goes into the
workspace's opt-out ledger in the same change.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.design import tickets
from rct.errors import Problem, RctError, stop
from rct.letters import counts as vendor
from rct.letters import pieces
from rct.letters.counts import CountRows, read_counts
from rct.letters.pieces import PieceRows, read_pieces
from rct.letters.recipients import read_recipients
from rct.letters.reference import reference_code
from rct.letters.seeds import MOST
from rct.letters.versions import version_letters
from rct.registry import chain, doses, keys, optout, state, store, vault
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.doses import Dose, VendorCount
from rct.registry.events import DrawBody, LettersBody, MailedBody
from rct.registry.state import State
from rct.registry.workspace import Workspace
from rct.tables import Counts, Table
from rct.tables.options import FileOptions
from rct.tables.table import shown_names


@dataclass(frozen=True)
class Loaded:
    """What a load did: `kind` is counts or pieces; new, unchanged and changed count versions or doses."""

    kind: str
    counts: Counts
    warnings: list[Problem]
    ignored: list[str]
    new: int
    unchanged: int
    changed: int
    fresh: bool
    statuses: dict[str, int] = field(default_factory=dict)
    versions: dict[str, VendorCount] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)
    opted_out: int = 0  # people who were not in the ledger before
    refused_file: str | None = None


@dataclass(frozen=True)
class _Trial:
    """What a file is held against: the trial as it stands, before anything is written."""

    ws: Workspace
    definition: Definition
    found: State
    key: bytes
    arms: dict[str, str]  # unit → arm
    letters: dict[str, str]  # arm → version letter
    doses: dict[tuple[str, str], Dose]
    counts: dict[str, VendorCount]
    ledger: optout.Ledger

    @property
    def name(self) -> str:
        return self.definition.name


def load_mailed(ws: Workspace, definition: Definition, file: Path, person: str, how: FileOptions) -> Loaded:
    """Load `file` for the trial whose plan in force is `definition`. Which of the two it is, its columns say."""
    tidy(ws)
    with state.reading(ws) as db:
        trial = _trial(ws, db, definition)
    table = how.read(file)
    if _kind(table, definition) == "counts":
        return _load_counts(trial, table, person, how)
    return _load_pieces(trial, table, person, how)


def _pieces_made(trial: _Trial) -> dict[str, int]:
    """Version letter → pieces that were handed over: by the last `letters` event, else as many as were drawn.

    The event holds no units by version: less the drawn they are those who opted out. They are counted again here, by
    the ledger as it was.
    """
    event = trial.found.last(LettersBody)
    letters = dict(sorted(trial.letters.items(), key=lambda item: item[1]))
    if event is None or not event.body.versions:
        drawn = list(trial.arms.values())
        return {letter: drawn.count(arm) for arm, letter in letters.items()}
    versions = dict(sorted(event.body.versions.items()))
    if all("units" in n for n in versions.values()):  # of an older rct
        return {v: int(n["units"]) + int(n.get("seeds", 0)) for v, n in versions.items()}
    sent = [arm for arm, letter in letters.items() if letter in versions]
    with state.reading(trial.ws) as db:
        people = read_recipients(trial.ws, db, trial.found, trial.definition, sent, event.body.ledger)
    left = Counter(trial.letters[p.arm] for p in people if not p.opted_out)
    return {v: left[v] - int(n["by_hand"]) + int(n["seeds"]) for v, n in versions.items()}


def letters_of(definition: Definition, draw: chain.Event[DrawBody]) -> dict[str, str]:
    """Arm → version letter, for every arm of the trial."""
    return version_letters(order_key(draw), list(definition.arms))


def order_key(draw: chain.Event[DrawBody]) -> str:
    """What letters and order of mailing are dealt with: the draw's K, or the list's hash where it was replayed."""
    return draw.body.key or draw.body.frame_hash


def delivery_by_version(
    letters: Mapping[str, str], arms: Mapping[str, str], told: Iterable[Dose]
) -> dict[str, dict[str, int]]:
    """Version letter → status → pieces, of what happened on the way; what people did is not told by version."""
    found: dict[str, dict[str, int]] = {letter: {} for letter in sorted(letters.values())}
    for dose in told:
        if dose.status in pieces.DELIVERY:
            counts = found[letters[arms[dose.unit]]]
            counts[dose.status] = counts.get(dose.status, 0) + 1
    return found


def _trial(ws: Workspace, db: sqlite3.Connection, definition: Definition) -> _Trial:
    name = definition.name
    found = state.read_state(db, name)
    state.require(found, drawn=True, open=False)
    if found.draw is None:
        raise AssertionError("required above")
    return _Trial(
        ws,
        definition,
        found,
        keys.read_key(ws),
        {row.unit: row.arm for row in store.read_assignment(db, name)},
        letters_of(definition, found.draw),
        {(d.unit, d.status): d for d in doses.read_doses(db, name)},
        doses.read_counts(db, name),
        optout.read(ws, db),
    )


def _kind(table: Table, definition: Definition) -> str:
    names = set(table.header)
    of_pieces = "status" in names and bool(names & {pieces.REFERENCE, definition.frame.id})
    of_counts = "version" in names and "printed" in names
    if of_pieces == of_counts:
        stop(
            "mailed_kind",
            "The file must hold the vendor's counts (version, file, printed, mailed, spoilage) or pieces (reference, "
            f"status, reason, date). It has: {shown_names(table.header)}.",
            "Name the columns so, or say which they are: --rename file_column=name",
            file=table.file,
            line=1,
        )
    return "pieces" if of_pieces else "counts"


# --- the vendor's counts


def _load_counts(trial: _Trial, table: Table, person: str, how: FileOptions) -> Loaded:
    sent = {trial.letters[a] for a, arm in trial.definition.arms.items() if arm_templates(arm)}
    made = _pieces_made(trial)
    if trial.found.last(LettersBody) is None:
        made = {v: n for v, n in made.items() if v in sent} or made
    rows = read_counts(table, made)
    refused = keep_refusals(trial.ws, trial.name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    missing = [v for v in made if v not in rows.versions and v not in trial.counts]
    if missing and not rows.refusals:
        stop(
            "version_missing",
            f"The file has no row for version {', '.join(missing)}.",
            "Add the row; write 0 where nothing was mailed.",
            file=table.file,
            field="version",
        )
    changed = {v: c for v, c in rows.versions.items() if trial.counts.get(v, c) != c}
    new = {v: c for v, c in rows.versions.items() if v not in trial.counts}
    _require_correct(trial.name, table.file, [f"version {v}" for v in changed], how)
    loaded = Loaded(
        "counts", rows.counts, rows.warnings, rows.ignored, len(new),
        len(rows.versions) - len(new) - len(changed), len(changed), bool(new or changed),
        versions=rows.versions, disagreements=_disagreements(trial, rows, made), refused_file=refused,
    )  # fmt: skip
    if loaded.fresh:
        with changing(trial.ws, trial.name, person, seen=len(trial.found.events)) as change:
            doses.put_counts(change.db, trial.name, {**new, **changed}, len(trial.found.events) + 1)
            change.event(
                MailedBody(
                    **_counted(loaded, rows, how),
                    **_stored(change.db, trial.name),
                    versions={v: _plain(c) for v, c in rows.versions.items()},
                    disagreements=tuple(loaded.disagreements),
                )
            )
    return loaded


def _disagreements(trial: _Trial, rows: CountRows, made: Mapping[str, int]) -> list[str]:
    """Sentences; before the date of the results none tells how many pieces of a version lack who opted out."""
    event = trial.found.last(LettersBody)
    blind = (
        event is not None
        and state.left_out(event.body)
        and not trial.found.results_open(trial.definition.analysis.date)
    )
    return vendor.disagreements(rows.versions, made, blind=bool(blind))


def _plain(count: VendorCount) -> dict[str, int]:
    return {
        "file": count.file, "printed": count.printed, "mailed": count.mailed, "spoilage": count.spoilage
    }  # fmt: skip


# --- single pieces


def _load_pieces(trial: _Trial, table: Table, person: str, how: FileOptions) -> Loaded:
    rows = read_pieces(table, *_namer(trial, table), today=chain.due_date(list(trial.found.events)))
    refused = keep_refusals(trial.ws, trial.name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    new, changed = [], []
    for dose in rows.doses:
        before = trial.doses.get((dose.unit, dose.status))
        if before is None:
            new.append(dose)
        elif before != dose and dose.status not in pieces.REPEATED:
            changed.append(dose)
    _require_correct(trial.name, table.file, [f"{len(changed):,} pieces"] if changed else [], how)
    wishes = _wishes(trial, [d.unit for d in new if d.status in pieces.WISHES])
    loaded = Loaded(
        "pieces", rows.counts, rows.warnings, rows.ignored, len(new),
        len(rows.doses) - len(new) - len(changed), len(changed), bool(new or changed),
        statuses=rows.statuses, opted_out=len(wishes), refused_file=refused,
    )  # fmt: skip
    if loaded.fresh:
        after = {**trial.doses, **{(d.unit, d.status): d for d in (*new, *changed)}}
        with changing(trial.ws, trial.name, person, seen=len(trial.found.events)) as change:
            doses.put_doses(change.db, trial.name, [*new, *changed], len(trial.found.events) + 1)
            if wishes:
                change.put_optouts([e for entries in wishes for e in entries])
            change.event(
                MailedBody(
                    **_counted(loaded, rows, how),
                    **_stored(change.db, trial.name),
                    statuses=rows.statuses,
                    versions=delivery_by_version(trial.letters, trial.arms, after.values()),
                    opted_out=len(wishes),
                )
            )
    return loaded


def _namer(trial: _Trial, table: Table) -> tuple[str, pieces.Unit]:
    """The column that names pieces, and what turns its values into pseudonyms."""
    if pieces.REFERENCE in table.header:
        by_code = {reference_code(trial.key, trial.name, unit): unit for unit in trial.arms}
        for version in trial.letters.values():
            for number in range(1, MOST + 1):
                seed = f"seed|{version}|{number}"  # as the letters to staff are coded
                by_code[reference_code(trial.key, trial.name, seed)] = pieces.SEED
        return pieces.REFERENCE, by_code.get

    def by_id(id: str) -> str | None:
        unit = tickets.unit_id(trial.key, trial.name, id)
        return unit if unit in trial.arms else None

    return trial.definition.frame.id, by_id


def _wishes(trial: _Trial, units: Sequence[str]) -> list[list[optout.Entry]]:
    """What goes into the ledger, person by person: only what isn't there yet. Nothing from a practice trial."""
    if trial.found.practice or not units or trial.found.frame is None:
        return []
    wanted = set(units)
    found = []
    with vault.opened(trial.ws) as opened:
        for unit, id, _, contact in vault.people(opened, trial.found.frame.body.token):
            if unit in wanted:
                known = optout.entries_of(trial.key, id, json.loads(contact))
                entries = [e for e in known if e not in trial.ledger.seq]
                found += [entries] if entries else []
    return found


# --- both


def _require_correct(name: str, file: str, changed: Sequence[str], how: FileOptions) -> None:
    if changed and not how.correct:
        _refuse_changed(name, file, changed)


def _refuse_changed(name: str, file: str, changed: Sequence[str]) -> NoReturn:
    raise RctError(
        [
            Problem(
                code="mailed_changed",
                file=file,
                found=what,
                rule="This was told otherwise before; what was loaded is never changed in silence.",
                fix=f'If the file is right: rct mailed {name} FILE --correct --reason "…" (a deviation).',
            )
            for what in changed
        ]
    )


def _stored(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """The digests of all doses and counts as they now stand, and of the events that they came with."""
    return {"digest": doses.digest(db, name), "sources": doses.sources(db, name)}


def _counted(loaded: Loaded, rows: PieceRows | CountRows, how: FileOptions) -> dict[str, Any]:
    return {
        "of": loaded.kind,
        **rows.counts.told(),
        "new": loaded.new,
        "unchanged": loaded.unchanged,
        "changed": loaded.changed,
        "reason": how.reason,
        "rename": dict(how.rename),
        "encoding": how.encoding or "",
    }

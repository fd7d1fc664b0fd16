"""What a file of the vendor or the post says against what was told before: counts by version, or single pieces.

Stored as doses, beside the draw and the outcomes; nothing of it filters the analysis. The same again changes
nothing; another value for what was told before needs `--correct --reason`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, NoReturn

from rct.definition import Definition
from rct.design import tickets
from rct.errors import Problem, RctError, stop
from rct.letters import counts as vendor
from rct.letters import pieces, profiles, reports
from rct.letters.counts import CountRows
from rct.letters.pieces import PieceRows
from rct.letters.recipients import read_recipients
from rct.letters.reference import reference_code
from rct.letters.seeds import MOST
from rct.letters.versions import letters_of
from rct.letters.whose import Of, contacts_of
from rct.registry import doses, keys, optout, state, store, vault
from rct.registry.doses import Dose, VendorCount
from rct.registry.events import LettersBody
from rct.registry.trial import Drawn, again
from rct.tables import Counts, Table
from rct.tables.options import FileOptions
from rct.tables.table import shown_names


@dataclass(frozen=True)
class LoadedMail:
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
    unmatched: tuple[int, ...] = ()  # lines of a report that name nobody of the trial
    shared: tuple[int, ...] = ()  # lines of a report whose address several people share


@dataclass(frozen=True)
class Mailing:
    """What a file is held against: what was sent and told so far, before anything is written."""

    trial: Drawn
    key: bytes
    arms: dict[str, str]  # unit → arm
    letters: dict[str, str]  # arm → version letter
    doses: dict[tuple[str, str], Dose]
    counts: dict[str, VendorCount]
    ledger: optout.Ledger

    @property
    def letter_of(self) -> dict[str, str]:
        """Unit → its version letter."""
        return {unit: self.letters[arm] for unit, arm in self.arms.items() if arm in self.letters}

    @property
    def since(self) -> date:
        """The first day on which a piece can have gone out; a day early, for vendors in other time zones."""
        start = self.trial.definition.trial.start
        if not self.trial.state.replayed:
            start = min(start, self.trial.draw.when.astimezone().date())
        return start - timedelta(days=1)


def pieces_made(mailing: Mailing) -> dict[str, int]:
    """Version letter → pieces that were handed over: by the last `letters` event, else as many as were drawn.

    The event holds no units by version: less the drawn they are those who opted out. They are counted again here, by
    the ledger as it was.
    """
    event = mailing.trial.state.last(LettersBody)
    letters = dict(sorted(mailing.letters.items(), key=lambda item: item[1]))
    if event is None or not event.body.versions:
        drawn = list(mailing.arms.values())
        return {letter: drawn.count(arm) for arm, letter in letters.items()}
    versions = dict(sorted(event.body.versions.items()))
    if all("units" in n for n in versions.values()):  # of an older rct
        return {v: int(n["units"]) + int(n.get("seeds", 0)) for v, n in versions.items()}
    sent = [arm for arm, letter in letters.items() if letter in versions]
    with again(mailing.trial) as trial:
        people = read_recipients(trial.drawn(), sent, event.body.ledger)
    left = Counter(mailing.letters[p.arm] for p in people if not p.opted_out)
    return {v: left[v] - int(n["by_hand"]) + int(n["seeds"]) for v, n in versions.items()}


def mailing_of(trial: Drawn) -> Mailing:
    """What was sent and told of the trial, as it stands."""
    return Mailing(
        trial,
        keys.read_key(trial.ws),
        {row.unit: row.arm for row in store.read_assignment(trial.db, trial.name)},
        letters_of(trial.definition, trial.draw),
        {(d.unit, d.status): d for d in doses.read_doses(trial.db, trial.name)},
        doses.read_counts(trial.db, trial.name),
        optout.read(trial.ws, trial.db),
    )


def kind_of(table: Table, definition: Definition, status: str | None = None) -> str:
    """Counts or pieces: its columns say which. `status`: what all rows are of, in place of a column."""
    names = set(table.header)
    if status and "status" in names:
        stop(
            "status_twice",
            "The file has a column 'status', and --status says the same of all rows.",
            "Leave --status out, or take the column out of the file.",
            file=table.file,
            field="status",
            line=1,
        )
    of_pieces = ("status" in names or bool(status)) and bool(names & {pieces.REFERENCE, definition.frame.id})
    of_counts = "version" in names and "printed" in names
    if of_pieces == of_counts:
        fits = [k for k in profiles.kinds() if _reads(k, table, definition)]
        like = f" It reads like: --kind {' or --kind '.join(fits)}." if fits else ""
        stop(
            "mailed_kind",
            "The file must hold the vendor's counts (version, file, printed, mailed, spoilage) or pieces (reference, "
            f"status, reason, date). It has: {shown_names(table.header)}.",
            f"Name the columns so, or say which they are: --rename file_column=name{like and '.'}{like}",
            file=table.file,
            line=1,
        )
    return "pieces" if of_pieces else "counts"


def _reads(kind: str, table: Table, definition: Definition) -> bool:
    return kind != "table" and bool(
        reports.bind(profiles.read_profile(kind).profile, table.header, definition.frame.id)
    )


def disagreements_of(mailing: Mailing, rows: CountRows, made: Mapping[str, int]) -> list[str]:
    """Sentences; before the date of the results none tells how many pieces of a version lack who opted out."""
    event = mailing.trial.state.last(LettersBody)
    blind = (
        event is not None
        and state.left_out(event.body)
        and not mailing.trial.state.results_open(mailing.trial.definition.analysis.date)
    )
    return vendor.disagreements(rows.versions, made, blind=bool(blind))


def plain(count: VendorCount) -> dict[str, int]:
    """As the log has it."""
    return {
        "file": count.file, "printed": count.printed, "mailed": count.mailed, "spoilage": count.spoilage
    }  # fmt: skip


def namer(mailing: Mailing, table: Table) -> tuple[str, pieces.Unit]:
    """The column that names pieces, and what turns its values into pseudonyms."""
    if pieces.REFERENCE in table.header:
        return pieces.REFERENCE, _codes(mailing).get
    return mailing.trial.definition.frame.id, partial(_by_id, mailing)


def names_of(mailing: Mailing) -> reports.PieceNames:
    """How a vendor's report may name a piece; what is costly to know is made when it is asked for."""

    def of(kind: str) -> Of:
        return contacts_of(mailing.trial, mailing.key, mailing.arms.keys(), kind).of

    @cache
    def codes() -> dict[str, str]:
        return _codes(mailing)

    return reports.PieceNames(
        mailing.trial.definition.frame.id, lambda code: codes().get(code), partial(_by_id, mailing), of
    )


def _codes(mailing: Mailing) -> dict[str, str]:
    by_code = {reference_code(mailing.key, mailing.trial.name, unit): unit for unit in mailing.arms}
    for version in mailing.letters.values():
        for number in range(1, MOST + 1):
            seed = f"seed|{version}|{number}"  # as the letters to staff are coded
            by_code[reference_code(mailing.key, mailing.trial.name, seed)] = pieces.SEED
    return by_code


def _by_id(mailing: Mailing, id: str) -> str | None:
    unit = tickets.unit_id(mailing.key, mailing.trial.name, id)
    return unit if unit in mailing.arms else None


def wishes_of(mailing: Mailing, units: Sequence[str]) -> list[list[optout.Entry]]:
    """What goes into the ledger, person by person: only what isn't there yet. Nothing from a practice trial."""
    if mailing.trial.state.practice or not units:
        return []
    wanted = set(units)
    found = []
    with vault.opened(mailing.trial.ws) as opened:
        for unit, id, _, contact in vault.people(opened, mailing.trial.load.body.token):
            if unit in wanted:
                known = optout.entries_of(mailing.key, id, json.loads(contact))
                entries = [e for e in known if e not in mailing.ledger.seq]
                found += [entries] if entries else []
    return found


def require_correct(name: str, file: str, changed: Sequence[str], how: FileOptions) -> None:
    """What was told otherwise before is changed only where `--correct` says so."""
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


def stored(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """The digests of all doses and counts as they now stand, and of the events that they came with."""
    return {"digest": doses.digest(db, name), "sources": doses.sources(db, name)}


def counted(loaded: LoadedMail, rows: PieceRows | CountRows, how: FileOptions) -> dict[str, Any]:
    """What the event says of the file."""
    return {
        "of": loaded.kind,
        **rows.counts.told(),
        "new": loaded.new,
        "unchanged": loaded.unchanged,
        "changed": loaded.changed,
        "reason": how.reason,
        **how.told(),
    }

"""`rct mailed`: what the vendor and the post say is read and kept: counts by version, or what became of single pieces.

Whoever wants nothing more goes into the workspace's opt-out ledger in the same change.
"""

from __future__ import annotations

from pathlib import Path

from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.errors import stop
from rct.letters import mailed, pieces
from rct.letters.counts import read_counts
from rct.letters.mailed import Loaded, Trial
from rct.letters.pieces import delivery_by_version, read_pieces
from rct.registry import chain, doses, state
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import LettersBody, MailedBody
from rct.registry.workspace import Workspace
from rct.tables import Table
from rct.tables.options import FileOptions


def load_mailed(ws: Workspace, definition: Definition, file: Path, person: str, how: FileOptions) -> Loaded:
    """Load `file` for the trial whose plan in force is `definition`. Which of the two it is, its columns say."""
    tidy(ws)
    with state.reading(ws) as db:
        trial = mailed.trial_of(ws, db, definition)
    table = how.read(file, definition.layout)
    if mailed.kind_of(table, definition) == "counts":
        return _load_counts(trial, table, person, how)
    return _load_pieces(trial, table, person, how)


def _load_counts(trial: Trial, table: Table, person: str, how: FileOptions) -> Loaded:
    sent = {trial.letters[a] for a, arm in trial.definition.arms.items() if arm_templates(arm)}
    made = mailed.pieces_made(trial)
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
    mailed.require_correct(trial.name, table.file, [f"version {v}" for v in changed], how)
    loaded = Loaded(
        "counts", rows.counts, rows.warnings, rows.ignored, len(new),
        len(rows.versions) - len(new) - len(changed), len(changed), bool(new or changed),
        versions=rows.versions, disagreements=mailed.disagreements_of(trial, rows, made), refused_file=refused,
    )  # fmt: skip
    if loaded.fresh:
        with changing(trial.ws, trial.name, person, seen=len(trial.found.events)) as change:
            doses.put_counts(change.db, trial.name, {**new, **changed}, len(trial.found.events) + 1)
            change.event(
                MailedBody(
                    **mailed.counted(loaded, rows, how),
                    **mailed.stored(change.db, trial.name),
                    versions={v: mailed.plain(c) for v, c in rows.versions.items()},
                    disagreements=tuple(loaded.disagreements),
                )
            )
    return loaded


def _load_pieces(trial: Trial, table: Table, person: str, how: FileOptions) -> Loaded:
    rows = read_pieces(table, *mailed.namer(trial, table), today=chain.due_date(list(trial.found.events)))
    refused = keep_refusals(trial.ws, trial.name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    new, changed = [], []
    for dose in rows.doses:
        before = trial.doses.get((dose.unit, dose.status))
        if before is None:
            new.append(dose)
        elif before != dose and dose.status not in pieces.REPEATED:
            changed.append(dose)
    mailed.require_correct(trial.name, table.file, [f"{len(changed):,} pieces"] if changed else [], how)
    wishes = mailed.wishes_of(trial, [d.unit for d in new if d.status in pieces.WISHES])
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
                    **mailed.counted(loaded, rows, how),
                    **mailed.stored(change.db, trial.name),
                    statuses=rows.statuses,
                    versions=delivery_by_version(trial.letters, trial.arms, after.values()),
                    opted_out=len(wishes),
                )
            )
    return loaded

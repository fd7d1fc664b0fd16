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
from rct.letters.mailed import LoadedMail, Mailing
from rct.letters.pieces import PieceRows, delivery_by_version, read_pieces
from rct.letters.profiles import read_profile
from rct.letters.reports import read_report
from rct.registry import chain, doses
from rct.registry.change import changing, keep_refusals, tidy
from rct.registry.events import LettersBody, MailedBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace
from rct.tables import Table
from rct.tables.options import FileOptions


def load_mailed(
    ws: Workspace,
    definition: Definition,
    file: Path,
    person: str,
    how: FileOptions,
    *,
    kind: str | None = None,
    status: str | None = None,
) -> LoadedMail:
    """Load `file` for the trial whose plan in force is `definition`. Which of the two it is, its columns say.

    kind: the vendor whose report it is, or the path of its profile; status: what all of its rows are of.
    """
    tidy(ws)
    vendor = None if kind is None else read_profile(kind)
    with opened(ws, definition.name) as trial:
        mailing = mailed.mailing_of(trial.drawn(people=True))
    table = how.read(file, definition.layout if vendor is None else None)
    today = chain.due_date(list(mailing.trial.state.events))
    if vendor is not None:
        rows = read_report(
            table,
            vendor,
            mailed.names_of(mailing),
            letters=mailing.letter_of,
            today=today,
            since=mailing.since,
            status=status,
        )
        return _load_pieces(mailing, rows, person, how, vendor.name)
    if mailed.kind_of(table, definition, status) == "counts":
        return _load_counts(mailing, table, person, how)
    rows = read_pieces(
        table, *mailed.namer(mailing, table), today=today, letters=mailing.letter_of, status=status
    )
    return _load_pieces(mailing, rows, person, how)


def _load_counts(mailing: Mailing, table: Table, person: str, how: FileOptions) -> LoadedMail:
    sent = {mailing.letters[a] for a, arm in mailing.trial.definition.arms.items() if arm_templates(arm)}
    made = mailed.pieces_made(mailing)
    if mailing.trial.state.last(LettersBody) is None:
        made = {v: n for v, n in made.items() if v in sent} or made
    rows = read_counts(table, made)
    refused = keep_refusals(mailing.trial.ws, mailing.trial.name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    missing = [v for v in made if v not in rows.versions and v not in mailing.counts]
    if missing and not rows.refusals:
        stop(
            "version_missing",
            f"The file has no row for version {', '.join(missing)}.",
            "Add the row; write 0 where nothing was mailed.",
            file=table.file,
            field="version",
        )
    changed = {v: c for v, c in rows.versions.items() if mailing.counts.get(v, c) != c}
    new = {v: c for v, c in rows.versions.items() if v not in mailing.counts}
    mailed.require_correct(mailing.trial.name, table.file, [f"version {v}" for v in changed], how)
    loaded = LoadedMail(
        "counts", rows.counts, rows.warnings, rows.ignored, len(new),
        len(rows.versions) - len(new) - len(changed), len(changed), bool(new or changed),
        versions=rows.versions, disagreements=mailed.disagreements_of(mailing, rows, made), refused_file=refused,
    )  # fmt: skip
    if loaded.fresh:
        with changing(
            mailing.trial.ws, mailing.trial.name, person, seen=len(mailing.trial.state.events)
        ) as change:
            doses.put_counts(
                change.db, mailing.trial.name, {**new, **changed}, len(mailing.trial.state.events) + 1
            )
            change.event(
                MailedBody(
                    **mailed.counted(loaded, rows, how),
                    **mailed.stored(change.db, mailing.trial.name),
                    versions={v: mailed.plain(c) for v, c in rows.versions.items()},
                    disagreements=tuple(loaded.disagreements),
                )
            )
    return loaded


def _load_pieces(
    mailing: Mailing, rows: PieceRows, person: str, how: FileOptions, report: str | None = None
) -> LoadedMail:
    refused = keep_refusals(mailing.trial.ws, mailing.trial.name, rows.refusals)
    rows.settle(refuse_bad_rows=how.refuse_bad_rows)
    new, changed = [], []
    for dose in rows.doses:
        before = mailing.doses.get((dose.unit, dose.status))
        if before is None:
            new.append(dose)
        elif before != dose and dose.status not in pieces.REPEATED:
            changed.append(dose)
    mailed.require_correct(
        mailing.trial.name, rows.file, [f"{len(changed):,} pieces"] if changed else [], how
    )
    wishes = mailed.wishes_of(mailing, [d.unit for d in new if d.status in pieces.WISHES])
    loaded = LoadedMail(
        "pieces", rows.counts, rows.warnings, rows.ignored, len(new),
        len(rows.doses) - len(new) - len(changed), len(changed), bool(new or changed),
        statuses=rows.statuses, opted_out=len(wishes), refused_file=refused, unmatched=rows.unmatched,
        shared=rows.shared,
    )  # fmt: skip
    if loaded.fresh:
        after = {**mailing.doses, **{(d.unit, d.status): d for d in (*new, *changed)}}
        with changing(
            mailing.trial.ws, mailing.trial.name, person, seen=len(mailing.trial.state.events)
        ) as change:
            doses.put_doses(
                change.db, mailing.trial.name, [*new, *changed], len(mailing.trial.state.events) + 1
            )
            if wishes:
                change.put_optouts([e for entries in wishes for e in entries])
            change.event(
                MailedBody(
                    **mailed.counted(loaded, rows, how),
                    **mailed.stored(change.db, mailing.trial.name),
                    statuses=rows.statuses,
                    report=report,
                    versions=delivery_by_version(mailing.letters, mailing.arms, after.values()),
                    opted_out=len(wishes),
                )
            )
    return loaded

"""The registry as a small SQLite file that may be browsed: what each trial planned, did and published, and no row.

rct.db itself is pseudonymous row by row, holds outcomes by arm before they are due, and small counts; it is never
served. This copy is made anew each time from logs, plans and printed documents, by naming what goes in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rct.evidence import documents
from rct.evidence.certify.criteria import adapted_from
from rct.evidence.documents import printed
from rct.evidence.site.data import trial_row
from rct.evidence.site.published import Published, finished, publish
from rct.registry import state
from rct.registry.events import AmendBody, DecideBody, FollowupBody
from rct.registry.results import COLUMNS
from rct.registry.trial import Locked, locked_trials
from rct.registry.workspace import Workspace
from rct.report.words.phrases import prose

TABLES = {
    "trial": (
        "name text primary key, title text, department text, channel text, population text, problem text, "
        "hypothesis text, owner text, analyst text, ethics text, scheme text, start text, due text, stage text, "
        "replicates text, finished integer, locked_at text, locked_by text, approved_by text, amendments integer, "
        "plan_hash text, head text, mark text, result text, rule text, decided text, units integer, sent integer, "
        "spent real, currency text, answer text, cautions text"
    ),
    "arm": (
        "trial text references trial(name), arm text, label text, control integer, share integer, unit_cost real, "
        "nudge text, primary key (trial, arm)"
    ),
    "outcome": (
        "trial text references trial(name), outcome text, label text, kind text, is_primary integer, direction text, "
        "window_days integer, missing text, primary key (trial, outcome)"
    ),
    "result": "trial text references trial(name), " + ", ".join(c.sql for c in COLUMNS),
    "event": (
        "trial text references trial(name), seq integer, time text, person text, kind text, hash text, prev text, "
        "primary key (trial, seq)"
    ),
    "amendment": (
        "trial text references trial(name), time text, person text, reason text, after text, field text, old text, new text"
    ),
    "decision": (
        "trial text references trial(name), time text, person text, verdict text, rule text, as_ruled integer, note text"
    ),
    "followup": (
        "trial text references trial(name), time text, person text, months integer, adopted text, arms text, to_whom text, "
        "cost real, currency text, kept integer, note text"
    ),
    "document": (
        "trial text references trial(name), file text, sha256 text, printed_at text, primary key (trial, file)"
    ),
}


def write_copy(ws: Workspace, path: Path) -> int:
    """Make the copy at `path` (which must not exist); returns how many trials it holds."""
    with state.reading(ws) as db, closing(sqlite3.connect(path)) as out:
        known = locked_trials(ws, db)
        for table, columns in TABLES.items():
            out.execute(f"create table {table} ({columns})")
        for t in known:
            _put_trial(ws, out, t, publish(t) if finished(t) else None)
        out.execute(
            "create virtual table trial_search using fts5 (title, problem, hypothesis, department, population, answer, "
            "content='trial', tokenize='porter unicode61')"
        )
        out.execute("insert into trial_search (trial_search) values ('rebuild')")
        out.commit()
        out.execute("vacuum")
    return len(known)


def _put_trial(ws: Workspace, out: sqlite3.Connection, t: Locked, shown: Published | None) -> None:
    definition, trial_state, name = t.definition, t.state, t.name
    trial, lock, plan = definition.trial, t.lock, t.plan
    row = trial_row(ws, shown) if shown else dict.fromkeys(_OF_RESULT)
    practice = trial_state.practice or definition.practice
    simulated = trial_state.simulated or definition.simulated
    marks = [word for word, holds in (("PRACTICE", practice), ("SIMULATED", simulated)) if holds]
    _put(
        out,
        "trial",
        [
            (
                *(
                    name,
                    prose(trial.title),
                    trial.department,
                    trial.channel,
                    trial.population,
                    prose(trial.problem),
                ),
                *(prose(trial.hypothesis), prose(trial.owner), prose(trial.analyst), prose(trial.ethics)),
                *(
                    definition.design.scheme,
                    trial.start.isoformat(),
                    definition.analysis.date.isoformat(),
                    trial_state.stage,
                ),
                *(
                    adapted_from(t),
                    int(shown is not None),
                    lock.time,
                    lock.person,
                    lock.body.approved_by or None,
                ),
                *(
                    len(trial_state.all(AmendBody)),
                    plan.body.plan_hash,
                    trial_state.events[-1].hash,
                    " ".join(marks) or None,
                ),
                *(row[c] for c in _OF_RESULT),
            )
        ],
    )
    _put(
        out,
        "arm",
        [
            (
                name,
                a,
                arm.label,
                int(arm.control),
                arm.share,
                _number(arm.unit_cost),
                ", ".join(arm.nudge or []) or None,
            )
            for a, arm in definition.arms.items()
        ],
    )
    _put(
        out,
        "outcome",
        [
            (
                name,
                o,
                what.label,
                what.kind,
                int(what.primary),
                what.direction,
                what.window_days,
                what.missing,
            )
            for o, what in definition.outcomes.items()
        ],
    )
    _put(out, "event", [(name, e.seq, e.time, e.person, e.kind, e.hash, e.prev) for e in trial_state.events])
    _put(
        out,
        "amendment",
        [
            (name, e.time, e.person, e.body.reason, e.body.after, c.where, c.old, c.new)
            for e in trial_state.all(AmendBody)
            for c in e.body.changes
        ],
    )
    papers = printed(trial_state, "plan") | (
        printed(trial_state, "memo", after=trial_state.analysis) if shown else {}
    )
    shared = documents.bundle(trial_state) if shown else None
    if shared is not None:
        papers |= {shared.file: shared}
    _put(out, "document", [(name, f, d.sha256, d.event.time) for f, d in sorted(papers.items())])
    if shown is None:
        return
    _put(out, "result", [(name, *r.as_dict().values()) for r in shown.results])
    _put(
        out,
        "decision",
        [
            (
                *(name, e.time, e.person, e.body.verdict, e.body.rule),
                *(int(e.body.verdict == e.body.rule), e.body.note),
            )
            for e in trial_state.all(DecideBody)
        ],
    )
    _put(
        out,
        "followup",
        [
            (
                *(
                    name,
                    e.time,
                    e.person,
                    e.body.months,
                    e.body.adopted,
                    ", ".join(e.body.arms),
                    e.body.to,
                ),
                *(_number(e.body.cost), e.body.currency, e.body.kept, e.body.note),
            )
            for e in trial_state.all(FollowupBody)
        ],
    )


_OF_RESULT = ("result", "rule", "decided", "units", "sent", "spent", "currency", "answer", "cautions")


def _put(out: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    listed = list(rows)
    if listed:
        out.executemany(f"insert into {table} values ({', '.join('?' * len(listed[0]))})", listed)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

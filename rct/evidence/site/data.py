"""The portfolio for machines: CSV and JSON of all trials, schema.org's Dataset, an Atom feed."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from rct.evidence.site.portfolio import told_words
from rct.evidence.site.published import Published
from rct.kinds import names
from rct.registry.results import NAMES, Result
from rct.registry.workspace import Workspace
from rct.report.words.phrases import prose
from rct.tables.people import csv_for_people

VERSION = 1
COLUMNS = {
    "trial": "the trial's name, as in the addresses of its pages",
    "title": "its question",
    "department": "whose letters these are",
    "channel": "letter, postcard, email or sms",
    "start": "the day the letters went out",
    "locked_at": "when the plan was locked (UTC)",
    "analyzed_at": "when the last analysis was run (UTC)",
    "outcome": "the outcome that decides",
    "kind": f"its kind: {', '.join(names()[:-1])} or {names()[-1]}",
    "direction": "the way that is good: increase or decrease",
    "result": "worked, unclear, harm, or none where there is no answer",
    "rule": "what the agreed rule says: adopt, adapt or drop",
    "decided": "what was decided: adopt, adapt or drop",
    "decided_on": "when",
    "adopted": "what became of it, as last told: yes, partly or no",
    "kept": "whether it is still in use: yes or no",
    "units": "people or households drawn",
    "sent": "of these, drawn to a version that is sent",
    "spent": "what was sent cost, where it is known",
    "currency": "of spent",
    "answer": "the memo's first sentence",
    "cautions": "what stands beside the memo's verdict, without which the answer is not to be quoted",
    "plan_hash": "SHA-256 of the locked plan",
    "head": "hash of the analysis in the trial's log",
    "mark": "PRACTICE or SIMULATED where the trial isn't real",
}


def trial_row(ws: Workspace, t: Published) -> dict[str, Any]:
    """One trial as a row of trials.csv and an object of trials.json; absent is None."""
    definition, followup = t.locked.definition, t.told[-1].body if t.told else None
    top = t.findings[0].row.outcome
    what = definition.outcomes[top]
    lock = t.locked.state.lock
    kept = followup.kept if followup else None
    return {
        "trial": t.name,
        "title": t.title,
        "department": definition.trial.department,
        "channel": definition.trial.channel,
        "start": definition.trial.start.isoformat(),
        "locked_at": lock.time if lock else None,
        "analyzed_at": t.analyzed_at,
        "outcome": top,
        "kind": what.kind,
        "direction": what.direction,
        "result": t.group,
        "rule": t.rule,
        "decided": t.decision.body.verdict if t.decision else None,
        "decided_on": t.decision.time[:10] if t.decision else None,
        "adopted": followup.adopted if followup else None,
        "kept": None if kept is None else "yes" if kept else "no",
        "units": t.units,
        "sent": t.sent,
        "spent": None if t.spent is None else round(t.spent, 2),
        "currency": None if t.spent is None else ws.settings.currency,
        "answer": t.answer,
        "cautions": " ".join(t.cautions) or None,
        "plan_hash": t.plan_hash,
        "head": t.head,
        "mark": " ".join(t.marks) or None,
    }


def data_files(ws: Workspace, trials: Sequence[Published]) -> dict[str, tuple[bytes, str]]:
    """Path → (bytes, what it is): the CSVs for people, no cell of which runs in a spreadsheet; trials.json exact."""
    rows = [trial_row(ws, t) for t in trials]
    listed = [
        {
            **row,
            "cautions": list(t.cautions),
            "followups": [told_words(e) for e in t.told],
            "results": [row.as_dict() for row in t.results],
        }
        for row, t in zip(rows, trials, strict=True)
    ]
    data = {"rct_site": VERSION, "city": ws.settings.city, "trials": listed}
    return {
        "data/trials.csv": (
            csv_for_people(list(COLUMNS), [[row[c] for c in COLUMNS] for row in rows]),
            "one row a trial, for spreadsheets",
        ),
        "data/results.csv": (
            _results(trials),
            "every published result, one row a version and outcome, for spreadsheets",
        ),
        "data/trials.json": (
            (json.dumps(data, allow_nan=False, indent=1) + "\n").encode("ascii"),
            "all of it, for programs",
        ),
    }


def csv_of_results(results: Sequence[Result]) -> bytes:
    """A trial's published results for spreadsheets; the exact ones are in trials.json and the bundle."""
    return csv_for_people(NAMES, [list(row.as_dict().values()) for row in results])


def _results(trials: Sequence[Published]) -> bytes:
    rows = ([t.name, *row.as_dict().values()] for t in trials for row in t.results)
    return csv_for_people(("trial", *NAMES), rows)


def size(data: bytes) -> str:
    """12 kB; small files as bytes."""
    return f"{len(data):,} bytes" if len(data) < 1_000 else f"{round(len(data) / 1_000):,} kB"


def as_linked_data(
    ws: Workspace,
    trials: Sequence[Published],
    files: Mapping[str, tuple[bytes, str]],
    base: str,
    license_url: str | None,
) -> str:
    """schema.org's Dataset as JSON-LD, safe inside a script element."""
    city = prose(ws.settings.city or "") or "A city"
    kinds = {"csv": "text/csv", "json": "application/json"}
    words = {prose(w) for t in trials for w in t.locked.definition.trial.keywords or []}
    locked = (
        "Of some trials the draw was made elsewhere." if any(t.replayed for t in trials) else
        "Every plan was locked before its draw."
    )  # fmt: skip
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"{city}: results of randomized trials of letters and messages",
        "description": (
            f"{len(trials):,} randomized trials of {city}: what was tried, the effect of every version with its "
            f"interval, what was decided. {locked} Small counts are suppressed."
        ),
        "creator": {"@type": "GovernmentOrganization", "name": city},
        "dateModified": last_change(trials)[:10],
        "isAccessibleForFree": True,
        "keywords": sorted(words | {"randomized controlled trial", "behavioral insights"}),
        "measurementTechnique": "randomized controlled trial",
        "variableMeasured": list(COLUMNS),
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": f"{base}{path}",
                "encodingFormat": kinds[path.rpartition(".")[2]],
                "contentSize": f"{len(content)} B",
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for path, (content, _) in files.items()
        ],
    }
    if base:
        data["url"] = f"{base}data.html"
    if license_url:
        data["license"] = license_url
    text = json.dumps(data, ensure_ascii=True, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def feed(ws: Workspace, trials: Sequence[Published], base: str, latest: int = 30) -> dict[str, Any]:
    """What the feed says: the latest results. Addresses are whole where the site's own is known."""
    city = prose(ws.settings.city or "") or "A city"
    return {
        "id": base or _urn(f"site {city}"),
        "title": f"{city}: results of randomized trials",
        "author": city,
        "updated": last_change(trials),
        "base": base,
        "entries": [
            {
                "id": _urn(t.head),
                "title": " ".join((*t.marks, t.title)),
                "updated": _changed(t),
                "name": t.name,
                "summary": t.guarded,
            }
            for t in trials[:latest]
        ],
    }


def last_change(trials: Sequence[Published]) -> str:
    """When the newest of what is shown happened."""
    return max(_changed(t) for t in trials)


def _changed(t: Published) -> str:
    return max([t.analyzed_at, *(e.time for e in (t.decision, *t.told) if e is not None)])


def _urn(text: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"rct:{text}").urn

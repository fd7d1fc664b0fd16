"""A body of every kind of event, with all of its fields, as a workspace with everything in it could write it."""

from __future__ import annotations

from typing import Any

HASH = "a" * 64
HEAD = f"sha256:{HASH}"
MARKS: dict[str, Any] = {"token": "0" * 32, "rct": "0.1.0"}
_ROWS: dict[str, Any] = {
    "rows": 12, "kept": 10, "excluded": {"opted_out": 1}, "refused": {"bad_id": 1}, "reason": "typing errors",
    "rename": {"Account no.": "account"}, "encoding": "cp1252", "sheet": "Open items", "header_row": 14,
}  # fmt: skip
_NEWS: dict[str, Any] = {"new": 8, "unchanged": 1, "changed": 1, "digest": HASH, "sources": HASH}
_PLAN: dict[str, Any] = {
    "plan_hash": HASH, "beacon": "none", "start": "2026-03-02", "date": "2026-06-01", "files": {"plan.json": HASH},
    "workspace": HEAD,
}  # fmt: skip

SAMPLES: dict[str, dict[str, Any]] = {
    "init": {"city": "Testville", "currency": "USD"},
    "new": {"trial": "bills", "practice": False, "simulated": False, "source": "answers", "files": {"a": HASH}},
    "entered": {"trial": "bills", "of": "lock", "head": HEAD, "practice": False},
    "lock": {
        **_PLAN, "trial": "bills", "seed_commitment": HASH, "approved_by": "", "today": "2026-03-01",
        "known": "before-data", "threshold": 10,
    },
    "amend": {
        **_PLAN, "reason": "The vendor is late", "after": "draw",
        "changes": [{"field": "trial.start", "old": None, "new": "2026-03-09"}],
    },
    "printed": {
        "of": "proofs", "head": "", "files": {"proofs/a.png": HASH}, "threshold": 10, "templates": {"a.md": HASH},
        "arms": {"letter": ["a.md"], "control": []}, "practice": False, "simulated": False,
    },
    "registered": {"register": "aea", "number": "AEARCTR-0000001", "plan_hash": HASH},
    "frame": {
        **_ROWS, "trial": "bills", "reads": HASH, "frame_hash": HASH, "clusters": 0, "blocks": 2, "people": HASH,
        "imputed": {"due": 3}, "rows_digest": HASH, "freezes": 1, "ledger": 0, "left_out": HASH,
    },
    "draw": {
        "seed": HASH, "beacon": "", "key": None, "plan_hash": HASH, "frame_hash": HASH, "assignment": HASH,
        "files": {"assignment.csv": HASH}, "scheme": "complete", "shares": [1, 1], "clusters": {},
        "units": {"control": 5, "letter": 5}, "blocks": 1, "strata": "", "merged_blocks": 0, "locks": 1, "freezes": 1,
        "draws": 1, "replay": {"column": "arm", "impossible": [], "impossible_blocks": 0, "ignored": 0},
    },
    "letters": {
        "kind": "letter", "paper": "a4", "duplex": False, "letterhead": HASH, "left_out": {"opted_out": 0},
        "versions": {"A": {"seeds": 1, "by_hand": 0}}, "pieces": 6, "pages": 6, "files": {"A-1.pdf": HASH},
        "running": [], "input": HASH, "again": 0, "ledger": 0,
    },
    "handover": {
        "for": "email", "columns": ["unit"], "rows": 5, "left_out": {"opted_out": 0}, "digest": HASH,
        "files": {"handover.csv": HASH}, "versions": {"A": 5}, "segments": {"1": 5},
    },
    "mailed": {
        **_ROWS, **_NEWS, "of": "pieces", "versions": {"A": {"returned": 1}}, "statuses": {"returned": 1},
        "disagreements": ["A: 1 piece more"], "report": "usps", "opted_out": 0, "ledger": 0, "ledger_digest": HASH,
    },
    "outcomes": {
        **_ROWS, **_NEWS, "outcomes": ["paid"], "outside": {"paid": 0}, "unobserved": {"paid": 0}, "unplaced": 0,
        "by": "reference",
        "until": {"paid": {"last": None, "busy": False, "loaded": "2026-06-01"}},
    },
    "survey": {"pieces": 5, "files": {"survey-1.pdf": HASH}, "input": HASH},
    "remarks": {**{k: v for k, v in {**_ROWS, **_NEWS}.items() if k != "changed"}, "kinds": {"praise": 1}, "by": "code"},
    "analyze": {
        "run": 1, "plan_hash": HASH, "outcomes": HASH, "files": {"results.csv": HASH, "results.json": HASH},
        "early": False, "reason": "", "due": "2026-06-01", "verdict": "adopt", "notes": [], "not_analyzed": [],
        "numpy": "2.1.0", "refused": [], "dropped": [], "workspace": HEAD,
    },
    "decide": {"verdict": "adopt", "note": "It pays", "rule": "adopt", "head": HEAD},
    "followup": {
        "months": 6, "decision": HEAD, "adopted": "yes", "arms": ["letter"], "to": "all", "cost": "640.50",
        "currency": "USD", "kept": True, "note": "In use",
    },
    "note": {"text": "The vendor swapped two boxes.", "memo": True},
    "shared": {"bundle": HASH, "bytes": 1000, "head": HEAD, "key": HASH},
    "key": {"alg": "ed25519", "public": HASH},
    "trust": {"public": HASH, "name": "Springfield"},
    "distrust": {"public": HASH, "name": "Springfield"},
    "stop": {"reason": "no budget", "stage": "drawn"},
    "forget": {"stage": "reported", "rows_digest": HASH, "as_loaded": True},
    "forget_practice": {"trial": "play", "events": 3},
}  # fmt: skip


def sample(kind: str, /, **other: Any) -> dict[str, Any]:
    """The whole body of an event of this kind, with other values where they are given."""
    return {**SAMPLES[kind], **MARKS, **other}

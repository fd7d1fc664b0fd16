"""The appendix for machines: every number at full precision, absent is null, never NaN; what is withheld is null too."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from rct.registry.results import Result
from rct.report import suppress
from rct.report.appendix.equity import equity
from rct.report.memo.cautions import cautions_in_english
from rct.report.memo.instead import instead, redrawn
from rct.report.record import AppendixRecord, MemoRecord

VERSION = 1


def appendix_json(record: AppendixRecord) -> bytes:
    """One UTF-8 object, ASCII-escaped, ending in LF."""
    memo = record.memo
    rows = suppress.published(memo)
    gone = suppress.withheld(memo)
    hidden = suppress.hidden(memo)
    balance = suppress.published_balance(memo)
    data = {
        "rct_appendix": VERSION,
        "name": memo.name,
        "head": memo.head,
        "workspace_head": memo.workspace_head or None,
        "plan_hash": memo.plan_hash,
        "locked_at": memo.locked_at,
        "locked_by": memo.locked_by,
        "approved_by": memo.approved_by,
        "analyzed_at": memo.analyzed_at,
        "analyzed_by": memo.analyzed_by,
        "run": memo.run,
        "practice": memo.practice,
        "simulated": memo.simulated,
        "threshold": memo.threshold,
        "results": [
            {**row.as_dict(), "withheld": original in gone}
            for original, row in zip(memo.results, rows, strict=True)
        ],
        "fragile": [asdict(f) for f in instead(memo)],
        "randomization": [asdict(r) for r in redrawn(memo)],
        "decision": _decision(memo, gone),
        "cautions": cautions_in_english(memo),
        "draw": {
            **asdict(memo.draw),
            "units": dict(memo.draw.units),
            "clusters": dict(memo.draw.clusters) or None,
        },
        "flow": {**asdict(memo.flow), **asdict(suppress.exclusions(memo.flow, memo.threshold))},
        "outcomes": [
            {
                "outcome": o.outcome,
                "arm": o.arm,
                "drawn": o.drawn,
                "observed": suppress.observed(memo, o),
                "missing": suppress.missing(memo, o),
            }
            for o in memo.outcomes
        ],
        "pieces": [{**asdict(p), "pieces": suppress.pieces(memo, p)} for p in memo.pieces],
        "equity": asdict(equity(memo)),
        "piece_ratio": [asdict(t) for t in suppress.published_ratios(memo)],
        "cells": [asdict(c) for c in memo.cells if c.key not in hidden],
        "balance": (
            None
            if balance is None
            else {
                "d2": balance.d2,
                "df": balance.df,
                "p_value": balance.p_value,
                "rows": [asdict(r) for r in balance.rows],
            }
        ),
        "sample_ratio": [asdict(t) for t in suppress.published_sample_ratio(memo)],
        "attrition": [asdict(t) for t in suppress.published_attrition(memo)],
        "naming": [asdict(n) for n in suppress.published_naming(memo)],
        "coverage": [asdict(c) for c in memo.coverage],
        "exact": [asdict(e) for e in suppress.published_exact(memo)],
        "blocks": memo.blocks,
        "merged_blocks": memo.merged_blocks,
        "small_blocks": memo.small_blocks,
        "dropped": memo.dropped,
        "notes": suppress.published_notes(memo),
        "deviations": [asdict(d) for d in memo.deviations],
        "amendments": [asdict(a) for a in memo.amendments],
        "office_notes": [asdict(n) for n in memo.office_notes],
        "log": [asdict(e) for e in suppress.published_log(memo, record.log)],
    }
    return (json.dumps(_finite(data), allow_nan=False, indent=1) + "\n").encode("ascii")


def _decision(memo: MemoRecord, gone: frozenset[Result]) -> dict[str, Any]:
    outcome = memo.decision.outcome
    without = {
        r.arm for r in gone if r.outcome == outcome and r.subgroup is None and r.role == "confirmatory"
    }
    costs = {
        a.arm: None if a.arm in without or a.cost is None else asdict(a.cost) for a in memo.decision.arms
    }
    arms = [{"arm": a.arm, "verdict": a.verdict, "cost": costs[a.arm]} for a in memo.decision.arms]
    return asdict(memo.decision) | {"arms": arms}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value

"""Random small trials, analyzed by the real analysis, as records that the documents are printed from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from report import cases

from rct.analysis.balance import balance_of
from rct.analysis.compute import AnalysisResults, compute
from rct.definition.sending import sending
from rct.registry.store import Frame, FrameColumn
from rct.report.appendix.as_json import appendix_json
from rct.report.appendix.document import appendix_doc
from rct.report.gather import _balance, _decision, _outcome_flow
from rct.report.memo.page import memo_doc, view
from rct.report.printers.markdown import to_markdown
from rct.report.printers.pages import to_html
from rct.report.record import (
    AppendixRecord,
    AttritionRecord,
    ExactTest,
    LogEvent,
    MemoRecord,
    SampleRatio,
)

LEVELS = {"language": ["en", "es", "vi", "zh"], "district": ["e", "n", "s"]}
PAID = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'
RENEWED = '[outcomes.renewed]\nlabel = "Renewed"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'
CALLS = '[outcomes.calls]\nlabel = "Calls"\nkind = "count"\nmissing = "drop"\n'


@dataclass(frozen=True)
class Trial:
    record: MemoRecord
    counts: dict[tuple[Any, ...], float]  # the truth, under the attacker's names
    structure: dict[str, Any]

    def appendix(self) -> dict[str, Any]:
        """What appendix.json says."""
        return dict(json.loads(appendix_json(self._appendix())))

    def pages(self) -> tuple[str, str]:
        """appendix.html and memo.md."""
        record = self._appendix()
        html = to_html(appendix_doc(record), contents=True)
        return html.decode(), to_markdown(memo_doc(view(record.memo))).decode()

    def _appendix(self) -> AppendixRecord:
        log = [
            {"outcomes": sorted(self.structure["kinds"]), "new": int(self._observed())},
        ]
        events = tuple(
            LogEvent(i, cases.LOCKED, "Dana", "outcomes", json.dumps(body), cases.HEAD)
            for i, body in enumerate(log, 1)
        )
        return replace(cases.appendix(self.record), log=events)

    def _observed(self) -> float:
        return sum(n for name, n in self.counts.items() if name[0] == "n" and name[3] is None)


def trial(seed: int) -> Trial:
    """A trial of 60 to 500 units, 2 or 3 arms, levels from one person to hundreds, rates from rare to sure."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(60, 500)), int(rng.integers(2, 4))
    estimator = ["difference_in_means", "lin"][seed % 2]
    subgroups = ["language", "district"][: int(rng.integers(1, 3))]
    definition = cases.definition(
        [f"Version {i}" for i in range(k)],
        outcomes=PAID + RENEWED + CALLS,
        frame='categories = ["language", "district"]' if estimator == "difference_in_means" else "",
        design='scheme = "blocked"\nblocks = ["language", "district"]'
        if estimator == "lin"
        else 'scheme = "complete"',
        analysis=f'estimator = "{estimator}"\nsubgroups = {json.dumps(subgroups)}',
    )
    arms_named = list(definition.arms)
    kind = "category" if estimator == "difference_in_means" else "block"
    columns = {
        name: FrameColumn(name, kind, rng.choice(levels, n, p=_skewed(rng, len(levels))).tolist())
        for name, levels in LEVELS.items()
    }
    # Blocks are the plan's; this trial is analyzed in one stratum so that an attacker can do the arithmetic.
    frame = Frame([f"{i:024x}" for i in range(n)], ["all"] * n, [""] * n, columns)
    arms = rng.permutation([arms_named[i % k] for i in range(n)]).tolist()
    lost = rng.choice([0.0, 0.1, 0.9], 3, p=[0.5, 0.4, 0.1])
    outcomes: dict[str, dict[str, float | None]] = {}
    for (name, what), share in zip(definition.outcomes.items(), lost, strict=True):
        rate = rng.choice([0.02, 0.2, 0.5, 0.95])
        y = rng.random(n) < rate if what.kind == "binary" else rng.poisson(2, n)
        outcomes[name] = {
            unit: None if rng.random() < share else float(v) for unit, v in zip(frame.units, y, strict=True)
        }
    analysis = compute(definition, frame, arms, outcomes, "lots")
    units = {a: arms.count(a) for a in arms_named}
    record = cases.memo(definition, [], ["adapt"] * (k - 1))
    record = replace(
        record,
        results=analysis.rows,
        cells=analysis.cells,
        outcomes=_outcome_flow(definition, analysis),
        decision=_decision(definition, analysis, sending(definition)),
        exact=tuple(ExactTest(c.outcome, arm, p) for c in analysis.checks for arm, p in c.fisher),
        sample_ratio=tuple(
            SampleRatio(c.outcome, c.ratio.statistic, c.ratio.df, c.ratio.p_value)
            for c in analysis.checks
            if c.ratio
        ),
        attrition=tuple(
            AttritionRecord(c.outcome, c.attrition.p_value, c.attrition.warns)
            for c in analysis.checks
            if c.attrition.lines
        ),
        notes=tuple(note.text for note in analysis.notes),
        draw=replace(record.draw, units=tuple(units.items())),
        flow=replace(record.flow, rows=n + 122, units=n),
        balance=_balance(
            balance_of(definition, frame, arms),
            definition,
            frame,
            SimpleNamespace(body=SimpleNamespace(units=units)),
        ),
    )
    structure = {
        "arms": arms_named,
        "kinds": {name: what.kind for name, what in definition.outcomes.items()},
        "primary": list(definition.primary),
        "levels": {name: sorted(set(column.values)) for name, column in columns.items()},
        "subgroups": subgroups,
        "estimator": estimator,
        "covariates": False,
        "unfitted": {
            (r.outcome, r.level) for r in record.results if r.term == "arm" and r.level and r.estimate is None
        },
    }
    return Trial(record, _truth(analysis, columns, arms), structure)


def _skewed(rng: np.random.Generator, levels: int) -> np.ndarray:
    p = rng.dirichlet(np.full(levels, 0.6))
    return p / p.sum()


def _truth(
    analysis: AnalysisResults, columns: dict[str, FrameColumn], arms: list[str]
) -> dict[tuple[Any, ...], float]:
    found: dict[tuple[Any, ...], float] = {}
    for cell in analysis.cells:
        where = (cell.outcome, cell.arm, cell.subgroup, cell.level)
        found["n", *where] = cell.n
        if cell.events is not None:
            found["events", *where], found["others", *where] = cell.events, cell.n - cell.events
    for name, column in columns.items():
        for value, arm in zip(column.values, arms, strict=True):
            found["drawn", arm, name, value] = found.get(("drawn", arm, name, value), 0) + 1
    return found

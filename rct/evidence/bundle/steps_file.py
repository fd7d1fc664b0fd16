"""steps.json: the last step of every published line, and the same step done again by whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rct.analysis.steps import Line, Steps
from rct.errors import Problem, stop
from rct.estimate.estimators import null_of
from rct.estimate.multiplicity import holm
from rct.estimate.steps import EffectStep, Sums, redo
from rct.evidence.bundle import strict
from rct.registry.results import Result

VERSION = 1
FILE = "steps.json"
TOLERANCE = 1e-7  # relative; of the standard error for what may be near zero
TRUST = (
    "Sums of residuals (the meat) and the traces of the degrees of freedom are taken on trust: only the workspace "
    "has the rows to check them, with rct verify."
)
REDONE = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
OF_ERROR = {"estimate", "conf_low", "conf_high"}


def key_of(row: Result) -> Line:
    other = row.control if row.term == "between" else None
    return (row.outcome, row.arm, row.term, row.subgroup, row.level, other)


def steps_json(name: str, steps: Steps, rows: Sequence[Result]) -> bytes:
    """The steps of the rows that are published, and only the sums that they need."""
    shown = {key_of(row) for row in rows if row.estimate is not None}
    lines = [(key, step) for key, step in steps.lines if key in shown]
    used = sorted({piece.of for _, step in lines for piece in step.pieces})
    place = {old: new for new, old in enumerate(used)}
    listed = []
    for (outcome, arm, term, subgroup, level, other), step in lines:
        said = asdict(step)
        for piece in said["pieces"]:
            piece["of"] = place[piece["of"]]
        who = {"outcome": outcome, "arm": arm, "term": term, "subgroup": subgroup, "level": level}
        against = {} if other is None else {"control": other}
        listed.append({**who, **against, "step": said})
    document = {
        "rct_steps": VERSION,
        "trial": name,
        "note": TRUST,
        "sums": [asdict(steps.sums[i]) for i in used],
        "lines": listed,
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def read_steps(data: bytes) -> tuple[list[Sums], dict[Line, EffectStep]]:
    """The sums and each line's step. Raises RctError `bundle_steps`."""
    said = strict.loads(data, FILE)
    try:
        if said["rct_steps"] != VERSION:
            raise KeyError
        lines = [
            ((e["outcome"], e["arm"], e["term"], e["subgroup"], e["level"], e.get("control")), e["step"])
            for e in said["lines"]
        ]
        sums = TypeAdapter(list[Sums]).validate_json(json.dumps(said["sums"]), strict=True)
        steps = TypeAdapter(list[EffectStep]).validate_json(json.dumps([s for _, s in lines]), strict=True)
        if any(not 0 <= piece.of < len(sums) for step in steps for piece in step.pieces):
            raise IndexError
        if any(not 0 <= i < len(s.pieces) for s in steps for g in s.freedom.groups for i in g):
            raise IndexError
        if any(not 0 <= i < len(s.pieces) for s in steps for i, j, _ in s.cross for i in (i, j)):
            raise IndexError
        return sums, {key: step for (key, _), step in zip(lines, steps, strict=True)}
    except (KeyError, TypeError, IndexError, ValidationError):
        stop("bundle_steps", "These are no last steps of a bundle.", file=FILE)


def failures(
    sums: Sequence[Sums], steps: Mapping[Line, EffectStep], rows: Sequence[Result]
) -> Iterator[Problem]:
    """Every figure of a row that its last step does not give, then Holm's adjustment within each family."""
    for i, row in enumerate(rows, start=1):
        if row.estimate is None:
            continue
        step = steps.get(key_of(row))
        if step is None:
            yield _differs(i, "estimate", "it has no last step", row.estimate)
            continue
        try:
            again = redo(sums, step, row.conf_level or 0.95, null_of(row.estimator, row.term))
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            yield _differs(i, "estimate", f"its last step can't be done ({error})", row.estimate)
            continue
        for column in REDONE:
            said, got = getattr(row, column), getattr(again, column)
            if not agree(said, got, (row.std_error or 0.0) if column in OF_ERROR else 0.0):
                yield _differs(i, column, f"its last step gives {got}", said)
                break
    yield from _adjusted(rows)


def agree(said: float | None, got: float | None, error: float) -> bool:
    if said is None or got is None:
        return said is None and got is None
    slack = max(TOLERANCE * max(abs(said), abs(got), abs(error)), 1e-300)
    return abs(said - got) <= slack


def _adjusted(rows: Sequence[Result]) -> Iterator[Problem]:
    """Holm within families of which every line is there; of others the adjustment is taken on trust."""
    for family in sorted({row.family for row in rows if row.family}):
        members = [(i, row) for i, row in enumerate(rows, start=1) if row.family == family]
        if any(row.estimate is None for _, row in members):
            continue
        for (i, row), got in zip(members, holm([row.p_value for _, row in members]), strict=True):
            if not agree(row.p_adjusted, got, 0.0):
                yield _differs(i, "p_adjusted", f"Holm over its family gives {got}", row.p_adjusted)


def redone(rows: Sequence[Result]) -> tuple[int, int]:
    """Lines done again, and lines whose family is not whole, so that their adjustment is on trust."""
    whole = {r.family for r in rows if r.family} - {r.family for r in rows if r.estimate is None}
    shown = [r for r in rows if r.estimate is not None]
    return len(shown), sum(r.family is not None and r.family not in whole for r in shown)


def _differs(row: int, field: str, what: str, found: Any) -> Problem:
    return Problem(
        code="step_differs",
        rule=f"This does not hold: the printed figure is not what follows from its sums; {what}.",
        fix="Ask whoever sent it; don't use the figure.",
        file="results.csv",
        row=row,
        field=field,
        found=str(found),
    )

"""results.csv and results.json: the columns of docs/results.md, exact, for machines."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from rct.analysis.compute import FragileInterval
from rct.registry.results import COLUMNS, NAMES, VERSIONS, Result, ResultColumn

OutcomeArm = tuple[str, str]


@dataclass(frozen=True)
class Instead:
    """What is told of a comparison of which the t test may mislead, in place of its interval.

    interval   newcombe or randomization; its ends None where it has none
    p_randomization_adjusted  in the plan's family; None where drawing the lots anew does not bear the effect out
    """

    outcome: str
    arm: str
    reasons: tuple[str, ...]
    interval: Literal["newcombe", "randomization"]
    conf_low: float | None
    conf_high: float | None
    p_randomization_adjusted: float | None


def results_csv(rows: Iterable[Result], columns: Sequence[ResultColumn] = COLUMNS) -> bytes:
    """UTF-8, LF; null is empty; numbers as the shortest text that reads back. columns: those of an older version."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([c.name for c in columns])
    for row in rows:
        values = (getattr(row, c.name) for c in columns)
        writer.writerow(["" if v is None else v for v in values])
    return text.getvalue().encode()


def results_json(
    name: str,
    plan_hash: str,
    run: int,
    rows: Sequence[Result],
    refused: Sequence[str] = (),
    intervals: Mapping[OutcomeArm, FragileInterval] | None = None,
) -> bytes:
    """One object with the rows, the outcomes whose figures are no results, and what is told of fragile comparisons;
    never NaN."""
    data = {
        "trial": name,
        "plan_hash": plan_hash,
        "run": run,
        "refused": list(refused),
        "fragile": [asdict(each) for each in fragile(rows, intervals or {})],
        "results": [row.as_dict() for row in rows],
    }
    return (json.dumps(data, allow_nan=False, indent=1) + "\n").encode()


def fragile(rows: Iterable[Result], intervals: Mapping[OutcomeArm, FragileInterval]) -> list[Instead]:
    """The comparisons over all units of which the t test may mislead, and what is told in place of its interval; no
    ends where the interval has none."""
    return [
        Instead(row.outcome, row.arm, row.reasons, each.kind, each.low, each.high, each.p_redrawn)
        for row in rows
        if row.main and row.fragile and (each := intervals.get((row.outcome, row.arm))) is not None
    ]


def unwritten(rows: Sequence[Result], digest: str) -> tuple[str, ...] | None:
    """The columns that an older rct did not have when it wrote these rows as the results.csv of this sha256: all empty;
    () for a run of this version. None where these rows are not what was written."""
    for columns in VERSIONS:
        later = tuple(c.name for c in COLUMNS if c not in columns)
        empty = all(getattr(row, name) is None for row in rows for name in later)
        if empty and hashlib.sha256(results_csv(rows, columns)).hexdigest() == digest:
            return later
    return None


def comparable(derived: Sequence[Result], stored: Sequence[Result], digest: str) -> list[Result]:
    """The rows derived again as the version of rct would have stored them that ran the analysis: those that a run's
    stored ones are held against.

    An older rct had no column that came later, and stored no line between two arms. That it had none, and none was taken
    out since, is seen from the digest of its results.csv.
    """
    later = unwritten(stored, digest)
    if later is None:
        return list(derived)
    lines = any(row.term == "between" for row in stored)
    blank: dict[str, Any] = dict.fromkeys(later)
    return [replace(row, **blank) for row in derived if lines or row.term != "between"]


def completed(stored: Sequence[Result], derived: Sequence[Result], digest: str) -> list[Result]:
    """The stored rows, with the columns that came later as they are derived again."""
    later = unwritten(stored, digest) or ()
    filled = [{name: getattr(row, name) for name in later} for row in derived]
    return (
        [replace(row, **values) for row, values in zip(stored, filled, strict=False)]
        if later
        else list(stored)
    )


TOLERANCE = 1e-9  # relative; the same data on another machine may differ in the last digits
OF_ERROR = {"estimate", "conf_low", "conf_high", "mean_control"}  # where zero is no special value


def differing_column(stored: Result, derived: Result, *, same_numpy: bool = True) -> str | None:
    """The first column in which a row derived again is not the stored one; None when all agree.

    Numbers agree to 1e-9 relative (or of the standard error, for what may be near zero). Another numpy may
    draw other arrangements from the same seed: then a randomization p-value drawn, not enumerated, may differ
    by six of its simulation errors.
    """
    for name in NAMES:
        a, b = getattr(stored, name), getattr(derived, name)
        if not (isinstance(a, float | int) and isinstance(b, float | int)):
            if a != b:
                return name
            continue
        slack = TOLERANCE * abs(stored.std_error or 0.0) if name in OF_ERROR else 0.0
        if name == "p_randomization" and not same_numpy and stored.randomization_draws:
            slack = 6 * math.sqrt(
                max(a * (1 - a), 1 / stored.randomization_draws) / stored.randomization_draws
            )
        if not math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=max(slack, 1e-300)):
            return name
    return None

"""results.csv and results.json: the columns of docs/results.md, exact, for machines."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from rct.analysis.compute import Told
from rct.registry.store import RESULT_COLUMNS


def results_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """UTF-8, LF; null is empty; numbers as the shortest text that reads back."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RESULT_COLUMNS)
    writer.writerows(["" if row[c] is None else row[c] for c in RESULT_COLUMNS] for row in rows)
    return text.getvalue().encode()


def results_json(
    name: str,
    plan_hash: str,
    run: int,
    rows: Sequence[Mapping[str, Any]],
    refused: Sequence[str] = (),
    told: Mapping[tuple[str, str], Told] | None = None,
) -> bytes:
    """One object with the rows, the outcomes whose figures are no results, and what is told of fragile comparisons;
    never NaN."""
    listed = [{c: row[c] for c in RESULT_COLUMNS} for row in rows]
    data = {
        "trial": name,
        "plan_hash": plan_hash,
        "run": run,
        "refused": list(refused),
        "fragile": fragile(rows, told or {}),
        "results": listed,
    }
    return (json.dumps(data, allow_nan=False, indent=1) + "\n").encode()


def fragile(rows: Sequence[Mapping[str, Any]], told: Mapping[tuple[str, str], Told]) -> list[dict[str, Any]]:
    """The comparisons over all units of which the t test may mislead, and what is told in place of its interval; no
    ends where the interval has none."""
    return [
        {
            "outcome": row["outcome"],
            "arm": row["arm"],
            "reasons": row["fragile"].split(","),
            "interval": instead.kind,
            "conf_low": instead.low,
            "conf_high": instead.high,
            "p_randomization_adjusted": instead.p_redrawn,
        }
        for row in rows
        if row["term"] == "arm" and row["subgroup"] is None and row["fragile"]
        if (instead := told.get((row["outcome"], row["arm"]))) is not None
    ]


def comparable(
    derived: list[dict[str, Any]], stored: Sequence[Mapping[str, Any]], digest: str
) -> list[dict[str, Any]]:
    """The rows derived again that a run's stored ones are held against.

    A run of an older rct stored no line between two arms. That it had none, and none was taken out since, is seen from
    the digest of its results.csv.
    """
    older = not any(row["term"] == "between" for row in stored)
    if older and hashlib.sha256(results_csv(stored)).hexdigest() == digest:
        return [row for row in derived if row["term"] != "between"]
    return derived


TOLERANCE = 1e-9  # relative; the same data on another machine may differ in the last digits
OF_ERROR = {"estimate", "conf_low", "conf_high", "mean_control"}  # where zero is no special value


def differing_column(
    stored: Mapping[str, Any], derived: Mapping[str, Any], *, same_numpy: bool = True
) -> str | None:
    """The first column in which a row derived again is not the stored one; None when all agree.

    Numbers agree to 1e-9 relative (or of the standard error, for what may be near zero). Another numpy may
    draw other arrangements from the same seed: then a randomization p-value drawn, not enumerated, may differ
    by six of its simulation errors.
    """
    for column in RESULT_COLUMNS:
        a, b = stored[column], derived[column]
        if not (isinstance(a, float | int) and isinstance(b, float | int)):
            if a != b:
                return column
            continue
        slack = TOLERANCE * abs(stored["std_error"] or 0.0) if column in OF_ERROR else 0.0
        if column == "p_randomization" and not same_numpy:
            slack = 6 * math.sqrt(
                max(a * (1 - a), 1 / stored["randomization_draws"]) / stored["randomization_draws"]
            )
        if not math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=max(slack, 1e-300)):
            return column
    return None

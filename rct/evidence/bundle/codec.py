"""`Evidence` as JSON and back: one text for the same evidence, read as if it came from a stranger.

What is read back must be whole: every key known, every number finite and possible beside the others. A figure that
can't be is named by its place in the file.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rct.errors import stop, visible
from rct.evidence.bundle import strict
from rct.evidence.record import Evidence, FragileFigures, ResultLine
from rct.report.words.fragility import WHY

# 2: of evidence with lines between two arms, 3: with fragile lines; readers of earlier ones refuse them
FIRST, BETWEEN, VERSION = 1, 2, 3
LATER = ("fragile", "told")  # of a line; absent where they are empty
OWN = ("digest", "signed_by", "origin", "events")  # what the reader knows, and no file says of itself
LONGEST = 20_000  # characters of one text
MOST = 5_000  # lines of results
SLACK = 1e-9
REASONS = frozenset(WHY)


def to_json(evidence: Evidence) -> bytes:
    """The canonical text: keys sorted, no blanks, UTF-8, numbers as the shortest text that reads back."""
    said = {k: v for k, v in asdict(evidence).items() if k not in OWN}
    said["lines"] = [
        {k: v for k, v in line.items() if k not in LATER or v is not None} for line in said["lines"]
    ]
    version = BETWEEN if any(line.term == "between" for line in evidence.lines) else FIRST
    if any(line.fragile is not None for line in evidence.lines):
        version = VERSION
    text = json.dumps(
        {"rct_evidence": version, **said},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode()


def from_json(data: bytes, file: str = "evidence.json", **own: Any) -> Evidence:
    """The evidence of a text, with what the reader knows of it (`source`, `digest`, `signed_by`).

    Raises RctError: `json` (not strict JSON), `future_version`, `evidence` (a key, a kind or a figure that can't be).
    """
    value = strict.loads(data, file)
    if not isinstance(value, dict):
        stop("evidence", "This is no evidence: an object is expected.", file=file)
    version = value.pop("rct_evidence", None)
    if type(version) is int and version > VERSION:
        stop(
            "future_version",
            f"This was written by a later rct (rct_evidence {version}); this one reads {VERSION}.",
            "Install a newer rct.",
            file=file,
            field="rct_evidence",
            found=str(version),
        )
    if version not in (FIRST, BETWEEN, VERSION) or type(version) is not int:
        stop(
            "evidence",
            f"This is no evidence: rct_evidence must be {FIRST} to {VERSION}.",
            file=file,
            field="rct_evidence",
            found=str(version)[:100],
        )
    for name in OWN:
        if name in value:
            stop("evidence", "A file can't say this of itself.", file=file, field=name)
    try:
        evidence = _adapter().validate_json(json.dumps({**value, **own}), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(p) for p in first["loc"])
        found = visible(str(first["input"]))[:100]
        stop("evidence", f"This can't be: {first['msg']}.", file=file, field=place, found=found)
    wrong = next(contradictions(evidence), None)
    if wrong is not None:
        stop("evidence", f"This can't be: {wrong[1]}.", file=file, field=wrong[0])
    return evidence


@functools.cache
def _adapter() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)


def contradictions(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What can't be in an `Evidence`, as (place, what): names that nothing stands for, figures at odds."""
    arms = [a.name for a in evidence.arms]
    outcomes = [o.name for o in evidence.outcomes]
    if sum(a.control for a in evidence.arms) != 1 or len(arms) < 2:
        yield "arms", "a trial has two arms or more, one of them the control"
    for what, names in (("arms", arms), ("outcomes", outcomes)):
        if len(set(names)) != len(names) or not names:
            yield what, "each has a name of its own, and there is at least one"
    if len(evidence.lines) > MOST or len(evidence.covariances) > MOST * 10:
        yield "lines", f"more than {MOST:,} lines"
    yield from (
        (place, "a text that is too long") for place, t in _texts(asdict(evidence)) if len(t) > LONGEST
    )
    for i, line in enumerate(evidence.lines):
        if line.arm not in arms or line.control not in arms or line.arm == line.control:
            yield f"lines.{i}.arm", "no such arm"
        if line.outcome not in outcomes:
            yield f"lines.{i}.outcome", "no such outcome"
        for field, what in _of_line(line):
            yield f"lines.{i}.{field}", what
    error = {
        (x.outcome, x.arm): x.std_error
        for x in evidence.lines
        if x.subgroup is None and x.term == "arm" and x.std_error is not None
    }
    for i, c in enumerate(evidence.covariances):
        a, b = error.get((c.outcome_a, c.arm_a)), error.get((c.outcome_b, c.arm_b))
        if a is None or b is None:
            yield f"covariances.{i}", "a covariance of estimates that are not there"
        elif abs(c.value) > a * b * (1 + 1e-6):
            yield f"covariances.{i}.value", "a covariance beyond its two standard errors"


def _of_line(line: ResultLine) -> Iterator[tuple[str, str]]:
    if line.std_error is not None and (line.std_error < 0 or line.estimate is None):
        yield "std_error", "a standard error is 0 or more, and stands beside an estimate"
    for field in ("p_value", "p_adjusted"):
        p = getattr(line, field)
        if p is not None and not 0 <= p <= 1:
            yield field, "a p-value lies from 0 to 1"
    if line.fragile is not None and not set(line.fragile.split(",")) <= REASONS:
        yield "fragile", "no such reason"
    if line.told is not None:
        yield from ((f"told.{field}", what) for field, what in _of_told(line, line.told))
    if line.df is not None and line.df <= 0:
        yield "df", "degrees of freedom are above 0"
    for field in ("n", "n_arm", "n_control"):
        if (getattr(line, field) or 0) < 0:
            yield field, "a count is 0 or more"
    if line.conf_low is not None and line.conf_high is not None and line.estimate is not None:
        slack = SLACK * (abs(line.conf_low) + abs(line.conf_high))
        if not line.conf_low - slack <= line.estimate <= line.conf_high + slack:
            yield "estimate", "an estimate outside its own interval"


def _of_told(line: ResultLine, figures: FragileFigures) -> Iterator[tuple[str, str]]:
    if line.fragile is None or line.term != "arm" or line.subgroup is not None or line.estimate is None:
        yield "interval", "told of a line that is not fragile, or not of all units"
    if figures.p_value is not None and not 0 <= figures.p_value <= 1:
        yield "p_value", "a p-value lies from 0 to 1"
    if (figures.conf_low is None) != (figures.conf_high is None):
        yield "conf_low", "an interval with one end"
    elif figures.conf_low is not None and figures.conf_high is not None and line.estimate is not None:
        slack = SLACK * (abs(figures.conf_low) + abs(figures.conf_high))
        if not figures.conf_low - slack <= line.estimate <= figures.conf_high + slack:
            yield "conf_low", "an estimate outside its own interval"


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for i, each in enumerate(value):
            yield from _texts(each, f"{place}.{i}")

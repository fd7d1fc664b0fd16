"""What a bundle took on trust, checked where the rows are: its last steps against those that the rows give."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any

from rct.analysis.stored import current
from rct.errors import Problem, RctError
from rct.evidence.bundle.container import unpack
from rct.evidence.bundle.members import BUNDLE, steps_document
from rct.evidence.bundle.opening import check_bundle
from rct.evidence.bundle.steps_file import FILE
from rct.registry.events import SharedBody
from rct.registry.state import current_path
from rct.registry.trial import Trial
from rct.report.gather import memo_record

TOLERANCE = 1e-9


def shared_failures(trial: Trial) -> Iterator[Problem]:
    """The bundle of the last `shared` event is the one that was written, and its sums are those of the rows."""
    ws, name, state = trial.ws, trial.name, trial.state
    event = state.last(SharedBody)
    if event is None:
        return
    path = current_path(trial.db, ws.out(name) / BUNDLE)
    shown = ws.shown(ws.out(name) / BUNDLE)
    if not path.is_file():
        yield _not_shared(name, f"the bundle of event {event.seq} is gone", shown)
        return
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != event.body.bundle:
        yield _not_shared(name, f"the bundle is not the one that event {event.seq} wrote", shown)
        return
    refused = list(_refused(name, data, shown))
    yield from refused
    if refused:
        return
    if state.analysis is None or state.analysis.seq > event.seq:
        return  # it tells of an earlier analysis
    yield from _steps(trial, unpack(data, BUNDLE).members[FILE], shown)


def _refused(name: str, data: bytes, shown: str) -> Iterator[Problem]:
    """What whoever receives the bundle would find."""
    try:
        failures = check_bundle(BUNDLE, data, {}).failures
    except RctError as error:
        failures = tuple(error.problems)
    for failure in failures[:1]:
        yield _not_shared(name, f"whoever receives the bundle refuses it ({failure.rule})", shown)


def _steps(trial: Trial, shared: bytes, shown: str) -> Iterator[Problem]:
    try:
        at = current(trial)
        now = steps_document(at, memo_record(at))
    except RctError:
        return  # verify has named why nothing can be derived
    for place in _differing(json.loads(shared), json.loads(now), ""):
        yield _not_shared(
            trial.name, f"the rows give another last step than the bundle has, at {place}", shown
        )
        return


def _differing(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differing(one[key], other[key], f"{place}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        size = max((abs(v) for v in one if isinstance(v, float)), default=0.0)
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            if isinstance(a, float) and isinstance(b, float):
                if abs(a - b) > TOLERANCE * size:
                    yield f"{place}.{i}"
            else:
                yield from _differing(a, b, f"{place}.{i}")
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=TOLERANCE):
            yield place
    elif one != other:
        yield place


def _not_shared(name: str, what: str, file: str) -> Problem:
    return Problem(
        code="bundle_differs",
        rule=f"This does not hold: {name}: {what}.",
        fix=f"Compare with a copy, or share again: rct share {name}",
        file=file,
    )

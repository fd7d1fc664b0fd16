"""R's answers (tests/reference) as a test reads them: a file's columns, a Sample of them, a line held to an answer."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from rct.estimate import Estimate, Sample

FOLDER = Path(__file__).parent / "reference"
TOLERANCE = 1e-8
NAMES = {
    "estimate": "estimate",
    "std.error": "std_error",
    "df": "df",
    "statistic": "statistic",
    "p.value": "p_value",
    "conf.low": "conf_low",
    "conf.high": "conf_high",
}


def answers(name):
    """A file of answers, e.g. `reference`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def table(name):
    with (FOLDER / f"{name}.csv").open() as f:
        rows = list(csv.DictReader(f))
    return {k: np.array([r[k] for r in rows]) for k in rows[0]}


def codes(values):
    labels, code = np.unique(values, return_inverse=True)
    return code.astype(np.int64), tuple(str(v) for v in labels)


def sample(data, y, arm="z", arms=None, x=(), block=None, cluster=None, shares=None):
    """A Sample from a reference file's columns."""
    names = arms or tuple(sorted(set(data[arm])))
    block_codes, labels = codes(data[block]) if block else (None, ())
    return Sample(
        y=data[y].astype(float),
        arm=np.array([names.index(v) for v in data[arm]]),
        arm_names=names,
        shares=shares or (1,) * len(names),
        block=block_codes,
        block_labels=labels,
        cluster=codes(data[cluster])[0] if cluster else None,
        x=np.column_stack([data[c].astype(float) for c in x]) if x else np.empty((0, 0)),
        x_names=tuple(x),
    )


def meets(line: Estimate, want: dict):
    compared = 0
    for theirs, ours in NAMES.items():
        if theirs in want:
            assert getattr(line, ours) == pytest.approx(want[theirs], rel=TOLERANCE), ours
            compared += 1
    assert compared >= 4

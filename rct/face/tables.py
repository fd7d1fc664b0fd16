"""Stored rows as data frames: pseudonyms alone, in order of unit, each column with a type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rct.analysis.data import arm_order, outcome_values
from rct.definition import Definition
from rct.face.estimating import typed
from rct.registry.results import NAMES, Result
from rct.registry.store import Assigned, Frame


def frame_table(frame: Frame) -> pd.DataFrame:
    """A row a unit: covariates as floats, categories and blocks as categories."""
    columns: dict[str, Any] = {
        c.name: np.asarray(c.values, dtype=float) if c.kind == "covariate" else pd.Categorical(list(c.values))
        for c in frame.columns.values()
    }
    return _by_unit(columns, frame.units)


def assignment_table(definition: Definition, rows: Sequence[Assigned]) -> pd.DataFrame:
    """The columns of assignment.csv; the arm's categories have the control first."""
    columns: dict[str, Any] = {
        "block": pd.Categorical([r.block for r in rows]),
        "cluster": [r.cluster for r in rows],
        "arm": pd.Categorical([r.arm for r in rows], categories=list(arm_order(definition))),
        "prob": np.array([float(r.prob) for r in rows]),
        "ticket": [r.ticket for r in rows],
    }
    return _by_unit(columns, [r.unit for r in rows])


def outcome_table(
    definition: Definition, frame: Frame, outcomes: Mapping[str, Mapping[str, float | None]]
) -> pd.DataFrame:
    """Outcomes as the analysis reads them, `missing` applied; nan was not observed."""
    columns = {o: outcome_values(definition, frame, o, stored) for o, stored in outcomes.items()}
    return _by_unit(columns, frame.units)


def result_table(rows: Sequence[Result]) -> pd.DataFrame:
    """The rows of results.csv with their promised columns."""
    return typed(pd.DataFrame([row.as_dict() for row in rows], columns=list(NAMES)))


def _by_unit(columns: Mapping[str, Any], units: Sequence[str]) -> pd.DataFrame:
    """In order of unit, whatever the stored order is: an older registry's is that of the city's own list."""
    return pd.DataFrame(columns, index=pd.Index(list(units), name="unit")).sort_index()

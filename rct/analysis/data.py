"""Stored rows as arrays: what was drawn, what was known before, what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np

from rct.definition import Definition
from rct.design.balance import indicators
from rct.design.schemes.dealing import codes
from rct.design.strata import Strata
from rct.estimate.levels import level_name
from rct.estimate.records import Codes, Floats, Sample
from rct.registry.store import Frame, FrameColumn


def arm_order(definition: Definition) -> tuple[str, ...]:
    """The control first, then the others as the definition has them."""
    return (definition.control, *(a for a in definition.arms if a != definition.control))


def arm_codes(definition: Definition, arms: Sequence[str]) -> Codes:
    """(n,) codes into `arm_order`."""
    place = {a: i for i, a in enumerate(arm_order(definition))}
    return np.fromiter(map(place.__getitem__, arms), dtype=np.int64, count=len(arms))


def block_codes(definition: Definition, frame: Frame) -> tuple[Codes | None, tuple[str, ...]]:
    if not definition.design.blocks:
        return None, ()
    labels, code = codes(frame.blocks)
    return code, tuple(labels)


def exchange_codes(definition: Definition, frame: Frame) -> Codes | None:
    """(n,) codes of the sets within which the scheme could have swapped lots; None where these are the blocks."""
    blocks = frame.blocks if definition.design.blocks else None
    clusters = frame.clusters if definition.design.clusters else None
    permitted = definition.scheme.permitted(frame.units, blocks, clusters)
    return None if permitted is blocks or permitted is None else codes(permitted)[1]


def cluster_codes(definition: Definition, frame: Frame) -> Codes | None:
    return codes(frame.clusters)[1] if definition.design.clusters else None


def levels_of(column: FrameColumn) -> list[str]:
    """The level of every unit: the cells of a category or block, the empty ones by the name that they have in print."""
    return [level_name(v) for v in column.values]


def covariate_columns(frame: Frame, *, every_level: bool) -> tuple[list[str], Floats]:
    """Numbers and indicators of the frame: names and (n, p). Regressions leave the first level out."""
    names: list[str] = []
    parts: list[Floats] = []
    for column in frame.columns.values():
        if column.kind == "covariate":
            names.append(column.name)
            parts.append(np.asarray(column.values, dtype=float)[:, None])
        elif column.kind == "category":
            level_names, x = indicators(column.name, levels_of(column))
            first = 0 if every_level else 1
            names += level_names[first:]
            parts.append(x[:, first:])
    return names, np.hstack(parts) if parts else np.empty((len(frame.units), 0))


def outcome_values(
    definition: Definition, frame: Frame, outcome: str, stored: Mapping[str, float | None]
) -> Floats:
    """(n,) values in the frame's order; nan is unobserved.

    A unit that no file named is 0 under `missing = "zero"` and unobserved under `drop`; a unit that a file
    named without a value is unobserved under both, and so is one whose row was refused (nan).
    """
    absent = 0.0 if definition.outcomes[outcome].missing == "zero" else float("nan")
    return in_order(frame.units, stored, absent)


def in_order(units: Sequence[str], stored: Mapping[str, float | None], absent: float) -> Floats:
    """(n,) the stored value of each unit, nan for None; `absent` where there is none."""
    return np.array(list(map(stored.get, units, repeat(absent))), dtype=float)


def sample(
    definition: Definition, frame: Frame, arms: Sequence[str], y: Floats, strata: Strata | None = None
) -> Sample:
    """What an estimator sees of one outcome: every unit that was drawn."""
    block, labels = block_codes(definition, frame)
    names, x = covariate_columns(frame, every_level=False)
    order = arm_order(definition)
    return Sample(
        y=y,
        arm=arm_codes(definition, arms),
        arm_names=order,
        shares=tuple(definition.arms[a].share for a in order),
        block=block,
        block_labels=labels,
        strata=None if strata is None else strata.of,
        possible=None if strata is None else strata.possible,
        cluster=cluster_codes(definition, frame),
        x=x,
        x_names=tuple(names),
        exchange=exchange_codes(definition, frame),
        by_precision=definition.analysis.block_weights == "precision",
    )

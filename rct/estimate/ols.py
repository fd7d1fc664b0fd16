"""Ordinary least squares: y ~ arms + covariates (+ stratum effects), one regression on all arms.

With blocks of units the weights are n_b / n_ba unless n_ba / n_b is the same in every stratum, or the plan weighs
blocks by precision. With blocks of clusters there are none: weights from counts would carry the bias of ratios of
small sums. HC2 with df rows less rank; CR2 with Satterthwaite's df when clustered. In pairs this is the regression
with pair effects.
"""

from __future__ import annotations

import numpy as np

from rct.estimate.cells import Cells, settle
from rct.estimate.clusters import cluster_parts
from rct.estimate.effects import (
    Effect,
    Fitted,
    Regression,
    Term,
    clustered_effect,
    count,
    need_df,
    regression_dust,
)
from rct.estimate.least_squares import coefficient, prediction, robust
from rct.estimate.moments import Rows, Solution, solve
from rct.estimate.pairs import settle_clusters
from rct.estimate.records import Floats, Sample

LONE_REASON = "rests on one unit or cluster alone"


def ols(sample: Sample, reference: int, se_type: str) -> Fitted:
    """Every arm's coefficient against the reference. se_type HC0-HC3, or CR0, CR1, CR2 with clusters."""
    if sample.cluster is not None:
        cells = settle_clusters(sample)
    else:
        cells = settle(sample, 2 if sample.block is None else 1)
    others = [a for a in range(sample.arms) if a != reference]
    dropped: list[tuple[str, str]] = []
    rows = Rows(
        y=cells.y,
        group=cells.stratum,
        groups=len(cells.units),
        x=sample.columns,
        take=cells.known,
        use=tuple(range(len(sample.x_names))),
        arm=cells.arm,
        arms=tuple(others),
        weight=block_weights(cells),
    )
    while True:
        s = solve(rows, sample.x_names)
        need_df(s.n - s.rank)
        effects, lone = _effects(s, cells, others, se_type)
        dropped += [(sample.x_names[j], why) for j, why in s.dropped]
        if lone is None:
            break
        dropped.append((sample.x_names[lone], LONE_REASON))
        rows = s.rows.without({lone})
    every = list(range(sample.arms))
    counted = {a: count(cells, every, a, reference) for a in others}
    return Fitted(cells, reference, effects, counted, tuple(dropped), cells.notes)


def block_weights(cells: Cells) -> Floats | None:
    """n_b / n_ba of each row; None with clusters, where the plan weighs by precision, and when n_ba / n_b is the
    same in every stratum (or there is one)."""
    if cells.clusters is not None or cells.sample.by_precision:
        return None
    counts = cells.units
    total = counts.sum(axis=1)
    if np.all(counts * total[0] == counts[0] * total[:, None]):
        return None
    return np.asarray(total[cells.stratum] / counts[cells.stratum, cells.arm])


def _effects(
    s: Solution, cells: Cells, others: list[int], se_type: str
) -> tuple[dict[int, Effect], int | None]:
    contrasts = [coefficient(s, j) for j in range(len(others))]
    away = -s.center  # the control: no arm's indicator, every covariate at its mean
    for i in range(len(others), s.rows.k):
        away[i] = float(np.mean(s.rows.column(i) - s.center[i]))
    mean_control = prediction(s, cells.share, away).value
    residual = float(s.n - s.rank)
    made_of = Regression(s, cells.rows, cells.cluster, cells.sample.x_names)
    terms = [(Term(1.0, made_of, c),) for c in contrasts]
    if cells.cluster is None:
        v = robust(s, contrasts, se_type)
        effects = {
            a: Effect(
                c.value,
                float(v.values[i]),
                residual,
                residual,
                mean_control,
                dust=regression_dust(cells, terms[i]),
                terms=terms[i],
            )
            for i, (a, c) in enumerate(zip(others, contrasts, strict=True))
        }
        return effects, v.lone
    made = cluster_parts(s, contrasts, cells.cluster, se_type)
    if made.lone is not None:
        return {}, made.lone
    df = None if se_type == "CR2" else float(len(made.parts[0].ids) - 1)
    return {
        a: clustered_effect(cells, c.value, ((1.0, made.parts[i]),), mean_control, df, residual, terms[i])
        for i, (a, c) in enumerate(zip(others, contrasts, strict=True))
    }, None

"""What it takes to get every confirmatory line again without rct: which units, in which strata, by which formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rct.analysis.compute import Outcomes
from rct.analysis.data import levels_of
from rct.analysis.fits import main_fit, samples
from rct.definition import Definition
from rct.errors import RctError
from rct.estimate.levels import reference_level
from rct.estimate.ols import block_weights
from rct.estimate.pairs import is_paired
from rct.estimate.records import Codes, Sample
from rct.estimate.subgroups import by_level
from rct.registry.results import Result
from rct.registry.store import Frame

Place = tuple[str, str | None, str | None]  # outcome, column of subgroups, level
OF_PAIRS = (" (difference within pairs)", " (mean of pairs)")


@dataclass(frozen=True)
class FitPart:
    """One fit. `stratum`: (n,) the stratum of each unit of the list, -1 where it is not in the fit.

    method     means, means_clustered, pairs_of_clusters, ols, lin, lin_block_effects, lin_pairs (docs/methods.md); None:
               no script has a formula for the estimator
    weighted   ols: n_b / n_ba
    x          names of the covariate columns that stayed; x_means: for lin_pairs those whose mean of pairs did
    """

    place: Place
    stratum: Codes
    method: str | None
    weighted: bool
    x: tuple[str, ...]
    x_means: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReproducedRow:
    """A confirmatory row of the results and what it is made of. `against`: the reference level's part, of an interaction;
    `among`: the parts of all levels, whose degrees of freedom it has. `why_not`: it is not to be had from these."""

    row: Result
    part: Place
    against: Place | None = None
    among: tuple[Place, ...] = ()
    why_not: str | None = None


def parts(
    definition: Definition, frame: Frame, arms: Sequence[str], outcomes: Outcomes
) -> dict[Place, FitPart]:
    """Every fit that the results rest on, in their order."""
    found: dict[Place, FitPart] = {}
    everyone = np.arange(len(frame.units))
    for outcome, whole in samples(definition, frame, arms, outcomes):
        place: Place = (outcome, None, None)
        found[place] = _part(definition, place, whole, everyone)
        if not definition.outcomes[outcome].primary:
            continue
        for column in definition.analysis.subgroups:
            values = np.array(levels_of(frame.columns[column]))
            for level, inside in by_level(whole, values)[1]:
                place = (outcome, column, level)
                try:
                    found[place] = _part(definition, place, inside, np.flatnonzero(values == level))
                except RctError:
                    continue  # the results have a line without numbers
    return found


def _part(definition: Definition, place: Place, sample: Sample, at: Codes) -> FitPart:
    fitted = main_fit(definition, sample)
    stratum = np.full(int(at.max()) + 1, -1, dtype=np.int64)
    stratum[at[fitted.cells.rows]] = fitted.cells.stratum
    clustered, paired = sample.cluster is not None, is_paired(sample)
    method = definition.estimator.formula(
        blocked=sample.block is not None, clustered=clustered, paired=paired
    )
    gone = {name for name, _ in fitted.dropped}
    names = sample.x_names if definition.estimator.adjusts else ()
    if method == "lin_pairs":
        x, means = (tuple(n for n in names if n + ending not in gone) for ending in OF_PAIRS)
        return FitPart(place, stratum, method, False, x, means)
    weighted = definition.estimator.weighs_blocks and block_weights(fitted.cells) is not None
    return FitPart(place, stratum, method, weighted, tuple(n for n in names if n not in gone))


def lines(
    definition: Definition, rows: Sequence[Result], known: Mapping[Place, FitPart]
) -> Iterator[ReproducedRow]:
    """The confirmatory rows, each with its parts, or why it can't be had from them."""
    for row in rows:
        if row.role == "confirmatory":
            yield _line(definition, row, known)


def _line(definition: Definition, row: Result, known: Mapping[Place, FitPart]) -> ReproducedRow:
    place: Place = (row.outcome, row.subgroup, row.level)
    if row.estimate is None:
        return ReproducedRow(row, place, why_not="the results have no number here")
    if known[place].method is None:
        return ReproducedRow(
            row, place, why_not=f"the scripts have no formula for {definition.analysis.estimator}"
        )
    if row.std_error == 0:
        return ReproducedRow(row, place, why_not="nothing varies, so there is no error to reproduce")
    if row.term != "interaction":
        return ReproducedRow(row, place)
    among = tuple(p for p in known if p[:2] == place[:2])
    first = reference_level([p[2] or "" for p in among], [p[2] or "" for p in among])
    if definition.clustered:
        return ReproducedRow(
            row, place, why_not="clusters may lie in both levels: docs/methods.md, section 12"
        )
    return ReproducedRow(row, place, against=(row.outcome, row.subgroup, first), among=among)

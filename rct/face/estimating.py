"""Estimates on a data frame by the estimators of docs/methods.md, and a trial explored beside its plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rct.analysis.explore import refuse_idle, require_alpha
from rct.design.schemes import SCHEMES, declare
from rct.design.schemes.dealing import codes
from rct.design.strata import drawn_counts
from rct.errors import stop, visible
from rct.estimate import Estimate, Fit, Sample
from rct.estimate import estimate as run
from rct.estimate.estimators import estimator_of, usual
from rct.face import given, shown
from rct.registry.results import COLUMNS

# estimatr::tidy's columns, and ours that hold the same
ESTIMATR = {
    "term": "arm",
    "estimate": "estimate",
    "std.error": "std_error",
    "statistic": "statistic",
    "p.value": "p_value",
    "conf.low": "conf_low",
    "conf.high": "conf_high",
    "df": "df",
}
OURS = (
    "arm", "control", "std_error", "p_value", "conf_low", "conf_high", "conf_level", "n", "n_arm", "n_control",
    "n_clusters", "n_blocks", "n_missing", "n_without_comparison", "mean_control", "estimator", "se_type", "p_fisher",
)  # fmt: skip
COUNTS = tuple(c.name for c in COLUMNS if c.type is int)
_TEXTS = frozenset(c.name for c in COLUMNS if c.type is str)
SHOWN = ("arm", "estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "n", "fragile")


@dataclass(frozen=True)
class Estimates:
    """Each arm against the control. `estimates["social"]` is one line; `tidy()` all of them as a table.

    role     `exploratory`: no plan locked beforehand promised this; p-values are adjusted for nothing
    dropped  covariate columns that were left out, each with the reason
    notes    what a reader must be told beside the numbers
    """

    outcome: str
    lines: tuple[Estimate, ...]
    dropped: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    role: str = "exploratory"

    def __getitem__(self, arm: str) -> Estimate:
        """One arm's line, by name. Raises KeyError."""
        for line in self.lines:
            if line.arm == arm:
                return line
        raise KeyError(arm)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def tidy(self) -> pd.DataFrame:
        """A row an arm: the columns of R's estimatr::tidy (term, std.error, …), then ours (docs/results.md)."""
        rows = []
        for line in self.lines:
            row: dict[str, Any] = {theirs: getattr(line, ours) for theirs, ours in ESTIMATR.items()}
            row |= {"outcome": self.outcome, **{name: getattr(line, name) for name in OURS}}
            rows.append(row | {"fragile": ",".join(line.fragile) or None, "role": self.role})
        return typed(pd.DataFrame(rows))

    def _sentences(self) -> list[str]:
        sentences = [f"{name} was left out: {why}" for name, why in self.dropped]
        shaky = [line.arm for line in self.lines if line.fragile]
        if shaky:
            sentences.append(
                f"the t test may mislead of {', '.join(shaky)} (fragile): docs/methods.md, section 13"
            )
        return [*sentences, *self.notes]

    def _parts(self) -> tuple[str, pd.DataFrame, list[str]]:
        table = self.tidy()[list(SHOWN)]
        line = self.lines[0]
        against = f"{estimator_of(line.estimator).scale.word} {line.control}"
        title = f"{self.outcome}: each arm {against}, {line.estimator}, {line.se_type} ({self.role})"
        return (
            title,
            table if any(x.fragile for x in self.lines) else table.drop(columns="fragile"),
            self._sentences(),
        )

    def __repr__(self) -> str:
        return shown.text(*self._parts())

    def _repr_html_(self) -> str:
        return shown.html(*self._parts())


def typed(table: pd.DataFrame, counts: Collection[str] = COUNTS) -> pd.DataFrame:
    """The same table; counts as whole numbers that may be missing, figures as floats."""
    for name in table.columns:
        if name in counts:
            table[name] = table[name].astype("Int64")
        elif table[name].isna().all() or pd.api.types.is_numeric_dtype(table[name].dtype):
            table[name] = table[name].astype(float) if name not in _TEXTS else table[name]
    return table


def of_fit(outcome: str, fit: Fit) -> Estimates:
    """A fit as it is shown: nothing of it was promised by a plan."""
    told = dict.fromkeys(n.text for n in (*fit.notes, *(n for line in fit.lines for n in line.notes)))
    return Estimates(outcome, fit.lines, fit.dropped, tuple(told))


def estimate(
    table: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    control: str,
    scheme: str = "complete",
    blocks: str | Sequence[str] | None = None,
    clusters: str | None = None,
    covariates: str | Sequence[str] | None = None,
    shares: Mapping[str, int] | None = None,
    estimator: str | None = None,
    standard_errors: str | None = None,
    alpha: float = 0.05,
) -> Estimates:
    """Each arm against `control`, a row of the table a unit that was drawn.

    outcome           the column with numbers, or True and False; an empty cell was not observed
    arm, control      the column with the arms, and the name of the control
    scheme            how the lots were drawn, with its columns of blocks and clusters: docs/draw.md
    covariates        columns with numbers, or with texts that are categories
    shares            arm -> its weight in the draw, in the order of the arms; else 1 each, in byte order. Small blocks
                      are merged by them
    estimator         difference_in_means, ols or lin; else lin with covariates and difference_in_means without
    standard_errors   else HC2, and CR2 with clusters

    The numbers are those of docs/methods.md. Raises RctError with row and column of a cell that can't be used.
    """
    columns, adjusted = given.names(blocks), given.names(covariates)
    given.require_fit(scheme, columns, clusters)
    require_alpha(alpha)
    known = _arms(table, arm, control, shares)
    design = declare(scheme, list(known), list(known.values()))
    how = estimator or usual(adjusting=bool(adjusted)).name
    refuse_idle(how, adjusted)
    errors = standard_errors or SCHEMES[scheme].standard_errors
    arm_code = given.arms_of(table, arm, known)
    names, x = given.covariates_of(table, adjusted)
    labels = given.blocks_of(table, columns)
    members = None if clusters is None else codes(given.texts(table, clusters))[1]
    if members is not None:
        _refuse_split(table, members, arm_code, labels, str(clusters))
    sample = Sample(
        y=given.numbers(table, outcome, missing=True),
        arm=arm_code,
        arm_names=design.arms,
        shares=design.shares,
        cluster=members,
        x=x,
        x_names=names,
    )
    return of_fit(outcome, run(_in_blocks(sample, labels, scheme, how), how, errors, alpha))


def _arms(table: pd.DataFrame, arm: str, control: str, shares: Mapping[str, int] | None) -> dict[str, int]:
    """Every arm with its share, the control first."""
    there = sorted(set(given.texts(table, arm)))
    known = dict(shares) if shares is not None else dict.fromkeys(there, 1)
    if control not in known or (shares is None and len(known) < 2):
        stop(
            "unknown_arm",
            f"The arms are {visible(', '.join(known))}; two or more are needed, the control among them.",
            "Name the control as it stands in the column.",
            field="control",
            found=visible(str(control)),
        )
    return {control: known[control], **known}


def _in_blocks(sample: Sample, labels: Sequence[str] | None, scheme: str, estimator: str) -> Sample:
    """The sample with its blocks, sorted into strata as after a draw."""
    if labels is None:
        return sample
    block_labels, block = codes(labels)
    counts = drawn_counts(block, sample.arm, len(block_labels), sample.arms, sample.cluster)
    strata = SCHEMES[scheme].strata(block_labels, counts, sample.shares, estimator_of(estimator))
    return replace(
        sample, block=block, block_labels=tuple(block_labels), strata=strata.of, possible=strata.possible
    )


def _refuse_split(
    table: pd.DataFrame, members: Any, arm: Any, labels: Sequence[str] | None, name: str
) -> None:
    """RctError where a cluster lies in two arms or blocks: then it was not drawn as a whole."""
    parts = list(zip(arm.tolist(), labels if labels is not None else [""] * len(arm), strict=True))
    first: dict[int, tuple[int, str]] = {}
    for row, (cluster, part) in enumerate(zip(members.tolist(), parts, strict=True), start=1):
        if first.setdefault(cluster, part) != part:
            stop(
                "split_cluster",
                "A cluster lies wholly in one arm, and in one block.",
                "Correct the cell, or name what was drawn as the clusters.",
                row=row,
                field=visible(name),
                found=visible(str(np.asarray(table[name])[row - 1])),
            )

"""A row of the results: each column declared once, with its type, what it holds, in which unit, and when it is empty.

From here come the table `result` of rct.db and what is written to and read from it, results.csv and its reader, the rows
of every JSON file, a bundle's own description of them, the copy that Datasette shows, what of a row is withheld with a
small count, and docs/results.md. A column that comes later has the registry's version that brings it as `since`, and a
migration (`rct.registry.schema`); rows, files and bundles from before lack it, and hold None here.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Withheld = Literal["", "figure", "count", "total"]
_TYPES: Mapping[str, type] = {"str": str, "int": int, "float": float}
_SQL = {str: "text", int: "integer", float: "real"}
_EFFECT = "the outcome's: a share for binary (0.01 is one percentage point), else as in the file"
_NO_NUMBER = "where nothing could be estimated (too few units in a level)"
_NO_TEST = "where the standard error is 0 or has no degrees of freedom, and where nothing could be estimated"
_WITHIN = "in rows over all units"


def column(meaning: str, unit: str, *, empty: str = "", withheld: Withheld = "", since: int = 1) -> Any:
    """Declare a column. empty: when an analysis leaves it so, '' for never. withheld: what a published row loses with a
    small count: every figure goes with a cell of its own, counts beside people compared with nobody, totals beside a
    hidden cell. since: the version of the registry that brought it."""
    metadata = {"meaning": meaning, "unit": unit, "empty": empty, "withheld": withheld, "since": since}
    if since == 1:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=None, metadata=metadata)


@dataclass(frozen=True)
class Result:
    """One row, as it is estimated, stored and told. None is empty, of a figure also because it is withheld; never nan."""

    outcome: str = column("The outcome's name in the plan.", "name")
    arm: str = column("The arm that is compared.", "name")
    control: str = column(
        "The arm that it is compared with: the plan's control; where `term` is `between`, another arm.",
        "name",
    )
    term: str = column(
        "`arm`: the effect of the arm, over all units or inside one level. `interaction`: how the effect in "
        "`level` differs from the effect in the column's reference level: the first in byte order that was recorded "
        "and could be estimated. `between`: the arm to adopt against another by the plan's estimator, on the outcome that "
        "decides ([methods.md, section 13](methods.md#13-the-decision-rule)).",
        "`arm`, `interaction` or `between`",
    )
    subgroup: str | None = column("The column by which units are told apart.", "column name", empty=_WITHIN)
    level: str | None = column(
        "The value of that column; `(not recorded)` where its cell is empty.", "text", empty=_WITHIN
    )
    estimate: float | None = column(
        "The average effect of being drawn into the arm and not into the control; for an interaction the difference "
        "between two such effects.",
        _EFFECT,
        empty=_NO_NUMBER,
        withheld="figure",
    )
    std_error: float | None = column(
        "Its standard error, of the kind `se_type`.", "as `estimate`", empty=_NO_NUMBER, withheld="figure"
    )
    statistic: float | None = column("`estimate` / `std_error`.", "none", empty=_NO_TEST, withheld="figure")
    df: float | None = column(
        "Degrees of freedom of Student's t.", "none; may be a fraction", empty=_NO_TEST, withheld="figure"
    )
    p_value: float | None = column(
        "Two-sided p-value, not adjusted.", "0 to 1", empty=_NO_TEST, withheld="figure"
    )
    p_adjusted: float | None = column(
        "The p-value adjusted within `family` by the plan's method.",
        "0 to 1",
        empty="where `family` or `p_value` is empty",
        withheld="figure",
    )
    family: str | None = column(
        "The comparisons that are adjusted together: `primary`, or `subgroup:COLUMN` for the interactions.",
        "name",
        empty="in rows that belong to no family (secondary outcomes, effects inside a level, one arm against another), "
        "and in all rows where the plan adjusts nothing",
    )
    p_randomization: float | None = column(
        "P-value by randomization inference: the difference in means over its standard error, for `ols` and `lin` of the "
        "outcome less what the covariates explain.",
        "0 to 1",
        empty="in rows of a level, an interaction or between two arms, and where the lots could not have fallen otherwise",
        withheld="figure",
    )
    randomization_draws: int | None = column(
        "How many arrangements `p_randomization` rests on.",
        "count",
        empty="in rows of a level, an interaction or between two arms",
    )
    conf_level: float = column("Level of the interval: 1 − alpha.", "0 to 1")
    conf_low: float | None = column(
        "Lower end: estimate − t quantile × std_error. Not adjusted.",
        "as `estimate`",
        empty=_NO_TEST,
        withheld="figure",
    )
    conf_high: float | None = column(
        "Upper end, likewise.", "as `estimate`", empty=_NO_TEST, withheld="figure"
    )
    n: int | None = column(
        "Units in the fit, all with a known outcome: those of the two arms for `difference_in_means`, of all arms for "
        "`ols` and `lin`. For an interaction: over all levels.",
        "units",
        withheld="total",
    )
    n_arm: int | None = column("Those of them in the arm.", "units", withheld="count")
    n_control: int | None = column("Those of them in the arm `control`.", "units", withheld="count")
    n_clusters: int | None = column(
        "Clusters in the fit.", "clusters", empty="without clusters", withheld="total"
    )
    n_blocks: int | None = column(
        "Strata in the fit: blocks after small ones were merged.",
        "strata",
        empty="without blocks, and where nothing could be estimated",
    )
    n_drawn: int | None = column(
        "Units drawn into the fit's arms: `n` + `n_missing` + `n_without_comparison`.",
        "units",
        withheld="total",
    )
    n_missing: int | None = column("Those of them without a known outcome.", "units", withheld="total")
    mean_control: float | None = column(
        "The mean of the arm `control` on the estimate's own weights (for `ols` and `lin` its prediction at the mean "
        "covariates): `mean_control` + `estimate` is the arm's mean.",
        "as `estimate`",
        empty="for interactions, and where nothing could be estimated",
        withheld="figure",
    )
    estimator: str = column("The plan's estimator.", "`difference_in_means`, `ols` or `lin`")
    se_type: str = column("The plan's standard errors.", "`HC2` or `CR2`")
    role: str = column(
        "`confirmatory` if the plan that was in force when the first outcome came in has this outcome, measured and "
        "estimated so, and this subgroup; else `exploratory`, as is each row between two arms.",
        "`confirmatory` or `exploratory`",
    )
    fragile: str | None = column(
        "Why the t test may mislead here: `few_events` (under 10 units of an arm have, or lack, another value than most), "
        "`skewed` (unequal arms and a skewed outcome), `unlike_skew` (one arm's outcome is far more "
        "skewed), `few_units` (a small arm carries the error), `few_clusters` (few "
        "clusters decide), `tests_disagree` (none of these, but `p_randomization` refutes the p-value), "
        "`worthwhile_open` (nor that, but the randomization test does not reject the least worthwhile effect, as the t "
        "interval does). "
        "A verdict then asks for `p_randomization` too, and another interval is told: "
        "[methods.md, section 13](methods.md#13-the-decision-rule).",
        "codes, apart by commas",
        empty="where nothing speaks for it, for interactions, and where there is no test",
        withheld="figure",
        since=3,
    )
    n_without_comparison: int | None = column(
        "Units of the fit's arms with a known outcome that no number rests on: in their block nobody of another arm is "
        "left to compare them with ([methods.md, section 9](methods.md#9-small-blocks)).",
        "units",
        withheld="total",
        since=3,
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Result:
        """The row of a mapping that has the columns of some version (KeyError otherwise; more are ignored)."""
        return cls(**{c.name: values[c.name] for c in COLUMNS if c.since == 1 or c.name in values})

    def as_dict(self) -> dict[str, Any]:
        """Column → value, in the columns' order: the row of every JSON file."""
        return {c.name: getattr(self, c.name) for c in COLUMNS}

    @property
    def main(self) -> bool:
        """Whether it holds an arm against the control, over all units."""
        return self.term == "arm" and self.subgroup is None

    @property
    def unvaried(self) -> bool:
        """Whether nothing varies by which the usual test could tell an error: an estimate, and neither p nor interval."""
        return self.estimate is not None and self.std_error == 0 and self.p_value is None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the t test may mislead: the codes of `fragile`."""
        return tuple(self.fragile.split(",")) if self.fragile else ()

    @property
    def ruling_p(self) -> float | None:
        """The p-value that the rule looks at: the adjusted one, or the plain one where the plan adjusts nothing."""
        return self.p_value if self.p_adjusted is None else self.p_adjusted


class ResultColumn(NamedTuple):
    """A declared column. type: str, int or float; nullable: whether a row may hold None, withheld ones too."""

    name: str
    type: type
    nullable: bool
    meaning: str
    unit: str
    empty: str
    withheld: Withheld
    since: int

    @property
    def sql(self) -> str:
        """Its name and type in a strict table."""
        return f"{self.name} {_SQL[self.type]}"


def _columns() -> tuple[ResultColumn, ...]:
    found = []
    for field in dataclasses.fields(Result):
        name, _, null = str(field.type).partition(" | ")
        found.append(ResultColumn(field.name, _TYPES[name], null == "None", **field.metadata))
    return tuple(found)


COLUMNS = _columns()
NAMES = tuple(c.name for c in COLUMNS)
# The columns of each version of rct, newest first: what an older one stored, wrote and shared has no others.
VERSIONS = tuple(
    tuple(c for c in COLUMNS if c.since <= version)
    for version in sorted({c.since for c in COLUMNS}, reverse=True)
)


def brought_by(version: int) -> tuple[ResultColumn, ...]:
    """The columns that a version of the registry brought."""
    return tuple(c for c in COLUMNS if c.since == version)


def save_results(db: sqlite3.Connection, trial: str, run: int, rows: Iterable[Result]) -> None:
    """Store the rows of a run, in their order."""
    marks = ",".join("?" * (3 + len(NAMES)))
    db.executemany(
        f"insert into result (trial, run, position, {', '.join(NAMES)}) values ({marks})",
        ((trial, run, i, *row.as_dict().values()) for i, row in enumerate(rows, start=1)),
    )


def read_results(db: sqlite3.Connection, trial: str, run: int) -> list[Result]:
    """The rows of a run. An older registry is read as it is: what it has no column for is None."""
    there = {row[1] for row in db.execute("pragma table_info(result)")}
    columns = ", ".join(name if name in there else f"null as {name}" for name in NAMES)
    rows = db.execute(
        f"select {columns} from result where trial = ? and run = ? order by position", (trial, run)
    )
    return [Result(*row) for row in rows]

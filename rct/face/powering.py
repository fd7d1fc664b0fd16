"""Power from plain numbers: how small an effect a trial can find, and how many units it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from rct import kinds
from rct.analysis.explore import require_alpha
from rct.design.schemes import declare
from rct.errors import RctError, stop, visible
from rct.face import shown
from rct.face.estimating import typed
from rct.power import PowerReport, PowerRequest, assess, power_curve
from rct.power.words import amount, percent


@dataclass(frozen=True, repr=False)
class Power:
    """The answer for the hardest comparison, and `comparisons()` for each arm.

    mde      the least effect found with the power asked for, in the outcome's own units (0.02 is two points)
    power    the chance of finding `minimum_effect`
    units    how many units in the whole trial find it with the power asked for
    lacks    what could not be told, and what it would take; warnings, notes: sentences
    """

    mde: float | None
    power: float | None
    units: int | None
    lacks: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    report: PowerReport = field(repr=False)

    def comparisons(self) -> pd.DataFrame:
        """A row an arm but the control: expected units, least effect, power, units needed."""
        rows = [vars(c) for c in self.report.comparisons]
        return typed(pd.DataFrame(rows), ("units",))

    def curve(self, over: str = "effect") -> pd.DataFrame:
        """The chance of finding an effect, over effects or over units; empty where what it takes isn't known."""
        if over not in ("effect", "units"):
            stop(
                "not_a_choice",
                "A curve is over effect or units.",
                "Choose one.",
                field="over",
                found=visible(over),
            )
        points = power_curve(self.report.request, over)
        return pd.DataFrame([(p.x, p.power) for p in points], columns=[over, "power"], dtype=float)

    def _sentences(self) -> list[str]:
        kind, asked = self.report.request.kind, self.report.request
        sentences = []
        if self.mde is not None:
            sentences.append(f"finds {amount(kind, self.mde)} or more, {percent(asked.power)} of the time")
        if self.units is not None and asked.minimum_effect is not None:
            sentences.append(
                f"to find {amount(kind, asked.minimum_effect)} it takes {self.units:,} units in all"
            )
        return [*sentences, *(f"lacking: {x}" for x in self.lacks), *self.warnings, *self.notes]

    def __repr__(self) -> str:
        return shown.text("Power", self.comparisons(), self._sentences())

    def _repr_html_(self) -> str:
        return shown.html("Power", self.comparisons(), self._sentences())


def power(
    *,
    kind: str = "binary",
    arms: Mapping[str, int] | None = None,
    control: str | None = None,
    units: int | None = None,
    baseline: float | None = None,
    minimum_effect: float | None = None,
    sd: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    multiplicity: str = "holm",
    n_primary: int = 1,
    direction: str = "increase",
    clustered: bool = False,
    cluster_size: float | None = None,
    cluster_size_cv: float = 0.0,
    icc: float | None = None,
    r2: float = 0.0,
) -> Power:
    """What a trial of this size can find; the keys are those of [power] in trial.toml.

    kind      binary, continuous or count
    arms      name -> share; the first is the control unless another is named. Else control and treatment, alike
    baseline  the control's share, mean or mean count; minimum_effect: the least effect hoped for, above 0
    What is left out is not known: `lacks` then says what could not be told. Raises RctError for numbers that make no
    sense.
    """
    known = {"control": 1, "treatment": 1} if arms is None else dict(arms)
    for name, value, choices in (
        ("kind", kind, kinds.names()),
        ("multiplicity", multiplicity, ("holm", "none")),
        ("direction", direction, ("increase", "decrease")),
        ("control", control or next(iter(known), ""), tuple(known)),
    ):
        if value not in choices:
            stop(
                "not_a_choice",
                f"{name} is one of {visible(', '.join(choices))}.",
                "Choose one.",
                field=name,
                found=visible(str(value)),
            )
    require_alpha(alpha)
    design = declare("complete", list(known), list(known.values()))
    request = PowerRequest(
        kind=kind,
        arms=design.arms,
        shares=design.shares,
        control=design.arms.index(control) if control else 0,
        n_primary=n_primary,
        alpha=alpha,
        multiplicity=multiplicity,
        direction=direction,
        power=power,
        baseline=baseline,
        minimum_effect=minimum_effect,
        sd=sd,
        units=units,
        clustered=clustered,
        icc=icc,
        cluster_size=cluster_size,
        cluster_size_cv=cluster_size_cv,
        r2=r2,
    )
    try:
        report = assess(request)
    except RctError as error:
        raise RctError([replace(p, **_in_python(p.field)) for p in error.problems]) from None
    return Power(report.mde, report.power, report.units, report.lacks, report.warnings, report.notes, report)


def _in_python(field: str | None) -> dict[str, Any]:
    """Where a number was given and what to do, for one that stands in no file."""
    name = (field or "").removeprefix("power.")
    return {"field": name, "fix": f"Give another {name}."}

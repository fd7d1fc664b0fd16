"""What is asked about one outcome's power, and what is answered: plain numbers, so anyone can call it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from rct.errors import Problem
from rct.kinds import kind_of

MAX_UNITS = 1e12  # beyond this a trial is called impossible


@dataclass(frozen=True)
class PowerRequest:
    """One primary outcome of one trial. What is None is not known; the report then says what it lacks.

    kind            the name of one of `rct.kinds`
    arms, shares    in the definition's order; `control` is the control's place among them
    n_primary       primary outcomes in the trial, for the multiplicity
    direction       increase or decrease: which way the effect is hoped to go
    baseline        the control arm's share, mean or mean count
    minimum_effect  the least effect hoped for, positive, in the outcome's own units (0.02: 2 points)
    units           in the whole trial
    icc, cluster_size, cluster_size_cv, r2   as `rct.power.formulas.design_effect` and `rct.power.trial` say
    label           what to call the outcome; thing: what to call the units
    """

    kind: str
    arms: tuple[str, ...]
    shares: tuple[int, ...]
    control: int = 0
    n_primary: int = 1
    alpha: float = 0.05
    multiplicity: str = "holm"
    direction: str = "increase"
    power: float = 0.8
    baseline: float | None = None
    minimum_effect: float | None = None
    sd: float | None = None
    units: int | None = None
    clustered: bool = False
    icc: float | None = None
    cluster_size: float | None = None
    cluster_size_cv: float = 0.0
    r2: float = 0.0
    label: str = "the outcome"
    thing: str = "units"


@dataclass(frozen=True)
class Comparison:
    """One arm against the control. Numbers that can't be told are None.

    n_arm, n_control  expected units, not rounded
    mde               the least effect found with the power asked for, positive, in the outcome's units
    power             the chance of finding the minimum effect
    power_at_average  the chance of finding 1.4 percentage points, what nudge units find on average (of a share)
    units             units in the whole trial needed for the minimum effect, rounded up
    """

    arm: str
    n_arm: float | None = None
    n_control: float | None = None
    mde: float | None = None
    power: float | None = None
    power_at_average: float | None = None
    units: int | None = None


@dataclass(frozen=True)
class PowerReport:
    """The answer for one outcome.

    mde, power and units are those of the hardest comparison; `weakest` is its arm. `clusters` is the units
    needed over the cluster size.
    lacks, warnings, notes: sentences in plain words.
    """

    request: PowerRequest
    alpha: float
    comparisons_planned: int
    design_effect: float | None
    comparisons: tuple[Comparison, ...]
    weakest: str
    mde: float | None = None
    power: float | None = None
    units: int | None = None
    clusters: int | None = None
    lacks: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def problems(request: PowerRequest) -> list[Problem]:
    """Everything in a request that makes no sense, by key of [power]; empty when all is well."""
    r, found = request, []

    def bad(key: str, value: object, rule: str) -> None:
        fix = f"Change it under [power] in trial.toml: {key} = ..."
        found.append(Problem("out_of_range", rule, fix, field=f"power.{key}", found=str(value)))

    inside = [
        (
            "minimum_effect",
            r.minimum_effect,
            0,
            math.inf,
            "must be a number above 0; direction gives its sign",
        ),
        ("power", r.power, 0, 1, "must lie between 0 and 1"),
        ("sd", r.sd, 0, math.inf, "must be a number above 0"),
    ]
    for key, value, low, high, rule in inside:
        if value is not None and not low < value < high:
            bad(key, value, f"{key} {rule}.")
    up_to = [
        ("icc", r.icc, 0, 1, "must be at least 0 and less than 1"),
        ("r2", r.r2, 0, 1, "must be at least 0 and less than 1"),
        ("cluster_size", r.cluster_size, 1, math.inf, "must be 1 or more"),
        ("cluster_size_cv", r.cluster_size_cv, 0, math.inf, "must be 0 or more"),
        ("units", r.units, 2, math.inf, "must be 2 or more"),
    ]
    for key, value, low, high, rule in up_to:
        if value is not None and not low <= value < high:
            bad(key, value, f"{key} {rule}.")
    if r.baseline is not None and not found:
        if not math.isfinite(r.baseline):
            bad("baseline", r.baseline, "baseline must be a finite number.")
        elif not kind_of(r.kind).possible(r.baseline):
            bad("baseline", r.baseline, f"baseline is {kind_of(r.kind).baseline}.")
        elif kind_of(r.kind).share and r.minimum_effect is not None and r.minimum_effect >= room(r) - 1e-12:
            rule = "baseline and minimum_effect together leave the range of a share, 0 to 1."
            bad("minimum_effect", r.minimum_effect, rule)
    return found


def room(request: PowerRequest) -> float:
    """How far a share can move in the hoped direction before it meets 0 or 1."""
    baseline = request.baseline or 0.0
    return 1 - baseline if request.direction == "increase" else baseline


def shifted(request: PowerRequest, effect: float) -> float:
    """A share after a positive effect in the hoped direction."""
    baseline = request.baseline or 0.0
    return baseline + effect if request.direction == "increase" else baseline - effect

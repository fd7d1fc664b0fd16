"""What the numbers mean, in plain words: what is lacking, what the trial can't find, how it was found."""

from __future__ import annotations

from collections.abc import Sequence

from rct.kinds import kind_of
from rct.language import tell, together
from rct.power.rare import fewest, weight
from rct.power.request import PowerReport, PowerRequest, shifted

AVERAGE = 0.014  # DellaVigna and Linos (2022), Econometrica 90(1), 81-116: 126 trials of two nudge units


def amount(kind: str, value: float) -> str:
    """An effect with its unit: '1.4 percentage points', '0.25'."""
    if not kind_of(kind).share:
        return f"{value:.3g}"
    return points_of(value)


def points_of(share: float) -> str:
    """A difference between shares: '1.4 percentage points'."""
    points = 100 * share
    return tell("{points} percentage points", points=f"{points:.1f}" if points >= 0.095 else f"{points:.2g}")


def percent(p: float) -> str:
    """A chance as people say it: '80%', never 0 or 100 when it isn't."""
    if 0 < p < 0.01:
        return tell("under 1%")
    return tell("over 99%") if 0.99 < p < 1 else f"{100 * p:.0f}%"


def expects_few(report: PowerReport) -> bool:
    """Whether the chance of the effect hoped for, or of the least one found, rests on binomial counts."""
    r = report.request
    effect = r.minimum_effect if r.minimum_effect is not None else report.mde
    weakest = next(c for c in report.comparisons if c.arm == report.weakest)
    n_arm, n_control = weakest.n_arm, weakest.n_control
    if not kind_of(r.kind).share or r.clustered or None in (effect, r.baseline, n_arm, n_control):
        return False
    p, moved = r.baseline or 0.0, shifted(r, effect or 0.0)
    return weight(fewest(p, moved, n_control or 0.0, n_arm or 0.0)) > 0


def lacks_of_formula(r: PowerRequest) -> list[str]:
    """What is not known and without which nothing can be worked out."""
    found = list(kind_of(r.kind).lacks(r.label, r.baseline, r.sd))
    if r.clustered and r.icc is None:
        found.append(
            tell(
                "icc: how alike are the members of a cluster (0 not at all, 1 wholly)? 0.05 is a usual guess."
            )
        )
    if r.clustered and r.cluster_size is None:
        found.append(
            tell("cluster_size: how many units has a cluster on average? The loaded list tells it too.")
        )
    return found


def lacks(r: PowerRequest) -> list[str]:
    """All that is not known, as sentences that begin with the key under [power]."""
    found = lacks_of_formula(r)
    if r.units is None:
        found.append(
            tell(
                "units: how many {thing} will be in the trial, all arms together? The loaded list tells it too.",
                thing=_thing(r),
            )
        )
    if r.minimum_effect is None:
        found.append(tell("minimum_effect: what is the least effect that you hope for?"))
    return found


def warnings(report: PowerReport) -> list[str]:
    """What a program manager should know before the letters go out; empty when the trial is large enough."""
    r = report.request
    found: list[str] = []
    if r.units is not None and not lacks_of_formula(r) and report.mde is None:
        found.append(
            together(
                tell(
                    "With {units} {thing} this trial can't find any effect on {label}, however large.",
                    units=f"{r.units:,}",
                    thing=_thing(r),
                    label=r.label,
                ),
                *_advice(report),
            )
        )
        return found
    hoped, mde = r.minimum_effect, report.mde
    if hoped is not None and mde is not None and report.power is not None and report.power < r.power:
        found.append(
            together(
                tell(
                    "This trial is too small for what it hopes for. If the true effect on {label} is {hoped}, it has a "
                    "chance of {chance} to find it; you asked for {asked}. The least effect that it finds with that "
                    "chance is {least}.",
                    label=r.label,
                    hoped=amount(r.kind, hoped),
                    chance=percent(report.power),
                    asked=percent(r.power),
                    least=amount(r.kind, mde),
                ),
                *_advice(report),
            )
        )
    if kind_of(r.kind).share and report.mde is not None and report.mde > AVERAGE:
        chance = next(c.power_at_average for c in report.comparisons if c.arm == report.weakest)
        values: dict[str, object] = {"average": points_of(AVERAGE), "least": points_of(report.mde)}
        found.append(
            tell(
                "Trials of nudge units moved outcomes by {average} on average (DellaVigna and Linos 2022). This trial can "
                "be counted on to find {least} or more, and an average effect with a chance of {chance} only.",
                chance=percent(chance),
                **values,
            )
            if chance
            else tell(
                "Trials of nudge units moved outcomes by {average} on average (DellaVigna and Linos 2022). This trial can "
                "be counted on to find {least} or more.",
                **values,
            )
        )
    return found


def _advice(report: PowerReport) -> Sequence[str]:
    plan: str = tell("Plan for more people, fewer arms, or a larger difference between the letters.")
    if report.units is None:
        return [plan]
    values: dict[str, object] = {"units": f"{report.units:,}", "thing": _thing(report.request)}
    if report.clusters is None:
        return [tell("It would take {units} {thing}.", **values), plan]
    clusters = f"{report.clusters:,}"
    return [tell("It would take {units} {thing} ({clusters} clusters).", clusters=clusters, **values), plan]


def _thing(r: PowerRequest) -> str:
    """What the units are called: the usual word in the reader's language, another one as it was given."""
    return tell("units") if r.thing == "units" else r.thing


def notes(report: PowerReport) -> list[str]:
    """How it was worked out, for the analyst."""
    r = report.request
    test = (
        "test of two shares, each with its own variance" if kind_of(r.kind).share else "t-test of two means"
    )
    df = ", with clusters - 2 degrees of freedom" if r.clustered else ""
    found: list[str] = [
        f"Two-sided {test}{df}: each arm against the control ({r.arms[r.control]}), at {report.alpha:.3g}. Only "
        "findings in the right direction count."
    ]
    if report.comparisons_planned > 1:
        outcomes = f"{r.n_primary} primary outcome" + "s" * (r.n_primary > 1)
        found.append(
            f"{outcomes} x {len(r.arms) - 1} arms = {report.comparisons_planned} comparisons. Holm's first "
            f"step tests at {r.alpha:g} / {report.comparisons_planned}, and that is what is planned for; "
            "later steps are easier, so the true power is the same or better."
        )
    if len(set(r.shares)) > 1:
        found.append(f"Shares differ, so the numbers are those of the smallest arm, {report.weakest}.")
    if expects_few(report):
        found.append(
            "An arm expects few events, so counts are taken as binomial; and with fewer than 5 of them in an arm the "
            "randomization test must find the difference too, as the decision asks."
        )
    if r.clustered and report.design_effect is not None:
        found.append(
            f"Clusters: a design effect of {report.design_effect:.3g}, from a mean size of "
            f"{r.cluster_size:g}, an intracluster correlation of {r.icc:g} and a coefficient of variation of "
            f"{r.cluster_size_cv:g} (Eldridge, Ashby and Kerry 2006)."
        )
    if r.r2:
        found.append(f"Covariates and blocks are taken to explain {percent(r.r2)} of the variance.")
    assumed = kind_of(r.kind).spread_note
    if assumed is not None and r.sd is None:
        found.append(assumed)
    return found

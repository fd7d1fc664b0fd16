"""The definition as questions of power: one for each primary outcome."""

from __future__ import annotations

from rct.definition.listed import LoadedList
from rct.definition.model import Power, PowerOutcome
from rct.definition.resolve import Definition
from rct.errors import Problem
from rct.language import together
from rct.power import PowerReport, PowerRequest, assess, foreseen


def power_requests(definition: Definition, loaded: LoadedList | None = None) -> list[PowerRequest]:
    """One request a primary outcome. Keys of [power] speak of the first; others fall back to them, but for
    baseline, minimum_effect and sd where the kind is another."""
    power = definition.power or Power()
    first = definition.outcomes[definition.primary[0]].kind
    names = list(definition.arms)
    requests = []
    for name in definition.primary:
        outcome = definition.outcomes[name]
        own = (power.outcomes or {}).get(name, PowerOutcome())
        base = power if outcome.kind == first else Power()
        requests.append(
            PowerRequest(
                kind=outcome.kind,
                arms=tuple(names),
                shares=tuple(definition.shares),
                control=names.index(definition.control),
                n_primary=len(definition.primary),
                alpha=definition.analysis.alpha,
                multiplicity=definition.analysis.multiplicity,
                direction=outcome.direction,
                power=power.power,
                baseline=base.baseline if own.baseline is None else own.baseline,
                minimum_effect=base.minimum_effect if own.minimum_effect is None else own.minimum_effect,
                sd=base.sd if own.sd is None else own.sd,
                units=loaded.units if loaded else power.units,
                clustered=definition.clustered,
                icc=power.icc if own.icc is None else own.icc,
                cluster_size=loaded.cluster_size if loaded and loaded.cluster_size else power.cluster_size,
                cluster_size_cv=loaded.cluster_size_cv
                if loaded and loaded.cluster_size
                else power.cluster_size_cv or 0.0,
                r2=power.r2 if own.r2 is None else own.r2,
                label=f"'{outcome.label}'",
            )
        )
    return requests


def power_reports(definition: Definition, loaded: LoadedList | None = None) -> list[PowerReport]:
    return [assess(request) for request in power_requests(definition, loaded)]


def design_warnings(definition: Definition, loaded: LoadedList | None = None) -> list[Problem]:
    """Where the planned test is known to err: told before the lock, from expectations and, once there, the list."""
    requests = power_requests(definition, loaded)
    estimator = definition.estimator
    by_cluster = loaded is not None and loaded.cluster_size is not None
    problems = [problem for request in requests for problem in foreseen.of_outcome(request)]
    problems += foreseen.of_clusters(
        requests[0], definition.scheme, estimator, loaded.sizes if loaded and by_cluster else None
    )
    if loaded is not None and definition.blocked and not definition.clustered and not by_cluster:
        blocks = [sum(sizes) for sizes in loaded.sizes.values()]
        problems += foreseen.of_pairs(len(definition.arms), estimator, blocks, loaded.columns)
    return problems


def told(problem: Problem) -> str:
    """A warning as it is printed: what it means, and what to do."""
    return together(problem.rule, problem.fix)

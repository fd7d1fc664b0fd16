"""The definition as questions of power: one for each primary outcome."""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition.model import Power, PowerOutcome
from rct.definition.resolve import Definition
from rct.power import PowerReport, PowerRequest, assess


@dataclass(frozen=True)
class Loaded:
    """What a loaded list says better than the plan's guess: units, and its clusters' mean size and spread."""

    units: int
    cluster_size: float | None = None
    cluster_size_cv: float = 0.0


def power_requests(definition: Definition, loaded: Loaded | None = None) -> list[PowerRequest]:
    """One request a primary outcome. Keys of [power] speak of the first; others fall back to them, but for
    baseline, minimum_effect and sd where the kind is another."""
    power = definition.power or Power()
    first = definition.outcomes[definition.primary[0]].kind
    names = list(definition.arms)
    made = []
    for name in definition.primary:
        outcome = definition.outcomes[name]
        own = (power.outcomes or {}).get(name, PowerOutcome())
        base = power if outcome.kind == first else Power()
        made.append(
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
    return made


def power_reports(definition: Definition, loaded: Loaded | None = None) -> list[PowerReport]:
    return [assess(request) for request in power_requests(definition, loaded)]

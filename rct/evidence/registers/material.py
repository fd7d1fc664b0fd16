"""What the forms are filled from: the definition, and what the registry knows of lock, list and draw."""

from __future__ import annotations

from dataclasses import dataclass

from rct.audit.known import NOT_STATED, since
from rct.definition import Definition
from rct.definition.expectations import power_reports
from rct.registry import chain, state
from rct.registry.events import AmendBody, AnalyzeBody, OutcomesBody
from rct.registry.state import State
from rct.registry.trial import opened
from rct.registry.workspace import Workspace
from rct.report.gather import loaded_facts, power_sentences


@dataclass(frozen=True)
class Material:
    """Facts for a registration. units: of the loaded list, else expected ([power].units), else None."""

    name: str
    definition: Definition
    city: str
    plan_hash: str | None  # None before the lock
    head: str | None
    locked_at: str | None
    known: str  # of the data, today
    known_at_lock: str
    units: int | None
    loaded: bool  # units are those of the list
    clusters: int | None
    drawn: tuple[tuple[str, int], ...]  # units drawn to each arm, once they are drawn
    replayed: bool  # the draw was made elsewhere and read in
    power: tuple[str, ...]
    powered: bool  # the power of every primary outcome was computed
    stage: str
    amended: int


def material(ws: Workspace, definition: Definition) -> Material:
    """Gather what is known of a trial; `definition` is the plan in force, or trial.toml before the lock."""
    with opened(ws, definition.name) as trial:
        trial_state = trial.state
        loaded = loaded_facts(trial)
        power = power_sentences(definition, loaded)
        plan_hash = trial.plan_hash if trial_state.plan else None
    at_lock = (trial_state.lock.body.known if trial_state.lock else None) or NOT_STATED
    known = since(
        at_lock,
        definition.trial.start,
        chain.due_date(list(trial_state.events)),
        loaded=bool(trial_state.all(OutcomesBody)),
        analyzed=bool(trial_state.all(AnalyzeBody)),
    )
    expected = definition.power.units if definition.power else None
    return Material(
        name=definition.name,
        definition=definition,
        city=ws.settings.city or "",
        plan_hash=plan_hash,
        head=trial_state.plan.hash if trial_state.plan else None,
        locked_at=trial_state.lock.time if trial_state.lock else None,
        known=known,
        known_at_lock=at_lock,
        units=loaded.units if loaded else expected,
        loaded=loaded is not None,
        clusters=_clusters(trial_state),
        drawn=_drawn(trial_state, definition),
        replayed=trial_state.replayed,
        power=tuple(power),
        powered=all(report.mde is not None for report in power_reports(definition, loaded)),
        stage=trial_state.stage,
        amended=len(trial_state.all(AmendBody)),
    )


def _clusters(trial_state: State) -> int | None:
    return trial_state.frame.body.clusters or None if trial_state.frame else None


def _drawn(trial_state: State, definition: Definition) -> tuple[tuple[str, int], ...]:
    if trial_state.draw is None:
        return ()
    return tuple(state.units_by_arm(trial_state.draw, definition.arms).items())

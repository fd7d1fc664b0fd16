"""The lots of a trial, and the rows of its assignment: all that follows from plan, frame and key."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rct.definition import Definition
from rct.design import beacon as beacons
from rct.design import probabilities
from rct.design.schemes import conduct, declare
from rct.registry import store
from rct.registry.state import State
from rct.registry.store import Assigned, Frame


@dataclass(frozen=True)
class Lots:
    """The lots, before they are stored: arms and tickets in the frame's order."""

    arms: list[str]
    tickets: list[str]
    counts: dict[str, tuple[int, ...]]
    probabilities: dict[str, dict[str, Fraction]]
    key: str | None
    impossible: tuple[str, ...] = ()
    ignored: int = 0  # rows of a replayed file that are of no unit of the frame
    seed: str = ""  # that the lock committed to; a replay has none


def lots_of(definition: Definition, frame: Frame, key: str) -> Lots:
    """The draw of `definition` on `frame` with key K: everything that follows from these three."""
    design = declare(definition.design.scheme, list(definition.arms), definition.shares)
    blocks = frame.blocks if definition.design.blocks else None
    clusters = frame.clusters if definition.design.clusters else None
    dealt = conduct(design, key, frame.units, blocks, clusters)
    chances = dict(zip(design.arms, definition.scheme.probabilities(design.shares), strict=True))
    return Lots(dealt.arm_names, dealt.ticket, dealt.counts, dict.fromkeys(dealt.counts, chances), key)


def assigned_rows(frame: Frame, lots: Lots) -> list[Assigned]:
    """The rows of the assignment, sorted by unit."""
    text = {b: {a: probabilities.shortest(p) for a, p in by.items()} for b, by in lots.probabilities.items()}
    chances = [text[b][arm] for b, arm in zip(frame.blocks, lots.arms, strict=True)]
    columns = (frame.units, frame.blocks, frame.clusters, lots.arms, chances, lots.tickets)
    rows = list(map(Assigned._make, zip(*columns, strict=True)))
    rows.sort()  # no two have the same unit
    return rows


def rows_digest(rows: list[Assigned]) -> str:
    """The digest of an assignment, as the draw event has it."""
    return store.rows_digest(rows)


def which_beacon(state: State, definition: Definition) -> str:
    """The sentence that says which beacon counts, once lock and freeze are both done."""
    if state.plan is None or state.frame is None:
        return ""
    source = beacons.parse_source(definition.design.beacon)
    return beacons.which_counts(source, state.plan.time, state.frame.time)

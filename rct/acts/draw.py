"""`rct draw`: a trial is drawn once: check what it needs, deal the lots, write the list, reveal the seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from rct.definition import Definition, plan
from rct.design import beacon as beacons
from rct.design import tickets
from rct.draw.assignment import assignment_csv
from rct.draw.checks import check_frame_hash, refuse_edited, refuse_other_frame
from rct.draw.lots import Lots, assigned_rows, lots_of, rows_digest
from rct.draw.request import Request, refuse_unused, replayed_lots
from rct.draw.strata import drawn_strata
from rct.errors import RctError, stop
from rct.registry import chain, keys, state, store
from rct.registry.change import Change, changing, refuse_changed, tidy
from rct.registry.elsewhere import refuse_arms_of_another
from rct.registry.events import DrawBody, FrameBody, PlanBody, Replay
from rct.registry.state import State
from rct.registry.store import Frame
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Drawn:
    """The draw as the event tells it. `fresh` is False when the same draw was there already."""

    body: DrawBody
    fresh: bool
    path: str


def draw(ws: Workspace, definition: Definition, person: str, request: Request) -> Drawn:
    """Draw the trial of `definition` (trial.toml as it stands: it must still be what was locked)."""
    name = definition.name
    path = ws.out(name) / "assignment.csv"
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found)
        locked_plan = plan.from_plan(state.read_plan(ws, db, found))
        refuse_edited(ws, definition, state.read_plan(ws, db, found))
        if found.draw is not None:
            frame = store.read_frame(db, name, only=())
            _same_again(ws, locked_plan, found, found.draw, frame, request)
            return Drawn(found.draw.body, False, ws.shown(path))
        if found.frame is None:
            stop(
                "no_frame", f"No list of people is loaded for {name}.", f"Load it with: rct frame {name} FILE"
            )
        refuse_other_frame(locked_plan, found.frame)
        frame = store.read_frame(db, name, only=())
    check_frame_hash(frame, found.frame)
    lots = _lots(ws, locked_plan, found, frame, request)
    with changing(ws, name, person, seen=len(found.events)) as change:
        body = _store(change, locked_plan, found, frame, lots, request, path)
        change.remove(keys.seed_file(ws, name))
        event = change.event(body)
    return Drawn(event.body, True, ws.shown(path))


def _lots(ws: Workspace, definition: Definition, found: State, frame: Frame, request: Request) -> Lots:
    if found.plan is None or found.frame is None or found.lock is None:
        raise AssertionError("checked by the caller")
    if request.replay is not None:
        lots = replayed_lots(ws, definition, found.frame, frame, request)
        arms = dict(zip(frame.units, lots.arms, strict=True))
        refuse_arms_of_another(ws, found.name, found.frame.body.token, arms)
        return lots
    refuse_unused(request)
    source = beacons.parse_source(definition.design.beacon)
    beacon = beacons.accept(request.beacon, source, found.plan.time, found.frame.time, chain.now())
    seed = _seed(ws, found)
    if tickets.seed_commitment(seed) != found.lock.body.seed_commitment:
        stop(
            "seed_changed",
            "The seed is not the one that the lock committed to.",
            "Restore private/ from a copy.",
        )
    key = tickets.draw_key(seed, found.plan.body.plan_hash, found.frame.body.frame_hash, beacon.text)
    return replace(lots_of(definition, frame, key), seed=seed)


def _seed(ws: Workspace, found: State) -> str:
    """The committed seed. A draw uses it up: it is missed only where no other command has drawn meanwhile."""
    try:
        return keys.read_seed(ws, found.name)
    except RctError:
        with state.reading(ws) as db:
            if len(state.read_state(db, found.name).events) != len(found.events):
                refuse_changed(found.name)
        raise


def _store(
    change: Change,
    definition: Definition,
    found: State,
    frame: Frame,
    lots: Lots,
    request: Request,
    path: Path,
) -> DrawBody:
    rows = assigned_rows(frame, lots)
    digest = store.save_assignment(change.db, definition.name, rows, lots.probabilities)
    file = change.write(path, assignment_csv(rows), private=True)
    strata = drawn_strata(definition, lots.counts)
    units = Counter(lots.arms)
    clusters = {a: sum(c[i] for c in lots.counts.values()) for i, a in enumerate(definition.arms)}
    replay = Replay(
        column=request.column or "",
        impossible=lots.impossible[:100],
        impossible_blocks=len(lots.impossible),
        ignored=lots.ignored,
    )
    return DrawBody(
        seed=lots.seed,
        beacon=request.beacon,
        key=lots.key,
        plan_hash=found.plan.body.plan_hash if found.plan else "",
        frame_hash=found.frame.body.frame_hash if found.frame else "",
        assignment=digest,
        files={path.name: file},
        scheme=definition.design.scheme,
        shares=tuple(definition.shares),
        units={a: units[a] for a in definition.arms},
        clusters=clusters if definition.design.clusters else {},
        blocks=len(lots.counts),
        strata=strata.sha256 if strata else "",
        merged_blocks=len(strata.merged) if strata else 0,
        locks=len(found.all(PlanBody)),
        freezes=len(found.all(FrameBody)),
        draws=1,
        replay=replay if request.replay else None,
    )


def _same_again(
    ws: Workspace,
    definition: Definition,
    found: State,
    event: chain.Event[DrawBody],
    frame: Frame,
    request: Request,
) -> None:
    """A trial is drawn once: the same request is a repetition, any other is refused."""
    replayed = event.body.replay is not None
    same = replayed == (request.replay is not None)
    if same and replayed and found.frame is not None:
        rows = assigned_rows(frame, replayed_lots(ws, definition, found.frame, frame, request))
        same = rows_digest(rows) == event.body.assignment
    elif same:
        refuse_unused(request)
        same = request.beacon in ("", event.body.beacon)
    if not same:
        stop(
            "drawn_already",
            f"This trial was drawn on {event.time}; a trial is drawn once.",
            "Another draw is another trial: rct new …",
        )

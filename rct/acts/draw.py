"""`rct draw`: a trial is drawn once: check what it needs, deal the lots, write the list, reveal the seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from rct.definition import Definition
from rct.design import beacon as beacons
from rct.design import tickets
from rct.draw.assignment import assignment_csv
from rct.draw.checks import check_frame_hash, refuse_edited, refuse_other_frame
from rct.draw.lots import Lots, assigned_rows, lots_of, rows_digest
from rct.draw.request import DrawRequest, refuse_unused, replayed_lots
from rct.draw.strata import drawn_strata
from rct.errors import RctError, stop
from rct.registry import chain, keys, state, store
from rct.registry.change import Change, changing, refuse_changed, tidy
from rct.registry.elsewhere import refuse_arms_of_another
from rct.registry.events import DrawBody, FrameBody, PlanBody, Replay
from rct.registry.trial import Drawn, Framed, opened
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class DrawRecord:
    """The draw as the event tells it. `fresh` is False when the same draw was there already."""

    body: DrawBody
    fresh: bool
    path: str


def draw(ws: Workspace, definition: Definition, person: str, request: DrawRequest) -> DrawRecord:
    """Draw the trial of `definition` (trial.toml as it stands: it must still be what was locked)."""
    name = definition.name
    path = ws.out(name) / "assignment.csv"
    tidy(ws)
    with opened(ws, name) as trial:
        state.require(trial.state)
        refuse_edited(ws, definition, trial.locked().plan_bytes)
        if trial.state.draw is not None:
            drawn = trial.drawn()
            _same_again(drawn, request)
            return DrawRecord(drawn.draw.body, False, ws.shown(path))
        framed = trial.framed()
        refuse_other_frame(framed.definition, framed.load)
        check_frame_hash(framed.units, framed.load)
    lots = _lots(framed, request)
    with changing(ws, name, person, seen=len(framed.state.events)) as change:
        body = _store(change, framed, lots, request, path)
        change.remove(keys.seed_file(ws, name))
        event = change.event(body)
    return DrawRecord(event.body, True, ws.shown(path))


def _lots(framed: Framed, request: DrawRequest) -> Lots:
    if request.replay is not None:
        lots = replayed_lots(framed, request)
        arms = dict(zip(framed.units.units, lots.arms, strict=True))
        refuse_arms_of_another(framed.ws, framed.name, framed.load.body.token, arms)
        return lots
    refuse_unused(request)
    source = beacons.parse_source(framed.definition.design.beacon)
    beacon = beacons.accept(request.beacon, source, framed.plan.time, framed.load.time, chain.now())
    seed = _seed(framed)
    if tickets.seed_commitment(seed) != framed.lock.body.seed_commitment:
        stop(
            "seed_changed",
            "The seed is not the one that the lock committed to.",
            "Restore private/ from a copy.",
        )
    key = tickets.draw_key(seed, framed.plan.body.plan_hash, framed.load.body.frame_hash, beacon.text)
    return replace(lots_of(framed.definition, framed.units, key), seed=seed)


def _seed(framed: Framed) -> str:
    """The committed seed. A draw uses it up: it is missed only where no other command has drawn meanwhile."""
    try:
        return keys.read_seed(framed.ws, framed.name)
    except RctError:
        with state.reading(framed.ws) as db:
            if len(state.read_state(db, framed.name).events) != len(framed.state.events):
                refuse_changed(framed.name)
        raise


def _store(change: Change, framed: Framed, lots: Lots, request: DrawRequest, path: Path) -> DrawBody:
    definition = framed.definition
    rows = assigned_rows(framed.units, lots)
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
        plan_hash=framed.plan.body.plan_hash,
        frame_hash=framed.load.body.frame_hash,
        assignment=digest,
        files={path.name: file},
        scheme=definition.design.scheme,
        shares=tuple(definition.shares),
        units={a: units[a] for a in definition.arms},
        clusters=clusters if definition.design.clusters else {},
        blocks=len(lots.counts),
        strata=strata.sha256 if strata else "",
        merged_blocks=len(strata.merged) if strata else 0,
        locks=len(framed.state.all(PlanBody)),
        freezes=len(framed.state.all(FrameBody)),
        draws=1,
        replay=replay if request.replay else None,
    )


def _same_again(drawn: Drawn, request: DrawRequest) -> None:
    """A trial is drawn once: the same request is a repetition, any other is refused."""
    draw = drawn.draw
    replayed = draw.body.replay is not None
    same = replayed == (request.replay is not None)
    if same and replayed:
        rows = assigned_rows(drawn.units, replayed_lots(drawn, request))
        same = rows_digest(rows) == draw.body.assignment
    elif same:
        refuse_unused(request)
        same = request.beacon in ("", draw.body.beacon)
    if not same:
        stop(
            "drawn_already",
            f"This trial was drawn on {draw.time}; a trial is drawn once.",
            "Another draw is another trial: rct new …",
        )

"""A log with an event of the wrong shape, added by hand with a hash that fits: every reading command names it.

Nothing that a body may hold ends in a traceback: what is read are records, and what is none is none.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from event_bodies import MARKS, sample
from support import Ran, Road, road_at

from rct.registry import chain, state
from rct.registry.events import KINDS, EnteredBody
from rct.registry.events.record import Field

OWN = ("status", "log", "head", "verify", "trust")  # commands that read the workspace's own log
READING = (  # and those that read a trial's
    ("status",), ("status", "bills"), ("log",), ("log", "bills"), ("head",), ("head", "bills"), ("verify",),
    ("verify", "bills"), ("share", "bills"), ("site",), ("consort", "bills"), ("report", "bills"), ("analyze", "bills"),
    ("certify", "--since", "2026-01-01"), ("check", "bills"), ("draw", "bills", "--yes"), ("proof", "bills"),
    ("register", "bills", "--format", "osf"), ("decide", "bills", "drop", "--note", "Not worth it"),
    ("followup", "bills", "--adopted", "no", "--note", "Not used"), ("note", "bills", "The boxes were swapped"),
    ("stop", "bills", "--reason", "no budget", "--yes"),
)  # fmt: skip
Add = Callable[[str, dict[str, Any]], None]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    return road_at("reported", tmp_path_factory.mktemp("added"))


@pytest.fixture
def add(road: Road) -> Iterator[Add]:
    """Adds an event as the last one of its log, in place of the one before."""
    database = road.folder / "rct.db"
    kept = database.read_bytes()

    def put(kind: str, body: dict[str, Any]) -> None:
        database.write_bytes(kept)
        trial = "" if KINDS.get(kind) is not None and KINDS[kind].chain == "workspace" else "bills"
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as db:
            db.execute("pragma synchronous = off")
            event = chain.seal(trial, chain.last(db, trial), "Tess", kind, body)
            chain.append(db, event, practice=False)

    yield put
    database.write_bytes(kept)


@pytest.mark.parametrize(
    ("kind", "body", "what"),
    [
        ("followup", {"note": "x"}, "months of followup"),
        ("followup", {**sample("followup"), "months": [1], "adopted": {}}, "months of followup"),
        ("followup", {**sample("followup"), "adopted": {}}, "adopted of followup"),
        ("shared", {}, "bundle of shared"),
        ("registered", {}, "register of registered"),
        ("decide", {**sample("decide"), "verdict": "wait"}, "verdict of decide"),
        ("pause", {}, "rct knows no events of the kind pause"),
    ],
)
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_it_is_one_named_problem_in_every_command(
    road: Road, add: Add, kind: str, body: dict[str, Any], what: str, command: tuple[str, ...]
) -> None:
    add(kind, {**body, **MARKS})
    assert_named(road.rct(*command, "--json"), command[0], what)


@pytest.mark.parametrize("command", OWN)
def test_so_it_is_in_the_workspaces_own_log(road: Road, add: Add, command: str) -> None:
    add("trust", {**MARKS, "public": "no key", "name": "Springfield"})
    assert_named(road.rct(command, "--json"), command, "public of trust")


@pytest.mark.parametrize("kind", KINDS)
def test_each_field_missing_or_of_another_type_or_too_many_is_named(road: Road, add: Add, kind: str) -> None:
    own = KINDS[kind].chain == "workspace"
    commands = cycle([(c,) for c in OWN] if own else READING)
    for what, body in wrong(kind):
        add(kind, body)
        command = next(commands)
        assert_named(road.rct(*command, "--json"), command[0], f"{what} of {kind}")


@pytest.mark.parametrize(
    "command", [("report", "bills"), ("share", "bills"), ("register", "bills", "--format", "osf")]
)
def test_a_draw_of_other_arms_than_the_plan_s_is_refused(
    road: Road, add: Add, command: tuple[str, ...]
) -> None:
    (text,) = (t for _, _, t in road.events() if '"kind":"draw"' in t)
    add("draw", {**json.loads(text)["body"], "units": {"nobody": 0}})
    (problem,) = road.no(*command)
    assert problem["code"] == "chain_broken"
    assert "tells of other arms than the plan" in problem["rule"]


def test_the_memo_goes_by_no_entry_that_is_none(road: Road, add: Add) -> None:
    """What someone put into the workspace's log under the hash of an analysis is no head to print."""
    (head,) = (json.loads(t)["body"]["head"] for n, _, t in road.events() if not n and '"of":"analyze"' in t)
    add("entered", {"head": head})
    with contextlib.closing(sqlite3.connect(road.folder / "rct.db")) as db:
        row = db.execute("select hash from event where trial = 'bills' and kind = 'analyze'").fetchone()
        event = next(e for e in chain.read(db, "bills") if e.hash == row[0])
        own = [e.hash for e in chain.read(db, "") if isinstance(e.body, EnteredBody) and e.body.head == head]
        assert [state.entered(db, event)] == own


def wrong(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Bodies of this kind with one thing wrong: the key, the body."""
    whole = sample(kind)
    yield "more", {**whole, "more": 1}
    for declared in KINDS[kind].fields.values():
        if not declared.absent:
            yield declared.key, {k: v for k, v in whole.items() if k != declared.key}
        yield declared.key, {**whole, declared.key: another(declared)}


def another(declared: Field) -> Any:
    """A value of a type that the field can't have."""
    return [{}] if declared.shape.words.startswith(("text", "whole")) else 7


def assert_named(ran: Ran, command: str, what: str) -> None:
    """One problem with its code; the lists `status`, `log` and `head` go on and say it beside what they list."""
    assert "Traceback" not in ran.err
    said = json.loads(ran.out)
    if command == "verify":
        assert (ran.code, said["failures"][0]["code"]) == (1, "chain")
        assert what in said["failures"][0]["rule"]
    elif ran.code == 2:
        (problem,) = said["problems"]
        assert problem["code"] == "chain_broken"
        assert what in problem["rule"]
    else:
        assert (ran.code, command in ("status", "log", "head")) == (0, True), (command, ran.out)
        assert what in " ".join(ran.err.split())

"""The workspace's opt-out ledger: keyed hashes in the vault, honoured by every later list."""

from __future__ import annotations

from pathlib import Path

import pytest
from event_bodies import sample
from support import Road, accounts, definition

from rct.registry import keys, optout, state, vault
from rct.registry.change import changing
from rct.registry.events import MailedBody
from rct.registry.workspace import Workspace, find

KEY = bytes(range(32))


@pytest.fixture
def road(tmp_path: Path) -> Road:
    road = Road(tmp_path)
    road.define(definition(frame='id = "account"\ncontact = ["name", "email", "cell"]'))
    return road


def people(n: int) -> str:
    return accounts(n, columns="email,cell", row=lambda i: f"P{i}@example.org,(555) 010-{i:04d}")


def opt_out(ws: Workspace, *named: tuple[str, str]) -> None:
    key = keys.read_key(ws)
    found = [optout.entry(key, kind, value) for kind, value in named]
    with changing(ws, "", "Tess") as change:
        change.put_optouts([e for e in found if e is not None])
        change.event(replied())


def replied() -> MailedBody:
    """An event by which wishes come: the change puts in what it says of the ledger."""
    return MailedBody.read(sample("mailed")).but(ledger=None, ledger_digest=None)


def ledger(ws: Workspace) -> optout.Ledger:
    with state.reading(ws) as db:
        return optout.read(ws, db)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("email", "email"),
        ("E-mail address", "email"),
        ("cell", "phone"),
        ("home_phone", "phone"),
        ("Tel.", "phone"),
        ("cellar", None),
        ("hotel", None),
        ("zip", None),
        ("address", None),
        ("name", None),
    ],
)
def test_a_contact_column_is_known_by_its_name(column: str, kind: str | None) -> None:
    assert optout.kind_of(column) == kind


def test_spellings_of_one_address_or_number_are_one_entry() -> None:
    assert optout.entry(KEY, "email", " Ana@Example.ORG ") == optout.entry(KEY, "email", "ana@example.org")
    assert optout.entry(KEY, "phone", "+1 (555) 010-0000") == optout.entry(KEY, "phone", "555.010.0000")
    assert optout.entry(KEY, "id", "007") != optout.entry(KEY, "id", "7")
    assert optout.entry(KEY, "email", "none") is None
    assert optout.entry(KEY, "phone", "n/a") is None
    assert optout.entry(KEY, "id", "5550100000") != optout.entry(KEY, "phone", "5550100000")


def test_the_list_leaves_out_who_opted_out_by_id_address_or_number(road: Road) -> None:
    ws = find(road.folder)
    opt_out(ws, ("id", "00003"), ("email", "p5@example.org"), ("phone", "1-555-010-0007"))
    file = road.file("list.csv", people(12))
    seen = road.rct("check", "bills", "--frame", file)
    assert "9 units would be drawn" in seen.out
    loaded = road.ok("frame", "bills", file)
    assert (loaded["kept"], loaded["excluded"], loaded["reasons"]) == (9, 3, {"opted_out": 3})
    with state.reading(ws) as db:
        event = state.read_state(db, "bills").frame
    assert event is not None
    assert event.body.ledger == 3
    assert road.ok("verify")["ok"]


def test_a_wish_after_the_draw_does_not_change_the_list_of_that_trial(road: Road) -> None:
    file = road.file("list.csv", people(12))
    road.ok("frame", "bills", file)
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    opt_out(find(road.folder), ("id", "00003"))
    again = road.ok("frame", "bills", file)
    assert (again["fresh"], again["kept"]) == (False, 12)


def test_before_the_draw_the_list_is_judged_anew(road: Road) -> None:
    file = road.file("list.csv", people(12))
    assert road.ok("frame", "bills", file)["kept"] == 12
    opt_out(find(road.folder), ("id", "00003"))
    again = road.ok("frame", "bills", file)
    assert (again["fresh"], again["kept"], again["freezes"]) == (True, 11, 2)


def test_nothing_counts_before_the_change_is_committed(road: Road) -> None:
    ws = find(road.folder)
    with vault.opened(ws, write=True) as opened:  # a command that died before its commit
        entry = optout.entry(keys.read_key(ws), "id", "00003")
        assert entry is not None
        optout.put(opened, "f" * 32, "bills", [entry])
    assert not ledger(ws)
    opt_out(ws, ("id", "00004"))
    assert ledger(ws).holds("id", "00004")
    with vault.opened(ws) as opened:
        assert opened.execute("select count(*) from optout").fetchone() == (1,)


def test_a_change_that_fails_leaves_no_entry(road: Road) -> None:
    ws = find(road.folder)
    entry = optout.entry(keys.read_key(ws), "id", "00003")
    assert entry is not None

    def fail() -> None:
        with changing(ws, "", "Tess") as change:
            change.put_optouts([entry])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with vault.opened(ws) as opened:
        assert opened.execute("select count(*) from optout").fetchone() == (0,)


def test_the_wish_outlives_the_trial_and_holds_no_name(road: Road) -> None:
    ws = find(road.folder)
    road.ok("frame", "bills", road.file("list.csv", people(12)))
    key = keys.read_key(ws)
    with changing(ws, "bills", "Tess") as change:
        change.put_optouts(optout.entries_of(key, "00003", {"name": "Person 3", "email": "P3@example.org"}))
        change.event(replied())
    road.ok("forget", "bills", "--yes")
    assert ledger(ws).holds("id", "00003")
    assert ledger(ws).holds("email", "p3@example.org")
    with vault.opened(ws) as opened:
        rows = opened.execute("select token, kind, hash from optout").fetchall()
        assert opened.execute("select count(*) from person").fetchone() == (0,)
    assert {len(hash) for _, _, hash in rows} == {64}
    assert {token for token, _, _ in rows} == {""}
    opt_out(ws, ("id", "00004"))  # the next settling finds nothing amiss
    assert len(ledger(ws).seq) == 3

"""Whether the vault holds what the registry says it holds, and nobody's wish was struck out. No name is looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from rct.errors import RctError
from rct.registry import keys, optout, vault
from rct.registry.events import FrameBody, MailedBody
from rct.registry.state import State
from rct.registry.workspace import Workspace


def people_untold(ws: Workspace, db: sqlite3.Connection, chains: Mapping[str, State]) -> Iterator[str]:
    """What of batches and opt-outs in the vault no log tells of; nothing where there is no vault to look into."""
    registry = {
        token: (trial, bool(superseded))
        for token, trial, superseded in db.execute(
            "select token, trial, superseded from batch where vault = 1"
        )
    }
    try:
        with vault.opened(ws) as opened:
            batches = vault.batches(opened) if vault.made(opened) else []
            holders = vault.holders(opened) if batches else set()
            entries = optout.entries(opened)
            latest = vault.latest(opened)
        key = keys.read_key(ws)
    except RctError:
        return  # a copy without private/, or a closed vault: a trial that has people names it
    if latest is not None and not db.execute("select 1 from batch where token = ?", (latest,)).fetchone():
        yield "the vault knows of a change that this registry never committed: an older rct.db was put back"
    yield from _batches(batches, registry)
    loaded = {e.body.token for state in chains.values() for e in state.all(FrameBody)}
    if any(token in registry and token not in loaded and registry[token][0] for token in holders):
        yield "the vault holds people of a change that loaded no list"
    yield from _ledger(key, entries, set(registry), chains)


def _batches(batches: list[tuple[str, str, str]], registry: Mapping[str, tuple[str, bool]]) -> Iterator[str]:
    there = {token: (trial, state) for token, trial, state in batches}
    for token, (trial, state) in there.items():
        if token not in registry and state == "done":
            yield f"the vault holds people of {trial} whom this registry never committed: an older rct.db was put back"
        elif token in registry and registry[token][0] not in ("", trial):
            yield f"the vault tells the people of {registry[token][0]} of another trial"
    for token, (trial, superseded) in registry.items():
        if token not in there and not superseded:
            yield f"the vault lacks what event and registry tell of {trial}"


def _ledger(
    key: bytes,
    entries: list[tuple[int, str, str, str]],
    committed: set[str],
    chains: Mapping[str, State],
) -> Iterator[str]:
    """Each event that wrote opt-outs holds a digest of all up to then; none stands after the last one."""
    counted = [e for e in entries if e[1] == optout.KEPT or e[1] in committed]
    mailed = [e for state in chains.values() for e in state.all(MailedBody)]
    events = [e for e in mailed if e.body.ledger_digest is not None]
    older = any(e.body.opted_out and e not in events for e in mailed)
    for event in events:
        if optout.keyed_digest(key, counted, event.body.ledger or 0) != event.body.ledger_digest:
            yield f"the opt-outs are not those that event {event.seq} of {event.trial or 'the workspace'} knew"
            return
    if not older:  # an older rct wrote no digest
        last = max((e.body.ledger or 0 for e in events), default=0)
        if any(seq > last for seq, *_ in counted):
            yield "there is an opt-out that no event tells of"

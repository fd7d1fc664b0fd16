"""Who gets which version, for a mail, e-mail or SMS system: id, version letter, reference code; into private/.

The order is that of the mailing, the versions interleaved. Who opted out since the draw is left out and counted:
nothing is sent to them, and they stay in the analysis in the arm that was drawn.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from rct.definition import Definition
from rct.errors import stop
from rct.letters.mailed import letters_of
from rct.letters.reference import reference_code
from rct.letters.versions import interleaved
from rct.letters.workbook import MAX_ROWS, exact_csv, running_rows, string_workbook
from rct.registry import keys, optout, state, store, vault
from rct.registry.change import changing
from rct.registry.state import State
from rct.registry.workspace import Workspace

SYSTEMS = ("mail", "email", "sms")
_SYSTEM_OF = {"letter": "mail", "postcard": "mail", "email": "email", "sms": "sms"}
_KIND = {"email": "email", "sms": "phone"}
_DIGEST = b"rct.handover.1\n"


@dataclass(frozen=True)
class Handed:
    """What was written. `versions` is version letter → units in the file; `fresh` is False when it was there already."""

    system: str
    header: tuple[str, ...]
    versions: dict[str, int]
    arms: dict[str, str]  # version letter → arm
    opted_out: int
    running: list[int]  # rows for which no CSV is written
    paths: list[str]
    fresh: bool

    @property
    def rows(self) -> int:
        return sum(self.versions.values())


def hand_over(ws: Workspace, definition: Definition, person: str, system: str | None = None) -> Handed:
    """Write private/NAME/handover.xlsx, and handover.csv unless a spreadsheet would run one of its cells."""
    name = definition.name
    system = system or _SYSTEM_OF[definition.trial.channel]
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True)
        ledger = optout.read(ws, db)
        rows = store.read_assignment(db, name)
    if found.draw is None or found.frame is None:
        raise AssertionError("required above")
    letters = letters_of(definition, found.draw)
    sent = sent_arms(definition)
    arms = {row.unit: row.arm for row in rows if row.arm in sent}
    order = interleaved(
        str(found.draw.body["key"] or found.draw.body["frame_hash"]),
        [(u, letters[a]) for u, a in arms.items()],
    )
    key = keys.read_key(ws)
    people = _people(ws, found, set(order))
    columns = [c for c in definition.frame.contact if system in _KIND and optout.kind_of(c) == _KIND[system]]
    header = ("id", "version", "reference", *columns)
    table: list[tuple[str, ...]] = []
    versions = {letters[a]: 0 for a in definition.arms if a in sent}
    left_out = 0
    for unit in order:
        id, contact = people[unit]
        if any(e in ledger.seq for e in optout.entries_of(key, id, contact)):
            left_out += 1
            continue
        version = letters[arms[unit]]
        versions[version] += 1
        code = reference_code(key, name, unit)
        table.append((id, version, code, *(contact.get(c, "") for c in columns)))
    if not table:
        stop("nobody_to_send_to", f"Nobody of {name} is to be sent anything.", "See: rct status")
    running = running_rows(table)
    files = _files(header, table, running)
    body = {
        "for": system,
        "columns": list(header),
        "rows": len(table),
        "left_out": {"opted_out": left_out},
        "versions": dict(sorted(versions.items())),
        "digest": hmac.digest(key, _DIGEST + exact_csv(header, table), hashlib.sha256).hex(),
    }
    folder = ws.private_trial(name)
    there = all((folder / file).is_file() for file in files)
    last = found.last("handover")
    fresh = not there or last is None or any(last.body.get(k) != v for k, v in body.items())
    if fresh:
        with changing(ws, name, person, seen=len(found.events)) as change:
            for file, data in files.items():
                change.write(folder / file, data, private=True)
            for file in {"handover.csv", "handover.xlsx"} - set(files):
                change.remove(folder / file)
            change.event("handover", body)
    by_letter = {letters[a]: a for a in definition.arms if a in sent}
    return Handed(
        system, header, dict(sorted(versions.items())), dict(sorted(by_letter.items())), left_out, running,
        [ws.shown(folder / file) for file in files], fresh,
    )  # fmt: skip


def sent_arms(definition: Definition) -> list[str]:
    """The arms to whom something is sent: those with a template, or all where everything is made elsewhere."""
    named = [a for a, arm in definition.arms.items() if arm.template or arm.templates]
    return named or list(definition.arms)


def _people(ws: Workspace, found: State, units: set[str]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Unit → the city's own id and the contact values, of these units alone."""
    if found.frame is None:
        return {}
    with vault.opened(ws) as opened:
        return {
            unit: (id, json.loads(contact))
            for unit, id, _, contact in vault.people(opened, str(found.frame.body["token"]))
            if unit in units
        }


def _files(header: tuple[str, ...], table: list[tuple[str, ...]], running: list[int]) -> dict[str, bytes]:
    files = {}
    if not running:
        files["handover.csv"] = exact_csv(header, table)
    if len(table) <= MAX_ROWS:
        files["handover.xlsx"] = string_workbook(header, table)
    if not files:
        stop(
            "too_many_for_a_sheet",
            f"A sheet holds {MAX_ROWS:,} rows, this list has {len(table):,}, and as a CSV a spreadsheet would run some.",
            "Change the ids or addresses that start with = + - or @.",
        )
    return files

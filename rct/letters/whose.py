"""Whose a row of a report is: by reference code, by the city's id, or through the vault by e-mail address or phone number.

Addresses are compared as keyed hashes, as in the ledger of who opted out, and are kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from rct.errors import stop
from rct.registry import optout, vault
from rct.registry.optout import Entry
from rct.registry.trial import Drawn

CONTACT = "contact"  # a column that holds either
_KINDS = {"email": ("email",), "phone": ("phone",), CONTACT: ("email", "phone")}
_WORDS = {"email": "e-mail addresses", "phone": "phone numbers", CONTACT: "e-mail addresses or phone numbers"}


Of = Callable[[str, str], tuple[str, ...]]  # the units by kind and value


def nobody(*_: str) -> tuple[str, ...]:
    """Where no row is named by an address."""
    return ()


@dataclass(frozen=True)
class Contacts:
    """The drawn units by e-mail address and phone number."""

    key: bytes
    units: Mapping[Entry, tuple[str, ...]]

    def of(self, kind: str, value: str) -> tuple[str, ...]:
        """The units with this address or number: none, one, or several who share it."""
        for each in _KINDS[kind]:
            found = optout.entry(self.key, each, value)
            if found is not None and found in self.units:
                return self.units[found]
        return ()


def contacts_of(trial: Drawn, key: bytes, units_drawn: Collection[str], wanted: str) -> Contacts:
    """The vault's addresses of the kind `wanted`. Raises `RctError` where the list holds no such column."""
    contact_columns = trial.definition.frame.contact
    columns = {c: optout.kind_of(c) for c in contact_columns if optout.kind_of(c) in _KINDS[wanted]}
    if not columns:
        stop(
            "no_contact_column",
            f"The file names people by {_WORDS[wanted]}, and this trial's list holds none (frame.contact).",
            "Add a column with the reference code of each row: rct handover writes it beside each address.",
        )
    units: dict[Entry, tuple[str, ...]] = {}
    with vault.opened(trial.ws) as opened:
        for unit, _, _, contact in vault.people(opened, trial.load.body.token):
            if unit not in units_drawn:
                continue
            values = json.loads(contact)
            for column, kind in columns.items():
                entry = optout.entry(key, str(kind), str(values.get(column, "")))
                if entry is not None and unit not in units.get(entry, ()):
                    units[entry] = (*units.get(entry, ()), unit)
    return Contacts(key, units)

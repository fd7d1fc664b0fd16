"""Reference codes as a way to name people, for the stages that read answers: outcomes know nothing of letters."""

from __future__ import annotations

from rct.letters.reference import check_code, normalize, reference_code
from rct.letters.seeds import MOST
from rct.letters.versions import letters_of
from rct.outcomes.names import NOBODY, Names
from rct.registry import keys
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

COLUMN = "reference"


def names_by_reference(ws: Workspace, name: str) -> Names:
    """The column `reference`, every drawn unit behind its code, and staff addresses as nobody."""
    key = keys.read_key(ws)
    with opened(ws, name) as trial:
        drawn = trial.drawn(people=True)
        by_code = {reference_code(key, name, unit): unit for unit in drawn.units.units}
        versions = letters_of(drawn.definition, drawn.draw)
    for version in versions.values():
        for number in range(1, MOST + 1):
            by_code[reference_code(key, name, f"seed|{version}|{number}")] = NOBODY
    return Names(COLUMN, by_code.get, normalize, _unknown)


def _unknown(text: str) -> str:
    return "reference_unknown" if check_code(text) else "reference_mistyped"

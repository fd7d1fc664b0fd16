"""Reference codes as a way to name people, for the stages that read answers: outcomes know nothing of letters."""

from __future__ import annotations

from rct.definition import plan
from rct.letters.reference import check_code, normalize, reference_code
from rct.letters.seeds import MOST
from rct.letters.versions import letters_of
from rct.outcomes.names import NOBODY, Names
from rct.registry import keys, state, store
from rct.registry.workspace import Workspace

COLUMN = "reference"


def names_by_reference(ws: Workspace, name: str) -> Names:
    """The column `reference`, every drawn unit behind its code, and staff addresses as nobody."""
    key = keys.read_key(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True, open=False)
        units = store.read_frame(db, name, only=()).units
        definition = plan.from_plan(state.read_plan(ws, db, found))
    if found.draw is None:
        raise AssertionError("required above")
    by_code = {reference_code(key, name, unit): unit for unit in units}
    for version in letters_of(definition, found.draw).values():
        for number in range(1, MOST + 1):
            by_code[reference_code(key, name, f"seed|{version}|{number}")] = NOBODY
    return Names(COLUMN, by_code.get, normalize, _unknown)


def _unknown(text: str) -> str:
    return "reference_unknown" if check_code(text) else "reference_mistyped"

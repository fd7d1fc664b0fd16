"""How an outcomes file names people: by the city's own id, or by the reference code of a piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rct.definition import Definition
from rct.design import tickets
from rct.errors import RctError
from rct.registry import keys
from rct.registry.workspace import Workspace

NOBODY = ""  # in place of a pseudonym: a piece to a staff address, which is outside the trial


def as_written(text: str) -> str:
    return text


def unknown_unit(_text: str) -> str:
    return "unknown_unit"


@dataclass(frozen=True)
class Names:
    """The column that names people, and what its values mean.

    unit: the pseudonym behind a value; None where there is none such, NOBODY for a staff address. spelled: one way to
    write a value that people write in several, so that a person named twice is seen. unknown: the code of refusal for
    a value that names nobody. pass_outsiders: a row of such a value is of somebody who is not in the trial, and is passed
    over.
    """

    column: str
    unit: Callable[[str], str | None]
    spelled: Callable[[str], str] = as_written
    unknown: Callable[[str], str] = unknown_unit
    pass_outsiders: bool = False


def names_by_id(ws: Workspace, definition: Definition) -> Names:
    """The city's own id, exactly as in the list."""
    key = keys.read_key(ws)

    def unit(id: str) -> str | None:
        try:
            return tickets.unit_id(key, definition.name, id)
        except RctError:  # no id at all: the reader names its row and what is wrong with it
            return None

    return Names(definition.frame.id, unit)

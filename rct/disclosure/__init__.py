"""Pure suppression: which published cells are too small, and which others would give them away."""

from rct.disclosure.audit import (
    Bounds,
    Hiding,
    Printed,
    Relation,
    adds_up,
    complementary,
    exposed,
    hidden_bounds,
)
from rct.disclosure.beside import hide_levels, hide_parts
from rct.disclosure.cells import Cell, Key, is_small
from rct.disclosure.trial import Facts, Hidden, hidden_cells, hide

__all__ = [
    "Bounds",
    "Cell",
    "Facts",
    "Hidden",
    "Hiding",
    "Key",
    "Printed",
    "Relation",
    "adds_up",
    "complementary",
    "exposed",
    "hidden_bounds",
    "hidden_cells",
    "hide",
    "hide_levels",
    "hide_parts",
    "is_small",
]

"""Pure suppression: which published cells are too small, and which others would give them away."""

from rct.disclosure.audit import (
    CountBounds,
    Hiding,
    PrintedTables,
    Relation,
    adds_up,
    complementary,
    exposed,
    hidden_bounds,
)
from rct.disclosure.beside import hide_levels, hide_parts
from rct.disclosure.cells import Cell, Key, is_small
from rct.disclosure.trial import Hidden, PrintedFacts, hidden_cells, hide

__all__ = [
    "Cell",
    "CountBounds",
    "Hidden",
    "Hiding",
    "Key",
    "PrintedFacts",
    "PrintedTables",
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

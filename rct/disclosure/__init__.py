"""Pure suppression: which published cells are too small, and which others would give them away."""

from rct.disclosure.audit import Bounds, Hiding, Relation, adds_up, complementary, exposed, hidden_bounds
from rct.disclosure.cells import Cell, Key, hidden_cells, is_small

__all__ = [
    "Bounds",
    "Cell",
    "Hiding",
    "Key",
    "Relation",
    "adds_up",
    "complementary",
    "exposed",
    "hidden_bounds",
    "hidden_cells",
    "is_small",
]

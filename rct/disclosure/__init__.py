"""Pure suppression: which published cells are too small, and which others would give them away."""

from rct.disclosure.cells import Cell, Key, hidden_cells, is_small

__all__ = ["Cell", "Key", "hidden_cells", "is_small"]

"""Codes of the Python face and of exports."""

from __future__ import annotations

PYTHON: dict[str, str] = {
    "no_such_column": "The table has no column of this name. The message lists those that it has.",
    "bad_cell": "A cell of the table is empty, or not of the kind that its column needs. Row and column are named.",
    "bad_draw_key": "A draw's key is 64 hex digits. Make one before you look at the list: secrets.token_hex(32).",
    "id_as_number": "Ids are text or whole numbers. Read them as text, so that leading zeros stay: dtype=str.",
    "no_such_outcome": "No outcome of this name was loaded. The message lists those that were.",
    "no_such_covariate": "The list holds no covariate or category of this name. The message lists those that it holds.",
    "covariates_unused": "difference_in_means adjusts for nothing. Leave the covariates out, or use lin or ols.",
    "not_counts": "A table to suppress holds whole counts of people, 0 or more, and no totals: they are added.",
    "needs_a_package": "What was asked for needs a Python package that is not installed. The message names it.",
}

"""Every code a person can meet, with what it means and what to do. docs/errors.md is written from this table."""

from __future__ import annotations

from rct.codes.files import FILES
from rct.codes.python import PYTHON
from rct.codes.workspace import WORKSPACE

CODES: dict[str, str] = {**FILES, **WORKSPACE, **PYTHON}

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from support import definition

from rct.definition import check_text
from rct.outcomes.read import read_outcomes
from rct.outcomes.rows import OutcomeRows
from rct.tables import read_table

TODAY = date(2026, 4, 1)
START = date(2026, 1, 12)
KNOWN = {**{f"{i:03d}": "kept" for i in range(1, 100)}, "X1": "excluded", "X2": "excluded"}
Outcomes = Callable[..., OutcomeRows]


def outcome(name: str, kind: str = "binary", **keys: object) -> str:
    """One [outcomes.NAME] table; `primary` for the first, `missing` by what the contract allows."""
    missing = "drop" if kind == "continuous" and keys.get("rows") != "event" else "zero"
    lines = [
        f"[outcomes.{name}]",
        f'label = "{name}"',
        f'kind = "{kind}"',
        f'missing = "{missing}"',
        "primary = true",
    ]
    for key, value in keys.items():
        lines.append(f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    """`outcomes(plan, content)`: a file read against the outcomes in `plan`; ids 001 to 099 are in the frame."""

    def outcomes(plan: str, content: str | bytes, file: str = "paid.csv", **options: object) -> OutcomeRows:
        path = tmp_path / file
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        text = definition(start=START, outcomes=plan)
        table = read_table(path, **options)  # type: ignore[arg-type]
        return read_outcomes(table, check_text(text, "bills"), KNOWN.get, today=TODAY)

    return outcomes

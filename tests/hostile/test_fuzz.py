"""A sample of the mutations; `make fuzz` does 10,000."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile.fuzz import run

PARTS, EACH = 4, 100
STEP = 25  # so that the sample takes from all kinds of files


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutation_breaks_a_command(part: int, tmp_path: Path) -> None:
    numbers = range(part, PARTS * EACH * STEP, PARTS * STEP)
    broken = [
        (number, door, ended.code, ended.err[-500:])
        for number, door, fate, ended in run(numbers, tmp_path)
        if fate == "broken"
    ]
    assert not broken

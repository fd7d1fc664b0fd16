"""The reference answers are R's: its script, run again here, writes the same data and the same numbers."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.mark.needs("Rscript", "R:estimatr", "R:metafor", "R:jsonlite")
def test_r_writes_the_reference_again(tool: Callable[[str], str], tmp_path: Path) -> None:
    """Numbers within 1e-9 relative (1e-12 absolute near zero); data files and everything else exactly."""
    shutil.copy(HERE / "make_reference.R", tmp_path)
    command = [tool("Rscript"), "--vanilla", "make_reference.R"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "reference.json").read_text(encoding="utf-8"))
    stored = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
    found.pop("versions")
    stored.pop("versions")
    assert list(differences(found, stored)) == []
    written = sorted(tmp_path.glob("*.csv"))
    assert written
    assert [f.name for f in written if f.read_bytes() != (HERE / f.name).read_bytes()] == []


def differences(found: Any, stored: Any, where: str = "") -> Iterator[str]:
    """Every place where the two differ, as `place: found, stored`."""
    if isinstance(found, dict) and isinstance(stored, dict):
        for key in sorted(found.keys() | stored.keys()):
            yield from differences(found.get(key), stored.get(key), f"{where}.{key}")
    elif isinstance(found, list) and isinstance(stored, list) and len(found) == len(stored):
        for i, (one, other) in enumerate(zip(found, stored, strict=True)):
            yield from differences(one, other, f"{where}[{i}]")
    elif isinstance(found, int | float) and isinstance(stored, int | float):
        if not math.isclose(found, stored, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{where}: {found!r}, {stored!r}"
    elif found != stored:
        yield f"{where}: {found!r}, {stored!r}"


def test_a_difference_is_seen() -> None:
    one = {"a": {"estimate": 1.0, "df": [3, 4]}, "b": "HC2"}
    other = {"a": {"estimate": 1.0 + 1e-8, "df": [3, 5]}, "c": None}
    assert [line.split(":")[0] for line in differences(one, other)] == [".a.df[1]", ".a.estimate", ".b"]

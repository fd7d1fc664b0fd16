"""The reference answers are R's: its scripts, run again here, write the same data and the same numbers."""

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


def needs(script: str, *packages: str) -> Any:
    return pytest.param(
        script, marks=pytest.mark.needs("Rscript", *(f"R:{p}" for p in (*packages, "estimatr", "jsonlite")))
    )


@pytest.mark.parametrize(
    "script",
    [
        needs("reference", "metafor"),
        needs("methods", "survival", "sandwich", "MASS", "rpact", "metafor"),
        needs("blocked_clusters"),
        needs("between"),
        needs("studentized"),
    ],
)
def test_r_writes_the_reference_again(script: str, tool: Callable[[str], str], tmp_path: Path) -> None:
    """Numbers within 1e-9 relative (1e-12 absolute near zero); data files and everything else exactly."""
    shutil.copy(HERE / f"make_{script}.R", tmp_path)
    if script != "reference":  # the later scripts read data that the earlier ones wrote
        for file in HERE.glob("*.csv"):
            shutil.copy(file, tmp_path)
    command = [tool("Rscript"), "--vanilla", f"make_{script}.R"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / f"{script}.json").read_text(encoding="utf-8"))
    stored = json.loads((HERE / f"{script}.json").read_text(encoding="utf-8"))
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

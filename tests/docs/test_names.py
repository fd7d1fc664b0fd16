"""A class name means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import rct

# The tables of trial.toml are named by their keys, and JSON Schema shows those names.
OF_THE_FILE = {"Frame", "Power", "Trial"}


def test_no_class_name_has_two_meanings() -> None:
    root = Path(rct.__file__).parent
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sorted(root.rglob("*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path.relative_to(root).as_posix())
    twice = {name: files for name, files in homes.items() if len(files) > 1}
    assert twice.keys() == OF_THE_FILE, {n: f for n, f in twice.items() if n not in OF_THE_FILE}
    assert all("definition/model.py" in files for files in twice.values())

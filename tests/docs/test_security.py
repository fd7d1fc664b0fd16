"""SECURITY.md: every test that a threat names is there, and nothing in it invites mail to an invented address."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "`tests/" in line]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT)))


@pytest.mark.parametrize("named", NAMED)
def test_each_named_test_exists(named: str) -> None:
    file, _, function = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}
    assert tests
    assert not function or function in tests


def test_every_threat_has_an_answer_and_a_test() -> None:
    assert len(ROWS) >= 15
    assert all(len(row.strip("| ").split(" | ")) == 4 for row in ROWS)
    table = TEXT.split("| who or what |")[1].split("\n\n")[0].splitlines()[2:]
    assert len(table) == len(ROWS), "a row of the table names no test"


def test_it_says_what_is_not_promised_and_what_answers_it() -> None:
    for said in ("The owner of the machine can lie", "A witness answers that", "A beacon answers that"):
        assert said in TEXT
    assert not re.search(r"[\w.]+@[\w.]+", TEXT)

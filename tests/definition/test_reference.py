"""docs/definition.md is what the program says."""

from __future__ import annotations

from pathlib import Path

from rct.definition.eligible import compile
from rct.definition.keys import table_at
from rct.definition.model import TrialFile
from rct.definition.reference import DEFAULTS, definition_reference

PAGE = Path(__file__).parents[2] / "docs" / "definition.md"


def test_the_page_is_as_the_program_writes_it() -> None:
    assert PAGE.read_text("utf-8") == definition_reference()


def test_every_key_of_every_table_stands_on_it() -> None:
    page = definition_reference()
    for name in TrialFile.model_fields:
        model = table_at((name, "NAME")) or table_at((name,))
        assert f"## [{name}" in page
        if model is None:
            continue  # a table whose keys are names that the city uses
        for key in model.model_fields:
            assert f"\n| `{key}` | " in page


def test_defaults_told_by_hand_are_of_keys_that_exist() -> None:
    for name in DEFAULTS:
        *table, key = name.split(".")
        model = table_at(tuple(table))
        assert model is not None
        assert key in model.model_fields


def test_its_example_of_a_condition_is_one() -> None:
    text = next(line.strip() for line in definition_reference().split("\n") if line.startswith("    balance"))
    assert compile(text).columns == ("balance", "status", "district", "Last Bill")

"""The pages written from the code are what the code writes now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rct.cli.main import COMMANDS
from rct.cli.reference import pages
from rct.registry.results import NAMES

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_checked_in_page_is_the_generated_one(name: str) -> None:
    checked_in = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert checked_in == PAGES[name], f"docs/{name} is not what the code says now: run `make docs`"


def test_make_docs_writes_the_pages_and_then_finds_nothing_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rct.cli.reference", str(tmp_path)]
    first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == PAGES
    assert first.stdout.count("wrote") == len(PAGES)
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == ""


def test_every_result_column_is_on_its_page_in_the_order_of_the_files() -> None:
    assert [
        line.split("`")[1] for line in PAGES["results.md"].splitlines() if line.startswith("| `")
    ] == list(NAMES)


def test_every_command_is_on_its_page_with_an_example_within_80_columns() -> None:
    sections = PAGES["commands.md"].split("\n### ")[1:]
    assert {section.splitlines()[0].removeprefix("rct ") for section in sections} == set(COMMANDS)
    for section in sections:
        assert "Example:" in section, section.splitlines()[0]
        inside = section.split("```")[1]
        assert [line for line in inside.splitlines() if len(line) > 80] == []

"""What is waited for before anything happens: help and status import nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NUMBERS = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib")
DOCUMENTS = ("jinja2", "markdown_it", "typst", "docx", "openpyxl", "segno")
RUN = """
import sys
from rct.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(ws: Path, *args: str) -> set[str]:
    env = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *args], cwd=ws, env=env, capture_output=True, text=True, check=True
    )
    return set(done.stderr.rpartition("loaded")[2].split())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ws = tmp_path_factory.mktemp("start")
    for args in (
        ("init", ".", "--city", "Springfield", "--by", "Kim"),
        ("new", "bills", "--from", "water-bills", "--simulated", "--yes"),
        ("new", "fines", "--from", "water-bills", "--simulated", "--yes"),
        ("lock", "fines", "--approved-by", "Kim Lee", "--yes"),
    ):
        subprocess.run([sys.executable, "-m", "rct", *args], cwd=ws, capture_output=True, check=True)
    return ws


@pytest.mark.parametrize("args", [("--help",), ("analyze", "--help"), ("--version",)])
def test_help_imports_next_to_nothing(workspace, args):
    heavy = {*NUMBERS, *DOCUMENTS, "pydantic", "sqlite_utils", "sqlcipher3", "cryptography", "tree_sitter"}
    assert not loaded(workspace, *args) & heavy


@pytest.mark.parametrize("args", [("status", "bills"), ("log", "bills"), ("head", "bills")])
def test_reading_commands_import_no_numbers_and_no_documents(workspace, args):
    assert not loaded(workspace, *args) & {*NUMBERS, *DOCUMENTS, "sqlite_utils"}


@pytest.fixture(scope="module")
def planning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ws = tmp_path_factory.mktemp("planning")
    for args in (
        ("init", ".", "--city", "Springfield", "--by", "Kim"),
        ("new", "bills", "--from", "water-bills", "--simulated", "--yes"),
    ):
        subprocess.run([sys.executable, "-m", "rct", *args], cwd=ws, capture_output=True, check=True)
    return ws


def test_a_list_of_trials_that_are_planned_imports_neither_models_nor_vault(planning):
    heavy = {*NUMBERS, *DOCUMENTS, "pydantic", "sqlcipher3", "sqlite_utils", "socket", "cryptography"}
    assert not loaded(planning, "status") & heavy


def test_a_mistake_in_a_definition_is_told_in_the_list(planning):
    definition = planning / "trials" / "bills" / "trial.toml"
    right = definition.read_text("utf-8")
    definition.write_text(right.replace("channel =", "chanel ="), "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rct", "status"], cwd=planning, capture_output=True, text=True, check=True
        )
    finally:
        definition.write_text(right, "utf-8")
    assert "trial.toml has mistakes: rct check bills" in done.stdout


def test_status_of_a_locked_trial_imports_no_numbers(workspace):
    assert not loaded(workspace, "status") & {*NUMBERS, "typst", "docx", "openpyxl", "sqlite_utils"}

"""Words in another encoding, names that a shell would run, folders that were renamed, paths that are too long."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support import Road, accounts, definition, road_at, run

from rct.cli.main import COMMANDS, Commands
from rct.errors import typed
from rct.tables.columns import missing_column
from rct.tables.table import read_table

OLD = os.fsdecode(b"Jos\xe9")  # what a terminal of another encoding gives


def text_options() -> list[tuple[str, str]]:
    """Each command with each of its options and arguments that take words."""
    found = []
    for name in COMMANDS:
        command = Commands().get_command(click.Context(click.Command("rct")), name)
        assert command is not None
        for option in command.params:
            words = isinstance(option.type, click.types.StringParamType)
            if words and not getattr(option, "is_flag", False):
                found.append((name, option.name or ""))
    return found


@pytest.mark.parametrize(("command", "option"), text_options())
def test_words_in_another_encoding_are_one_clear_error(tmp_path: Path, command: str, option: str) -> None:
    road = Road(tmp_path)
    found = Commands().get_command(click.Context(click.Command("rct")), command)
    assert found is not None
    args: list[str] = [command]
    for param in found.params:
        if param.name == option:
            args += [OLD] if isinstance(param, click.Argument) else [param.opts[0], OLD]
        elif isinstance(param, click.Argument) and (param.required or param.nargs == -1):
            choices = getattr(param.type, "choices", None)
            args.append(choices[0] if choices else "bills")
        elif param.required:
            choices = getattr(param.type, "choices", None)
            args += [param.opts[0], choices[0] if choices else "x"]
    before = road.tree()
    (problem,) = road.no(*args)
    assert problem["code"] in ("argument_encoding", "usage", "bad_name"), problem
    assert "Jos" in (problem["found"] or problem["rule"])
    assert road.tree() == before


def test_init_leaves_nothing_behind(tmp_path: Path) -> None:
    ran = run("init", tmp_path / "city", "--city", OLD, "--json")
    assert ran.code == 2
    (problem,) = ran.problems
    assert (problem["code"], problem["field"], problem["found"]) == ("argument_encoding", "--city", OLD)
    assert not (tmp_path / "city").exists()


def test_the_program_itself_prints_it(tmp_path: Path) -> None:
    args = [sys.executable, "-m", "rct", "init", str(tmp_path / "city"), "--city", b"Jos\xe9"]
    ran = subprocess.run(args, capture_output=True, check=False)
    assert ran.returncode == 2
    assert b"These words are no UTF-8" in b" ".join(ran.stderr.split())
    assert b"Traceback" not in ran.stderr


def test_a_file_whose_name_is_in_another_encoding_is_read(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    try:
        file = road.file(f"{OLD}.csv", accounts(6))
    except OSError:
        pytest.skip("this disk takes no such name")
    assert road.ok("frame", "bills", file)["kept"] == 6


@pytest.mark.parametrize(
    "name", ["a;id;.zip", "a b.zip", "$(id).zip", "it's.zip", "plain.zip", "a`id`\x1b[31m.zip"]
)
def test_a_name_in_advice_is_one_word_of_a_shell(name: str) -> None:
    words = shlex.split(f"rct library add {typed(name)}")
    assert len(words) == 4
    assert "\x1b" not in words[3]
    if name.isprintable():
        assert words[3] == name


def test_the_advice_to_rename_can_be_copied(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Account No $(id),name\n1,x\n")
    problem = missing_column(read_table(file), "Account No")
    advice = problem.fix.partition("--rename ")[2]
    assert shlex.split(advice) == ["Account No $(id)=Account No"]


@pytest.mark.parametrize("above", ["Accounts due,\n", "sep=,\n", "Accounts due,\n,\n\n"])
def test_a_title_above_the_header_is_told_by_its_line(tmp_path: Path, above: str) -> None:
    road = Road(tmp_path)
    road.define(definition())
    (problem, *_) = road.no("frame", "bills", road.file("list.csv", above + accounts(6)))
    line = above.count("\n") + 1
    assert problem["code"] == "missing_column"
    assert f"line {line} has the column 'account'" in problem["rule"]
    assert "--rename" not in problem["fix"]
    assert f"--header-row {line} " in problem["fix"]
    assert road.ok("frame", "bills", road.root / "list.csv", "--header-row", line)["kept"] == 6
    assert road.ok("frame", "bills", road.file("list.csv", accounts(6)))["fresh"] is True


@pytest.mark.parametrize("above", ["Payments\n", "sep=,\n"])
def test_a_title_above_the_outcomes_is_told_by_its_line(tmp_path: Path, above: str) -> None:
    road = road_at("drawn", tmp_path)
    payments = (tmp_path / "payments.csv").read_text(encoding="utf-8")
    (problem, *_) = road.no("outcomes", "bills", road.file("titled.csv", above + payments))
    assert "--header-row 2 " in problem["fix"]
    assert "delete line 1 of the file" in problem["fix"]
    assert road.ok("outcomes", "bills", road.root / "titled.csv", "--header-row", "2")["fresh"]


def test_a_renamed_folder_says_whose_it_is(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    (road.folder / "trials/bills").rename(road.folder / "trials/river")
    (problem,) = road.no("check", "river", code=1)
    assert (problem["code"], problem["file"]) == ("renamed_folder", "trials/river/out/plan.json")
    assert "trial bills" in problem["rule"]
    assert "Rename the folder back to trials/bills" in problem["fix"]
    (problem,) = road.no("analyze", "bills")
    assert "trials/river holds the trial bills" in problem["rule"]
    (road.folder / "trials/river").rename(road.folder / "trials/bills")
    assert road.ok("verify", "bills")["ok"]


def test_a_copied_folder_says_what_to_delete(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    shutil.copytree(road.folder / "trials/bills", road.folder / "trials/river")
    (problem,) = road.no("check", "river", code=1)
    assert problem["fix"] == "For a trial of its own, delete trials/river/out."
    shutil.rmtree(road.folder / "trials/river/out")
    assert road.ok("check", "river")["ok"]


def test_a_path_that_the_database_cant_open_is_called_too_long(tmp_path: Path) -> None:
    deep = tmp_path
    while len(str(deep)) < 500:
        deep /= "folder-of-forty-characters-aaaaaaaaaaaaa"
    ran = run("init", deep, "--city", "Testville", "--json")
    assert [p["code"] for p in ran.problems] == ["path_too_long"]
    assert not deep.exists()


def test_an_id_of_wide_space_alone_is_empty(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    (problem,) = road.no("frame", "bills", road.file("list.csv", accounts(6) + "\u3000,Ana\n"))
    assert (problem["code"], problem["row"]) == ("empty_id", 7)


def test_a_number_of_5000_digits_is_named_by_line_and_key(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition(analysis="confidence = " + "9" * 5_000))
    (problem,) = road.no("check", "bills", code=1)
    text = road.toml.read_text(encoding="utf-8").split("\n")
    line = next(i for i, words in enumerate(text, start=1) if words.startswith("confidence"))
    assert (problem["line"], problem["field"]) == (line, "analysis.confidence")
    assert problem["found"].startswith("9999")

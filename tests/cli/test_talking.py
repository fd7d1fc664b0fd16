"""What every command shares: exit codes, JSON, the last line, who and where, and that nothing waits for an answer."""

from __future__ import annotations

import importlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support import STAGES, Road, next_command, road_at, run

from rct.cli.main import COMMANDS

RCT = [sys.executable, "-m", "rct"]
PROBLEM = {"code", "file", "row", "line", "field", "found", "rule", "fix"}
ARGUMENTS = {  # one that works, on a trial that has come all the way
    "check": ("bills",),
    "power": ("bills",),
    "lock": ("bills",),
    "amend": ("bills", "--reason", "Nothing was edited"),
    "frame": ("bills", "accounts.csv"),
    "draw": ("bills",),
    "outcomes": ("bills", "payments.csv"),
    "analyze": ("bills",),
    "report": ("bills",),
    "export": ("bills", "--to", "csv"),
    "status": (),
    "log": ("bills",),
    "head": ("bills",),
    "verify": ("bills",),
    "stop": ("bills", "--reason", "The letter named a wrong number"),
    "forget": ("bills",),
}


def given(road: Road, command: str) -> tuple[object, ...]:
    return tuple(road.root / a if a.endswith(".csv") else a for a in ARGUMENTS[command])


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_ends_with_what_comes_next_and_its_json_is_one_object(command: str, tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    ran = road.rct(command, *given(road, command))
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1].startswith("Next: ")
    ran = road.rct(command, *given(road, command), "--json")
    assert ran.code == 0
    assert isinstance(ran.json, dict)
    assert ran.json["ok"] is True
    assert ran.out.isascii()
    assert ran.out.count("\n") == 1
    assert "NaN" not in ran.out
    assert "Infinity" not in ran.out
    assert ran.err.splitlines()[-1].startswith("Next: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("lokc", "bills"),
        ("lock",),
        ("lock", "bills", "more"),
        ("lock", "bills", "--nonsense"),
        ("frame", "bills"),
        ("stop", "bills"),
        ("completion", "tcsh"),
        ("--nonsense",),
    ],
)
def test_a_command_that_can_not_be_read_is_one_object_too(arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, "--json")
    assert ran.code == 2
    assert ran.json["ok"] is False
    assert set(ran.json) == {"ok", "problems"}
    (problem,) = ran.problems
    assert set(problem) == PROBLEM
    assert problem["code"] == "usage"
    assert "--help" in problem["fix"]
    people = run(*arguments)
    assert people.code == 2
    assert people.out == ""
    assert people.err.startswith("rct could not do this.")
    assert all(len(line) <= 80 for line in people.err.splitlines())


def test_a_slip_of_the_finger_gets_a_suggestion() -> None:
    assert "Did you mean: rct lock?" in run("lokc").err


@pytest.mark.parametrize("command", ARGUMENTS)
def test_outside_a_workspace_every_command_says_so(command: str, tmp_path: Path) -> None:
    ran = run("-C", tmp_path, command, *ARGUMENTS[command], "--json")
    assert ran.code == 2
    assert ran.problems[0]["code"] == "no_workspace"
    assert set(ran.problems[0]) == PROBLEM


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in {"completion", "demo"}])
def test_every_command_takes_json_by_and_a_folder_and_shows_an_example(command: str) -> None:
    found = importlib.import_module(f"rct.cli.{COMMANDS[command][0]}")
    group = getattr(found, command)
    commands = (
        [(command, name) for name in group.commands] if isinstance(group, click.Group) else [(command,)]
    )
    for words in commands:
        ran = run(*words, "--help")
        assert ran.code == 0
        for option in ("--json", "--by", "-C"):
            assert option in ran.out
        assert f"rct {' '.join(words)}" in ran.out
        assert "Example:" in ran.out
        assert all(len(line) <= 80 for line in ran.out.splitlines())


def test_help_is_in_groups_and_in_plain_words() -> None:
    shown = run("--help").out
    places = [shown.index(f"{group}:") for group in ("Plan", "Send", "Learn", "Look", "Share", "Workspace")]
    assert places == sorted(places)
    assert "decide by lot who gets which letter" in shown
    assert run().out == shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_finish_commands(shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0
    assert "_RCT_COMPLETE" in ran.out


# --- exit codes


def test_the_three_exit_codes(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    assert road.rct("verify", "bills").code == 0
    (road.out / "plan.md").write_text("rewritten")
    assert road.rct("verify", "bills").code == 1
    assert road.rct("analyze", "bills").code == 2


def test_an_unbalanced_draw_changes_no_exit_code(tmp_path: Path) -> None:
    """Balance and sample ratio are deviations, whatever they say."""
    road = road_at("ready", tmp_path)
    text = (road.root / "accounts.csv").read_text().splitlines()
    rich = {line.split(",")[0] for line in text[1:] if line and float(line.split(",")[6]) > 150}
    rows = []
    for i in range(240):
        name = f"QZKANARI-{i:04d}"
        arm = "social" if name in rich or f"QZKANARI-{i ^ 1:04d}" in rich else ("none", "plain")[(i // 2) % 2]
        rows.append(f"{name},{arm}")
    file = road.file("sent.csv", "account,treat\n" + "\n".join(rows) + "\n")
    assert road.rct("draw", "bills", "--replay", file, "--column", "treat").code == 0
    road.ok("outcomes", "bills", road.root / "payments.csv")
    told = {d["code"] for d in road.ok("analyze", "bills")["deviations"]}
    assert {"imbalance", "impossible_counts"} <= told


# --- who


def test_the_person_is_by_else_the_settings_else_the_login(tmp_path: Path) -> None:
    import getpass

    road = road_at("new", tmp_path)
    road.ok("lock", "bills", "--by", "  Ana Ruíz ")
    road.ok("frame", "bills", road.root / "accounts.csv")
    settings = road.folder / "rct.toml"
    settings.write_text(settings.read_text().replace('by = "Tess"', ""))
    road.ok("draw", "bills")
    people = [e["person"] for e in road.ok("log", "bills")["events"] if e["kind"] != "printed"]
    assert people == ["Ana Ruíz", "Tess", getpass.getuser()]


@pytest.mark.parametrize("name", [" ", "x" * 201, "a\nb", "a\x1b[0m", "a\u202eb"])
def test_a_person_who_can_not_be_called_so(name: str, tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    before = road.tree()
    ran = road.rct("lock", "bills", "--by", name, "--json")
    if name.strip():
        assert (ran.code, ran.problems[0]["code"]) == (2, "bad_person")
        assert road.tree() == before
    assert "\x1b" not in ran.out + ran.err


# --- where


def test_the_workspace_is_the_nearest_one_upward(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    deep = road.out
    assert run("-C", deep, "status", "--json").json["trials"][0]["name"] == "bills"
    assert run("status", "-C", deep, "--json").json["trials"][0]["name"] == "bills"


def test_file_arguments_are_of_the_current_folder_and_printed_paths_of_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = road_at("locked", tmp_path)
    monkeypatch.chdir(road.root)
    assert run("frame", "bills", "accounts.csv", "-C", "city", "--json").code == 0
    monkeypatch.chdir(road.folder / "trials")
    assert run("frame", "bills", "../../accounts.csv", "--json").json["fresh"] is False
    assert run("draw", "bills", "--json").json["path"] == "trials/bills/out/assignment.csv"


# --- asking


def ask(road: Road, *args: str, stdin: bytes | None = None, terminal: bool = False) -> tuple[int, str]:
    """Run rct as a program; at a terminal with this typed, or with this on a pipe that stays open."""
    if terminal:
        main, side = pty.openpty()
        os.write(main, stdin or b"")
        ran = subprocess.run(
            [*RCT, *args], cwd=road.folder, stdin=side, capture_output=True, timeout=60, check=False
        )
        os.close(main)
        os.close(side)
    else:
        read, write = os.pipe()
        os.write(write, stdin or b"")
        ran = subprocess.run(
            [*RCT, *args], cwd=road.folder, stdin=read, capture_output=True, timeout=60, check=False
        )
        os.close(read)
        os.close(write)
    return ran.returncode, (ran.stdout + ran.stderr).decode()


def test_nothing_waits_for_an_answer_away_from_a_terminal(tmp_path: Path) -> None:
    """The pipe stays open and empty: whoever reads it waits for ever."""
    road = road_at("locked", tmp_path)
    code, said = ask(road, "new", "other")
    assert code == 2
    assert "--yes" in said
    code, said = ask(road, "forget", "bills")
    assert code == 0


def test_at_a_terminal_what_can_not_be_undone_is_asked(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    before = road.events()
    code, said = ask(road, "draw", "bills", stdin=b"n\n", terminal=True)
    assert code == 2
    assert "A trial is drawn once" in said
    assert road.events() == before
    assert road.leftovers() == []
    code, _ = ask(road, "draw", "bills", stdin=b"y\n", terminal=True)
    assert code == 0
    assert len(road.events()) == len(before) + 1


def test_yes_is_not_asked_again(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    assert ask(road, "draw", "bills", "--yes", terminal=True)[0] == 0


# --- as a program


def test_a_reader_who_leaves_is_no_error(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    read, write = os.pipe()
    os.close(read)
    for command, code in (("log", 0), ("verify", 2)):
        ran = subprocess.run(
            [*RCT, command], cwd=road.folder, stdout=write, stderr=subprocess.PIPE, check=False
        )
        assert ran.returncode == code
        assert ran.stderr.replace("Verifying …\n".encode(), b"") == b""  # said where it takes long
    os.close(write)


def test_output_is_utf8_and_has_no_color_where_it_is_no_terminal(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    environment = {**os.environ, "FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run([*RCT, "status"], cwd=road.folder, capture_output=True, env=environment, check=False)
    assert ran.returncode == 0
    assert b"\x1b" not in ran.stdout + ran.stderr


def test_a_defect_of_ours_keeps_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rct.audit import overview

    road = road_at("drawn", tmp_path)
    monkeypatch.setattr(overview, "overview", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        road.rct("status")


def test_a_long_name_of_a_column_is_folded(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    file = road.file("a.csv", "account," + "very_long_" * 20 + "\n1,2\n")
    shown = road.rct("frame", "bills", file).err
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_columns_with_escape_codes_are_spelled_out(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    text = (road.root / "accounts.csv").read_text()
    lines = [
        line + (",\x1b[31mnote\u202e" if i == 0 else ",x") for i, line in enumerate(text.splitlines()) if line
    ]
    ran = road.rct("frame", "bills", road.file("a.csv", "\n".join(lines) + "\n"))
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out
    assert "\\x1b" in ran.out


def test_at_a_terminal_what_takes_long_is_told_in_a_line_that_goes_again(tmp_path: Path) -> None:
    waits = "import time; from rct.cli.common import Talk\nwith Talk(None, None, False).working('Reading'): time.sleep(1.5)"
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", waits], stderr=theirs, check=True, cwd=tmp_path)
    os.close(theirs)
    line = "Reading … 1 s"
    assert os.read(ours, 1000).decode() == f"\r{line}\r{' ' * len(line)}\r"
    os.close(ours)


@pytest.mark.parametrize("stage", STAGES)
def test_status_says_where_a_trial_stands_and_its_next_command_works(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    (trial,) = road.ok("status")["trials"]
    assert set(trial) >= {"name", "stage", "due", "next"}
    expected = {"new": "new", "locked": "locked", "ready": "ready"}.get(stage, stage)
    assert trial["stage"] == expected
    if stage != "reported":
        command = str(next_command(road, stage)[0])
        assert f"rct {command} bills" in trial["next"]
    json.dumps(trial)


@pytest.mark.parametrize(
    ("given", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_bold_and_color_only_where_a_terminal_shows_them_and_nobody_refuses_them(
    tmp_path: Path, given: dict[str, str], colored: bool
) -> None:
    road = road_at("new", tmp_path)
    environment = (
        {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")} | {"TERM": "xterm"} | given
    )
    for words in (("status",), ("draw", "bills")):  # an answer, and a refusal
        piped = subprocess.run(
            [*RCT, *words], cwd=road.folder, capture_output=True, check=False, env=environment
        )
        assert b"\x1b" not in piped.stdout + piped.stderr
        main, side = pty.openpty()
        subprocess.run(
            [*RCT, *words], cwd=road.folder, stdout=side, stderr=side, check=False, env=environment
        )
        os.close(side)
        said = os.read(main, 10_000)
        os.close(main)
        assert (b"\x1b[1m" in said) == colored, said
        assert re.sub(rb"\x1b\[[0-9;]*m", b"", said).replace(b"\r\n", b"\n") == piped.stdout + piped.stderr

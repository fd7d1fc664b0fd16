"""A definition with a mistake: `check` lists all with their places and exits 1; every other command exits 2."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Ran, Road, definition, road_at, run

TOMORROW = date.today() + timedelta(days=1)
# name: (what is replaced in trial.toml, by what, the code, the field, words of the message)
MISTAKES = {
    "an unknown key": ("unit_cost = 0.5\n", "unit_price = 0.5\n",
        "unknown_key", "arms.plain.unit_price", "unit_cost"),
    "an unknown table": ("[decision]", "[decisions]", "unknown_key", "decisions", "decision"),
    "a share of zero": ("share = 2", "share = 0", "out_of_range", "arms.social.share", "1"),
    "a share of one and a half": ("share = 2", "share = 1.5",
        "wrong_type", "arms.social.share", "whole number"),
    "a share of true": ("share = 2", "share = true", "wrong_type", "arms.social.share", "whole number"),
    "a share beyond a million": ("share = 2", "share = 1_000_001",
        "out_of_range", "arms.social.share", "1,000,000"),
    "alpha 5": ("[analysis]\n", "[analysis]\nalpha = 5\n", "out_of_range", "analysis.alpha", "0.05"),
    "30 February": ("worthwhile = 0.01", "worthwhile = 0.01\nsince = 2026-02-30",
        "bad_date", "decision.since", "2026-02-30"),
    "a number as text": ("benefit = 40", 'benefit = "40"', "wrong_type", "outcomes.paid.benefit", ""),
    "infinity": ("benefit = 40", "benefit = inf", "out_of_range", "outcomes.paid.benefit", ""),
    "no number": ("benefit = 40", "benefit = nan", "out_of_range", "outcomes.paid.benefit", ""),
    "a blank ethics": ('ethics = "Reviewed by the city attorney."', 'ethics = "  "',
        "blank", "trial.ethics", ""),
    "two controls": ("share = 2", "control = true", "two_controls", "arms.social.control", "one"),
    "no control": ("control = true\n", "", "no_control", "arms", "control = true"),
    "an arm called con": ("[arms.social]", "[arms.con]", "bad_name", "arms.con", "device"),
    "an arm called ../x": ("[arms.social]", '[arms."../x"]', "bad_name", "arms.../x", "a-z"),
    "a letter that is not there": ("bills/social.md", "bills/socail.md",
        "template_missing", "arms.social.template", "social.md"),
    "a letter elsewhere": ("bills/social.md", "../private/key",
        "outside_templates", "arms.social.template", "templates/"),
    "a scheme without blocks": ('blocks = ["district"]\n', "", "scheme_needs", "design.blocks", "district"),
    "blocks where there are none": ('scheme = "blocked_clustered"', 'scheme = "clustered"',
        "scheme_refuses", "design.blocks", "blocked_clustered"),
    "a name that is a covariate too": ('covariates = ["balance"]', 'covariates = ["balance", "name"]',
        "column_twice", "frame.covariates", "contact"),
    "the id in the condition": ("status == 'open'", "account == 'open'",
        "eligible_personal", "frame.eligible", "account"),
    "a condition that can't be read": ("status == 'open'", "status = 'open'",
        "bad_eligibility", "frame.eligible", "=="),
    "code in the condition": ("status == 'open'", "__import__('os')",
        "bad_eligibility", "frame.eligible", ""),
    "events dropped": ('window_days = 7\nmissing = "zero"\nbenefit', 'window_days = 7\nmissing = "drop"\nbenefit',
        "event_drop", "outcomes.paid.missing", "zero"),
    "a subgroup of numbers": ('subgroups = ["language"]', 'subgroups = ["balance"]',
        "unknown_column", "analysis.subgroups", "categories"),
    "no primary": ("primary = true\n", "", "no_primary", "outcomes", "primary = true"),
    "errors that do not fit": ("[analysis]\n", '[analysis]\nstandard_errors = "HC2"\n',
        "standard_errors_do_not_fit", "analysis.standard_errors", "CR2"),
}  # fmt: skip
TEXTS = {
    "a quote never closed": (b'[trial]\ntitle = "Bills\n', "toml_syntax"),
    "UTF-16": ("[trial]\n".encode("utf-16"), "definition_encoding"),
    "Windows-1252": ('[trial]\ntitle = "Allée"\n'.encode("cp1252"), "definition_encoding"),
    "a megabyte": (b"# " + b"x" * (1 << 20), "definition_too_big"),
    "nested 5,000 deep": (b"x = " + b"[" * 5_000 + b"]" * 5_000, "toml_nesting"),
    "a number of 5,000 digits": (b"x = " + b"1" * 5_000, "toml_syntax"),
    "nothing": (b"", "missing_key"),
}


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("new", tmp_path)


def refused(road: Road) -> list[dict[str, object]]:
    """What check finds (exit 1); lock, frame and power refuse the same (exit 2); nothing is written."""
    before = road.tree()
    checked = road.rct("check", "bills", "--json")
    assert checked.code == 1
    for command in (("lock", "bills"), ("power", "bills"), ("frame", "bills", road.root / "accounts.csv")):
        assert road.no(*command) == checked.problems
    shown = road.rct("check", "bills")
    assert shown.code == 1
    assert all(len(line) <= 80 for line in (shown.out + shown.err).splitlines())
    assert "\x1b" not in shown.out
    assert road.tree() == before
    return checked.problems


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_its_rule_and_a_way_out(name: str, road: Road) -> None:
    old, new, code, field, words = MISTAKES[name]
    text = road.toml.read_text(encoding="utf-8")
    assert old in text
    road.toml.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = refused(road)
    first = next(p for p in problems if p["code"] == code)
    assert first["field"] == field
    assert first["file"] == "trials/bills/trial.toml"
    assert words in f"{first['rule']} {first['fix']} {first['found']}"
    assert first["fix"]
    assert 0 < int(str(first["line"])) <= len(road.toml.read_text().splitlines())


def test_the_line_is_the_one_where_it_stands(road: Road) -> None:
    road.edit("share = 2", "share = 0")
    lines = road.toml.read_text().splitlines()
    shown = road.rct("check", "bills").out
    number = lines.index("share = 0") + 1
    assert f"trials/bills/trial.toml:{number}:1" in shown


def test_all_mistakes_at_once(road: Road) -> None:
    road.edit("share = 2", "share = 0")
    road.edit("benefit = 40", "benefits = 40")
    road.edit('kind = "continuous"', 'kind = "amount"')
    road.edit(
        'date_column = "paid_on"\nrows = "event"\nwindow_days = 7\nmissing = "zero"\nbenefits',
        "missing = 1\nbenefits",
    )
    codes = {(p["code"], p["field"]) for p in refused(road)}
    assert {
        ("out_of_range", "arms.social.share"),
        ("unknown_key", "outcomes.paid.benefits"),
        ("not_a_choice", "outcomes.amount.kind"),
    } <= codes
    assert any(field == "outcomes.paid.missing" for _, field in codes)


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_definition(name: str, road: Road) -> None:
    data, code = TEXTS[name]
    road.toml.write_bytes(data)
    assert code in {p["code"] for p in refused(road)}


def test_a_date_before_the_last_day_that_counts(road: Road) -> None:
    due = date.today().isoformat()
    road.edit(f"date = {due}", f"date = {date.today() - timedelta(days=1)}")
    (problem,) = refused(road)
    assert (problem["code"], problem["field"]) == ("date_too_early", "analysis.date")
    assert due in str(problem["rule"])


# --- names


NAMES = ["../x", "con", "NUL", "lpt1", "x" * 65, "Bills", "-x", "_x", "a b", "a/b", "a\\b", "é", "", "."]
NAMES += ["a\x1b[31m", "a'; drop table event"]


@pytest.mark.parametrize("name", NAMES)
def test_a_trial_that_can_not_be_called_so(name: str, road: Road) -> None:
    before = road.tree()
    csv = road.root / "accounts.csv"
    for command in (
        ("new", name, "--yes"), ("check", name), ("power", name), ("lock", name), ("amend", name, "--reason", "why not"),
        ("frame", name, csv), ("draw", name), ("outcomes", name, csv), ("analyze", name), ("report", name),
        ("status", name), ("log", name), ("head", name), ("verify", name),
        ("stop", name, "--reason", "why not"), ("forget", name),
    ):  # fmt: skip
        ran = (
            road.rct(command[0], *command[2:], "--json", "--", name)
            if name.startswith("-")
            else road.rct(*command, "--json")
        )
        assert ran.code == 2, command
        assert ran.problems[0]["code"] in {"bad_name", "usage"}, command
        assert "\x1b" not in said(ran)
    assert road.tree() == before


def said(ran: Ran) -> str:
    return ran.out + ran.err


def test_a_name_of_64_is_one(tmp_path: Path) -> None:
    road = Road(tmp_path, "x" * 64)
    road.define(definition())
    road.ok("check", "x" * 64)


@pytest.mark.parametrize(
    "command",
    ["check", "power", "lock", "draw", "analyze", "report", "status", "log", "head", "verify", "forget"],
)
def test_a_trial_that_is_not_there(command: str, road: Road) -> None:
    before = road.tree()
    (problem,) = road.no(command, "bils")
    assert problem["code"] == "no_trial"
    assert "bills" in problem["fix"] or command == "forget"
    assert road.tree() == before


@pytest.mark.parametrize("command", ["frame", "outcomes"])
def test_a_file_for_a_trial_that_is_not_there(command: str, road: Road) -> None:
    assert road.no(command, "bils", road.root / "accounts.csv")[0]["code"] == "no_trial"


def test_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    ran = run("-C", tmp_path, "status", "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "no_workspace")
    assert "rct init" in ran.problems[0]["fix"]
    ran = run("-C", tmp_path / "nowhere", "status", "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "no_folder")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("by = 3\n", "by"),
        ("threshold = 2\n", "threshold"),
        ("threshold = true\n", "threshold"),
        ('currency = "dollars"\n', "currency"),
        ("colour = 1\n", "colour"),
        ("by = \n", None),
        ("\x00", None),
    ],
)
def test_settings_that_can_not_be(text: str, found: str | None, road: Road) -> None:
    (road.folder / "rct.toml").write_text(text)
    (problem,) = road.no("status")
    assert (problem["code"], problem["file"], problem["field"]) == ("rct_toml", "rct.toml", found)

"""Finite numbers of any size, wherever a person can write one: figures, or one clear problem that names the place."""

from __future__ import annotations

import csv
import json
import math
import warnings
from pathlib import Path

import pytest
from support import Ran, Road, accounts, definition

HUGE = ["1.1e30", "1e160", "-1e300", "1.7e308", "1e400", "1" + 200 * "0"]
AMOUNT = '[outcomes.amount]\nlabel = "Amount"\nkind = "continuous"\nprimary = true\nmissing = "drop"\nunit = "USD"\n'


@pytest.fixture(autouse=True)
def no_warning_is_let_by() -> None:
    warnings.simplefilter("error", RuntimeWarning)


def road(root: Path, **parts: str) -> Road:
    made = Road(root)
    made.define(
        definition(
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance"]',
            outcomes=parts.pop("outcomes", AMOUNT),
            **parts,
        )
    )
    return made


def people(balance: str = "3", n: int = 60) -> str:
    return accounts(n, columns="balance", row=lambda i: balance if i == 7 else i % 11)


def amounts(seventh: str, n: int = 60) -> str:
    return "account,amount\n" + "".join(f"{i:05d},{seventh if i == 7 else i % 13}\n" for i in range(n))


def one(problems: list[dict[str, object]], field: str) -> dict[str, object]:
    (problem,) = problems
    assert (problem["code"], problem["field"], problem["row"], problem["line"]) == (
        "number_too_large",
        field,
        8,
        9,
    )
    assert problem["found"]
    return problem


def test_of_a_file(tmp_path: Path) -> None:
    made = road(tmp_path)
    made.ok("lock", made.name)
    for text in HUGE:
        one(made.no("check", made.name, "--frame", made.file("people.csv", people(text)), code=1), "balance")
        one(made.no("frame", made.name, made.file("people.csv", people(text))), "balance")
    made.ok("frame", made.name, made.file("people.csv", people("1e30")))
    made.ok("draw", made.name)
    for text in HUGE:
        one(made.no("outcomes", made.name, made.file("paid.csv", amounts(text))), "amount")
    made.ok("outcomes", made.name, made.file("paid.csv", amounts("-1e30")))
    for command in ("analyze", "report", "verify"):
        made.ok(command, made.name)
    with (made.out / "results.csv").open(newline="") as f:
        for row in csv.DictReader(f):
            assert all(
                math.isfinite(float(row[c])) for c in ("estimate", "std_error", "conf_low", "conf_high")
            )
    json.loads((made.out / "appendix.json").read_text(), parse_constant=lambda word: pytest.fail(word))


@pytest.mark.parametrize("scheme", ["blocked", "clustered"])
def test_the_largest_in_other_designs(tmp_path: Path, scheme: str) -> None:
    made = Road(tmp_path)
    design = f'scheme = "{scheme}"\n' + (
        'blocks = ["where"]' if scheme == "blocked" else 'clusters = "where"'
    )
    made.define(
        definition(
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance"]',
            design=design,
            outcomes=AMOUNT,
        )
    )
    rows = accounts(
        120,
        columns="balance,where",
        row=lambda i: f"{'1e30' if i == 7 else i % 11},W{i % 24 // 4 if scheme == 'blocked' else i // 5}",
    )
    made.ok("lock", made.name)
    made.ok("frame", made.name, made.file("people.csv", rows))
    made.ok("draw", made.name)
    made.ok("outcomes", made.name, made.file("paid.csv", amounts("1e30", 120)))
    for command in ("analyze", "report", "verify"):
        made.ok(command, made.name)


EDITS = {
    "unit_cost": ("control = true\n", "control = true\nunit_cost = {}\n"),
    "benefit": ('unit = "USD"\n', 'unit = "USD"\nbenefit = {}\n'),
    "worthwhile": ("worthwhile = 0.01", "worthwhile = {}"),
    "baseline": ("[decision]", "[power]\nsd = 3\nminimum_effect = 1\nbaseline = {}\n\n[decision]"),
    "minimum_effect": ("[decision]", "[power]\nsd = 3\nbaseline = 1\nminimum_effect = {}\n\n[decision]"),
    "sd": ("[decision]", "[power]\nminimum_effect = 1\nbaseline = 1\nsd = {}\n\n[decision]"),
    "cluster_size": ("[decision]", "[power]\nminimum_effect = 1\nsd = 1\ncluster_size = {}\n\n[decision]"),
}  # fmt: skip


def sound(ran: Ran) -> None:
    assert "Traceback" not in ran.err
    assert ran.code in (0, 1, 2), ran.err
    json.loads(ran.out, parse_constant=lambda word: pytest.fail(word))


@pytest.mark.parametrize("key", EDITS)
def test_of_the_plan(tmp_path: Path, key: str) -> None:
    made = road(tmp_path)
    before = made.toml.read_text()
    for text in ("1e160", "1e300", "1.7e308"):
        made.edit(EDITS[key][0], EDITS[key][1].format(text))
        (problem,) = made.no("check", made.name, code=1)
        assert (problem["code"], str(problem["field"]).rsplit(".")[-1]) == ("out_of_range", key)
        sound(made.rct("power", made.name, "--json"))
        made.toml.write_text(before)
    for text in ("1e15", "1e-300"):  # the largest and a very small one go all the way
        made.edit(EDITS[key][0], EDITS[key][1].format(text))
        for command in ("check", "power", "lock"):
            sound(made.rct(command, made.name, "--json"))
        made.toml.write_text(before)


@pytest.mark.parametrize("size", ["1e15", "1e-300"])
def test_money_of_any_size_is_told(tmp_path: Path, size: str) -> None:
    letter = "control = true\n\n"
    made = road(tmp_path)
    made.edit(letter, "control = true\nunit_cost = 0.0\n\n")
    made.edit('label = "A letter"\n', f'label = "A letter"\nunit_cost = {size}\n')
    made.edit('unit = "USD"\n', f'unit = "USD"\nbenefit = {size}\n')
    made.edit("worthwhile = 0.01", f"worthwhile = {size}")
    made.ok("lock", made.name)
    made.ok("frame", made.name, made.file("people.csv", people()))
    made.ok("draw", made.name)
    made.ok("outcomes", made.name, made.file("paid.csv", amounts("1e30" if size == "1e15" else "12")))
    for command in ("analyze", "report"):
        made.ok(command, made.name)

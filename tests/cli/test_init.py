"""`rct init`: a workspace, made once and whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, run


def test_a_new_workspace_holds_what_it_needs_and_says_where_the_key_goes(tmp_path: Path) -> None:
    ran = run("init", tmp_path / "city", "--city", "Testville", "--by", "Tess")
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert "Keep a copy of private/key where the vault isn't" in words
    assert ran.out.splitlines()[-1] == "Next: rct new water-bills"
    made = {p.relative_to(tmp_path / "city").as_posix() for p in (tmp_path / "city").rglob("*")}
    assert {
        "rct.toml",
        "rct.db",
        "trials",
        "templates",
        "private/key",
        "private/vault.db",
        "private/.gitignore",
    } <= made
    assert 'city = "Testville"' in (tmp_path / "city" / "rct.toml").read_text()


def test_again_it_changes_nothing(tmp_path: Path) -> None:
    road = Road(tmp_path)
    before = road.tree()
    again = run("init", road.folder, "--city", "Elsewhere", "--json")
    assert again.code == 0
    assert again.json["made"] is False
    assert road.tree() == before


def test_a_workspace_inside_another_is_refused(tmp_path: Path) -> None:
    road = Road(tmp_path)
    before = road.tree()
    ran = run("init", road.folder / "trials" / "inner", "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "workspace_inside")
    assert road.tree() == before


@pytest.mark.parametrize("currency", ["dollars", "usd", "$", "", "US\n"])
def test_a_currency_is_three_letters(currency: str, tmp_path: Path) -> None:
    ran = run("init", tmp_path / "city", "--currency", currency, "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "bad_currency")
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize("city", ['Say "hi"', "Sh\\ore", "Ürümqi 乌鲁木齐", "a\tb", "\x7f"])
def test_whatever_a_city_is_called_is_read_back(city: str, tmp_path: Path) -> None:
    from rct.registry.workspace import find

    assert run("init", tmp_path / "city", "--city", city, "--by", city.strip("\x7f\t") or "T").code in (0, 2)
    if (tmp_path / "city" / "rct.toml").exists():
        assert find(tmp_path / "city").settings.city == city

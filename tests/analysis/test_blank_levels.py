"""A subgroup with empty cells, or with a level of one person: through the commands, to a bundle that others accept."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from evidence.bundles import bundle_of, walk
from support import Road, accounts, definition

ENGLISH, SPANISH = "en", "es"


def walked(root: Path, lang: dict[int, str], *, estimator: str = "difference_in_means", n: int = 400) -> Road:
    """Every other person speaks Spanish but for those in `lang`; more pay with the letter, most of all in Spanish."""
    road = Road(root)
    road.define(
        definition(
            frame='id = "account"\ncontact = ["name"]\ncategories = ["lang"]',
            analysis=f'subgroups = ["lang"]\nestimator = "{estimator}"',
            outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n',
        )
    )
    said = {i: lang.get(i, SPANISH if i % 2 else ENGLISH) for i in range(n)}
    people = accounts(n, columns="lang", row=lambda i: said[i])
    paid = "account,paid\n" + "".join(f"{i:05d},{int((i * 7) % 10 < 4)}\n" for i in range(n))
    return walk(road, people, paid)


def lines(road: Road) -> dict[tuple[str, str], dict[str, str]]:
    with (road.out / "results.csv").open(newline="") as f:
        return {(r["term"], r["level"]): r for r in csv.DictReader(f) if r["subgroup"] == "lang"}


@pytest.mark.parametrize(
    ("estimator", "blanks"), [("difference_in_means", 1), ("difference_in_means", 60), ("lin", 60)]
)
def test_empty_cells_are_a_level_of_their_own_and_never_the_reference(
    tmp_path: Path, estimator: str, blanks: int
) -> None:
    road = walked(tmp_path, dict.fromkeys(range(100, 100 + blanks), ""), estimator=estimator)
    found = lines(road)
    assert list(found) == [
        *(("arm", "en"), ("arm", "es"), ("arm", "(not recorded)")),
        *(("interaction", "es"), ("interaction", "(not recorded)")),
    ]
    gap = float(found["arm", "es"]["estimate"]) - float(found["arm", "en"]["estimate"])
    assert float(found["interaction", "es"]["estimate"]) == pytest.approx(gap, rel=1e-9)
    assert found["interaction", "es"]["p_adjusted"]
    assert bool(found["interaction", "(not recorded)"]["estimate"]) == (blanks > 1)
    assert road.rct("verify", road.name).code == 0
    assert road.rct("verify", bundle_of(road)).code == 0
    elsewhere = Road(tmp_path / "elsewhere")
    elsewhere.ok("trust", bundle_of(road), "--as", "Testville")
    assert elsewhere.rct("verify", bundle_of(road)).code == 0
    assert "lang: es less en" in road.rct("analyze", road.name).out
    assert "lang: (not recorded)" in road.rct("analyze", road.name).out
    appendix = (road.out / "appendix.html").read_text()
    assert "less “en”" in appendix
    assert "lang = (not recorded)" in appendix
    assert "lang = <" not in appendix


def test_a_cell_that_says_so_in_words_is_of_the_same_level(tmp_path: Path) -> None:
    blank = walked(tmp_path / "a", dict.fromkeys(range(100, 160), ""))
    words = walked(tmp_path / "b", {i: "" if i % 2 else "(not recorded)" for i in range(100, 160)})
    assert [*lines(blank)] == [*lines(words)]
    n = {r["n_drawn"] for r in (lines(blank)["arm", "(not recorded)"], lines(words)["arm", "(not recorded)"])}
    assert n == {"60"}
    assert words.rct("verify", words.name).code == 0
    assert words.rct("verify", bundle_of(words)).code == 0


@pytest.mark.parametrize(
    ("estimator", "alone"), [("difference_in_means", "EN"), ("ols", "EN"), ("lin", "zz")]
)
def test_a_level_of_one_person_takes_no_comparison_from_the_others(
    tmp_path: Path, estimator: str, alone: str
) -> None:
    """`EN` sorts before the others: were it the reference, nothing could be held against anything."""
    road = walked(tmp_path, {7: alone}, estimator=estimator)
    found = lines(road)
    gap = float(found["arm", "es"]["estimate"]) - float(found["arm", "en"]["estimate"])
    assert float(found["interaction", "es"]["estimate"]) == pytest.approx(gap, rel=1e-9)
    assert found["interaction", "es"]["p_value"]
    assert not found["arm", alone]["estimate"]
    assert not found["interaction", alone]["estimate"]
    assert road.rct("verify", road.name).code == 0
    assert road.rct("verify", bundle_of(road)).code == 0
    told = road.rct("analyze", road.name).out
    assert "lang: es less en" in told
    notes = json.loads((road.out / "appendix.json").read_text())["notes"]
    assert [n for n in notes if f"'{alone}'" in n] == [
        f"lang '{alone}': too few units with a known outcome in some arm, so nothing is estimated there"
    ]


def test_only_empty_cells(tmp_path: Path) -> None:
    road = walked(tmp_path, dict.fromkeys(range(400), ""))
    assert list(lines(road)) == [("arm", "(not recorded)")]
    assert road.rct("verify", road.name).code == 0
    assert road.rct("verify", bundle_of(road)).code == 0


def test_a_block_may_be_empty_too(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(
        definition(
            design='scheme = "blocked"\nblocks = ["district"]',
            analysis='subgroups = ["district"]',
            start=date.today(),
        )
    )
    people = accounts(300, columns="district", row=lambda i: ("", "north", "south")[i % 3])
    walk(road, people, "account,paid\n" + "".join(f"{i:05d},1\n" for i in range(0, 300, 7)))
    with (road.out / "results.csv").open(newline="") as f:
        levels = [(r["term"], r["level"]) for r in csv.DictReader(f) if r["subgroup"]]
    assert levels[:3] == [("arm", "north"), ("arm", "south"), ("arm", "(not recorded)")]
    assert [level for term, level in levels if term == "interaction"] == ["south", "(not recorded)"]
    assert road.rct("verify", road.name).code == 0
    assert road.rct("verify", bundle_of(road)).code == 0

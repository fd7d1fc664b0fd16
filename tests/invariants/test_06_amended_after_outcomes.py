"""Invariant 6, after an amendment: what the plan did not have when the first outcome came in is exploratory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report import cases
from support import Road, road_at

from rct.report.memo.page import view

Rows = Sequence[dict[str, Any]]


def amended(road: Road, *edits: tuple[str, str]) -> Rows:
    for old, new in edits:
        road.edit(old, new)
    assert road.ok("amend", "bills", "--reason", "second thoughts")["deviation"] is True
    rows: Rows = road.ok("analyze", "bills")["results"]
    assert road.ok("verify", "bills")["failures"] == []
    return rows


def of(rows: Rows, outcome: str, *, subgroup: str | None = None, term: str = "arm") -> Rows:
    return [r for r in rows if (r["outcome"], r["subgroup"], r["term"]) == (outcome, subgroup, term)]


def roles(rows: Rows) -> set[str]:
    return {r["role"] for r in rows}


MADE_PRIMARY = ('label = "Amount paid"', 'label = "Amount paid"\nprimary = true')


@pytest.mark.parametrize("stage", ["outcomes", "analyzed"])
def test_an_outcome_made_primary_is_exploratory_and_the_family_stays(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    before = road.ok("analyze", "bills")["results"] if stage == "analyzed" else None
    rows = amended(road, MADE_PRIMARY)
    paid, amount = of(rows, "paid"), of(rows, "amount")
    assert roles(paid) == {"confirmatory"}
    assert roles(amount) == {"exploratory"}
    assert {r["family"] for r in amount} == {None}
    assert {r["p_adjusted"] for r in amount} == {None}
    assert roles(of(rows, "amount", subgroup="language")) == {"exploratory"}
    if before is not None:
        assert [r["p_adjusted"] for r in paid] == [r["p_adjusted"] for r in of(before, "paid")]
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text(encoding="utf-8")
    assert "“Amount paid” \\(exploratory\\)" in memo or "“Amount paid” (exploratory)" in memo
    appendix = (road.out / "appendix.html").read_text(encoding="utf-8")
    assert "Exploratory: “Amount paid”" in appendix


def test_a_subgroup_added_after_outcomes_is_exploratory(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    rows = amended(road, ('subgroups = ["language"]', 'subgroups = ["language", "district"]'))
    assert roles(of(rows, "paid", subgroup="language")) == {"confirmatory"}
    assert roles(of(rows, "paid", subgroup="district")) == {"exploratory"}
    between = of(rows, "paid", subgroup="district", term="interaction")
    assert {(r["family"], r["p_adjusted"]) for r in between} == {(None, None)}
    road.ok("report", "bills")
    assert "within levels of “district”" in (road.out / "appendix.html").read_text(encoding="utf-8")


def test_before_the_first_outcome_an_amendment_is_the_plan(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    road.edit(*MADE_PRIMARY)
    road.ok("amend", "bills", "--reason", "the council asked")
    road.ok("outcomes", "bills", road.root / "payments.csv")
    rows = road.ok("analyze", "bills")["results"]
    assert roles(rows) == {"confirmatory"}
    assert {r["family"] for r in of(rows, "amount")} == {"primary"}


def test_an_outcome_measured_otherwise_is_another_one_and_settles_nothing(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    text = road.toml.read_text(encoding="utf-8")
    road.toml.write_text(text.replace("window_days = 7", "window_days = 6", 1), encoding="utf-8")
    rows = amended(road)
    assert roles(of(rows, "paid")) == {"exploratory"}
    assert roles(of(rows, "amount")) == {"confirmatory"}
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text(encoding="utf-8")
    assert "This is exploratory" in memo
    assert "NOT SETTLED" in memo


def test_an_outcome_no_longer_primary_still_decides_and_still_counts(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    before = of(road.ok("analyze", "bills")["results"], "paid")
    text = road.toml.read_text(encoding="utf-8")
    head, tail = text.split("[outcomes.paid]", 1)
    tail = tail.replace("primary = true\n", "", 1).replace(*MADE_PRIMARY, 1)
    road.toml.write_text(f"{head}[outcomes.paid]{tail}", encoding="utf-8")
    rows = amended(road)
    paid = of(rows, "paid")
    assert roles(paid) == {"confirmatory"}
    assert [(r["family"], r["p_adjusted"]) for r in paid] == [(r["family"], r["p_adjusted"]) for r in before]
    assert roles(of(rows, "amount")) == {"exploratory"}
    road.ok("report", "bills")
    assert "“Paid within a week”" in (road.out / "memo.md").read_text(encoding="utf-8").split("\n\n")[2]


def test_the_memo_of_an_exploratory_outcome_never_says_adopt() -> None:
    record = cases.win()
    row = replace(record.results[0], role="exploratory", family=None, p_adjusted=None)
    hinted = cases.ruled(replace(record, results=(row,)))
    assert (hinted.decision.verdict, hinted.decision.arms[0].reason) == ("adapt", "unplanned")
    memo = view(hinted)
    assert "This is exploratory" in memo.answer
    assert memo.verdict == "NOT SETTLED"
    assert "a hint, no proof" in memo.lead
    assert "exploratory: the rule does not look at it" in " ".join(memo.notes)

"""Invariant 4: blocks, clusters and shares of the draw are those of the analysis; every unit counts where drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support import CANARY, Road, canary_id, canary_payments, definition, road_at

ACCOUNTS = "account,district,household\n" + "".join(
    f"{i:05d},D{(i // 2) % 4},H{i // 2}\n" for i in range(160)
)
PAID = "account,paid\n" + "".join(f"{i:05d},{(i * 5) % 7 % 2}\n" for i in range(160))
SCHEMES = {
    "complete": ("", "HC2", None, None),
    "blocked": ('\nblocks = ["district"]', "HC2", None, 4),
    "clustered": ('\nclusters = "household"', "CR2", 80, None),
    "blocked_clustered": ('\nblocks = ["district"]\nclusters = "household"', "CR2", 80, 4),
}


def main(results: list[dict[str, object]]) -> list[dict[str, object]]:
    return [r for r in results if r["term"] == "arm" and r["subgroup"] is None]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_design_is_used_without_being_named_again(scheme: str, tmp_path: Path) -> None:
    keys, se_type, clusters, blocks = SCHEMES[scheme]
    road = Road(tmp_path)
    road.define(definition(design=f'scheme = "{scheme}"{keys}', frame='id = "account"'))
    road.ok("frame", "bills", road.file("a.csv", ACCOUNTS))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    road.ok("outcomes", "bills", road.file("o.csv", PAID))
    (row,) = road.ok("analyze", "bills")["results"]
    assert row["se_type"] == se_type
    assert row["n_clusters"] == clusters
    assert row["n_blocks"] == blocks


def test_the_definition_can_not_name_another_design_for_the_analysis(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    road.edit("[analysis]\n", '[analysis]\nclusters = "household"\n')
    assert road.rct("check", "bills", "--json").json["problems"][0]["code"] == "unknown_key"


def test_every_unit_counts_in_the_arm_it_was_drawn_to(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    drawn = Counter(arm for (arm,) in road.sql("select arm from assignment_bills"))
    results = road.ok("analyze", "bills")["results"]
    for row in main(results):
        assert row["n_arm"] == drawn[row["arm"]]
        assert row["n_control"] == drawn["none"]
        assert row["n_drawn"] == row["n"] + row["n_missing"] == 240


def test_the_unobserved_are_counted_beside_and_not_moved(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(
        definition(
            frame='id = "account"',
            outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n',
        )
    )
    road.ok("frame", "bills", road.file("a.csv", ACCOUNTS))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    some = "".join(line for i, line in enumerate(PAID.splitlines(keepends=True)) if i <= 120)
    road.ok("outcomes", "bills", road.file("o.csv", some + "00120,\n00121,\n"))
    (row,) = road.ok("analyze", "bills")["results"]
    assert (row["n"], row["n_missing"], row["n_drawn"]) == (120, 40, 160)
    assert row["n_arm"] + row["n_control"] == row["n"]
    road.ok("report", "bills")
    assert "160" in (road.out / "memo.md").read_text(encoding="utf-8")


def test_what_came_back_from_the_excluded_moves_no_number(tmp_path: Path) -> None:
    with_them = road_at("drawn", tmp_path / "a")
    without = road_at("drawn", tmp_path / "b")
    with_them.ok("outcomes", "bills", with_them.root / "payments.csv")
    kept = [line for line in canary_payments().splitlines() if canary_id(240) not in line]
    without.ok("outcomes", "bills", without.file("o.csv", "\n".join(kept) + "\n"))
    assert with_them.ok("analyze", "bills")["results"] == without.ok("analyze", "bills")["results"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            "update assignment_bills set arm = 'social'",
            "assignment_changed",
        ),
        ("delete from assignment_bills where arm = 'plain'", "assignment_changed"),
        ("update frame_bills set block = 'D0'", "frame_changed"),
        ("update frame_bills set balance = balance + 1 where row = 7", "frame_changed"),
        ("update outcome_bills set value = 1.0 where outcome = 'paid'", "outcomes_changed"),
        ("delete from outcome_bills where unit = (select min(unit) from outcome_bills)", "outcomes_changed"),
    ],
)
def test_what_was_drawn_and_loaded_is_what_is_analyzed(change: str, code: str, tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    road.sql(change)
    before = road.tree()
    assert road.no("analyze", "bills")[0]["code"] == code
    assert road.tree() == before
    assert road.rct("verify", "bills", "--json").json["failures"][0]["code"] == code


def test_an_analysis_without_outcomes_is_refused(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    before = road.tree()
    (problem,) = road.no("analyze", "bills")
    assert problem["code"] == "no_outcomes"
    assert "rct outcomes bills" in problem["fix"]
    assert road.tree() == before
    assert CANARY not in str(problem)

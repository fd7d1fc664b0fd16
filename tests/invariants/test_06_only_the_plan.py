"""Invariant 6: what is called confirmatory is the plan's, all of it and nothing more."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from support import Road, road_at


def lines(results: list[dict[str, object]]) -> set[tuple[object, ...]]:
    return {(r["outcome"], r["arm"], r["term"], r["subgroup"], r["level"], r["family"]) for r in results}


PLANNED = {
    *(
        (o, a, "arm", None, None, "primary" if o == "paid" else None)
        for o in ("paid", "amount")
        for a in ("plain", "social")
    ),
    *(("paid", a, "arm", "language", level, None) for a in ("plain", "social") for level in ("en", "es")),
    *(("paid", a, "interaction", "language", "es", "subgroup:language") for a in ("plain", "social")),
}


def test_the_confirmatory_lines_are_those_of_the_plan(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    results = road.ok("analyze", "bills")["results"]
    assert lines(results) == PLANNED
    assert len(results) == len(PLANNED)
    assert {r["role"] for r in results} == {"confirmatory"}
    plan = json.loads((road.out / "plan.json").read_bytes())
    assert {(r["estimator"], r["conf_level"]) for r in results} == {
        (plan["definition"]["analysis"]["estimator"], 1 - float(plan["definition"]["analysis"]["alpha"]))
    }


def test_database_csv_json_and_command_say_the_same(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    results = road.ok("analyze", "bills")["results"]
    assert json.loads((road.out / "results.json").read_bytes())["results"] == results
    columns = ", ".join(results[0])
    stored = road.sql(f"select {columns} from result where trial = 'bills' order by position")
    assert [dict(zip(results[0], row, strict=True)) for row in stored] == results
    with (road.out / "results.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in results] == read


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('subgroups = ["language"]', 'subgroups = ["language", "district"]'),
        ('subgroups = ["language"]', ""),
        (
            "[outcomes.amount]",
            '[outcomes.late]\nlabel = "Late"\nkind = "binary"\nmissing = "zero"\nprimary = true\n\n[outcomes.amount]',
        ),
    ],
)
def test_what_is_written_into_the_file_after_the_lock_is_not_analyzed(
    old: str, new: str, tmp_path: Path
) -> None:
    road = road_at("outcomes", tmp_path)
    road.edit(old, new)
    found = road.ok("analyze", "bills")
    assert lines(found["results"]) == PLANNED
    assert "edited_after_lock" in {d["code"] for d in found["deviations"]}


@pytest.mark.parametrize("option", ["--outcome", "--estimator", "--subgroup", "--alpha", "--exclude"])
def test_the_command_has_no_way_to_ask_for_more(option: str, tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    assert road.no("analyze", "bills", option, "paid")[0]["code"] == "usage"


def test_a_planned_outcome_that_no_file_held_is_named_and_not_left_out(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    text = road.root.joinpath("payments.csv").read_text()
    only = ["{0},{1},{3}".format(*line.split(",")) for line in text.splitlines()]
    road.ok("outcomes", "bills", road.file("paid.csv", "\n".join(only) + "\n"))
    found = road.ok("analyze", "bills")
    told = {d["code"]: d["text"] for d in found["deviations"]}
    assert "Amount paid" in told["not_analyzed"] or "amount" in told["not_analyzed"]
    road.ok("report", "bills")
    assert "amount" in (road.out / "memo.md").read_text(encoding="utf-8").lower()


def test_results_changed_in_the_registry_are_not_printed(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    road.sql("update result set estimate = 0.25, conf_low = 0.2, conf_high = 0.3 where position = 2")
    before = road.tree()
    assert road.no("report", "bills")[0]["code"] == "results_changed"
    assert road.tree() == before
    failures = road.rct("verify", "bills", "--json").json["failures"]
    assert {f["code"] for f in failures} == {"results_changed"}
    assert any(f["field"] == "estimate" and f["row"] == 2 for f in failures)


def test_a_row_slipped_into_the_results_is_found(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    road.sql(
        "insert into result select trial, run, 99, outcome, 'social', control, term, subgroup, level, 0.5, "
        "std_error, statistic, df, p_value, p_adjusted, family, p_randomization, randomization_draws, conf_level, "
        "conf_low, conf_high, n, n_arm, n_control, n_clusters, n_blocks, n_drawn, n_missing, mean_control, "
        "estimator, se_type, role, fragile, n_without_comparison from result where position = 1"
    )
    assert road.no("report", "bills")[0]["code"] == "results_changed"
    assert road.rct("verify", "bills").code == 1


@pytest.mark.parametrize("file", ["results.json", "memo.md"])
def test_a_changed_document_is_named(file: str, tmp_path: Path) -> None:
    road: Road = road_at("reported", tmp_path)
    path = road.out / file
    path.write_bytes(path.read_bytes() + b" ")
    ran = road.rct("verify", "bills", "--json")
    assert ran.code == 1
    (failure,) = ran.json["failures"]
    assert failure["file"] == f"trials/bills/out/{file}"
    path.unlink()
    assert road.rct("verify", "bills", "--json").json["failures"][0]["file"] == f"trials/bills/out/{file}"

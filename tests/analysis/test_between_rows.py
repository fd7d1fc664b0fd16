"""An arm held against another arm is a row of the results like any other: R's figure, and a stranger can check it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evidence.bundles import bundle_of, edit, forge, members_of
from support import Road, definition, run

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = json.loads((REFERENCE / "between.json").read_text())
KEYS = {
    "estimate": "estimate", "std.error": "std_error", "statistic": "statistic", "df": "df", "p.value": "p_value",
    "conf.low": "conf_low", "conf.high": "conf_high",
}  # fmt: skip
LETTER = 'template = "letter.md"\nunit_cost = 1.0\n'
Made = tuple[Road, list[dict[str, Any]]]  # a trial, and the rows of `rct analyze`


def analyzed(folder: Path, rows: Sequence[dict[str, str]], kind: str = "binary", **parts: str) -> Made:
    """A trial whose arms but the control are sent a letter, drawn elsewhere and analyzed here."""
    road = Road(folder)
    rows = [{**row, "name": f"Person {i}"} for i, row in enumerate(rows)]
    (road.folder / "templates" / "letter.md").write_text("{{ name }}\n1 Main Street\n\nPlease pay.\n")
    names = sorted({row["arm"] for row in rows} - {"control"})
    arms = ['[arms.control]\nlabel = "Nothing"\ncontrol = true\n']
    arms += [f'[arms.{arm}]\nlabel = "{arm.title()}"\n{LETTER}' for arm in names]
    outcome = f'[outcomes.y]\nlabel = "Paid"\nkind = "{kind}"\nprimary = true\nmissing = "drop"\n'
    road.define(definition(arms="\n".join(arms), outcomes=outcome, **parts))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = road.file("data.csv", text.getvalue())
    road.ok("lock", "bills")
    road.ok("frame", "bills", data)
    road.ok("draw", "bills", "--replay", data, "--column", "arm")
    road.ok("outcomes", "bills", data)
    return road, road.ok("analyze", "bills")["results"]


def between(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["arm"], row["control"]): row for row in rows if row["term"] == "between"}


def reference(data: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{data}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def of_counts(paid: dict[str, int], n: int = 200) -> list[dict[str, str]]:
    return [
        {"unit_id": f"{arm}{i}", "arm": arm, "y": str(int(i < events))}
        for arm, events in paid.items()
        for i in range(n)
    ]


def agrees(row: dict[str, Any], answer: dict[str, float]) -> None:
    for theirs, ours in KEYS.items():
        assert row[ours] == pytest.approx(answer[theirs], rel=1e-8), ours


def shared(road: Road) -> Path:
    """The trial's bundle, which the workspace that made it finds sound."""
    road.ok("report", "bills")
    road.ok("share", "bills")
    assert road.ok("verify", "bills")["failures"] == []
    return bundle_of(road)


def abroad(bundle: Path, folder: Path) -> Callable[..., Any]:
    """Commands of another city that trusts whoever signed the bundle."""
    there = folder / "there"
    assert run("init", there, "--city", "Elsewhere", "--by", "Eve").code == 0
    assert run("-C", there, "trust", bundle, "--as", "Testville").code == 0
    return lambda *args: run("-C", there, *args, "--json")


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_it_is_rs_figure_with_all_digits_and_a_stranger_does_its_last_step_again(
    estimator: str, tmp_path: Path
) -> None:
    x = '\ncovariates = ["x1"]' if estimator != "difference_in_means" else ""
    road, rows = analyzed(
        tmp_path,
        reference("four_arms"),
        frame=f'id = "unit_id"\ncontact = ["name"]{x}',
        analysis=f'estimator = "{estimator}"',
    )
    found = between(rows)
    assert list(found) == [("social", "simple"), ("social", "deadline")]
    for (_, other), row in found.items():
        agrees(row, ANSWERS[estimator][other])
        assert (row["outcome"], row["role"], row["subgroup"], row["level"]) == (
            "y",
            "exploratory",
            None,
            None,
        )
        assert [row[c] for c in ("family", "p_adjusted", "p_randomization", "randomization_draws")] == [
            None
        ] * 4
        assert (row["n_arm"], row["n_control"]) == (200, 200)

    # the same digits wherever results are kept
    assert json.loads((road.out / "results.json").read_text())["results"] == rows
    in_csv = between(list(csv.DictReader(io.StringIO((road.out / "results.csv").read_text()))))
    assert {k: float(r["estimate"]) for k, r in in_csv.items()} == {
        k: r["estimate"] for k, r in found.items()
    }
    in_table = road.sql("select arm, control, estimate, conf_low from result where term = 'between'")
    assert in_table == [(*k, r["estimate"], r["conf_low"]) for k, r in found.items()]

    bundle = shared(road)
    appendix = json.loads((road.out / "appendix.json").read_text())["results"]
    assert {k: r["std_error"] for k, r in between(appendix).items()} == {
        k: r["std_error"] for k, r in found.items()
    }
    rct = abroad(bundle, tmp_path)
    assert rct("verify", bundle).json["failures"] == []
    added = rct("library", "add", bundle)
    assert added.code == 0, added.out
    (entry,) = rct("library", "find", "bills").json["entries"]
    assert [r["arm"] for r in entry["results"]] == ["deadline", "simple", "social"]  # effects, and no gaps


def test_with_blocks_it_is_the_published_formulas_figure(tmp_path: Path) -> None:
    rows = reference("blocked_arms")
    road, results = analyzed(
        tmp_path,
        rows,
        "continuous",
        frame='id = "unit_id"\ncontact = ["name"]',
        design='scheme = "blocked"\nblocks = ["block"]',
    )
    (found,) = between(results).items()
    assert found[0] == ("social", "simple")
    agrees(found[1], ANSWERS["blocked_arms"])
    bundle = shared(road)
    assert abroad(bundle, tmp_path)("verify", bundle).json["failures"] == []


def test_people_see_whom_it_is_against(tmp_path: Path) -> None:
    road, _ = analyzed(tmp_path, reference("four_arms"), frame='id = "unit_id"\ncontact = ["name"]')
    shown = road.rct("analyze", "bills").out
    assert "less simple" in shown
    assert "less deadline" in shown
    assert shown.count("(exploratory)") == 2
    road.ok("report", "bills")
    page = (road.out / "appendix.html").read_text()
    _, _, table = page.partition("the version to adopt against others")
    table = table.partition("</table>")[0]
    assert table.count(">Social<") == 2
    assert [label for label in ("Simple", "Deadline", "Nothing") if f">{label}<" in table] == [
        "Simple",
        "Deadline",
    ]


def test_where_nothing_is_adopted_there_are_none(tmp_path: Path) -> None:
    _, rows = analyzed(
        tmp_path,
        of_counts({"control": 80, "first": 84, "second": 83}),
        frame='id = "unit_id"\ncontact = ["name"]',
    )
    assert between(rows) == {}


@pytest.mark.parametrize(("few", "left"), [("third", ["second"]), ("first", []), ("control", [])])
def test_it_is_withheld_with_the_row_of_either_arm(few: str, left: list[str], tmp_path: Path) -> None:
    paid = {"control": 80, "first": 130, "second": 120, "third": 118}
    paid |= {few: 196 if few == "first" else 4}
    road, rows = analyzed(tmp_path, of_counts(paid), frame='id = "unit_id"\ncontact = ["name"]')
    assert list(between(rows)) == [("first", "second"), ("first", "third")]
    bundle = shared(road)
    members = members_of(bundle)
    published = between(list(csv.DictReader(io.StringIO(members["results.csv"].decode()))))
    lines = between(json.loads(members["evidence.json"])["lines"])
    appendix = between(json.loads((road.out / "appendix.json").read_text())["results"])
    steps = [e for e in json.loads(members["steps.json"])["lines"] if e["term"] == "between"]
    assert [e["control"] for e in steps] == left
    for other in ("second", "third"):
        key, shown = ("first", other), other in left
        assert (published[key]["estimate"] != "") == shown
        assert (lines[key]["estimate"] is not None) == shown
        assert appendix[key]["withheld"] != shown
        for column in ("std_error", "df", "p_value", "conf_low", "n", "n_arm", "n_control", "mean_control"):
            if not shown:
                assert published[key][column] == "", column
                assert appendix[key][column] is None, column
    assert abroad(bundle, tmp_path)("verify", bundle).json["failures"] == []


def test_a_changed_one_is_found_in_the_workspace_and_in_the_bundle(tmp_path: Path) -> None:
    road, rows = analyzed(tmp_path, reference("four_arms"), frame='id = "unit_id"\ncontact = ["name"]')
    bundle = shared(road)
    said = [str(row["estimate"]) for row in between(rows).values()][1]

    def exchange(steps: dict[str, Any]) -> None:
        one, other = (e for e in steps["lines"] if e["term"] == "between")
        one["control"], other["control"] = other["control"], one["control"]

    spoiled = forge(bundle, tmp_path / "spoiled.zip", edit("steps.json", exchange))
    failures = road.rct("verify", spoiled, "--json").json["failures"]
    assert {f["code"] for f in failures} == {"step_differs"}
    assert {f["row"] for f in failures} == {4, 5}
    road.sql("update result set estimate = 0.2 where term = 'between' and control = 'deadline'")
    failures = road.rct("verify", "bills", "--json").json["failures"]
    assert any(f["code"] == "results_changed" and f["found"] == "0.2" and said in f["rule"] for f in failures)


def test_results_of_an_older_rct_that_has_none_still_hold(tmp_path: Path, monkeypatch) -> None:
    from rct.analysis import compute as module
    from rct.analysis import stored as running

    made = module.compute

    def older(*args: Any) -> Any:
        analysis = made(*args)
        return replace(analysis, rows=tuple(r for r in analysis.rows if r.term != "between"))

    monkeypatch.setattr(running, "compute", older)
    road, rows = analyzed(tmp_path, reference("four_arms"), frame='id = "unit_id"\ncontact = ["name"]')
    monkeypatch.undo()
    assert between(rows) == {}
    bundle = shared(road)
    evidence = json.loads(members_of(bundle)["evidence.json"])
    assert evidence["rct_evidence"] == 1


def test_lines_taken_out_of_the_registry_are_missed(tmp_path: Path) -> None:
    road, _ = analyzed(tmp_path, reference("four_arms"), frame='id = "unit_id"\ncontact = ["name"]')
    road.sql("delete from result where term = 'between'")
    assert any("5 are derived" in f["rule"] for f in road.rct("verify", "bills", "--json").json["failures"])
    assert road.no("report", "bills")[0]["code"] == "results_changed"

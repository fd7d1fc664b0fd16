"""A file that holds everyone, where the plan says that people who are not in the trial are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, accounts, definition

PAID = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\n'


def drawn(tmp_path: Path, outcomes: str, n: int = 20) -> Road:
    road = Road(tmp_path)
    road.define(definition(outcomes=outcomes))
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("list.csv", accounts(n)))
    road.ok("draw", "bills")
    return road


def payments(road: Road, *others: str) -> Path:
    rows = [f"{i:05d},{'yes' if i % 2 else 'no'}" for i in range(20)]
    return road.file("paid.csv", "\n".join(["account,paid", *rows, *others]) + "\n")


def test_they_are_counted_passed_over_and_no_deviation(tmp_path: Path) -> None:
    road = drawn(tmp_path, PAID + 'outsiders = "pass"\n')
    everyone = [f"X{i},yes" for i in range(7)]
    loaded = road.ok("outcomes", "bills", payments(road, *everyone))
    assert (loaded["rows"], loaded["kept"], loaded["refused"]) == (27, 20, 0)
    assert loaded["reasons"] == {"outsider": 7}
    said = road.rct("outcomes", "bills", road.root / "paid.csv").out
    assert "7  of people who are not in the trial" in said
    results = road.ok("analyze", "bills")
    assert results["deviations"] == []
    assert road.ok("verify", "bills")["failures"] == []
    assert "passed over" in (road.out / "plan.md").read_text("utf-8")
    assert "X3" not in (road.folder / "rct.db").read_bytes().decode("latin-1")


def test_without_the_plans_word_the_file_is_refused(tmp_path: Path) -> None:
    for extra in ("", 'outsiders = "refuse"\n'):
        road = drawn(tmp_path / (extra[:3] or "none"), PAID + extra)
        assert {p["code"] for p in road.no("outcomes", "bills", payments(road, "X1,yes"))} == {"unknown_unit"}


@pytest.mark.parametrize("id", ["1", "00001.0", "000001"])
def test_an_id_that_a_spreadsheet_changed_is_no_outsiders(tmp_path: Path, id: str) -> None:
    road = drawn(tmp_path, PAID + 'outsiders = "pass"\n')
    (problem,) = road.no("outcomes", "bills", payments(road, "X1,yes", f"{id},yes"))
    assert (problem["code"], problem["row"]) == ("unknown_unit", 22)
    assert "differs only by zeros" in problem["rule"]


def test_a_file_of_several_outcomes_passes_them_over_where_all_of_these_do(tmp_path: Path) -> None:
    late = '\n[outcomes.late]\nlabel = "Late"\nkind = "binary"\nmissing = "zero"\n'
    for extra, fine in (("", False), ('outsiders = "pass"\n', True)):
        road = drawn(tmp_path / str(fine), PAID + 'outsiders = "pass"\n' + late + extra)
        rows = "".join(f"{i:05d},yes,no\n" for i in range(20))
        file = road.file("both.csv", "account,paid,late\n" + rows + "X1,yes,yes\n")
        if fine:
            assert road.ok("outcomes", "bills", file)["reasons"] == {"outsider": 1}
        else:
            assert road.no("outcomes", "bills", file)[0]["code"] == "unknown_unit"


def test_a_plan_without_the_word_keeps_its_bytes(tmp_path: Path) -> None:
    road = drawn(tmp_path, PAID)
    assert "outsiders" not in (road.out / "plan.json").read_text("utf-8")

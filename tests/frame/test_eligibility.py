"""A condition that would keep and drop people without a word: dates and numbers as texts, values that no row has."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, accounts, definition

from rct.definition.eligible import compile
from rct.errors import RctError

AMERICAN = [f"{m}/15/{year}" for year in (2024, 2025) for m in range(1, 13)]
ISO = [f"{year}-{m:02d}-15" for year in (2024, 2025) for m in range(1, 13)]


def road_with(tmp_path: Path, condition: str, *, covariates: str = "") -> Road:
    road = Road(tmp_path)
    frame = f'id = "account"\ncontact = ["name"]\neligible = "{condition}"'
    road.define(definition(frame=frame + (f"\ncovariates = [{covariates}]" if covariates else "")))
    return road


def listed(road: Road, values: list[str], column: str = "v") -> Path:
    return road.file("list.csv", accounts(len(values), columns=column, row=lambda i: values[i]))


def codes(ran: dict[str, list[dict[str, str]]]) -> list[str]:
    return [w["code"] for w in of_the_file(ran)]


def of_the_file(ran: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """Warnings but of what the test of so few people can bear."""
    return [w for w in ran["warnings"] if w["code"] != "few_events_expected"]


def test_dates_in_another_form_are_refused(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v < '2025-06-01'")
    file = listed(road, AMERICAN)
    for problems in (road.no("check", "bills", "--frame", file, code=1), road.no("frame", "bills", file)):
        (problem,) = (p for p in problems if p["code"] == "not_a_date")
        assert (problem["field"], problem["found"]) == ("v", AMERICAN[0])
        assert problem["rule"].startswith("24 values of 'v' are written as month/day/year")
    file = listed(road, [*ISO, "6/1/2025", "soon"])
    rows = [(p["code"], p["row"], p["found"]) for p in road.no("frame", "bills", file)]
    assert rows == [("not_a_date", 25, "6/1/2025"), ("not_a_date", 26, "soon")]


def test_dates_keep_whom_they_should(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v < '2025-06-01'")
    loaded = road.ok("frame", "bills", listed(road, ISO))
    assert loaded["kept"] == 12 + 5
    assert codes(loaded) == []


def test_a_time_of_day_is_left_aside(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v <= '2025-06-15'")
    assert road.ok("frame", "bills", listed(road, [f"{day} 08:30" for day in ISO]))["kept"] == 12 + 6


def test_rows_without_a_date_are_said(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v < '2025-06-01'")
    loaded = road.ok("frame", "bills", listed(road, [*ISO, "", ""]))
    assert loaded["kept"] == 12 + 5 + 2
    (warning,) = of_the_file(loaded)
    assert (warning["code"], warning["found"]) == ("undated", "2")
    said = road_with(tmp_path / "said", "v < '2025-06-01' and v != ''")
    loaded = said.ok("frame", "bills", listed(said, [*ISO, "", ""]))
    assert (loaded["kept"], codes(loaded)) == (12 + 5, [])


def test_a_value_that_no_row_has_is_said_with_those_there_are(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v != 'Closed'")
    file = listed(road, ["closed"] * 5 + ["open"] * 7)
    said = road.rct("check", "bills", "--frame", file)
    assert said.code == 0
    assert "is 'Closed', and no row of the file has that" in " ".join(said.out.split())
    assert "open (7), closed (5)" in " ".join(said.out.split())
    (warning,) = of_the_file(road.ok("frame", "bills", file))
    assert (warning["code"], warning["field"], warning["found"]) == (
        "no_such_value",
        "v",
        "open (7), closed (5)",
    )


def test_values_that_tell_who_a_person_is_are_not_shown(tmp_path: Path) -> None:
    road = Road(tmp_path)
    frame = 'id = "account"\ncontact = ["name"]\neligible = "house != \'Gone\'"'
    road.define(definition(frame=frame, design='scheme = "clustered"\nclusters = "house"'))
    loaded = road.ok("frame", "bills", listed(road, [f"H{i // 2}" for i in range(24)], "house"))
    (warning,) = of_the_file(loaded)
    assert (warning["code"], warning["found"]) == ("no_such_value", None)


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("v == 'open'", ["open", "closed"], []),
        ("v in ('open', 'late')", ["open", "closed"], ["no_such_value"]),
        ("v not in ('void')", ["open"], ["no_such_value"]),
        ("v == 3", ["1", "2"], ["no_such_value"]),
        ("v == 3", ["1", "3.0"], []),
        ("v == '2025-06-01'", ["2025-06-01", ""], []),
        ("v != '2025-06-02'", ["2025-06-01", ""], ["no_such_value"]),
        ("v >= 'B'", ["A", "B", "a"], ["text_order"]),
        ("v >= '02000'", ["01999", "02139"], []),  # written alike, digit for digit
        ("v >= '2025-06'", ["2025-05", "2025-07"], []),
        ("v > ''", ["", "x"], []),
        ("v >= '25'", ["30", "41"], []),
        ("v >= 'B' and v != ''", ["A", "B"], ["no_such_value", "text_order"]),
    ],
)
def test_which_conditions_are_warned_of(
    tmp_path: Path, condition: str, values: list[str], expected: list[str]
) -> None:
    road = road_with(tmp_path, f"{condition} or v == v")  # everyone stays: only the warning is looked at
    assert codes(road.ok("frame", "bills", listed(road, values * 6))) == expected


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("v >= '25'", ["30", "100", "250", "9"]),
        ("v < '-5'", ["-1", "-9"]),
        ("v >= w and w != ''", ["9", "10"]),
    ],
)
def test_numbers_that_are_compared_as_texts_are_refused_with_the_fix(
    tmp_path: Path, condition: str, values: list[str]
) -> None:
    road = road_with(tmp_path, condition)
    rows = accounts(len(values), columns="v,w", row=lambda i: f"{values[i]},{values[i - 1]}")
    file = road.file("list.csv", rows)
    for problems in (road.no("check", "bills", "--frame", file, code=1), road.no("frame", "bills", file)):
        (problem,) = problems
        assert (problem["code"], problem["field"]) == ("text_order", "frame.eligible")
        assert "letter by letter" in problem["rule"]


@pytest.mark.parametrize(
    "condition", ["balance >= '25'", "balance == '25'", "balance in ('25', '30')", "'25' < balance"]
)
def test_a_declared_number_in_quotes_is_a_mistake_of_the_definition(tmp_path: Path, condition: str) -> None:
    road = road_with(tmp_path, condition, covariates='"balance"')
    (problem,) = road.no("check", "bills", code=1)
    assert (problem["code"], problem["found"]) == ("number_as_text", "'25'")
    assert "Write 25 without quotes" in problem["fix"]


def test_whether_a_number_is_there_may_be_asked(tmp_path: Path) -> None:
    road = road_with(tmp_path, "balance != ''", covariates='"balance"')
    assert road.ok("frame", "bills", listed(road, ["1", "2", "", "4", "5", "6"], "balance"))["kept"] == 5


def test_an_empty_number_is_called_empty(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v >= 25 and name != 'x'".replace(" and name != 'x'", ""))
    (problem,) = road.no("frame", "bills", listed(road, ["30", "", "40"]))
    assert (problem["code"], problem["row"], problem["field"], problem["found"]) == (
        "number_missing",
        2,
        "v",
        None,
    )
    assert "is empty" in problem["rule"]


@pytest.mark.parametrize(
    "condition",
    ["v < '6/1/2025'", "v < '2025-02-30'", "v == '2025-13-01'", "v < '2025-6-1'", "v < '2025-06-01 12:00'",
     "v >= '01.06.2025'", "v < '2025-06-01' or v == 'never'"],
)  # fmt: skip
def test_dates_in_a_condition_are_written_as_days(condition: str) -> None:
    with pytest.raises(RctError) as raised:
        compile(condition)
    assert raised.value.problems[0].code == "bad_eligibility"


def test_a_long_list_of_values_is_counted_and_not_kept(tmp_path: Path) -> None:
    road = road_with(tmp_path, "v != 'last' and v != 'gone'")
    loaded = road.ok("frame", "bills", listed(road, [*(f"w{i}" for i in range(12_000)), "last"]))
    (warning,) = of_the_file(loaded)
    assert "is 'gone', and" in warning["rule"], "last is beyond what is counted, and was found"

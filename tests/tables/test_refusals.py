"""What becomes of refused rows: messages, counts that add up, and the file for people."""

from __future__ import annotations

import csv
import io

import pytest

from rct.codes import CODES
from rct.errors import MAX_LISTED
from rct.tables import Counts, Refusals
from rct.tables.people import csv_for_people
from rct.tables.refusals import EXCLUDED, RULES, listed


def refusals(*hidden: str) -> Refusals:
    return Refusals("list.csv", frozenset(hidden))


def test_every_code_is_explained() -> None:
    assert {*RULES, *EXCLUDED} <= set(CODES)


def test_a_defect_becomes_a_problem_with_its_place() -> None:
    found = refusals()
    found.add("not_a_number", 3, 5, "balance", "1.234,56")
    (problem,) = found.problems()
    assert problem.as_dict() | {"rule": "", "fix": ""} == {
        "code": "not_a_number",
        "file": "list.csv",
        "row": 3,
        "line": 5,
        "field": "balance",
        "found": "1.234,56",
        "rule": "",
        "fix": "",
    }
    assert problem.rule.startswith("'balance' must be a number")
    assert problem.fix


def test_a_row_with_several_defects_counts_once_and_for_the_first() -> None:
    found = refusals()
    found.add("duplicate_id", 9, 10, "id", "A", "rows 2 and 9")
    found.add("empty_id", 2, 3, "id")
    found.add("not_a_number", 2, 3, "balance", "x")
    found.sort()
    assert len(found.rows) == 2
    assert found.reasons() == {"duplicate_id": 1, "empty_id": 1}
    assert [d.row for d in found.defects] == [2, 2, 9]


def test_at_most_a_thousand_are_listed_and_all_are_in_the_file() -> None:
    found = refusals()
    for row in range(1, 1_501):
        found.add("empty_id", row, row + 1, "id")
    assert len(found.problems()) == MAX_LISTED == 1_000
    assert len(list(csv.reader(io.StringIO(found.csv().decode("utf-8-sig"))))) == 1_501


def test_personal_values_are_shown_in_the_private_file_only() -> None:
    found = refusals("name")
    found.add("control_character", 1, 2, "name", "Ana\nLee", "U+000A (a line break)")
    (problem,) = found.problems()
    assert problem.found is None
    assert "Ana" not in problem.rule + problem.fix
    assert b"Ana\\nLee" in found.csv()


def test_long_values_are_cut() -> None:
    found = refusals()
    found.add("not_a_number", 1, 2, "balance", "9x" * 5_000)
    assert len(found.problems()[0].found or "") == 201


def test_the_file_for_people_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    found = refusals()
    for row, value in enumerate(["=1+1", "+1", "-1", "@a", "＝1", "a,b", "\tx", "ok"], 1):
        found.add("not_a_number", row, row + 1, "balance", value)
    content = found.csv()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 9
    shown = [row["found"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    assert shown == ["'=1+1", "'+1", "'-1", "'@a", "'＝1", "a,b", "'\\tx", "ok"]


def test_names_of_columns_are_neutralized_too() -> None:
    content = csv_for_people(["=a", "b"], [[None, 3]]).decode("utf-8-sig")
    assert content == "'=a,b\r\n,3\r\n"


def test_counts_must_add_up() -> None:
    Counts(5, 2, 2, 1, {"blank_line": 2, "empty_id": 1})
    with pytest.raises(ValueError, match="kept"):
        Counts(5, 2, 2, 2, {"blank_line": 2, "empty_id": 2})
    with pytest.raises(ValueError, match="reason"):
        Counts(5, 2, 2, 1, {"blank_line": 2})


def test_rows_are_listed_in_words() -> None:
    assert listed([3]) == "3"
    assert listed([3, 9]) == "3 and 9"
    assert listed([3, 9, 12]) == "3, 9 and 12"
    assert listed(list(range(1, 1_012))) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,001 more"

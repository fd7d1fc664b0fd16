"""A title above the header, a second sheet: one sentence and the option that settles it, through the commands."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from support import Road, definition, run

PEOPLE = 12
FRAME = 'id = "account"\ncovariates = ["balance"]\ncontact = ["name", "street"]'
HEADER = ["account", "name", "street", "balance"]


def rows() -> list[list[str]]:
    return [[f"{i:05d}", f"Person {i}", f"{i} Main Street", f"{10 + i}.5"] for i in range(PEOPLE)]


@pytest.fixture
def road(tmp_path: Path) -> Road:
    made = Road(tmp_path)
    made.define(definition(frame=FRAME))
    return made


def export(path: Path, *, sheets: bool = False) -> Path:
    """As a city's system writes it: a title, a blank line, the header; and notes on the sheet that comes first."""
    book = openpyxl.Workbook()
    sheet = book.active
    if sheets:
        sheet.title = "Notes"
        sheet.append(["Prepared for the mayor"])
        sheet.append(["by the cashier"])
        sheet = book.create_sheet("Open items")
    for row in [["City of Riverton - Open Items"], [], HEADER, *rows()]:
        sheet.append(row)
    book.save(path)
    return path


def csv(path: Path) -> Path:
    lines = ["City of Riverton - Open Items", "", ",".join(HEADER), *(",".join(row) for row in rows())]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_title_above_the_header_is_one_problem_whose_advice_works(
    road: Road, tmp_path: Path, suffix: str
) -> None:
    file = csv(tmp_path / "list.csv") if suffix == "csv" else export(tmp_path / "list.xlsx")
    road.ok("lock", "bills")
    (problem,) = road.no("frame", "bills", file)
    assert (problem["code"], problem["line"]) == ("missing_column", 1)
    option = problem["fix"].split(": ")[1].split("  ")[0].split()
    assert option == ["--header-row", "3"]
    loaded = road.ok("frame", "bills", file, *option)
    assert (loaded["rows"], loaded["kept"]) == (PEOPLE, PEOPLE)
    body = [e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == "frame"][-1]
    assert (body["header_row"], body.get("sheet")) == (3, None)
    assert road.ok("frame", "bills", file, *option)["fresh"] is False
    assert road.ok("verify", "bills")["failures"] == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_lines_are_the_files_own(road: Road, tmp_path: Path, suffix: str) -> None:
    file = csv(tmp_path / "list.csv") if suffix == "csv" else export(tmp_path / "list.xlsx")
    if suffix == "csv":
        file.write_text(file.read_text().replace("14.5", "many"))
    else:
        book = openpyxl.load_workbook(file)
        book.active["D8"] = "many"
        book.save(file)
    (problem,) = road.no("check", "bills", "--frame", file, "--header-row", "3", code=1)
    assert (problem["code"], problem["row"], problem["line"], problem["found"]) == (
        "not_a_number",
        5,
        8,
        "many",
    )


def test_a_second_sheet_is_read_where_it_is_named(road: Road, tmp_path: Path) -> None:
    file = export(tmp_path / "list.xlsx", sheets=True)
    road.ok("lock", "bills")
    (problem,) = road.no("frame", "bills", file, "--sheet", "Open")
    assert problem["code"] == "no_sheet"
    assert "'Notes', 'Open items'" in problem["rule"]
    loaded = road.ok("frame", "bills", file, "--sheet", "open items", "--header-row", "3")
    assert loaded["kept"] == PEOPLE
    body = [e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == "frame"][-1]
    assert (body["sheet"], body["header_row"]) == ("open items", 3)
    assert road.ok("verify", "bills")["failures"] == []


def test_the_same_rows_read_so_are_the_same_list(road: Road, tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join([",".join(HEADER), *(",".join(row) for row in rows())]) + "\n")
    road.ok("lock", "bills")
    first = road.ok("frame", "bills", plain)["frame_hash"]
    again = road.ok("frame", "bills", csv(tmp_path / "titled.csv"), "--header-row", "3")
    assert again["frame_hash"] == first


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--sheet", "Open items"), "no_sheet"),
        (("--header-row", "0"), "usage"),
        (("--header-row", "many"), "usage"),
        (("--header-row", "2"), "no_header"),
        (("--header-row", "4"), "missing_column"),
        (("--header-row", "15"), "header_alone"),
        (("--header-row", "99"), "empty_file"),
    ],
)
def test_a_line_or_a_sheet_that_is_none_is_refused(
    road: Road, tmp_path: Path, options: tuple[str, ...], code: str
) -> None:
    road.ok("lock", "bills")
    before = road.tree()
    problems = road.no("frame", "bills", csv(tmp_path / "list.csv"), *options)
    assert {problem["code"] for problem in problems} == {code}, problems
    assert road.tree() == before


def test_the_first_sheet_alone_is_read_with_a_word_about_the_others(road: Road, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Second list")):
        for row in [HEADER, *rows()]:
            sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    said = run("-C", road.folder, "check", "bills", "--frame", tmp_path / "two.xlsx").out
    assert "--sheet 'Second list'" in " ".join(said.split())

"""Many rows with one fault are one thing to mend: dates of one form, garbled names, and where all defects are listed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support import Road, accounts, definition, road_at

from rct.tables.alike import Defect, alike_dates
from rct.tables.values import is_garbled


def dated(texts: list[str]) -> list[Defect]:
    return [Defect(i, i + 1, "not_a_date", "paid_on", text, "") for i, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (["2/15/2026", "3/1/2026"] * 5, "month/day/year"),
        (["15.2.2026", "1.3.2026"] * 5, "day.month.year"),
        (["2/1/2026", "3/1/26"] * 5, "month/day/year or day/month/year"),
        (["13/1/2026", "1/13/2026"] * 5, "month/day/year or day/month/year"),
        (["2026/02/15"] * 10, "year, month, day in another form"),
        (["20260215"] * 10, "YYYYMMDD"),
    ],
)
def test_dates_of_one_form_are_told_once(texts: list[str], pattern: str) -> None:
    (told,), left = alike_dates([*dated(texts), Defect(99, 100, "not_a_date", "paid_on", "soon", "")])
    assert (told.pattern, told.count, told.row, told.example) == (pattern, len(texts), 1, texts[0])
    assert [d.row for d in left] == [99]


def test_a_few_dates_are_told_row_by_row() -> None:
    assert alike_dates(dated(["2/15/2026"] * 9)) == ([], dated(["2/15/2026"] * 9))


def test_american_dates_are_one_line_with_the_count(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    rows = (tmp_path / "payments.csv").read_text(encoding="utf-8").splitlines()
    turned = [rows[0], *(",".join([*row.split(",")[:-1], "2/15/2026"]) for row in rows[1:])]
    file = road.file("american.csv", "\n".join(turned) + "\n")
    (problem,) = road.no("outcomes", "bills", file)
    count = len(rows) - 2  # the last is of a unit that the frame excluded
    assert problem["rule"].startswith(f"{count} values of 'paid_on' are written as month/day/year")
    said = " ".join(road.rct("outcomes", "bills", file).err.split())
    assert said.count("YYYY-MM-DD") == 2, "in the rule and in what to do, once"
    assert f"{count} defects in {count} rows. All are listed in private/bills/refused.csv." in said
    assert '--refuse-bad-rows --reason "…"' in said


def test_all_defects_are_counted_and_it_is_said_where_they_stand(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition(frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance"]'))
    file = road.file("list.csv", accounts(3_000, columns="balance", row=lambda i: "x" if i else "1"))
    ran = road.rct("frame", "bills", file)
    said = " ".join(ran.err.split())
    assert "2,999 defects in 2,999 rows. All are listed in private/bills/refused.csv." in said
    assert "more more" not in said
    with (road.private / "bills" / "refused.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 2_999
    ran = road.rct("check", "bills", "--frame", file)
    assert "many things to mend" in ran.out
    assert "2,999 defects in 2,999 rows." in " ".join(ran.out.split())
    assert "rest" in road.rct("frame", "bills", file, "--json").json


def test_a_garbled_name_is_called_garbled(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    file = road.file("list.csv", accounts(6) + "77,Garc\u00c3\u00ada\n78,Ana\u0007\n")
    garbled, hidden = road.no("frame", "bills", file)
    assert (garbled["code"], garbled["row"], garbled["found"]) == ("garbled_text", 7, None)
    assert "Export the file again as UTF-8" in garbled["fix"]
    assert (hidden["code"], hidden["row"]) == ("control_character", 8)


@pytest.mark.parametrize(
    ("text", "yes"), [("Garc\u00c3\u00ada", True), ("García", False), ("Ana", False), ("\x07", False)]
)
def test_what_is_garbled(text: str, yes: bool) -> None:
    assert is_garbled(text) is yes

"""`rct handover`: id, version and reference code for a sending system, in private/."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
from mailed_support import Mail, N
from support import Road, accounts, definition

from rct.letters.workbook import running_rows, string_workbook


def read(mail: Road) -> list[dict[str, str]]:
    data = (mail.folder / "private" / "bills" / "handover.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_every_unit_with_a_letter_is_there_once_with_its_version_and_code(mail: Mail) -> None:
    done = mail.ok("handover", "bills")
    rows = read(mail)
    arms, letters = mail.arms(), mail.letters()
    expected = {i for i in range(N) if arms[i] != "none"}
    assert {int(r["id"]) for r in rows} == expected
    assert len(rows) == len(expected) == done["rows"] == 40
    for row in rows:
        assert row["version"] == letters[arms[int(row["id"])]]
        assert row["reference"] == mail.code(int(row["id"]))
    assert done["versions"] == {
        letter: {"arm": arm, "units": 20}
        for arm, letter in sorted(letters.items(), key=lambda x: x[1])
        if arm != "none"
    }
    assert list(rows[0]) == ["id", "version", "reference"]
    folder = mail.folder / "private" / "bills"
    for file in ("handover.csv", "handover.xlsx"):
        assert stat.S_IMODE((folder / file).stat().st_mode) == 0o600
    assert mail.ok("verify", "bills")["ok"]


def test_the_versions_are_interleaved(mail: Mail) -> None:
    mail.ok("handover", "bills")
    rows = read(mail)
    for start in range(0, 40, 10):
        assert {r["version"] for r in rows[start : start + 10]} == {r["version"] for r in rows}


def test_the_workbook_holds_the_same_as_text(mail: Mail) -> None:
    mail.ok("handover", "bills")
    sheet = openpyxl.load_workbook(mail.folder / "private" / "bills" / "handover.xlsx").worksheets[0]
    cells = [[c.value for c in row] for row in sheet.iter_rows()]
    assert cells == [["id", "version", "reference"], *([list(r.values()) for r in read(mail)])]
    assert {c.data_type for row in sheet.iter_rows() for c in row} == {"s"}


def test_again_changes_nothing_and_a_deleted_file_is_written_again(mail: Mail) -> None:
    assert mail.ok("handover", "bills")["fresh"]
    folder = mail.folder / "private" / "bills"
    before = {p: p.read_bytes() for p in [mail.folder / "rct.db", *sorted(folder.iterdir())]}
    assert not mail.ok("handover", "bills")["fresh"]
    assert {p: p.read_bytes() for p in [mail.folder / "rct.db", *sorted(folder.iterdir())]} == before
    text = (folder / "handover.csv").read_bytes()
    (folder / "handover.csv").unlink()
    assert mail.ok("handover", "bills")["fresh"]
    assert (folder / "handover.csv").read_bytes() == text


def test_systems_get_the_addresses_they_need(mail: Mail) -> None:
    assert mail.ok("handover", "bills", "--for", "email")["columns"] == [
        "id",
        "version",
        "reference",
        "email",
    ]
    row = read(mail)[0]
    assert row["email"] == f"P{int(row['id'])}@example.org"
    assert mail.ok("handover", "bills", "--for", "sms")["columns"] == ["id", "version", "reference", "cell"]
    assert mail.no("handover", "bills", "--for", "fax")[0]["code"] == "usage"


def test_who_opted_out_since_is_left_out_and_stays_in_the_analysis(drawn: Callable[..., Mail]) -> None:
    mail = drawn(wait=0)
    gone = mail.accounts_of("plain")[0]
    mail.ok("handover", "bills")
    mail.ok("mailed", "bills", mail.pieces([(gone, "opted_out", "", date.today().isoformat())]))
    again = mail.ok("handover", "bills")
    assert (again["fresh"], again["rows"], again["left_out"]) == (True, 39, {"opted_out": 1})
    assert gone not in {int(r["id"]) for r in read(mail)}
    paid = mail.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(N)))
    mail.ok("outcomes", "bills", paid)
    assert {row["n"] for row in mail.ok("analyze", "bills")["results"]} == {40}


def test_where_everything_is_made_elsewhere_every_arm_is_handed_over(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    road.ok("frame", "bills", road.file("list.csv", accounts(12)))
    road.ok("lock", "bills")
    assert road.no("handover", "bills")[0]["code"] == "not_drawn"
    road.ok("draw", "bills")
    assert road.ok("handover", "bills")["rows"] == 12
    road.ok("forget", "bills", "--yes")
    assert not (road.folder / "private" / "bills").exists()
    assert road.no("handover", "bills")[0]["code"] == "forgotten"


def test_a_cell_that_would_run_leaves_the_workbook_alone(drawn: Callable[..., Mail]) -> None:
    mail = drawn()
    road = Road(mail.root / "other")
    road.define(definition())
    text = "account,name\n" + "".join(f"{i},P\n" for i in ("=1+1", "@sum", "+15550100", *range(10, 20)))
    road.ok("frame", "bills", road.file("list.csv", text))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    done = road.ok("handover", "bills")
    assert done["paths"] == ["private/bills/handover.xlsx"]
    sheet = openpyxl.load_workbook(road.folder / "private" / "bills" / "handover.xlsx").worksheets[0]
    column = [str(row[0].value) for row in sheet.iter_rows(min_row=2)]
    assert sorted(column[n - 1] for n in done["running"]) == ["=1+1", "@sum"]
    assert {c.data_type for row in sheet.iter_rows() for c in row} == {"s"}


def test_a_plain_number_runs_nowhere() -> None:
    assert running_rows([["+15550100"], ["-3.5"], ["+1-555"], ["a=b"], ["＝1"]]) == [3, 5]
    assert string_workbook(["a"], [["=cmd()"]])[:2] == b"PK"

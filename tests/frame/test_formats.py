"""[columns] and [formats]: an office's own list, outcomes and delivery report, read as they are declared."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import office
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Road

from rct.registry import state, store, vault
from rct.registry.workspace import find
from rct.tables.formats import DateFormat, FileFormats, FormatError, NumberFormat, format_of

SAMPLES = ("$1,234.50", "1.234,50", "1 234,50", "1234.50", "1,234.50 €")
DEFINITION = """
[trial]
title = "Which letter gets parking tickets paid?"
problem = "One in three tickets is unpaid."
hypothesis = "A plain letter gets more paid."
channel = "letter"
owner = "Dana Reyes, Parking"
analyst = "Sam Okafor"
ethics = "Reviewed by the city attorney."
start = 2026-01-12
[arms.current]
label = "Today's letter"
control = true
template = "parking/letter.md"
[arms.plain]
label = "Plain letter"
template = "parking/letter.md"
[frame]
id = "citation"
contact = ["name", "street", "city", "zip", "due", "last_bill"]
covariates = ["amount"]
categories = ["language"]
opt_out = "stop"
eligible = "due >= '2026-09-01' and amount >= 25"
[outcomes.paid_30]
label = "Paid within 30 days"
kind = "binary"
primary = true
column = "paid"
date_column = "paid_on"
window_days = 30
missing = "zero"
[analysis]
date = 2026-03-02
[decision]
worthwhile = 0.01
[columns]
citation = "Citation #"
name = "Owner Name"
street = "Mail Addr 1"
city = "Mail City"
zip = "Mail ZIP"
due = "Due Date"
amount = "Amount Due"
language = "Language"
stop = "Do Not Mail"
last_bill = "Last Bill"
paid = "Status"
paid_on = "Pay Date"
[formats]
date = "M/D/YYYY"
number = "$1,234.50"
yes = ["Requested", "Paid"]
no = ["Unpaid"]
columns = { citation = "0000000", zip = "00000", due = "M/D/YYYY" }
"""
LETTER = """{{ name }}
{{ street }}
{{ city }}, MA {{ zip }}

# Pay by {{ due | date }}

You owe {{ amount | money }}. It was due on {{ due }}. Pay at the desk or call 555-0100.
"""


def _definition(**changes: str) -> str:
    text = DEFINITION.replace(', "last_bill"]', "]").replace('last_bill = "Last Bill"\n', "")
    text = text.replace("due >= '2026-09-01' and ", "")  # a contact column may not be in the condition
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


@pytest.fixture
def road(tmp_path: Path) -> Road:
    road = Road(tmp_path, "parking")
    road.define(_definition())
    letter = road.folder / "templates" / "parking" / "letter.md"
    letter.parent.mkdir(parents=True)
    letter.write_text(LETTER)
    return road


def _contacts(road: Road) -> dict[str, dict[str, str]]:
    """The vault's contact fields by the city's own id."""
    ws = find(road.folder)
    with state.reading(ws) as db, vault.opened(ws) as opened:
        found = state.read_state(db, "parking")
        assert found.frame is not None
        return {id: json.loads(contact) for _, id, _, contact in vault.people(opened, found.frame.body.token)}


def test_a_workbook_and_a_csv_of_the_same_list_are_read_alike(road: Road, tmp_path: Path) -> None:
    rows = office.people()
    book = office.workbook(tmp_path / "list.xlsx", rows, titles=0, totals=False, second=False)
    first = road.ok("frame", "parking", book)
    assert (first["rows"], first["kept"], first["reasons"]) == (60, 56, {"opted_out": 4})
    again = road.ok("frame", "parking", road.file("list.csv", office.as_csv(rows)))
    assert again["frame_hash"] == first["frame_hash"]
    assert not again["fresh"]
    contact = _contacts(road)["0001207"]
    assert (contact["zip"], contact["due"]) == ("02101", "9/2/2026")


def test_the_road_from_list_to_outcomes_with_an_offices_own_files(road: Road, tmp_path: Path) -> None:
    rows = office.people()
    road.ok("lock", "parking", "--yes", "--by", "Tess", "--lang", "es")
    plan = (road.out / "plan.md").read_text()
    assert "Headings in the office" in plan
    assert "numbers as" in plan
    road.ok("frame", "parking", road.file("list.csv", office.as_csv(rows)))
    road.ok("draw", "parking", "--yes")
    made = road.ok("letters", "parking")
    assert made["pieces"] == 56
    paid = [
        f"{row['Citation #']:07},{'PAID' if i % 3 else 'Unpaid'},1/{13 + i % 9}/2026"
        for i, row in enumerate(rows)
    ]
    loaded = road.ok(
        "outcomes", "parking", road.file("paid.csv", "Citation #,Status,Pay Date\n" + "\n".join(paid))
    )
    assert (loaded["kept"], loaded["reasons"]) == (56, {"excluded_unit": 4})
    wrong = road.file(
        "wrong.csv", "Citation #,Status,Pay Date\n0001207,paid,13.1.2026\n0001214,maybe,1/20/2026\n"
    )
    problems = road.no("outcomes", "parking", wrong)
    assert [(p["code"], p["field"], p["found"]) for p in problems] == [
        ("not_in_format", "paid_on", "13.1.2026"),
        ("unreadable_yes_no", "paid", "maybe"),
    ]
    assert "declared: paid, requested, unpaid" in problems[1]["rule"]


def test_letters_print_days_and_amounts_that_are_written_as_declared(road: Road) -> None:
    road.ok("lock", "parking", "--yes")
    road.ok("frame", "parking", road.file("list.csv", office.as_csv(office.people())))
    road.ok("draw", "parking", "--yes")
    road.ok("letters", "parking")
    import pypdf

    pdf = next((road.private / "parking" / "letters").glob("*.pdf"))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    assert "Pay by September 2, 2026" in text
    assert "It was due on 9/2/2026" in text
    assert "MA 02101" in text


@pytest.mark.parametrize(
    ("amount", "code"),
    [("$90.00", None), ("90", None), ("($5.00)", None), ("1.234,50", "not_in_format"), ("90 USD", "not_in_format"),
     ("12,34.00", "not_in_format"), ("1e400", "number_too_large"), ("\u0663\u0664", "not_in_format"),
     ("", "missing_covariate")],
)  # fmt: skip
def test_a_number_fits_the_declared_format_or_its_row_is_refused(
    road: Road, amount: str, code: str | None
) -> None:
    road.toml.write_text(_definition().replace('eligible = "amount >= 25"\n', ""))
    rows = office.people(20)
    rows[3]["Amount Due"] = 7.25
    text = office.as_csv(rows).replace("$7.25", f'"{amount}"')
    ran = road.rct("check", "parking", "--frame", road.file("list.csv", text), "--json")
    assert [p["code"] for p in ran.json["problems"]] == ([] if code is None else [code])
    if code == "not_in_format":
        assert ran.json["problems"][0]["found"] == amount
        assert "$1,234.50" in ran.json["problems"][0]["rule"]


def test_a_number_that_a_spreadsheet_stores_is_never_read_as_a_decimal_comma(
    road: Road, tmp_path: Path
) -> None:
    """1.234 is a thousand and more as text in Germany, and one and a bit as a cell's number."""
    road.toml.write_text(_definition().replace('number = "$1,234.50"', 'number = "1.234,50"'))
    rows = office.people(20)
    book = openpyxl.load_workbook(
        office.workbook(tmp_path / "a.xlsx", rows, titles=0, totals=False, second=False)
    )
    for i, row in enumerate(rows, start=2):
        book.worksheets[0].cell(i, 9).value = (
            31.234 if i == 3 else f"{row['Amount Due']:.2f}".replace(".", ",")
        )
    book.save(tmp_path / "b.xlsx")
    road.ok("frame", "parking", tmp_path / "b.xlsx")
    ws = find(road.folder)
    with state.reading(ws) as db:
        assert 31.234 in list(store.read_frame(db, "parking").columns["amount"].values)


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('date = "M/D/YYYY"', 'date = "MDY"', "bad_format", "formats.date"),
        ('number = "$1,234.50"', 'number = "1,234"', "bad_format", "formats.number"),
        ('zip = "00000"', 'zip = "five"', "bad_format", "formats.columns.zip"),
        ('zip = "00000"', 'zipp = "00000"', "unknown_column", "formats.columns.zipp"),
        ('city = "Mail City"', 'town = "Mail City"', "unknown_column", "columns.town"),
        ('city = "Mail City"', 'city = "Owner Name"', "column_twice", "columns.city"),
        ('no = ["Unpaid"]', 'no = ["PAID"]', "yes_and_no", "formats.no"),
        ('no = ["Unpaid"]', "no = 5", "wrong_type", "formats.no"),
        ('city = "Mail City"', "city = 5", "wrong_type", "columns.city"),
    ],
)
def test_what_is_declared_wrongly_is_named(road: Road, old: str, new: str, code: str, field: str) -> None:
    road.edit(old, new)
    assert [(p["code"], p["field"]) for p in road.no("check", "parking", code=1)] == [(code, field)]


def test_what_is_declared_is_locked(road: Road) -> None:
    road.ok("lock", "parking", "--yes")
    road.edit('date = "M/D/YYYY"\n', 'date = "D/M/YYYY"\n')
    listed = road.file("list.csv", office.as_csv(office.people()))
    assert [p["code"] for p in road.no("frame", "parking", listed)] == ["edited_after_lock"]


def test_a_definition_without_formats_reads_a_list_as_before() -> None:
    assert not FileFormats.of()
    assert not FileFormats.of().of_numbers


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2000, 2, 29), date(1999, 12, 31)])
@pytest.mark.parametrize("pattern", ["M/D/YYYY", "DD.MM.YYYY", "D-MMM-YYYY", "YYYYMMDD", "MMM D, YYYY"])
def test_a_day_is_read_back_as_it_is_written(pattern: str, day: date) -> None:
    assert DateFormat(pattern).parse(DateFormat(pattern).write(day)) == day


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from(["$1,234.50", "1.234,50", "1 234,50", "1234.50", "1,234.50 €"]),
)
def test_an_amount_is_read_back_as_it_is_written(amount: Decimal, sample: str) -> None:
    plain = NumberFormat(sample).plain(NumberFormat(sample).write(amount))
    assert plain is not None
    assert Decimal(plain) == amount


@pytest.mark.parametrize(
    "pattern",
    ["", "D/M", "MDYYYY", "YYYY-DD-MM", "M/D/YYYY/D", "1,234", "$1,234.50$", "abc", "YYYY" * 20],
)
def test_no_pattern_is_guessed(pattern: str) -> None:
    with pytest.raises(FormatError):
        format_of(pattern)

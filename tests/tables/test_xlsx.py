"""Workbooks: what a cell shows, what it stores, and the files that are traps."""

from __future__ import annotations

import datetime
import io
import random
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rct.codes import CODES
from rct.errors import RctError
from rct.tables import CellNote, Table, TableRow, read_table

Sheet = Callable[..., Table]
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "xl/sharedStrings.xml"


def book(fill: Callable[[Worksheet], None]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def rows(*lines: tuple[object, ...]) -> bytes:
    def fill(sheet: Worksheet) -> None:
        for line in lines:
            sheet.append(line)

    return book(fill)


def with_part(
    content: bytes, name: str, change: Callable[[str], str], compress: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The workbook with one part of its XML changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", compress) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data.decode()) if part == name else data)
    return out.getvalue()


def shared(*texts: str) -> bytes:
    """A workbook of one column whose texts are shared strings, as Excel writes them (openpyxl writes them inline)."""
    cells = "".join(f'<row r="{i + 1}"><c r="A{i + 1}" t="s"><v>{i}</v></c></row>' for i in range(len(texts)))
    content = with_part(
        rows(("x",)),
        SHEET,
        lambda t: re.sub("<sheetData>.*</sheetData>", f"<sheetData>{cells}</sheetData>", t),
    )
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    out = io.BytesIO(content)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    with zipfile.ZipFile(out, "a") as archive:
        if SHARED not in archive.namelist():
            archive.writestr(SHARED, f'<sst xmlns="{space}">{strings}</sst>')
    entry = f'<Override PartName="/{SHARED}" ContentType="{kind}"/></Types>'
    return with_part(
        with_part(
            out.getvalue(),
            "[Content_Types].xml",
            lambda t: t if SHARED in t else t.replace("</Types>", entry),
        ),
        SHARED,
        lambda _: f'<sst xmlns="{space}">{strings}</sst>',
    )


def with_cells(xml: str) -> bytes:
    """A workbook whose sheet has the header `id`, `b` and then these rows of XML."""
    return with_part(rows(("id", "b"), ("1", "2")), SHEET, lambda text: replace_rows(text, xml))


def replace_rows(text: str, xml: str) -> str:
    start, end = text.index('<row r="2"'), text.index("</sheetData>")
    return text[:start] + xml + text[end:]


@pytest.fixture
def read(tmp_path: Path) -> Sheet:
    def read(content: bytes, **options: object) -> Table:
        path = tmp_path / "list.xlsx"
        path.write_bytes(content)
        return read_table(path, **options)  # type: ignore[arg-type]

    return read


@pytest.fixture
def refused(read: Sheet) -> Callable[[bytes], str]:
    def refused(content: bytes) -> str:
        with pytest.raises(RctError) as error:
            list(read(content))
        (problem,) = error.value.problems
        assert problem.code in CODES
        assert problem.file == "list.xlsx"
        return problem.code

    return refused


def test_text_cells_are_text(read: Sheet) -> None:
    table = read(rows(("id", " name "), ("00123", "Null"), ("1e5", "=Ana"[1:])))
    assert table.header == ["id", "name"]
    assert table.encoding is None
    assert list(table) == [TableRow(1, 2, ["00123", "Null"]), TableRow(2, 3, ["1e5", "Ana"])]


def test_numbers_in_general_format_are_their_shortest_text(read: Sheet) -> None:
    values = (123, 123.0, 0.1, 1234.5, -7, 1e21, 123456789012345)
    table = read(rows(tuple(f"c{i}" for i in range(len(values))), values))
    (row,) = table
    assert row.cells == ["123", "123", "0.1", "1234.5", "-7", "1e+21", "123456789012345"]
    assert row.problems == ()


def test_a_long_fraction_as_excel_writes_it_is_the_short_one(read: Sheet) -> None:
    table = read(
        with_cells('<row r="2"><c r="A2"><v>0.10000000000000001</v></c><c r="B2"><v>1.2E+3</v></c></row>')
    )
    assert [row.cells for row in table] == [["0.1", "1200"]]
    table = read(
        with_cells('<row r="2"><c r="A2"><v>0.30000000000000004</v></c><c r="B2"><v>-0.0</v></c></row>')
    )
    assert [row.cells for row in table] == [["0.30000000000000004", "0"]]


def test_a_number_in_any_other_format_bears_a_note(read: Sheet) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("id", "b", "c"))
        sheet.append((123, 0.42, 1500))
        sheet["A2"].number_format = "00000"
        sheet["B2"].number_format = "0%"
        sheet["C2"].number_format = "@"

    (row,) = read(book(fill))
    assert row.cells == ["123", "0.42", "1500"]
    assert row.problems == (
        CellNote(0, "format", "A2", "123 (format 00000)"),
        CellNote(1, "format", "B2", "0.42 (format 0%)"),
    )


def test_dates_are_iso_text_with_a_note(read: Sheet) -> None:
    (row,) = read(
        rows(
            ("a", "b", "c"),
            (datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 8, 5), datetime.time(8)),
        )
    )
    assert row.cells == ["2026-01-31", "2026-01-31 08:05:00", "08:00:00"]
    assert [(n.kind, n.cell) for n in row.problems] == [("date", "A2"), ("date", "B2"), ("time", "C2")]


def test_dates_counted_from_1904_are_right(read: Sheet) -> None:
    content = rows(("a",), (datetime.date(2026, 1, 31),))
    moved = with_part(
        content, "xl/workbook.xml", lambda t: re.sub(r"<workbookPr\b", '<workbookPr date1904="1"', t)
    )
    assert [row.cells for row in read(moved)] == [["2030-02-01"]]


def test_long_numbers_bear_a_note(read: Sheet) -> None:
    (row,) = read(with_cells('<row r="2"><c r="A2"><v>1234567890123456</v></c><c r="B2"><v>1</v></c></row>'))
    assert row.problems == (CellNote(0, "long", "A2", "1234567890123456"),)
    (row,) = read(
        with_cells('<row r="2"><c r="A2"><v>1.2345678901234501E+17</v></c><c r="B2"><v>1</v></c></row>')
    )
    assert [(n.kind, n.cell) for n in row.problems] == [("long", "A2")]


def test_yes_and_no_cells_are_words(read: Sheet) -> None:
    assert [row.cells for row in read(rows(("a", "b"), (True, False)))] == [["TRUE", "FALSE"]]


def test_error_cells_bear_a_note(read: Sheet) -> None:
    (row,) = read(with_cells('<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><v>1</v></c></row>'))
    assert (row.cells, row.problems) == (["#N/A", "1"], (CellNote(0, "error", "A2", "#N/A"),))


def test_formulas_give_their_stored_value_or_a_note(read: Sheet) -> None:
    xml = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>'
        '<row r="3"><c r="A3"><f>1+1</f></c><c r="B3" t="str"><f>""</f><v></v></c></row>'
    )
    first, second = read(with_cells(xml))
    assert (first.cells, first.problems) == (["2", "ab"], ())
    assert (second.cells, second.problems) == (["", ""], (CellNote(0, "formula", "A3", ""),))


def test_a_workbook_never_calculated_is_noted_not_read_as_empty(read: Sheet) -> None:
    (row,) = read(rows(("id", "b"), ("=1+1", "x")))
    assert row.problems == (CellNote(0, "formula", "A2", ""),)


def test_control_characters_that_excel_escapes_come_back(read: Sheet) -> None:
    xml = '<row r="2"><c r="A2" t="inlineStr"><is><t>a_x000D_b_x001B_</t></is></c><c r="B2" t="str"><v>_x00E9_</v></c></row>'
    assert [row.cells for row in read(with_cells(xml))] == [["a\rb\x1b", "é"]]


def test_rich_text_is_joined(read: Sheet) -> None:
    xml = '<row r="2"><c r="A2" t="inlineStr"><is><r><t>An</t></r><r><t>a</t></r><rPh><t>x</t></rPh></is></c></row>'
    assert [row.cells for row in read(with_cells(xml))] == [["Ana", ""]]


def test_rows_are_filled_up_and_cut_at_the_last_value(read: Sheet) -> None:
    table = read(rows(("id", "b", "c"), ("1",), ("2", None, None, " "), ("3", None, None, "x")))
    assert [row.cells for row in table] == [["1", "", ""], ["2", "", ""], ["3", "", "", "x"]]


def test_blank_rows_between_count_and_those_at_the_end_do_not(read: Sheet) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["A4"], sheet["A9"] = "id", "1", " "

    table = read(book(fill))
    assert [(row.number, row.line, row.cells) for row in table] == [(1, 2, []), (2, 3, []), (3, 4, ["1"])]


def test_a_lone_far_cell_is_read_in_seconds(read: Sheet) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["A2"], sheet["XFD1048576"] = "id", "1", "x"

    begin = time.process_time()
    *_, last = read(book(fill))
    assert (last.number, last.line, len(last.cells)) == (1_048_575, 1_048_576, 16_384)
    assert time.process_time() - begin < 20


def test_only_the_first_visible_sheet_is_read_and_the_others_are_named(read: Sheet, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    hidden = workbook.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(("wrong",))
    for title in ("List", "Notes\x9b"[:5]):
        sheet = workbook.create_sheet(title)
        sheet.append(("id",))
        sheet.append((title,))
    out = io.BytesIO()
    workbook.save(out)
    table = read(out.getvalue())
    assert [row.cells for row in table] == [["List"]]
    (warning,) = table.warnings
    assert warning.code == "other_sheets"
    assert "'Notes'" in warning.rule


def test_one_sheet_gives_no_warning(read: Sheet) -> None:
    assert read(rows(("id",), ("1",))).warnings == []


def test_the_dimension_that_a_sheet_states_is_not_believed(read: Sheet) -> None:
    content = with_part(
        rows(("id", "b"), ("1", "2"), ("3", "4")), SHEET, lambda t: t.replace("A1:B3", "A1:A1")
    )
    assert [row.cells for row in read(content)] == [["1", "2"], ["3", "4"]]


def test_an_encoding_can_not_be_chosen(read: Sheet) -> None:
    with pytest.raises(RctError) as error:
        read(rows(("id",), ("1",)), encoding="utf-8")
    assert error.value.problems[0].code == "encoding_conflict"


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        '<row r="-5"><c r="A2"><v>1</v></c></row>',
        '<row r="x"><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="ZZZZ2"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        '<row r="2"><c r="A2" s="99"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>one</v></c></row>',
        f'<row r="2"><c r="A2"><v>1.{"1" * 5000}e{"9" * 5000}</v></c></row>',
        '<row r="2"><c r="A2" t="b"><v>maybe</v></c></row>',
        '<row r="2"><c r="A2" t="d"><v>yesterday</v></c></row>',
        "<row><c><v>1</v></c>",
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(refused: Callable[[bytes], str], xml: str) -> None:
    assert refused(with_cells(xml)) == "not_a_table"


def test_numbers_that_are_not_finite_are_refused(refused: Callable[[bytes], str]) -> None:
    for value in ("NaN", "INF", "1e999"):
        assert refused(with_cells(f'<row r="2"><c r="A2"><v>{value}</v></c></row>')) == "not_a_table"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", [SHEET, SHARED, "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml"])
def test_a_document_type_with_entities_is_refused_in_any_part(
    refused: Callable[[bytes], str], part: str
) -> None:
    def change(text: str) -> str:
        root = re.search(r"<[a-zA-Z]", text)
        assert root is not None
        return BOMB + text[root.start() :]

    assert refused(with_part(shared("id", "1"), part, change)) == "not_a_table"


def test_a_workbook_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(rows(("id",), ("1",)))
    assert [row.cells for row in read_table(path)] == [["1"]]


def test_shared_strings_are_read(read: Sheet) -> None:
    assert [row.cells for row in read(shared("id", "a_x000D_b"))] == [["a\rb"]]
    assert [row.cells for row in read(shared("id", "Zoë"))] == [["Zoë"]]


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    refused: Callable[[bytes], str],
) -> None:
    out = io.BytesIO(rows(("id",), ("1",)))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", b"\0" * (40 << 20))
    assert refused(out.getvalue()) == "xlsx_too_large"


def test_a_workbook_of_too_many_parts_is_refused(refused: Callable[[bytes], str]) -> None:
    out = io.BytesIO(rows(("id",), ("1",)))
    with zipfile.ZipFile(out, "a") as archive:
        for i in range(1_000):
            archive.writestr(f"xl/media/{i}", b"")
    assert refused(out.getvalue()) == "xlsx_too_large"


def test_a_size_that_lies_gives_no_more_than_it_says(refused: Callable[[bytes], str]) -> None:
    content = with_part(
        rows(("id",), ("1",)), SHEET, lambda t: t.replace("</sheetData>", "</sheetData>" + " " * 9_000_000)
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size
    assert refused(content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))) == "not_a_table"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 1000])
def test_a_broken_archive_is_refused(refused: Callable[[bytes], str], content: bytes) -> None:
    assert refused(content) == "not_a_table"


def test_another_kind_of_archive_is_refused(refused: Callable[[bytes], str]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(out.getvalue()) == "not_a_table"


def test_an_empty_sheet_and_a_header_alone_are_refused(refused: Callable[[bytes], str]) -> None:
    assert refused(rows()) == "empty_file"
    assert refused(rows(("id", "name"))) == "header_alone"
    assert refused(rows((None, " "), ("1", "2"))) == "no_header"
    assert refused(rows(("id", "id"), ("1", "2"))) == "duplicate_column"


def test_without_defusedxml_no_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(rows(("id",), ("1",)))
    code = f"from rct.tables import read_table; read_table({str(path)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"OPENPYXL_DEFUSEDXML": "False"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "xlsx_unsafe" in done.stderr


def test_damaged_workbooks_are_read_or_refused_never_worse(read: Sheet) -> None:
    dated = rows(("id", "b", "d"), ("1", 2, datetime.date(2026, 1, 1)), ("é", 0.5, "x"))
    goods = (dated, shared("id", "1", "é"))
    rng = random.Random(4)
    refusals = 0
    for turn in range(300):
        with zipfile.ZipFile(io.BytesIO(goods[turn % 2])) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = rng.choice(["xl/workbook.xml", "xl/styles.xml", SHARED, SHEET, "[Content_Types].xml",
                           "xl/_rels/workbook.xml.rels"])  # fmt: skip
        data = bytearray(parts.get(name, b" "))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(data) or 1)
            kind = rng.randrange(3)
            if kind == 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            elif kind == 1:
                del data[at : at + rng.randint(1, 40)]
            else:
                data[at:at] = data[rng.randrange(len(data) or 1) :][: rng.randint(1, 60)]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, bytes(data) if part == name else content)
        try:
            list(read(out.getvalue()))
        except RctError:
            refusals += 1
    assert 50 < refusals < 300

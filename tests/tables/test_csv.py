"""CSV files: rows, lines, delimiters, quotes, headers, and every way in which one is no table."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rct.codes import CODES
from rct.errors import RctError
from rct.tables import TableRow, read_table

from .conftest import Read, Refused


def test_rows_have_their_number_and_line(read: Read) -> None:
    table = read("id,name\r\n1,Ana\r\n2,Bo\r\n")
    assert table.header == ["id", "name"]
    assert list(table) == [TableRow(1, 2, ["1", "Ana"]), TableRow(2, 3, ["2", "Bo"])]
    assert list(table) == list(table), "a table can be read again"


def test_the_hash_is_that_of_the_bytes(read: Read) -> None:
    content = b"\xef\xbb\xbfid\r\n1\r\n"
    assert read(content).sha256 == hashlib.sha256(content).hexdigest()


def test_row_and_line_part_ways_after_a_quoted_line_break(read: Read) -> None:
    table = read('id,note\n1,"two\nlines"\n2,"three\r\nmore\rlines"\n\n3,x\n')
    assert [(row.number, row.line) for row in table] == [(1, 2), (2, 4), (3, 7), (4, 8)]
    assert [row.cells for row in table][1] == ["2", "three\r\nmore\rlines"]


def test_only_line_breaks_end_a_line(read: Read) -> None:
    odd = "a\u2028b\u0085c\x1cd\x0be"
    assert [row.cells for row in read(f"id,note\n1,{odd}\n")] == [["1", odd]]


def test_old_mac_line_ends_are_lines(read: Read) -> None:
    assert [row.line for row in read("id,b\r1,2\r3,4\r")] == [2, 3]


def test_blank_rows_are_yielded_empty(read: Read) -> None:
    table = read("id,b\n1,2\n\n , \t\n,\n3,4\n")
    assert [row.cells for row in table] == [["1", "2"], [], [], [], ["3", "4"]]


def test_ragged_rows_are_yielded_as_they_are(read: Read) -> None:
    assert [len(row.cells) for row in read("a,b\n1\n1,2,3\n")] == [1, 3]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(read: Read, mark: str) -> None:
    table = read(f"id{mark}amount{mark}name\n1{mark}3.5{mark}Ana\n")
    assert table.delimiter == mark
    assert [row.cells for row in table] == [["1", "3.5", "Ana"]]


def test_a_delimiter_inside_quotes_does_not_count(read: Read) -> None:
    table = read('"name, first, last";"id"\n"Lee, Ana";7\n')
    assert table.header == ["name, first, last", "id"]
    assert [row.cells for row in table] == [["Lee, Ana", "7"]]


def test_decimal_commas_in_rows_do_not_choose_the_delimiter(read: Read) -> None:
    assert read("id;amount\n1;3,5\n2;4,5\n").delimiter == ";"


def test_one_column_needs_no_delimiter(read: Read) -> None:
    assert [row.cells for row in read("id\n7\n")] == [["7"]]


def test_two_possible_delimiters_are_refused(refused: Refused) -> None:
    problem = refused("id,name;city\n1,2;3\n")
    assert (problem.code, problem.line, problem.found) == ("ambiguous_delimiter", 1, "id,name;city")


def test_null_and_na_stay_text(read: Read) -> None:
    assert [row.cells for row in read("id,name\nNull,NA\nNone,N/A\n")] == [["Null", "NA"], ["None", "N/A"]]


def test_header_names_are_trimmed_and_composed(read: Read) -> None:
    assert read(" id ,\u00a0Cafe\u0301\n1,2\n").header == ["id", "Café"]


def test_columns_without_a_name_may_be_several_and_are_ignored(read: Read) -> None:
    table = read("id,,\n1,,\n")
    assert table.header == ["id", "", ""]
    assert table.ignored(["id"]) == ["", ""]


def test_columns_are_renamed_as_told(read: Read) -> None:
    table = read("Konto,b,c\n1,2,3\n", rename={"Konto": "account"})
    assert table.header == ["account", "b", "c"]
    assert table.ignored({"account", "c"}) == ["b"]


def test_renaming_a_column_that_is_not_there_is_refused(refused: Refused) -> None:
    problem = refused("a,b\n1,2\n", rename={"konto": "account"})
    assert (problem.code, problem.field) == ("unknown_rename", "konto")
    assert "'a', 'b'" in problem.rule


def test_renaming_onto_another_column_is_refused(refused: Refused) -> None:
    assert refused("a,b\n1,2\n", rename={"a": "b"}).code == "duplicate_column"


@pytest.mark.parametrize(
    ("content", "code", "row", "line"),
    [
        (b"", "empty_file", None, None),
        (b"\n\n \n", "empty_file", None, None),
        (b"\xef\xbb\xbf", "empty_file", None, None),
        (b"id,name\n", "header_alone", None, 1),
        (b"id,name", "header_alone", None, 1),
        (b"id,name\n\n,\n", "header_alone", None, 1),
        (b"\nid,name\n1,2\n", "no_header", None, 1),
        (b",,\n1,2,3\n", "no_header", None, 1),
        (b"id, id\t\n1,2\n", "duplicate_column", None, 1),
        (b"id,name\n1,A\x00\n", "nul_character", 1, 2),
        (b'id,note\n1,"a\nb"\n2,\x00\n', "nul_character", 2, 4),
        (b'id,name\n1,x\n2,"y\n3,z\n', "unclosed_quote", 2, 3),
        (b'id,note\n1,"a\nb"\n2,"y" z\n3,z\n', "stray_quote", 2, 4),
        (b"id,name\n1,a\n2," + b"x" * 131_073 + b"\n", "field_too_long", 2, 3),
        (b"id,name\n1,a\n2," + b"x" * 3_000_000 + b"\n", "row_too_long", 2, 3),
        (b"id,name\n1,a\n2," + b"x,y" * 700_000, "row_too_long", 2, 3),
        (b"id,name\n1,a\n2," + b'"\n",' * 600_000, "row_too_long", 2, 3),
        (b"x" * 3_000_000, "row_too_long", None, 1),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_table", None, None),
    ],
)
def test_what_is_no_table_is_refused_by_row_and_line(
    refused: Refused, content: bytes, code: str, row: int | None, line: int | None
) -> None:
    problem = refused(content)
    assert (problem.code, problem.row, problem.line) == (code, row, line)
    assert problem.rule.endswith(".")
    assert problem.fix
    assert code in CODES


def test_a_value_of_the_greatest_length_is_read(read: Read) -> None:
    value = "x" * 131_072
    assert [row.cells for row in read(f"id,name\n1,{value}\n")] == [["1", value]]


def test_a_broken_row_past_the_first_blocks_is_named(refused: Refused) -> None:
    rows = "".join(f'{i},"a\nb"\n' if i % 1000 == 0 else f"{i},x\n" for i in range(1, 10_001))
    problem = refused(f'id,name\n{rows}10001,"x\n')
    assert (problem.code, problem.row, problem.line) == ("unclosed_quote", 10_001, 10_012)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RctError) as error:
        read_table(tmp_path / "nowhere.csv")
    assert [p.code for p in error.value.problems] == ["file_unreadable"]
    with pytest.raises(RctError) as error:
        read_table(tmp_path)
    assert [p.code for p in error.value.problems] == ["file_unreadable"]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"id\n" + b"1\n" * 100_000)
    table = read_table(path)
    rows = iter(table)
    next(rows)
    with path.open("ab") as file:
        file.write(b"2\n")
    with pytest.raises(RctError) as error:
        list(rows)
    assert [p.code for p in error.value.problems] == ["file_changed"]


def test_a_long_file_is_never_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(
        b"id,name,street\n" + b"".join(b"%07d,Ana Lee %d,%d Main Street\n" % (i, i, i) for i in range(60_000))
    )
    tracemalloc.start()
    try:
        assert sum(len(block.rows) for block in read_table(path).blocks()) == 60_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20  # the rows together take some 20 MiB


def test_messages_never_carry_control_codes(refused: Refused) -> None:
    problem = refused("a\x1b[31m,a\x1b[31m\n1,2\n")
    assert problem.code == "duplicate_column"
    assert "\x1b" not in problem.rule


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_python_writes_is_read_as_it_was(read: Read, rows: list[list[str]], end: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "b"], *rows])
    written = [row if any(c.strip("\t \u00a0") for c in row) else [] for row in rows]
    if not any(written):
        return
    found = list(read(out.getvalue().encode()))
    assert [row.cells for row in found] == written
    text, line = out.getvalue(), 2
    for row, source in zip(found, rows, strict=True):
        assert row.line == line
        quoted = "".join(source)
        line += 1 + quoted.count("\n") + quoted.count("\r") - sum(c.count("\r\n") for c in source)
    assert io.StringIO(text, newline="").read().count("\0") == 0

"""What `rct frame` refuses: the message, exit code 2, and nothing stored; `check --frame` says the same and exits 1."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support import Road, canary_accounts, canary_row, road_at

N = 60  # who take part; a closed account, an opt-out and a blank line follow
GOOD = canary_accounts(N)
HEAD, *ROWS = GOOD.splitlines()


def spoil(at: int, old: str, new: str) -> str:
    """GOOD with one text of data row `at` (1-based) replaced."""
    row = ROWS[at - 1]
    assert old in row
    return "\n".join([HEAD, *ROWS[: at - 1], row.replace(old, new, 1), *ROWS[at:]]) + "\n"


def fill(at: int, cell: int, value: str) -> str:
    cells = ROWS[at - 1].split(",")
    cells[cell] = value
    return "\n".join([HEAD, *ROWS[: at - 1], ",".join(cells), *ROWS[at:]]) + "\n"


ID, NAME, HOUSE, DISTRICT, LANGUAGE, BALANCE, STATUS, OPT_OUT = 0, 1, 3, 4, 5, 6, 7, 8
# name: (the file, the code of its first problem, its row, words of the rule)
WHOLE = {
    "an empty file": (b"", "empty_file", None, "empty"),
    "blank lines alone": (b"\n\n \n", "empty_file", None, ""),
    "a header alone": (HEAD.encode() + b"\n", "header_alone", None, ""),
    "a missing column": (GOOD.replace("balance", "amount", 1).encode(), "missing_column", None, "balance"),
    "a column twice": (
        GOOD.replace("language", "district", 1).encode(),
        "duplicate_column",
        None,
        "district",
    ),
    "a NUL": (GOOD.replace("Lane", "La\0ne", 1).encode(), "nul_character", 1, ""),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "nul_character", None, ""),
    "Windows-1252": (GOOD.replace("Lane", "Allée", 1).encode("cp1252"), "wrong_encoding", 1, "Allée"),
    "a quote never closed": (GOOD.replace("0 Qz", '"0 Qz', 1).encode(), "unclosed_quote", 1, ""),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None, None, ""),
    "a broken workbook": (b"PK\x03\x04" + b"\0" * 100, "not_a_table", None, ""),
    "no table": (b"Dear all,\n\nplease find attached.\n", "missing_column", None, ""),
}
ROW = {
    "a value too few": (spoil(3, ",open,no", ",open"), "field_count", 3, "8 values"),
    "a value too many": (spoil(3, ",open,no", ",open,no,no"), "field_count", 3, "10 values"),
    "an id twice": (fill(4, ID, "QZKANARI-0001"), "duplicate_id", 2, "rows 2 and 4"),
    "an id twice after trimming": (fill(4, ID, "  QZKANARI-0001\u00a0"), "duplicate_id", 2, "rows 2 and 4"),
    "an id twice in two spellings": (
        fill(4, ID, "E\u0301").replace("QZKANARI-0001", "\u00c9"), "duplicate_id", 2, "rows 2 and 4"),
    "no id": (fill(2, ID, " "), "empty_id", 2, "empty"),
    "a hidden character in an id": (fill(2, ID, "12\u200b3"), "control_character", 2, "U+200B"),
    "an escape code in a name": (fill(2, NAME, "Ann\x1b[31m"), "control_character", 2, "U+001B"),
    "a line break in an address": (fill(2, 2, '"1 Lane\n2nd floor"'), "control_character", 2, "line break"),
    "a decimal comma": (fill(5, BALANCE, '"1.234,56"'), "not_a_number", 5, "decimal comma"),
    "a thousands separator": (fill(5, BALANCE, "1_000"), "not_a_number", 5, ""),
    "infinity": (fill(5, BALANCE, "inf"), "not_a_number", 5, ""),
    "a number that is none": (fill(5, BALANCE, "nan"), "not_a_number", 5, ""),
    "a number beyond all": (fill(5, BALANCE, "1e400"), "number_too_large", 5, ""),
    "digits of another script": (fill(5, BALANCE, "٣٤"), "not_a_number", 5, ""),
    "no balance": (fill(5, BALANCE, ""), "missing_covariate", 5, "empty"),
    "an unreadable opt-out": (fill(6, OPT_OUT, "maybe"), "unreadable_opt_out", 6, "yes"),
    "no household": (fill(6, HOUSE, ""), "empty_cluster", 6, "empty"),
    "a household in two districts": (fill(2, DISTRICT, "D2"), "split_cluster", 1, "more than one block"),
}  # fmt: skip


def refused(road: Road, file: Path, tmp_path: Path) -> list[dict[str, object]]:
    """Refused by check and by frame alike; nothing is stored but private/bills/refused.csv."""
    before = road.tree()
    checked = road.rct("check", "bills", "--frame", file, "--json")
    assert checked.code == 1
    assert checked.json["ok"] is False
    assert road.tree() == before
    problems = road.no("frame", "bills", file)
    found = [
        p for p in checked.problems if p["code"] != "lin_needs_two_clusters"
    ]  # of the rows that are left
    assert found == problems
    left = road.tree()
    assert {k: v for k, v in left.items() if k != "private/bills/refused.csv"} == before
    assert road.leftovers() == []
    people = road.rct("frame", "bills", file)
    assert people.code == 2
    assert people.out == ""
    assert "Traceback" not in people.err
    assert all(len(line) <= 80 for line in people.err.splitlines())
    assert "\x1b" not in people.err + people.out
    return problems


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("locked", tmp_path)


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_no_list(name: str, road: Road, tmp_path: Path) -> None:
    data, code, row, words = WHOLE[name]
    (first, *_) = refused(road, road.file("list.csv", data), tmp_path)
    assert code in (None, first["code"])
    assert first["row"] == row
    assert words in f"{first['rule']} {first['found']}"
    assert first["fix"]
    assert first["file"] == "list.csv"
    assert not (road.private / "bills" / "refused.csv").exists()


@pytest.mark.parametrize("name", ROW)
def test_a_row_that_can_not_be(name: str, road: Road, tmp_path: Path) -> None:
    text, code, row, words = ROW[name]
    problems = refused(road, road.file("list.csv", text), tmp_path)
    first = problems[0]
    assert (first["code"], first["row"]) == (code, row)
    assert words in f"{first['rule']} {first['found']}"
    assert {p["code"] for p in problems} == {code}
    with (road.private / "bills" / "refused.csv").open(encoding="utf-8-sig", newline="") as listed:
        assert [int(r["row"]) for r in csv.DictReader(listed)] == [p["row"] for p in problems]
    rows = {p["row"] for p in problems}
    loaded = road.ok(
        "frame", "bills", road.root / "list.csv", "--refuse-bad-rows", "--reason", "The export has gaps"
    )
    assert loaded["refused"] == len(rows)
    assert loaded["rows"] == loaded["kept"] + loaded["excluded"] + loaded["refused"]


def test_all_defects_of_a_file_are_told_at_once(road: Road, tmp_path: Path) -> None:
    bad = [canary_row(80).replace(".5,", ".5x,"), canary_row(81).replace(",no", ",hm"), canary_row(82) + ","]
    problems = refused(road, road.file("list.csv", GOOD + "\n".join(bad) + "\n"), tmp_path)
    assert [(p["code"], p["row"]) for p in problems] == [
        ("not_a_number", N + 4),
        ("unreadable_opt_out", N + 5),
        ("field_count", N + 6),
    ]


def test_row_and_line_part_ways_after_a_quoted_line_break(road: Road) -> None:
    quoted = "\n".join([HEAD + ",note", *(r + ',"two\nlines"' for r in ROWS[:N])]) + "\n"
    file = road.file("list.csv", quoted.replace("D1,en", "D1,en,en"))
    problems = road.no("frame", "bills", file)
    assert (problems[0]["row"], problems[0]["line"]) == (3, 6)


def test_bad_rows_are_left_out_only_with_a_reason(road: Road) -> None:
    file = road.file("list.csv", ROW["no id"][0])
    before = road.tree()
    assert road.no("frame", "bills", file, "--refuse-bad-rows")[0]["code"] == "bad_reason"
    assert road.tree() == before


def test_a_file_without_a_row_that_takes_part(road: Road) -> None:
    rows = [canary_row(i, status="closed") for i in range(3)]
    problems = road.no("frame", "bills", road.file("list.csv", "\n".join([HEAD, *rows]) + "\n"))
    assert problems[0]["fix"]


@pytest.mark.parametrize("path", ["nowhere.csv", "."])
def test_a_file_that_can_not_be_opened(path: str, road: Road) -> None:
    before = road.tree()
    assert road.no("frame", "bills", road.root / path)[0]["code"] == "file_unreadable"
    assert road.tree() == before


def test_another_list_after_the_draw_is_refused(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    before = road.tree()
    (problem,) = road.no("frame", "bills", road.file("more.csv", canary_accounts(250)))
    assert problem["code"] == "frame_after_draw"
    assert road.tree() == before


# --- what is kept, with a word or without


def test_null_na_and_numbers_with_zeros_stay_what_they_are(road: Road) -> None:
    rows = ROWS[:N]
    for i, (id, name) in enumerate(
        [("00123", "Null"), ("NA", "NA"), ("null", "None"), ("1e5", "True"), ("1/2", "=1+1")]
    ):
        cells = rows[i].split(",")
        cells[ID], cells[NAME] = id, name
        rows[i] = ",".join(cells)
    loaded = road.ok("frame", "bills", road.file("list.csv", "\n".join([HEAD, *rows]) + "\n"))
    assert loaded["kept"] == N
    from rct.design.tickets import unit_id

    key = (road.private / "key").read_bytes()
    stored = {u for (u,) in road.sql("select unit from frame_bills")}
    assert {unit_id(key, "bills", id) for id in ("00123", "NA", "null", "1e5", "1/2")} <= stored
    assert unit_id(key, "bills", "123") not in stored


@pytest.mark.parametrize("pair", [("00123", "123"), ("123", "123.0"), ("ab1", "AB1"), ("A1", "\u0410" + "1")])
def test_ids_that_look_alike_are_kept_with_a_warning(pair: tuple[str, str], road: Road) -> None:
    text = fill(1, ID, pair[0]).splitlines()
    cells = text[2].split(",")
    cells[ID] = pair[1]
    loaded = road.ok(
        "frame", "bills", road.file("list.csv", "\n".join([*text[:2], ",".join(cells), *text[3:]]) + "\n")
    )
    assert loaded["kept"] == N
    assert "lookalike_ids" in {w["code"] for w in loaded["warnings"]}


def test_columns_that_nobody_named_are_said_once_and_not_stored(road: Road) -> None:
    file = road.file("list.csv", "\n".join([HEAD + ",ssn", *(r + ",078-05-1120" for r in ROWS[:N])]) + "\n")
    ran = road.rct("frame", "bills", file)
    assert ran.out.count("ssn") == 1
    assert b"078-05-1120" not in (road.folder / "rct.db").read_bytes()
    columns = [c[1] for c in road.sql("pragma table_info(frame_bills)")]
    assert set(columns) == {"row", "unit", "block", "cluster", "balance", "language", "district"}


# --- encodings


def test_windows_1252_is_refused_with_three_values_and_the_command_and_then_read(road: Road) -> None:
    text = GOOD.replace("Lane", "Allée").replace("Person", "Müller")
    file = road.file("list.csv", text.encode("cp1252"))
    (problem,) = road.no("frame", "bills", file)
    assert (problem["code"], problem["row"]) == ("wrong_encoding", 1)
    assert str(problem["rule"]).count("'") == 6
    assert "--encoding windows-1252" in problem["fix"]
    assert road.ok("frame", "bills", file, "--encoding", "windows-1252")["kept"] == N
    (event,) = [e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == "frame"]
    assert event["encoding"] == "windows-1252"
    same = road.file("utf8.csv", text)
    assert road.ok("frame", "bills", same)["fresh"] is False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_these_encodings_are_known_by_themselves(encoding: str, road: Road) -> None:
    file = road.file("list.csv", GOOD.replace("Lane", "Allée").encode(encoding))
    assert road.ok("frame", "bills", file)["kept"] == N


def test_an_encoding_that_rct_does_not_read(road: Road) -> None:
    file = road.file("list.csv", GOOD)
    assert road.no("frame", "bills", file, "--encoding", "rot13")[0]["code"] == "unknown_encoding"
    file = road.file("marked.csv", GOOD.encode("utf-8-sig"))
    assert road.no("frame", "bills", file, "--encoding", "windows-1252")[0]["code"] == "encoding_conflict"


# --- --rename


def test_a_renamed_column_is_an_event_and_no_amendment(road: Road) -> None:
    file = road.file("list.csv", GOOD.replace("account", "acct=no", 1))
    loaded = road.ok("frame", "bills", file, "--rename", "acct=no=account")
    assert loaded["kept"] == N
    events = road.ok("log", "bills")["events"]
    assert events[-1]["body"]["rename"] == {"acct=no": "account"}
    assert "amend" not in {e["kind"] for e in events}


@pytest.mark.parametrize(
    ("rename", "code"),
    [
        ("nonsense", "bad_rename"),
        ("=x", "bad_rename"),
        ("x=", "bad_rename"),
        ("ssn=account", "unknown_rename"),
        ("name=account", "duplicate_column"),
    ],
)
def test_a_rename_that_can_not_be(rename: str, code: str, road: Road) -> None:
    before = road.tree()
    file = road.file("list.csv", GOOD)
    assert road.no("frame", "bills", file, "--rename", rename)[0]["code"] == code
    assert road.tree() == before

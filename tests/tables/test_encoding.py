"""Encodings: proved or refused, never guessed."""

from __future__ import annotations

import pytest

from .conftest import Read, Refused

TEXT = "id,name\n1,Zoë\n2,Nuñez\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode("utf-8"), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
    ],
)
def test_utf8_and_marked_utf16_are_read_exactly(read: Read, content: bytes, encoding: str) -> None:
    table = read(content)
    assert table.encoding == encoding
    assert table.header == ["id", "name"]
    assert [row.cells for row in table] == [["1", "Zoë"], ["2", "Nuñez"]]


def test_windows_1252_is_refused_with_three_values_and_the_command(refused: Refused) -> None:
    text = 'id,name\n1,Ana\n2,"a\nb"\n3,Nuñez\n4,Peña\n5,Peña\n6,Zoë “Z”\n7,José\n'
    problem = refused(text.encode("cp1252"))
    assert (problem.code, problem.row, problem.line) == ("wrong_encoding", 3, 5)
    assert problem.found == "'Nuñez', 'Peña', 'Zoë “Z”'"
    assert problem.rule == f"The file is not UTF-8. As Windows-1252 it would read: {problem.found}."
    assert "--encoding windows-1252" in problem.fix


def test_a_header_that_is_not_utf8_is_line_1_and_no_row(refused: Refused) -> None:
    problem = refused("id,straße\n1,2\n".encode("cp1252"))
    assert (problem.row, problem.line, problem.found) == (None, 1, "'straße'")


def test_bytes_that_are_not_even_windows_1252_offer_no_command(refused: Refused) -> None:
    problem = refused(b"id,name\n1,\x81\x8d\n")
    assert (problem.code, problem.row, problem.found) == ("wrong_encoding", 1, None)
    assert "--encoding" not in problem.fix


def test_a_bad_byte_far_into_the_file_is_found(refused: Refused) -> None:
    rows = b"".join(b"%d,name\n" % i for i in range(1, 300_001))
    problem = refused(b"id,name\n" + rows + b"300001,\xe9\n")
    assert (problem.row, problem.line, problem.found) == (300_001, 300_002, "'é'")


def test_windows_1252_is_read_when_told(read: Read) -> None:
    table = read("id,name\n1,Nuñez €\n".encode("cp1252"), encoding="windows-1252")
    assert table.encoding == "windows-1252"
    assert [row.cells for row in table] == [["1", "Nuñez €"]]


def test_the_encoding_told_is_held_to(refused: Refused) -> None:
    problem = refused(b"id,name\n1,a\n2,\x81\n", encoding="windows-1252")
    assert (problem.code, problem.row, problem.line) == ("wrong_encoding", 2, 3)


def test_utf16_without_a_mark_is_refused_and_read_when_told(read: Read, refused: Refused) -> None:
    for text in (TEXT, "id,name\n1,Ana\n"):
        for codec in ("utf-16-le", "utf-16-be"):
            problem = refused(text.encode(codec))
            assert problem.code == "nul_character"
            assert "UTF-16 without a mark" in problem.rule
            assert next(iter(read(text.encode(codec), encoding=codec))).number == 1


def test_broken_utf16_is_refused(refused: Refused) -> None:
    whole = b"\xff\xfe" + "id,name\n1,a\n2,b\n".encode("utf-16-le")
    assert refused(whole[:-1]).code == "wrong_encoding"
    lone = b"\xff\xfe" + "id,name\n1,a\n2,".encode("utf-16-le") + b"\x00\xd8" + "\n".encode("utf-16-le")
    problem = refused(lone)
    assert (problem.code, problem.row) == ("wrong_encoding", 2)


def test_an_unknown_encoding_is_refused(refused: Refused) -> None:
    problem = refused("a\n1\n", encoding="klingon")
    assert problem.code == "unknown_encoding"
    assert "windows-1252" in problem.fix


def test_an_encoding_against_the_files_mark_is_refused(refused: Refused, read: Read) -> None:
    marked = b"\xef\xbb\xbf" + TEXT.encode()
    assert refused(marked, encoding="windows-1252").code == "encoding_conflict"
    assert read(marked, encoding="utf-8").encoding == "utf-8"

"""The search for canaries finds them in every form and in every kind of file: else it could not fail."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import struct
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import canaries
import docx
import openpyxl
import pytest
import typst

PEOPLE = [canaries.value(column, 7) for column in canaries.WORDS]


@pytest.mark.parametrize("cell", PEOPLE)
@pytest.mark.parametrize(
    "write",
    [
        str,
        str.upper,
        lambda cell: cell.encode("utf-16"),
        lambda cell: cell.encode("utf-16-be"),
        lambda cell: cell.encode().hex(),
        lambda cell: cell.encode().hex().upper(),
        *(lambda cell, k=k: base64.b64encode(b"abc"[:k] + cell.encode() + b"tail") for k in range(3)),
        *(lambda cell, k=k: base64.urlsafe_b64encode(b"abc"[:k] + cell.encode()) for k in range(3)),
        quote,
        lambda cell: quote(cell, safe=""),
        escape,
        lambda cell: json.dumps({"found": cell}),
        lambda cell: repr(cell.encode()),
        ascii,
    ],
)
def test_every_word_is_found_however_it_is_written(cell: str, write: object) -> None:
    written = write(cell)  # type: ignore[operator]
    data = written if isinstance(written, bytes) else written.encode()
    assert canaries.spoken(b"before " + data + b" after"), data


def test_a_digest_of_a_name_is_a_name() -> None:
    import hashlib

    assert canaries.spoken(hashlib.sha256(canaries.value("name", 1).encode()).hexdigest()) == [
        "name as its sha256"
    ]


def test_what_holds_no_word_is_left_in_peace() -> None:
    assert canaries.spoken(Path(canaries.__file__).with_name("support.py").read_bytes()) == []


def _pdf() -> bytes:
    return typst.compile(f"#set document(title: [plain])\n= {PEOPLE[1].replace('<', '')}".encode())


def _titled_pdf() -> bytes:
    return typst.compile(f'#set document(title: "{PEOPLE[2]}")\nplain'.encode())


def _word() -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph(PEOPLE[3])
    document.save(file)
    return file.getvalue()


def _sheet() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(PEOPLE)
    book.save(file)
    return file.getvalue()


def _picture() -> bytes:
    body = b"Comment\0\0" + zlib.compress(PEOPLE[4].encode())
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return b"\x89PNG\r\n\x1a\n" + chunk


def _packed(member: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", member)
    return file.getvalue()


def _database() -> bytes:
    with sqlite3.connect(":memory:") as db:
        db.execute("create table t (x)")
        db.execute("insert into t values (?)", ("x" * 4070 + PEOPLE[0] + "x" * 9000,))  # over two pages
        return db.serialize()


@pytest.mark.parametrize(
    "made",
    [
        _pdf,
        _titled_pdf,
        _word,
        _sheet,
        _picture,
        _database,
        lambda: gzip.compress(PEOPLE[5].encode()),
        lambda: _packed(_packed(PEOPLE[6].encode())),
    ],
)
def test_files_are_opened(made: object, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_bytes(made())  # type: ignore[operator]
    assert canaries.betrayals(tmp_path)
    assert canaries.betrayals(tmp_path, skip=("out",)) == []


def test_names_of_files_and_links_are_searched(tmp_path: Path) -> None:
    (tmp_path / f"letter of {PEOPLE[0]}.txt").write_text("")
    (tmp_path / "link").symlink_to(f"/elsewhere/{PEOPLE[0]}")
    assert {line.split(": ")[0] for line in canaries.betrayals(tmp_path)} == {
        f"letter of {PEOPLE[0]}.txt",
        "link",
    }

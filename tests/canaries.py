"""Words that stand for a person, and a search for them in whatever a program may leave: bytes, files, folders.

A trial whose names, addresses, ids and household labels hold these words is walked down the road; then
`betrayals(folder)` names every file outside private/ that gives one away, and `spoken(text)` every word in
what was said. A word is looked for as it is and as programs write it: in UTF-8, UTF-16 and Windows-1252,
decomposed, as hex, base64 (at each of its three offsets), escaped for URLs, XML, JSON and Python, and as the
plain digests of whole values, since a digest of a name is a name to anyone with a telephone book. PDFs are
read as text and unpacked, DOCX, XLSX and ZIP opened, pictures' text chunks inflated, SQLite files dumped.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import html
import io
import json
import sqlite3
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from pypdf import PdfReader

# One word a column, none like another or like anything in the project, each with characters that are escaped.
WORDS = {
    "account": "QZKONTO&É",
    "name": "Qzname'ö&b",
    "street": "Qzgasse+ß ü",
    "city": "Qzort é<m>",
    "postcode": "QZ/99ä-",
    "email": "qzmail+ü&x",
    "phone": "+1 (555) 987-6 ",
    "household": "Qzhaus|Ñ=",
}
PLAIN = (b"qzkonto", b"qzname", b"qzgasse", b"qzort", b"qz/99", b"qzmail", b"qzhaus")
DEPTH = 3  # archives within archives


def value(column: str, i: int) -> str:
    """The cell of person i; ids and household labels differ by their number."""
    if column == "phone":
        return f"{WORDS['phone']}{i:04d}"
    if column == "email":
        return f"{WORDS['email']}{i}@example.org"
    return f"{WORDS[column]}{i}"


def row(columns: Iterable[str], i: int, *, house: int | None = None) -> list[str]:
    """The cells of person i in `columns`; `house` numbers the household."""
    return [value(c, i if c != "household" or house is None else house) for c in columns]


@cache
def forms() -> dict[bytes, str]:
    """Every way of writing every word, in lower case, and what it is called."""
    found: dict[bytes, str] = {}
    for column, word in WORDS.items():
        for text in {word, word.lower(), word.upper(), unicodedata.normalize("NFD", word)}:
            for form, data in _written(text):
                found.setdefault(data.lower(), f"{column} as {form}")
    for plain in PLAIN:
        found.setdefault(plain, f"{plain.decode()} as it is")
        found.setdefault(plain.decode().encode("utf-16-le"), f"{plain.decode()} as UTF-16")
    for column in WORDS:
        for i in (0, 1, 2):
            cell = value(column, i)
            for kind in ("md5", "sha1", "sha256"):
                digest = hashlib.new(kind, cell.encode())
                found[digest.hexdigest().encode()] = f"{column} as its {kind}"
                found[base64.b64encode(digest.digest())[:20].lower()] = f"{column} as its {kind} in base64"
    return found


def _written(text: str) -> Iterator[tuple[str, bytes]]:
    for code in ("utf-8", "utf-16-le", "utf-16-be", "cp1252"):
        with contextlib.suppress(UnicodeEncodeError):
            yield code, text.encode(code)
    for code in ("utf-8", "utf-16-le"):
        data = text.encode(code)
        yield f"hex of {code}", data.hex().encode()
        for shift in range(3):
            # What comes before fills part of the first group of four, what follows part of the last.
            whole = base64.b64encode(b"\0" * shift + data)
            core = whole[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
            yield f"base64 of {code}", core
            yield f"base64 for URLs of {code}", core.replace(b"+", b"-").replace(b"/", b"_")
    yield "URL", quote(text, safe="").encode()
    yield "URL with slashes", quote(text).encode()
    yield "form field", quote_plus(text).encode()
    yield "XML", html.escape(text, quote=False).encode()
    yield "HTML", html.escape(text).encode()
    yield "XML by number", text.replace("&", "&amp;").encode("ascii", "xmlcharrefreplace")
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "Python", ascii(text)[1:-1].encode()
    yield "bytes in Python", repr(text.encode())[2:-1].encode()


def spoken(text: str | bytes) -> list[str]:
    """The words in what was said or stored, by column and form; [] is as it should be."""
    data = (text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text).lower()
    return sorted({name for form, name in forms().items() if form in data})


def inside(data: bytes, depth: int = DEPTH) -> list[str]:
    """The words in a file's bytes and in whatever is packed into them."""
    found = set(spoken(data))
    if depth:
        for kind, part in _parts(data):
            found |= {f"{word} in its {kind}" for word in inside(part, depth - 1)}
    return sorted(found)


def betrayals(folder: Path, *, skip: Iterable[str] = ("private",)) -> list[str]:
    """What in `folder`, outside the folders `skip`, gives a person away: `path: column as form`.

    Names of files and folders are searched too, and where links lead to, though they are not followed.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        shown = path.relative_to(folder)
        if shown.parts[0] in skip:
            continue
        data = b""
        if path.is_symlink():
            data = str(path.readlink()).encode()
        elif path.is_file():
            data = path.read_bytes()
        found += [f"{shown.as_posix()}: {word}" for word in [*inside(data), *spoken(shown.as_posix())]]
    return found


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is packed in a file: a PDF's text and streams, members of an archive, a picture's texts, rows."""
    if data.startswith(b"%PDF-"):
        reader = PdfReader(io.BytesIO(data))
        text = "".join(page.extract_text() for page in reader.pages)
        yield "text", text.encode("utf-8", "surrogatepass")
        yield "text without breaks", "".join(text.split()).encode("utf-8", "surrogatepass")
        yield "metadata", str(reader.metadata).encode("utf-8", "surrogatepass")
        for stream in data.split(b"stream\n")[1:]:
            yield "streams", _inflated(stream)
    elif data.startswith(b"PK\x03\x04"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "comment", archive.comment
            for member in archive.infolist():
                yield "members' names", member.filename.encode("utf-8", "surrogateescape")
                yield f"member {member.filename}", archive.read(member)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _picture(data)
    elif data.startswith(b"\x1f\x8b"):
        with contextlib.suppress(OSError, EOFError, zlib.error):
            yield "gzip", gzip.decompress(data)
    elif data.startswith(b"SQLite format 3\0"):
        with (
            contextlib.closing(sqlite3.connect(":memory:")) as db,
            contextlib.suppress(sqlite3.DatabaseError),
        ):
            db.deserialize(data)
            for line in db.iterdump():  # a value that spans pages is whole here
                yield "rows", line.encode("utf-8", "surrogatepass")


def _picture(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            yield "texts", body + b"".join(_inflated(body[i:]) for i in range(len(body)) if body[i] == 0x78)
        at += length + 12


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return b""

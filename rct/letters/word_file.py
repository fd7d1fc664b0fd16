"""A Word file, opened as data: no macro, no link and no part from elsewhere is followed, and its size is looked at first."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from rct.definition.letters import MAX_LETTER
from rct.errors import stop

if TYPE_CHECKING:
    from docx.document import Document

MAX_BYTES = 20 << 20  # the file
MAX_INFLATED = 100 << 20  # all members
MAX_MEMBERS = 1_000
MAX_BLOCKS = 5_000  # paragraphs and tables
_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIX = "Open it in Word and save it as Word Document (.docx), without a password."
_BROKEN = (
    SyntaxError, LookupError, ValueError, TypeError, AttributeError, AssertionError, NotImplementedError, RuntimeError,
    EOFError, OSError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def open_word(path: Path) -> Document:
    """The document. Raises `RctError` for what is none, is too large, or has XML that is not plain data."""
    file = path.name
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        rule = f"The file could not be read: {error.strerror or 'unknown reason'}."
        stop("file_unreadable", rule, "Check the path, and who may read the file.", file=file)
    if size > MAX_BYTES:
        _large(file, f"it is larger than {MAX_BYTES >> 20} MiB")
    if data.startswith(_OLE):
        stop("not_word", "This is an old Word file (.doc), or one with a password.", _FIX, file=file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _look(archive, file)
    except (DefusedXmlException, *_BROKEN):
        stop("not_word", "This is no Word document, or a damaged one.", _FIX, file=file)
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
    except _BROKEN:
        body = None
    if body is not None:
        if len(body) > MAX_BLOCKS or sum(len(t.text or "") for t in body.iter(_TEXT)) > MAX_LETTER:
            _large(file, f"a template has at most {MAX_LETTER >> 10} KiB")
        return document
    stop("not_word", "This is no Word document, a damaged one, or one with macros.", _FIX, file=file)


def _look(archive: zipfile.ZipFile, file: str) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        _large(file, f"it has {len(members):,} parts")
    if sum(m.file_size for m in members) > MAX_INFLATED:
        _large(file, f"it unfolds to more than {MAX_INFLATED >> 20} MiB")
    for member in members:
        if member.filename.lower().endswith((".xml", ".rels")):
            with archive.open(member) as part:
                events: Any = defusedxml.ElementTree.iterparse(part, events=("end",), forbid_dtd=True)
                for _, element in events:
                    element.clear()


def _large(file: str, why: str) -> NoReturn:
    stop(
        "word_too_large",
        f"A letter is never so large: {why}.",
        "Take out the pictures, and whatever is not the letter, and save it again.",
        file=file,
    )

"""Zip files that are no bundles: each refused by what is wrong with it, quickly, and nothing is written anywhere."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from rct.errors import RctError
from rct.evidence.bundle.container import pack, read_file, unpack

GOOD = {"readme.md": b"# hello\n", "log.json": b"{}\n", "proof_1.png": b"\x89PNG"}


def zipped(
    *members: tuple[str, bytes], how: int = zipfile.ZIP_STORED, mode: int = stat.S_IFREG | 0o644
) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", how) as made:
        warnings.simplefilter("ignore")  # twins are what some tests are about
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = how
            made.writestr(info, data)
    return out.getvalue()


def lying(size: int, *, central: bool) -> bytes:
    """A member that says it has `size` bytes, in its own header or in the list at the end."""
    data = bytearray(zipped(("readme.md", b"x" * 100)))
    at = data.index(b"PK\x01\x02") + 20 if central else 18
    struct.pack_into("<LL", data, at, size, size)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(zipped(("readme.md", b"x" * 100)))
    for at in (6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


def hidden_between() -> bytes:
    """Bytes between the members and the list, which no list names."""
    whole = pack(GOOD)
    at = whole.index(b"PK\x01\x02")
    moved = bytearray(whole[:at] + b"secret" + whole[at:])
    struct.pack_into("<L", moved, len(moved) - 22 + 16, at + 6)
    return bytes(moved)


HOSTILE = {
    "parent": (zipped(("../readme.md", b"x")), "bundle_unsafe"),
    "absolute": (zipped(("/etc/passwd.md", b"x")), "bundle_unsafe"),
    "backslash": (zipped(("..\\readme.md", b"x")), "bundle_unsafe"),
    "folder": (zipped(("sub/readme.md", b"x")), "bundle_unsafe"),
    "newline": (zipped(("read\nme.md", b"x")), "bundle_unsafe"),
    "escape": (zipped(("\x1b[2Jreadme.md", b"x")), "bundle_unsafe"),
    "nul": (zipped(("readmeX.md", b"x")).replace(b"readmeX.md", b"readme\0.md"), "bundle_unsafe"),
    "upper": (zipped(("README.MD", b"x")), "bundle_unsafe"),
    "letters": (zipped(("réadme.md", b"x")), "bundle_unsafe"),
    "ending": (zipped(("readme.exe", b"x")), "bundle_unsafe"),
    "no name": (zipped(("", b"x")), "bundle_unsafe"),
    "long name": (zipped(("a" * 300 + ".md", b"x")), "bundle_unsafe"),
    "link": (zipped(("readme.md", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777), "bundle_unsafe"),
    "device": (zipped(("readme.md", b""), mode=stat.S_IFCHR | 0o666), "bundle_unsafe"),
    "twins": (zipped(("readme.md", b"one"), ("readme.md", b"two")), "bundle_unsafe"),
    "twins by case": (zipped(("readme.md", b"one"), ("Readme.md", b"two")), "bundle_unsafe"),
    "bomb": (zipped(("readme.md", b"0" * (64 << 20)), how=zipfile.ZIP_DEFLATED), "bundle_unsafe"),
    "bzip2": (zipped(("readme.md", b"0" * (32 << 20)), how=zipfile.ZIP_BZIP2), "bundle_unsafe"),
    "lzma": (zipped(("readme.md", b"0" * 1000), how=zipfile.ZIP_LZMA), "bundle_unsafe"),
    "deflated": (zipped(("readme.md", b"hello"), how=zipfile.ZIP_DEFLATED), "bundle_unsafe"),
    "many": (zipped(*((f"f{i}.md", b"") for i in range(101))), "bundle_unsafe"),
    "encrypted": (encrypted(), "bundle_unsafe"),
    "lying, large": (lying(0xFFFFFF00, central=True), "bundle_unsafe"),
    "lying, larger than the file": (lying(5_000, central=False), "bundle_unsafe"),
    "lying, smaller": (lying(50, central=False), None),
    "no zip": (b"PK\x05\x06 this is not one", "not_a_bundle"),
    "text": (b"hello", "not_a_bundle"),
    "empty": (b"", "not_a_bundle"),
    "empty zip": (zipped(), "not_a_bundle"),
    "packed by another": (zipped(*sorted(GOOD.items()), mode=stat.S_IFREG | 0o600), None),
    "other order": (zipped(*sorted(GOOD.items(), reverse=True)), None),
    "comment": (pack(GOOD)[:-2] + b"\x05\x00hello", None),
    "before": (b"#!/bin/sh\n" + pack(GOOD), "not_a_bundle"),
    "behind": (pack(GOOD) + b"more", None),
    "between": (hidden_between(), None),
}  # code None: the members can be made out, and a fault is named


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused_or_its_fault_is_named(case: str, tmp_path: Path) -> None:
    data, code = HOSTILE[case]
    before = sorted(tmp_path.iterdir())
    if code is None:
        fault = unpack(data, "b.zip").fault
        assert fault is not None
        assert fault.code == "bundle_altered"
        assert "byte" in fault.rule
    else:
        with pytest.raises(RctError) as refused:
            unpack(data, "b.zip")
        problem = refused.value.problems[0]
        assert (problem.code, problem.file) == (code, "b.zip")
        assert "\n" not in (problem.found or "")
        assert "\x1b" not in (problem.found or "")
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_packed_reads_back_and_others_can_read_it() -> None:
    data = pack(GOOD)
    assert data == zipped(*sorted(GOOD.items()))
    assert unpack(data, "b.zip") == unpack(data, "other.zip")
    assert (unpack(data, "b.zip").members, unpack(data, "b.zip").fault) == (GOOD, None)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert {i.filename: opened.read(i) for i in opened.infolist()} == GOOD


@pytest.mark.parametrize("name", ["../a.md", "A.md", "a", "a.exe", "a b.md", "a-b.md"])
def test_no_other_name_is_ever_packed(name: str) -> None:
    with pytest.raises(ValueError, match="no room"):
        pack({name: b""})


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(RctError) as refused:
        read_file(path)
    assert refused.value.problems[0].code == "bundle_too_large"
    with pytest.raises(RctError) as refused:
        read_file(tmp_path / "none.zip")
    assert refused.value.problems[0].code == "no_bundle"

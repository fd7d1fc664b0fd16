"""A bundle's bytes: a zip file of one form only, so that the same evidence is the same bytes everywhere.

Members in order of name, stored as they are, dated 1980-01-01, no comment, nothing between them. What is read back
is packed again and compared, so that nothing can hide beside the members; and nothing is inflated or written to a
disk. Whatever else a zip file can be (folders, links, encryption, twins, a bomb) is named and refused.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from rct.errors import Problem, stop, visible

NAME = re.compile(r"[a-z0-9_]{1,64}\.(json|csv|toml|md|html|svg|png|pdf|jpg|gif|webp)")
MOST_MEMBERS = 100
LARGEST_MEMBER = 16 << 20
LARGEST = 64 << 20

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = (0, 0x21)  # time, date: midnight, 1980-01-01
_REGULAR = (stat.S_IFREG | 0o644) << 16
_FIX = "Ask whoever sent it for the file again."


@dataclass(frozen=True)
class Unpacked:
    """members: name -> bytes. fault: where the file is not what rct would have written, or None."""

    members: dict[str, bytes]
    fault: Problem | None


def pack(members: Mapping[str, bytes]) -> bytes:
    """The bundle's bytes. Raises ValueError for a name or a size that no reader would take."""
    body, listing = bytearray(), bytearray()
    for name in sorted(members):
        data = members[name]
        if not NAME.fullmatch(name) or len(data) > LARGEST_MEMBER:
            raise ValueError(f"a bundle has no room for {name}")
        common = (0, 0, *_DATE, zlib.crc32(data), len(data), len(data), len(name), 0)
        listing += (
            _CENTRAL.pack(b"PK\x01\x02", 0x314, 20, *common, 0, 0, 0, _REGULAR, len(body)) + name.encode()
        )
        body += _LOCAL.pack(b"PK\x03\x04", 20, *common) + name.encode() + data
    count = len(members)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), len(body), 0)
    if count > MOST_MEMBERS or len(body) + len(listing) + len(end) > LARGEST:
        raise ValueError("a bundle has no room for so much")
    return bytes(body + listing + end)


def read_file(path: Path) -> bytes:
    """The bytes of a file that may be a bundle. Raises RctError: not there, no file, larger than 64 MiB."""
    if not path.is_file():
        stop("no_bundle", "There is no such file.", "Check the path.", file=path.name, found=str(path))
    if path.stat().st_size > LARGEST:
        stop(
            "bundle_too_large",
            "A bundle has at most 64 MiB.",
            _FIX,
            file=path.name,
            found=f"{path.stat().st_size:,} bytes",
        )
    return path.read_bytes()


def unpack(data: bytes, file: str) -> Unpacked:
    """The members of a bundle, read without trusting a size or a name in it.

    Raises RctError where no bundle can be made out: `not_a_bundle`, or `bundle_unsafe` with what is wrong.
    """
    _refuse_unsafe(data, file)
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and at + _LOCAL.size <= len(data):
        size, length = _LOCAL.unpack_from(data, at)[7], _LOCAL.unpack_from(data, at)[9]
        start = at + _LOCAL.size + length
        name = data[at + _LOCAL.size : start].decode("ascii", "replace")
        if not NAME.fullmatch(name):
            _unsafe(file, name, "its name is none that a bundle has")
        if size > LARGEST_MEMBER or start + size > len(data) or len(members) == MOST_MEMBERS:
            _unsafe(file, name, "its size is not what it says")
        members[name] = data[start : start + size]
        at = start + size
    if not members:
        stop("not_a_bundle", "This is no bundle that rct wrote.", _FIX, file=file)
    return Unpacked(members, _fault(data, pack(members), file))


def _fault(data: bytes, again: bytes, file: str) -> Problem | None:
    if data == again:
        return None
    byte = next(
        (i for i, (a, b) in enumerate(zip(data, again, strict=False)) if a != b), min(len(data), len(again))
    )
    rule = f"This does not hold: from byte {byte + 1:,} on the file is not as rct packs these members."
    return Problem(code="bundle_altered", rule=rule, fix=_FIX, file=file, found=f"byte {byte + 1:,}")


def _refuse_unsafe(data: bytes, file: str) -> None:
    """What a zip file may be and a bundle never is, found in its own list of members."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
    except Exception:  # zipfile raises a dozen kinds on a damaged list; the walk over the members says where
        if data[:4] != b"PK\x03\x04":
            stop("not_a_bundle", "This is no bundle: no zip file that can be read.", _FIX, file=file)
        return
    if len(infos) > MOST_MEMBERS:
        _unsafe(file, f"{len(infos):,} members", f"a bundle has at most {MOST_MEMBERS}")
    seen: set[str] = set()
    for info in infos:
        what = _why_unsafe(info, seen)
        if what:
            _unsafe(file, info.orig_filename, what)
        seen.add(info.filename.casefold())
    if sum(i.file_size for i in infos) > LARGEST:
        _unsafe(file, f"{sum(i.file_size for i in infos):,} bytes", "its members would fill more than 64 MiB")


def _why_unsafe(info: zipfile.ZipInfo, seen: set[str]) -> str | None:
    mode = info.external_attr >> 16
    if info.filename.casefold() in seen:
        return "two members have one name"
    if info.flag_bits & 0x41:
        return "it is encrypted"
    if stat.S_ISLNK(mode):
        return "it is a link"
    if mode and not stat.S_ISREG(mode):
        return "it is no plain file"
    if not NAME.fullmatch(info.orig_filename):
        return "its name is none that a bundle has (no folders, no paths, a known ending)"
    if info.file_size > LARGEST_MEMBER:
        return "it would fill more than 16 MiB"
    if info.compress_type != zipfile.ZIP_STORED:
        return "it is compressed, and a bundle stores its members as they are"
    if info.compress_size != info.file_size:
        return "its size is not what it says"
    return None


def _unsafe(file: str, member: str, what: str) -> NoReturn:
    stop(
        "bundle_unsafe",
        f"This is no bundle that rct wrote: {what}. Nothing of it was used.",
        _FIX,
        file=file,
        found=visible(member)[:100],
    )

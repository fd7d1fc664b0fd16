"""Small pictures for tests, made without a library."""

from __future__ import annotations

import struct
import zlib

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="18" fill="#c06"/></svg>'


def png(width: int, height: int, color: tuple[int, int, int] = (200, 40, 40)) -> bytes:
    """A PNG of one color."""
    rows = (b"\0" + bytes(color) * width) * height
    return _png(width, height, zlib.compress(rows))


def huge_png(side: int) -> bytes:
    """A few bytes that say they are a picture of side × side dots."""
    return _png(side, side, zlib.compress(b"\0" * 100))


def _png(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )

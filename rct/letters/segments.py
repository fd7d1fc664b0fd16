"""How many segments a text message takes, and why. Pure.

A message is sent in the GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1 and 6.2.1.1) if all of its characters are in it;
one other character turns the whole of it to UCS-2. One segment holds 160 septets or 70 UTF-16 units; in a longer
message each holds 153 or 67, since six bytes join them (3GPP TS 23.040, 9.2.3.24.1). A character of the extension
table takes two septets, one beyond U+FFFF two units; neither is ever split between segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
ALONE = {"GSM-7": 160, "UCS-2": 70}
JOINED = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True)
class Length:
    """`units` are septets or UTF-16 units; `outside` are the characters that forced UCS-2, each once."""

    encoding: str
    units: int
    segments: int
    outside: tuple[str, ...]

    @property
    def room(self) -> int:
        """How many units one segment of this message holds."""
        return ALONE[self.encoding] if self.segments <= 1 else JOINED[self.encoding]


def length(text: str) -> Length:
    """Encoding, units and segments of a message; an empty one is one segment."""
    outside = tuple(dict.fromkeys(c for c in text if c not in GSM_7 and c not in EXTENSION))
    if outside:
        encoding, sizes = "UCS-2", [2 if ord(c) > 0xFFFF else 1 for c in text]
    else:
        encoding, sizes = "GSM-7", [2 if c in EXTENSION else 1 for c in text]
    units = sum(sizes)
    segments = 1 if units <= ALONE[encoding] else _joined(sizes, JOINED[encoding])
    return Length(encoding, units, segments, outside)


def _joined(sizes: Sequence[int], room: int) -> int:
    """Segments of a long message; a character that doesn't fit whole opens the next one."""
    segments, used = 1, 0
    for size in sizes:
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments

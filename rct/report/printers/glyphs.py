"""What the fonts of the PDFs can draw. A character that none has would be a box, or stop the PDF."""

from __future__ import annotations

from rct.tables.glyphs import known_characters


def drawable(text: str) -> str:
    """`text` with every character that the fonts lack as its code, such as \\u5c71."""
    known = known_characters()
    return "".join(c if ord(c) in known or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)

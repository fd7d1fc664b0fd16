"""What the fonts shipped for PDF can draw. A character that none has would be a box, or stop the PDF.

The fonts are DejaVu Sans, which matplotlib ships, and Libertinus Serif, which typst has built in; only the
first is asked, which can be read here and has by far the more characters.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font


def font_folder() -> Path:
    """The folder with DejaVu Sans."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def drawable(text: str) -> str:
    """`text` with every character that the fonts lack as its code, such as \\u5c71."""
    known = _known()
    return "".join(c if ord(c) in known or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def is_drawable(text: str) -> bool:
    """Whether the fonts have every character of it."""
    return drawable(text) == text


@cache
def _known() -> frozenset[int]:
    return frozenset(FT2Font(str(font_folder() / "DejaVuSans.ttf")).get_charmap())

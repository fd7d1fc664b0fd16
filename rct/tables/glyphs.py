"""Which characters the fonts can draw: those shipped, and any that a city puts into templates/fonts/.

The fonts are DejaVu Sans, which matplotlib ships, and Libertinus Serif, which typst has built in; only the
first is asked, which can be read here and has by far the more characters.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PLAIN = 0x17F  # every font has these: Latin with its marks


def font_folder() -> Path:
    """The folder with DejaVu Sans. Found without loading matplotlib, which takes longer than setting 50 letters."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("matplotlib")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


def known_characters(own: Path | None = None) -> frozenset[int]:
    """Code points that some font has: the shipped one's, and those of the fonts in the folder `own`."""
    found = _characters(font_folder() / "DejaVuSans.ttf")
    if own is not None and own.is_dir():
        for file in sorted(own.iterdir()):
            if file.suffix.lower() in {".ttf", ".otf"}:
                found |= _characters(file)
    return found


def script(character: str) -> str:
    """The script of a character as people name it: CJK, HANGUL, DEVANAGARI."""
    return unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]


@cache
def _characters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(file)).get_charmap())

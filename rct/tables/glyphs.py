"""Which characters the fonts can draw: those shipped, and any that a city puts into templates/fonts/.

The fonts are DejaVu Sans, which matplotlib ships, and Libertinus Serif, which typst has built in; only the
first is asked, which can be read here and has by far the more characters.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from rct.errors import stop

_OF_SYMBOLS = frozenset("\ufe0e\ufe0f\u20e3")  # choose a symbol's look, or frame it as a key
_FONTS = frozenset((".ttf", ".otf", ".ttc", ".otc"))
MOST_FONTS = 256  # in one collection; the largest that are sold have a few dozen
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


def require_sound_fonts(own: Path) -> None:
    """Refuse a collection that says it has more fonts than any has: each would be looked for, for minutes."""
    for file in sorted(own.rglob("*")) if own.is_dir() else ():
        if file.suffix.lower() not in _FONTS or not file.is_file():
            continue
        with file.open("rb") as opened:
            head = opened.read(12)
        if head[:4] == b"ttcf" and int.from_bytes(head[8:12], "big") > MOST_FONTS:
            stop(
                "font_damaged",
                f"This font collection says that it holds {int.from_bytes(head[8:12], 'big'):,} fonts.",
                "Put a sound copy in its place, or take it out.",
                file=f"templates/fonts/{file.relative_to(own).as_posix()}",
            )


def script(character: str) -> str:
    """The script of a character as people name it: CJK, HANGUL, DEVANAGARI; or that it is a symbol, as emoji are."""
    if unicodedata.category(character) in {"So", "Sk", "Sm", "Sc"} or character in _OF_SYMBOLS:
        return "symbols and emoji"
    return unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]


@cache
def _characters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(str(file)).get_charmap())
    except (RuntimeError, OSError, ValueError):
        stop(
            "font_damaged",
            "This font can't be read.",
            "Put a sound copy in its place, or take it out.",
            file=f"templates/fonts/{file.name}",
        )

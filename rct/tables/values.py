"""One cell at a time: text to id, label, number, yes or no, date. Late and strict, never a guess.

`float()` takes `1_000`, `٣٤`, `inf` and `nan`; `str.strip()` takes off control characters. Nothing here does.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date

TRIM = "\t \u00a0"  # U+0009, U+0020, U+00A0: the only characters taken off the ends of a value
# Marks that belong to the spelling or the direction of a name (Persian, Sinhala, Arabic, Hebrew, …).
SPELLING = frozenset("\u200c\u200d\u200e\u200f\u061c")

# Nothing that is measured or paid is as large, and squares of squares of it are still numbers.
LARGEST = 1e30

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# A time of day after a date, if there is one.
TIME = (
    r"(?:[T ] ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?:Z|UTC|[AaPp][Mm]|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + TIME)
# A whole address as it may stand in a link: a host with a dot, no name before an @, nothing that ends an attribute.
_WEB_ADDRESS = re.compile(
    r"""https?://(?:[^\W_][\w-]*\.)+[\w-]+(?::[0-9]{1,5})?(?:[/?#][^\s"'<>`\\]*)?""", re.IGNORECASE
)
_YES = frozenset(("yes", "y", "true", "1", "x"))
_NO = frozenset(("no", "n", "false", "0", ""))
_REFUSED = frozenset(("Cc", "Cf", "Cn", "Cs", "Zl", "Zp"))
_NAMES = {"\n": "a line break", "\r": "a line break", "\t": "a tab", "\0": "a NUL", "\x1b": "an escape code"}


class BadId(ValueError):  # noqa: N818 - a name that other parts use
    """A value that cannot be an id or a label; `reason` says why, in words that don't show the value."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


def refused_character(text: str, kept: frozenset[str] = frozenset()) -> str | None:
    """The first control, format, unassigned or line-separating character of `text`, or None."""
    if text.isprintable():
        return None
    return next((c for c in text if unicodedata.category(c) in _REFUSED and c not in kept), None)


def is_garbled(text: str) -> bool:
    """Whether `text` is UTF-8 that was read as a Western encoding: `GarcÃ\xada` for `García`."""
    try:
        return not text.isascii() and text.encode("latin-1").decode() != text
    except UnicodeError:
        return False


def describe(c: str) -> str:
    """`U+000A (a line break)`: a character that can't be shown, named."""
    name = _NAMES.get(c) or unicodedata.name(c, "").lower() or _kind(c)
    return f"U+{ord(c):04X} ({name})"


def _kind(c: str) -> str:
    return "a control character" if unicodedata.category(c) == "Cc" else "not a character of Unicode"


def clean_label(text: str) -> str:
    """`text` in NFC with U+0009, U+0020, U+00A0 off its ends; may be empty. Raises `BadId` for controls."""
    text = unicodedata.normalize("NFC", text).strip(TRIM)
    bad = refused_character(text)
    if bad is not None:
        raise BadId(f"holds {describe(bad)}")
    return text


def clean_id(text: str) -> str:
    """The city's own id, in NFC and trimmed: `00123` is not `123`. Raises `BadId` if empty or unclean."""
    text = clean_label(text)
    if not text or text.isspace():
        raise BadId("is empty")
    return text


def too_large(text: str) -> bool:
    """Whether `text` is written as a number, and one beyond what anything is measured by."""
    text = text.strip(TRIM)
    return _NUMBER.fullmatch(text) is not None and abs(float(text)) > LARGEST


def parse_number(text: str) -> float | None:
    """A finite number written as `12`, `-3.5` or `1e6` in ASCII digits, else None."""
    text = text.strip(TRIM)
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def parse_yes_no(text: str) -> bool | None:
    """yes y true 1 x → True; no n false 0 and empty → False, in any case; else None."""
    word = text.strip(TRIM)
    if not word.isascii():  # so that no letter of another script folds into these words
        return None
    word = word.lower()
    return True if word in _YES else False if word in _NO else None


def parse_date(text: str) -> date | None:
    """A day of the calendar as YYYY-MM-DD; a time after it is ignored. None for anything else."""
    match = _DATE.fullmatch(text.strip(TRIM))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_web_address(text: str) -> str | None:
    """A whole web address, http:// or https://, that can stand in a link as it is; None for anything else."""
    text = text.strip(TRIM)
    return text if text.isprintable() and _WEB_ADDRESS.fullmatch(text) else None

"""CSV for people: it opens in a spreadsheet with its accents right, and no cell of it runs there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from rct.errors import visible

# What a spreadsheet takes for the start of a formula (OWASP), full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str, kept: frozenset[str] = frozenset()) -> str:
    """`text` that a spreadsheet shows and never runs: an apostrophe before what would start a formula.

    `kept`: hidden characters that stay what they are.
    """
    shown = (
        "".join(c if c in kept else visible(c) for c in text) if kept.intersection(text) else visible(text)
    )
    return f"'{shown}" if text.lstrip("".join(kept)).startswith(FORMULA_STARTS) else shown


def csv_for_people(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, kept: frozenset[str] = frozenset()
) -> bytes:
    """UTF-8 with a mark, CRLF, formula starts neutralized; None is an empty cell. `kept` as in `neutral`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in header])
    for row in rows:
        writer.writerow(
            ["" if cell is None else neutral(cell, kept) if isinstance(cell, str) else cell for cell in row]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")

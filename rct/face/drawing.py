"""A draw on a data frame: the bytes of docs/draw.md, so that anyone can derive it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from rct.design.schemes import conduct, declare
from rct.errors import stop, visible
from rct.face import given

_KEY = re.compile(r"[0-9a-f]{64}")


def draw(
    table: pd.DataFrame,
    *,
    arms: Mapping[str, int],
    id: str,
    key: str,
    scheme: str = "complete",
    blocks: str | Sequence[str] | None = None,
    clusters: str | None = None,
) -> pd.Series[str]:
    """Draw lots for the rows of a table: the arm of each, on the table's own index.

    arms      name -> share, whole numbers; their order is part of the draw
    id        the column that tells the units apart: it is hashed as it stands, trimmed and NFC
    key       K of docs/draw.md, 64 hex digits. The same key, ids, blocks and arms give the same draw in any order of
              the rows; to draw a trial again give its pseudonyms as ids and its own key
    scheme    a name of docs/draw.md; blocks and clusters: columns, where the scheme has them

    Raises RctError with row and column of the first cell that can't be used, or where scheme and columns do not fit.
    """
    columns = given.names(blocks)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        stop(
            "bad_draw_key",
            "A draw's key is 64 hex digits in lower case.",
            "Make one before you look at the list: secrets.token_hex(32).",
            field="key",
        )
    design = declare(scheme, list(arms), list(arms.values()))
    given.require_fit(scheme, columns, clusters)
    units = given.texts(table, id)
    first: dict[str, int] = {}
    for row, unit in enumerate(units, start=1):
        if first.setdefault(unit, row) != row:
            stop(
                "duplicate_id",
                f"This id stands in row {first[unit]:,} too.",
                "Keep the right row.",
                row=row,
                field=visible(id),
                found=visible(unit),
            )
    members = None if clusters is None else given.texts(table, clusters)
    made = conduct(design, key, units, given.blocks_of(table, columns), members)
    drawn = pd.Categorical(made.arm_names, categories=list(design.arms))
    return pd.Series(drawn, index=table.index, name="arm")

"""Records as a notebook shows them: a title, a table, sentences; every text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas as pd

from rct.errors import visible


def html(title: str, table: pd.DataFrame | None = None, sentences: Iterable[str] = ()) -> str:
    """A small piece of HTML, safe whatever the data hold."""
    parts = [f"<p><strong>{_safe(title)}</strong></p>"]
    if table is not None:
        shown = table.map(lambda v: visible(v) if isinstance(v, str) else v)
        parts.append(shown.to_html(index=False, border=0, na_rep=""))
    said = "".join(f"<li>{_safe(s)}</li>" for s in sentences)
    return "".join([*parts, f"<ul>{said}</ul>" if said else ""])


def text(title: str, table: pd.DataFrame | None = None, sentences: Iterable[str] = ()) -> str:
    """The same for a terminal."""
    lines = [visible(title)]
    if table is not None:
        lines.append(table.to_string(index=False, na_rep=""))
    return "\n".join([*lines, *(f"- {visible(s)}" for s in sentences)])


def _safe(words: str) -> str:
    return escape(visible(words))

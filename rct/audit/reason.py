"""Reasons that people give: for a deviation, a stop, a decision."""

from __future__ import annotations

from rct.errors import stop


def require_reason(reason: str, field: str = "--reason") -> str:
    """A reason that says something: 3 to 2,000 printable characters."""
    text = " ".join(reason.split())
    if not 3 <= len(text) <= 2_000 or not text.isprintable():
        stop(
            "bad_reason",
            "A reason is 3 to 2,000 printable characters.",
            "Say in a sentence why.",
            field=field,
        )
    return text

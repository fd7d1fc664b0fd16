"""The heads of the chains: what a witness keeps."""

from __future__ import annotations

import re

from rct.registry.chain import Event
from rct.registry.state import State

WORKSPACE = "(workspace)"  # stands in a head's line where a trial's name would; no trial can be called so
_WHOLE = re.compile(r"sha256:([0-9a-f]{64})(?![0-9a-f])")


def head_line(state: State) -> str:
    """`rct1 TRIAL SEQ sha256:… TIME`: one line that pins everything up to this event."""
    event = state.events[-1]
    return f"rct1 {state.name or WORKSPACE} {event.seq} {event.hash} {event.time}"


def find_head(state: State, head: str) -> Event | None:
    """The event that a printed head belongs to.

    Whole, or its first 16 digits or more, spaces or not; or the whole line that `rct head` printed.
    """
    digits = _digits(head)
    if not is_head(head):
        return None
    return next((e for e in state.events if e.hash.removeprefix("sha256:").startswith(digits)), None)


def is_head(head: str) -> bool:
    """Whether a text can be a head at all: 16 to 64 hex digits, with or without its prefix and spaces."""
    return re.fullmatch(r"[0-9a-f]{16,64}", _digits(head)) is not None


def _digits(head: str) -> str:
    whole = _WHOLE.search(head)
    return whole[1] if whole else head.strip().lower().removeprefix("sha256:").replace(" ", "").rstrip("….")

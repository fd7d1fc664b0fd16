"""Notes: what the office writes down beside what rct finds by itself, and what may not stand in one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from rct.audit.reason import require_reason
from rct.errors import stop
from rct.outcomes.own_names import NUMBER, naming
from rct.registry import vault
from rct.registry.state import State
from rct.registry.workspace import Workspace

MEMO_MOST = 300  # characters of a note that stands on the memo's one page


def require_note(text: str, *, memo: bool) -> str:
    """A note that says something, and is short enough for the page it is to stand on."""
    said = require_reason(text, "TEXT")
    if memo and len(said) > MEMO_MOST:
        stop(
            "note_long",
            f"A note on the memo has at most {MEMO_MOST} characters, this one has {len(said):,}.",
            "Say it in a sentence or two, or leave --memo out: the appendix has room for all of it.",
            field="TEXT",
        )
    return said


def named_in(ws: Workspace, trial_state: State, text: str) -> str:
    """What of a person in the trial's list the text holds (`a name`, `an id`, …); empty for nothing."""
    if trial_state.frame is None or trial_state.forgotten:
        return ""
    alike = _may_name(text)
    with vault.opened(ws) as opened:
        for _, id, _, contact in vault.people(opened, trial_state.frame.body.token):
            if not alike(f"{id} {contact}".casefold()):
                continue
            what = naming(text, id, json.loads(contact))
            if what:
                return what
    return ""


def _may_name(text: str) -> Callable[[str], object]:
    """Whether a person's values hold any word of the text: those that don't are passed over at once. Of a text with a phone
    number, with other letters than a to z, or of values with such letters, everyone is looked at."""
    if NUMBER.search(text) or not text.isascii():
        return lambda _: True
    words = {re.escape(word) for word in re.findall(r"[a-z0-9]{2,}", text.casefold())}
    held = re.compile(rf"\b(?:{'|'.join(sorted(words)) or '(?!)'})\b|\\u|[^\x00-\x7f]")
    return held.search

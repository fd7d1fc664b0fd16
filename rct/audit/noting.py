"""Notes: what the office writes down beside what rct finds by itself, and what may not stand in one."""

from __future__ import annotations

import json

from rct.audit.reason import require_reason
from rct.errors import stop
from rct.outcomes.own_names import naming
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
    with vault.opened(ws) as opened:
        for _, id, _, contact in vault.people(opened, trial_state.frame.body.token):
            what = naming(text, id, json.loads(contact))
            if what:
                return what
    return ""

"""What is told of people's wishes before the results may be: nothing by arm or version.

Who replied STOP or opted out did something, and by arm that is a result. A list that leaves them out tells as much by
its pieces: those that were drawn to a version less those that are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rct.errors import RctError
from rct.registry import state
from rct.registry.chain import Event
from rct.registry.trial import Trial, opened
from rct.registry.workspace import Workspace

WITHHELD = "withheld until the results"
# What of an event tells pieces by version; events of today hold none of it but the vendor's own counts.
_TELLING = {
    "letters": ("versions", "pages"),
    "handover": ("versions", "segments"),
    "mailed": ("versions", "disagreements"),
}


@dataclass(frozen=True)
class TellableEvent:
    """An event as it may be told. `text` None: the text that was hashed holds more than that."""

    event: Event
    body: dict[str, Any]
    text: str | None


def may_tell_versions(ws: Workspace, name: str, left_out: int) -> bool:
    """Whether pieces may be told by version: nobody is left out of them, or the results may be shown."""
    if not left_out:
        return True
    with opened(ws, name) as trial:
        return trial.state.results_open(trial.definition.analysis.date)


def log_of(ws: Workspace, events: Sequence[Event]) -> list[TellableEvent]:
    """Each event as it may be told today."""
    listed: list[TellableEvent] = []
    open_: dict[str, bool] = {}
    left: set[str] = set()
    for event in events:
        keys: tuple[str, ...] = ()
        if event.kind in _TELLING:
            if state.left_out(event.body):
                left.add(event.trial)
            if event.trial in left and not open_.setdefault(event.trial, _open(ws, event.trial)):
                keys = tuple(key for key in _TELLING[event.kind] if event.said.get(key))
        body = {k: WITHHELD if k in keys else v for k, v in event.said.items()}
        listed.append(TellableEvent(event, body, None if keys else event.text))
    return listed


def _open(ws: Workspace, name: str) -> bool:
    with state.reading(ws) as db:
        trial = Trial(ws, db, state.read_unchecked(db, name))
        try:
            return trial.state.results_open(trial.definition.analysis.date)
        except RctError:
            return False  # the plan is gone or was changed: `verify` names it

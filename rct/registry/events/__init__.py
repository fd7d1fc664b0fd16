"""The bodies of events: one frozen record a kind. `parse` reads one, `record.body()` is what the log holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rct.registry.events.course import (
    AmendBody,
    DecideBody,
    FollowupBody,
    ForgetBody,
    LockBody,
    NewBody,
    NoteBody,
    PlanBody,
    PrintedBody,
    RegisteredBody,
    SharedBody,
    StopBody,
)
from rct.registry.events.data import (
    AnalyzeBody,
    DrawBody,
    FrameBody,
    HandoverBody,
    LettersBody,
    MailedBody,
    OutcomesBody,
    RemarksBody,
    RowsBody,
    SurveyBody,
)
from rct.registry.events.office import (
    DistrustBody,
    EnteredBody,
    ForgetPracticeBody,
    InitBody,
    KeyBody,
    TrustBody,
)
from rct.registry.events.parts import PlanEdit, Replay, Until
from rct.registry.events.record import Body
from rct.registry.events.shapes import UnfitError

__all__ = [
    "KINDS",
    "AmendBody",
    "AnalyzeBody",
    "Body",
    "DecideBody",
    "DistrustBody",
    "DrawBody",
    "EnteredBody",
    "FollowupBody",
    "ForgetBody",
    "ForgetPracticeBody",
    "FrameBody",
    "HandoverBody",
    "InitBody",
    "KeyBody",
    "LettersBody",
    "LockBody",
    "MailedBody",
    "NewBody",
    "NoteBody",
    "OutcomesBody",
    "PlanBody",
    "PlanEdit",
    "PrintedBody",
    "RegisteredBody",
    "RemarksBody",
    "Replay",
    "RowsBody",
    "SharedBody",
    "StopBody",
    "SurveyBody",
    "TrustBody",
    "UnfitError",
    "UnreadBody",
    "Until",
    "parse",
]

# In the order of a trial's life, as the page lists them.
KINDS: Mapping[str, type[Body]] = {
    record.kind: record
    for record in (
        InitBody, NewBody, EnteredBody, LockBody, AmendBody, PrintedBody, RegisteredBody, FrameBody, DrawBody,
        LettersBody, HandoverBody, MailedBody, OutcomesBody, SurveyBody, RemarksBody, AnalyzeBody, DecideBody,
        FollowupBody, NoteBody, SharedBody, KeyBody, TrustBody, DistrustBody, StopBody, ForgetBody, ForgetPracticeBody,
    )
}  # fmt: skip


class UnreadBody(Body):
    """In place of a body that is withheld, or not as rct writes it: it has nothing that could be read."""


def parse(kind: str, body: Any) -> Body:
    """The record of an event's body. Raises `UnfitError` that says in a few words what is not as rct writes it."""
    record = KINDS.get(kind)
    if record is None:
        raise UnfitError(f"rct knows no events of the kind {kind}")
    try:
        return record.read(body)
    except UnfitError as error:
        raise UnfitError(f"{error} of {kind}") from None

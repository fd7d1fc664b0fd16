"""Gather a trial for its CONSORT checklist."""

from __future__ import annotations

import json
from dataclasses import asdict

from rct.analysis.stored import current
from rct.audit.known import NOT_STATED
from rct.evidence.registers.consort import ChecklistFacts, ChecklistItem, checklist, document
from rct.registry import state
from rct.registry.events import MailedBody, RegisteredBody, SharedBody, StopBody
from rct.registry.state import State
from rct.registry.trial import opened
from rct.registry.workspace import Workspace
from rct.report.gather import memo_record
from rct.report.printers.markdown import to_markdown
from rct.report.printers.pages import to_html


def facts(trial_state: State) -> ChecklistFacts:
    """What the log knows beyond the memo's record."""
    return ChecklistFacts(
        registered=tuple((e.body.register, e.body.number) for e in trial_state.all(RegisteredBody)),
        shared=trial_state.last(SharedBody) is not None,
        known=(trial_state.lock.body.known if trial_state.lock else None) or NOT_STATED,
        stopped=trial_state.last(StopBody) is not None,
        returned=trial_state.last(MailedBody) is not None,
    )


def checked(ws: Workspace, name: str) -> tuple[list[ChecklistItem], str, dict[str, bytes]]:
    """The checklist of the last analysis: its items, the head that it prints, and it as Markdown, HTML and JSON."""
    with opened(ws, name) as trial:
        state.require(trial.state, drawn=True, open=False, people=False)
        memo = memo_record(current(trial))
    known = facts(trial.state)
    items = checklist(memo, known)
    doc = document(memo, items, known)
    listed = [{**asdict(i), "places": [str(p) for p in i.places]} for i in items]
    text = json.dumps({"trial": name, "head": memo.head, "items": listed}, indent=2, ensure_ascii=False)
    documents = {
        "consort.md": to_markdown(doc),
        "consort.html": to_html(doc, contents=False),
        "consort.json": text.encode() + b"\n",
    }
    return items, memo.head, documents

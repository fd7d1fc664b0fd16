"""`rct report`: memo and appendix are gathered, rendered and written, their digests put into the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from rct.acts.printing import languages_of
from rct.analysis.stored import current
from rct.language import SOURCE
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import PrintedBody
from rct.registry.state import State
from rct.registry.trial import Trial, again
from rct.report.documents import appendix_documents, memo_documents
from rct.report.gather import appendix_record, memo_record
from rct.report.record import MemoRecord


@dataclass(frozen=True)
class PrintedReport:
    """What `rct report` wrote: paths in the workspace, and the record that the memo says."""

    event: chain.Event
    paths: tuple[str, ...]
    record: MemoRecord
    fresh: bool
    state: State  # before this printing


def print_report(seen: Trial, person: str, language: str = SOURCE.code) -> PrintedReport:
    """Write memo and appendix of the last analysis. The same documents again change nothing.

    Memo and appendix in another language stand beside the English ones, which are written too: in `language`, and in
    those that plan or memo were printed in before.
    """
    ws, name = seen.ws, seen.name
    tidy(ws)
    with again(seen) as trial:
        trial_state = trial.state
        state.require(trial_state, drawn=True, open=False, people=False)
        at = current(trial)
        memo = memo_record(at, pictures=True)
        appendix = appendix_record(at, memo)
        documents = {**memo_documents(memo), **appendix_documents(appendix)}
        for other in languages_of(trial_state, language):
            documents |= {**memo_documents(memo, other), **appendix_documents(appendix, other)}
    paths = tuple(ws.shown(ws.out(name) / file) for file in documents)
    digests = {file: hashlib.sha256(data).hexdigest() for file, data in documents.items()}
    last = next(reversed(trial_state.printed("memo")), None)
    if last is not None and digests.items() <= last.body.files.items():
        return PrintedReport(last, paths, memo, False, trial_state)
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        for file, data in documents.items():
            change.write(ws.out(name) / file, data)
        body = PrintedBody(of="memo", head=memo.head, files=digests, threshold=memo.threshold)
        event = change.event(body)
    return PrintedReport(event, paths, memo, True, trial_state)

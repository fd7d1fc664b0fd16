"""Documents of a trial written into its out/ folder, their digests put into the log: all or none, and once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from rct.language import codes, others
from rct.registry import state
from rct.registry.change import changing, tidy
from rct.registry.events import PrintedBody
from rct.registry.state import State
from rct.registry.workspace import Workspace

_PRINTED = re.compile(r"(?:plan|memo)\.([a-z]+)\.html")


def languages_of(trial_state: State, *more: str) -> tuple[str, ...]:
    """Languages beside the source's that plan or memo were printed in before, and `more`: a trial keeps its languages, so
    that none of its documents is left behind when another is printed anew."""
    files = [
        file for e in trial_state.all(PrintedBody) if e.body.of in ("plan", "memo") for file in e.body.files
    ]
    before = [match[1] for file in files if (match := _PRINTED.fullmatch(file))]
    return others(*more, *(code for code in before if code in codes()))


def print_documents(
    ws: Workspace, name: str, person: str, *, of: str, head: str, documents: Mapping[str, bytes]
) -> tuple[tuple[str, ...], bool]:
    """Write them; (paths in the workspace, False) where the very same are there already.

    `of` names the kind in the log's `printed` event, `head` the head of the log that they print.
    """
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
        there = state.all_there(db, (ws.out(name) / file for file in documents))
    digests = {file: hashlib.sha256(data).hexdigest() for file, data in documents.items()}
    paths = tuple(ws.shown(ws.out(name) / file) for file in documents)
    last = next(reversed(trial_state.printed(of)), None)
    if last is not None and last.body.files == digests and there:
        return paths, False
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        for file, data in documents.items():
            change.write(ws.out(name) / file, data)
        change.event(PrintedBody(of=of, head=head, files=digests))
    return paths, True

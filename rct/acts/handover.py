"""`rct handover`: who gets which version, for a mail, e-mail or SMS system; into private/.

The order is that of the mailing, the versions interleaved. Who opted out since the draw is left out and counted:
nothing is sent to them, and they stay in the analysis in the arm that was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition import Definition
from rct.errors import stop
from rct.letters.handover import SYSTEM_OF, Listed, digest_of, files_of, sent_arms
from rct.letters.recipients import read_recipients
from rct.letters.versions import interleaved, letters_of, order_key
from rct.letters.workbook import running_rows
from rct.registry import keys, state
from rct.registry.change import changing, tidy
from rct.registry.events import HandoverBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Handed:
    """What was written. `versions` is version letter → units in the file; `fresh` is False when it was there already."""

    system: str
    header: tuple[str, ...]
    versions: dict[str, int]
    arms: dict[str, str]  # version letter → arm
    opted_out: int
    segments: dict[str, int]  # segments of a text message → people
    running: list[int]  # rows for which no CSV is written
    paths: list[str]
    fresh: bool

    @property
    def rows(self) -> int:
        return sum(self.versions.values())


def hand_over(ws: Workspace, definition: Definition, person: str, system: str | None = None) -> Handed:
    """Write private/NAME/handover.xlsx, and handover.csv unless a spreadsheet would run one of its cells."""
    name = definition.name
    system = system or SYSTEM_OF[definition.trial.channel]
    tidy(ws)
    with opened(ws, name) as trial:
        drawn = trial.drawn(open=True, people=True)
        sent = sent_arms(definition)
        everyone = read_recipients(drawn, sent)
    people = {p.unit: p for p in everyone if not p.opted_out}
    if not people:
        stop("nobody_to_send_to", f"Nobody of {name} is to be sent anything.", "See: rct status")
    letters = letters_of(definition, drawn.draw)
    order = interleaved(order_key(drawn.draw), [(p.unit, letters[p.arm]) for p in people.values()])
    listed = Listed(ws, definition, system, letters, [people[unit] for unit in order])
    header, table = listed.header, listed.table()
    versions = {v: sum(row[1] == v for row in table) for v in sorted(letters[a] for a in sent)}
    running = running_rows(table)
    files = files_of(header, table, running)
    body = HandoverBody(
        system=system,
        columns=tuple(header),
        rows=len(table),
        left_out={"opted_out": len(everyone) - len(people)},
        digest=digest_of(keys.read_key(ws), header, table),
    )
    folder = ws.private_trial(name)
    with state.reading(ws) as db:
        there = state.all_there(db, (folder / file for file in files))
    last = drawn.state.last(HandoverBody)
    fresh = not there or last is None or not last.body.like(body, "files", "versions", "segments")
    if fresh:
        with changing(ws, name, person, seen=len(drawn.state.events)) as change:
            written = {file: change.write(folder / file, data, private=True) for file, data in files.items()}
            for file in {"handover.csv", "handover.xlsx"} - set(files):
                change.remove(folder / file)
            change.event(body.but(files=written))
    arms = sorted((letters[a], a) for a in definition.arms if a in sent)
    return Handed(
        system, header, versions, dict(arms), len(everyone) - len(people), listed.segments, running,
        [ws.shown(folder / file) for file in files], fresh,
    )  # fmt: skip

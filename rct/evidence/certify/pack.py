"""`rct certify`: a pack of evidence for a city certification, as a page, as Markdown and for machines.

It says what supports each criterion and by which hash that can be checked. It never says that a criterion is met.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rct import fs
from rct.audit.following import adoption, adoption_sentence, months_later
from rct.errors import stop
from rct.evidence import documents
from rct.evidence.certify.criteria import Criterion, CriterionEvidence, Window, criteria, period
from rct.evidence.certify.groups import Groups, groups, tables
from rct.evidence.target import require_target
from rct.registry import chain, state
from rct.registry.trial import Locked, locked_trials
from rct.registry.workspace import Workspace
from rct.report.blocks import Block, Bullets, Doc, Heading, NoteBlock, Para, TableBlock
from rct.report.printers.markdown import to_markdown
from rct.report.printers.pages import to_html
from rct.report.words.phrases import moment, prose

VERSION = 1
FILES = ("evidence.html", "evidence.md", "evidence.json")
MARK = "rct_certify"
_MONTHS = re.compile(r"([1-9][0-9]{0,2})([my])")


@dataclass(frozen=True)
class Pack:
    """What was written: each criterion, the paths, the digest of the machine file."""

    window: Window
    criteria: tuple[Criterion, ...]
    folder: Path
    digest: str


def window_of(since: str, today: date) -> Window:
    """`12m`, `2y` or a day, up to `today`."""
    match = _MONTHS.fullmatch(since)
    try:
        if match:
            months = int(match[1]) * (12 if match[2] == "y" else 1)
            first = months_later(today, -months)
        else:
            first = date.fromisoformat(since)
    except ValueError:
        first = date.max
    if first > today:
        stop(
            "certify_since",
            "--since takes a number of months or years back, or a day that is over.",
            "For example: --since 12m, --since 2y, --since 2026-01-01",
            field="--since",
            found=since[:50],
        )
    return Window(first, today)


def certify(ws: Workspace, since: str, to: Path) -> Pack:
    """Write the pack into the folder `to`, whole or not at all. Every file it cites is checked against the log."""
    folder = require_target(ws, to, FILES[2], MARK)
    with state.reading(ws) as db:
        known = locked_trials(ws, db)
        trials = [t for t in known if t.real]
        today = chain.due_date([e for t in known for e in t.state.events[-1:]])
        window = window_of(since, today)
        criterions = criteria(trials, window)
        for item in (i for c in criterions for i in c.items):
            for file in item.files:
                documents.read(ws, db, item.trial, file)
        cited = {i.trial for c in criterions if c.key == "equity" for i in c.items}
        who = groups([t for t in trials if t.name in cited])
    data = as_json(ws, window, criterions, trials, who)
    digest = hashlib.sha256(data).hexdigest()
    doc = as_doc(ws, window, criterions, trials, who, left_out=len(known) - len(trials), digest=digest)
    with fs.whole_folder(folder) as new:
        for name, content in zip(FILES, (to_html(doc, contents=False), to_markdown(doc), data), strict=True):
            (new / name).write_bytes(content)
    return Pack(window, tuple(criterions), folder, digest)


def as_json(
    ws: Workspace, window: Window, criterions: Sequence[Criterion], trials: Sequence[Locked], who: Groups
) -> bytes:
    """The pack for machines: every item with its event's hash and its files' digests, and every log's head."""
    data: dict[str, Any] = {
        MARK: VERSION,
        "city": ws.settings.city,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "criteria": [
            {
                "key": c.key,
                "title": c.title,
                "supports": c.supported,
                "summary": c.summary if c.supported else None,
                "without": None if c.supported else c.without,
                "beyond": c.beyond,
                "items": [_item_json(i) for i in c.items],
            }
            for c in criterions
        ],
        "differences": [asdict(d) for d in who.differences],
        "reach": [{"trial": name, **asdict(r)} for name, r in who.reach],
        "heads": [
            {"trial": t.name, "seq": t.state.events[-1].seq, "head": t.state.events[-1].hash} for t in trials
        ],
    }
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode("ascii")


def _item_json(item: CriterionEvidence) -> dict[str, Any]:
    return {
        "trial": item.trial,
        "text": item.text,
        "time": item.event.time,
        "person": item.event.person,
        "event": {"seq": item.event.seq, "kind": item.event.kind, "hash": item.event.hash},
        "files": [{"file": f"trials/{item.trial}/out/{f.file}", "sha256": f.sha256} for f in item.files],
    }


def as_doc(
    ws: Workspace,
    window: Window,
    criterions: Sequence[Criterion],
    trials: Sequence[Locked],
    who: Groups,
    *,
    left_out: int,
    digest: str,
) -> Doc:
    """The pack as a document: an overview, then each criterion with its items, then every hash in full."""
    numbered = [i for c in criterions for i in c.items]
    blocks: list[Block] = [
        NoteBlock(
            "This pack says what supports each criterion and how to check it. Whether a criterion is met is for the "
            "assessors to say."
        ),
        TableBlock(
            "Overview",
            ("Criterion", "What supports it"),
            tuple((c.title, c.summary if c.supported else "Nothing in this period.") for c in criterions),
            (False, False),
        ),
    ]
    if left_out:
        few = "1 trial that is" if left_out == 1 else f"{left_out:,} trials that are"
        blocks.append(Para(f"Left out: {few} for practice or simulated."))
    for criterion in criterions:
        blocks += _section(criterion, numbered, trials, tables(who) if criterion.key == "equity" else ())
    if numbered:
        blocks += [
            Heading(2, "Hashes", "hashes"),
            Para(
                "Each number above is an event of a trial's log. Its hash covers every event before it; rct verify "
                "re-derives all of them, and a printed plan or memo shows the head of its own."
            ),
            Bullets(tuple(_hashes(item) for item in numbered), numbered=True),
        ]
    blocks.insert(1, Para(f"The same for machines is evidence.json, sha256 {digest}."))
    city = prose(ws.settings.city or "")
    return Doc(
        title="Evidence for a city certification",
        subtitle=" · ".join(part for part in (city, period(window)) if part),
        blocks=tuple(blocks),
        footer=(),
        running="Evidence for a city certification",
        time=int(datetime(window.until.year, window.until.month, window.until.day).timestamp()),
    )


def _section(
    criterion: Criterion,
    numbered: Sequence[CriterionEvidence],
    trials: Sequence[Locked],
    more: Sequence[TableBlock],
) -> list[Block]:
    blocks: list[Block] = [Heading(2, criterion.title, criterion.key), Para(criterion.asks)]
    if not criterion.supported:
        blocks.append(
            NoteBlock(f"No support: the registry holds nothing for this in the period. {criterion.without}")
        )
    else:
        rows = tuple(
            (
                str(numbered.index(i) + 1),
                i.trial,
                i.text,
                moment(i.event.time),
                prose(i.event.person),
                ", ".join(f.file for f in i.files),
            )
            for i in criterion.items
        )
        blocks += [
            Para(f"Supports: {criterion.summary}"),
            TableBlock(
                f"{criterion.title}: what supports it",
                ("No.", "Trial", "What", "When", "By", "Files"),
                rows,
                (True, False, False, False, False, False),
            ),
        ]
    blocks += more
    if more:
        blocks.append(
            Para(
                "The test comes first: an effect that is clear in one group and not in another may still be the same in "
                "both. Small counts are withheld as in the memos."
            )
        )
    counted = adoption(t.state for t in trials) if criterion.key == "decisions" else None
    if counted is not None:
        blocks.append(Para(f"Over all years. {adoption_sentence(counted)}"))
    blocks.append(Para(f"Not in the registry, and to be added by hand: {_lower(criterion.beyond)}"))
    return blocks


def _hashes(item: CriterionEvidence) -> str:
    event = item.event
    files = "".join(f"; {f.file} sha256 {f.sha256}" for f in item.files)
    return f"{item.trial}, event {event.seq} ({event.kind}): {event.hash}{files}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]

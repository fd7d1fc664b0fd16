"""A paper's printed table, entered by hand with its citation, as `Evidence`. The keys stand in docs/papers.md.

Standard errors are recomputed from the counts. What is printed beside them is never used in their place unless the
file says that it is adjusted; it is held against them, and a figure that its own counts can't give is flagged.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rct.estimate.estimators import MEANS
from rct.evidence.library.paper_file import ARM, OUTCOME, PAPER, read
from rct.evidence.library.paper_table import PaperTable
from rct.evidence.record import Evidence, EvidenceArm, EvidenceOutcome
from rct.fs import is_name

FLAG = "Printed figure at odds with its own counts: "


def from_paper(path: Path, named: str | None = None) -> Evidence:
    """The evidence of a paper's file. Flags stand first in its notes, each beginning with `FLAG`. `named` is its name
    where the file says none (else the file's own).

    RctError lists every mistake in the file: unknown or missing keys, a wrong kind of value, figures from which no
    difference can be had.
    """
    data, raw, reader = read(path)
    head = reader.table(raw.get("paper", {}), ("paper",), PAPER)
    arms = {
        n: reader.table(v, ("arms", n), ARM) for n, v in reader.tables(raw.get("arms"), ("arms",)).items()
    }
    for key in raw:
        if key not in ("paper", "arms", "outcomes"):
            reader.wrong(
                "unknown_key", (key,), "A paper's file has [paper], [arms.NAME] and [outcomes.NAME]."
            )
    controls = [name for name, arm in arms.items() if arm.get("control")]
    if len(controls) != 1 or len(arms) < 2:
        reader.wrong(
            "no_control", ("arms",), "A paper has two arms or more, exactly one with control = true."
        )
    name = head.get("name", named or _name_of(path))
    if not is_name(name):
        reader.wrong("bad_name", ("paper",), "Give the paper a short name.", 'Write name = "late-bills".')
    outcomes, outcome_lines = [], []
    for key, table in reader.tables(raw.get("outcomes"), ("outcomes",)).items():
        inner = {k: table.get(k, {}) for k in ("arms", "differences")} if isinstance(table, dict) else {}
        rest = {k: v for k, v in table.items() if k not in inner} if inner else table
        said = reader.table(rest, ("outcomes", key), OUTCOME)
        if controls and not reader.problems:
            outcomes.append(_outcome(key, said))
            table_of = PaperTable(reader, key, said["kind"], arms, controls[0], "registration" in head)
            outcome_lines.append(table_of.made(inner))
    reader.done()
    flags = [FLAG + flag for m in outcome_lines for flag in m.flags]
    registered = [f"Registered before the trial: {head['registration']}."] if "registration" in head else []
    return Evidence(
        source="paper",
        name=name,
        title=head["title"],
        city=head.get("city", ""),
        problem=head.get("problem", ""),
        hypothesis=head.get("hypothesis", ""),
        channel=head.get("channel", ""),
        department=head.get("department"),
        population=head.get("population"),
        keywords=tuple(head.get("keywords", ())),
        start=head["start"].isoformat() if "start" in head else None,
        scheme="as published",
        estimator=MEANS.name,
        arms=tuple(
            EvidenceArm(n, a["label"], bool(a.get("control")), a.get("n"), tuple(a.get("nudge", ())))
            for n, a in arms.items()
        ),
        outcomes=tuple(outcomes),
        lines=tuple(line for m in outcome_lines for line in m.lines),
        covariances=tuple(c for m in outcome_lines for c in m.covariances),
        worthwhile=None,
        rule_says=None,
        decided=None,
        citation=f"{head['citation']} ({head['where']})",
        digest=hashlib.sha256(data).hexdigest(),
        notes=(*flags, *registered, *dict.fromkeys(note for m in outcome_lines for note in m.notes)),
    )


def _outcome(name: str, said: dict[str, Any]) -> EvidenceOutcome:
    return EvidenceOutcome(
        name=name,
        label=said["label"],
        kind=said["kind"],
        direction=said["direction"],
        primary=said.get("primary", False),
        window_days=said.get("window_days"),
        unit=said.get("unit"),
    )


def flags(evidence: Evidence) -> list[str]:
    """The flags of a paper: what it prints against what its own counts give."""
    return [note.removeprefix(FLAG) for note in evidence.notes if note.startswith(FLAG)]


def _name_of(path: Path) -> str:
    return path.stem.lower().replace(" ", "-")

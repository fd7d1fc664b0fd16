"""A trial stands in the library once, in its latest state: under whichever name and city its files call it.

Two files are of one trial where city and name are the same, or where their logs begin with the same event: a city may
change its name, not the first event of its log. Of two bundles the one whose log is the longer is the later.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rct.errors import Problem, RctError, visible
from rct.evidence.bundle.lineage import is_older, log_of, why_not_same
from rct.evidence.library.files import ReadEvidence
from rct.evidence.library.index import stored
from rct.evidence.record import Evidence

REBUILD = "then: rct library rebuild"


@dataclass(frozen=True)
class LibraryFile:
    """A file of the library, or another one that is to be added. `number` its row in the index."""

    number: int | None
    file: str
    evidence: Evidence
    data: Callable[[], bytes]


def already(
    folder: Path, db: sqlite3.Connection, new: Sequence[ReadEvidence], replace: bool
) -> list[tuple[int, str]]:
    """Entries (number and file) that files to be added are other states of: given back to be replaced.

    RctError where that is not wanted, or where the library's own is the later one.
    """
    found: dict[int, str] = {}
    problems: list[Problem] = list(among(new))
    for one in new:
        for kept in _same_in(folder, db, one.evidence):
            problem = _why_kept(one, kept, replace)
            if problem is not None:
                problems.append(problem)
            elif kept.number is not None:
                found[kept.number] = kept.file
    if problems:
        raise RctError(problems)
    return list(found.items())


def among(files: Sequence[ReadEvidence]) -> Iterator[Problem]:
    """Files of one trial among these: which of them is the later, where that can be told."""
    read_evidences: list[ReadEvidence] = []
    for one in files:
        other = next((o for o in read_evidences if _same(o.evidence, one.evidence)), None)
        read_evidences.append(one)
        if other is None:
            continue
        first, last = (other, one) if is_older(other.data, one.data) else (one, other)
        clear = is_older(first.data, last.data) is not None
        yield Problem(
            "library_same_trial",
            f"{_told(one.evidence)} is in another file too: {visible(other.path.name)}."
            + (f" {visible(last.path.name)} is the later state of it." if clear else ""),
            f"Keep {visible(last.path.name)} and take the other away." if clear else "Keep only one of them.",
            file=visible(one.path.name),
        )


def _same(one: Evidence, other: Evidence) -> bool:
    if (one.city, one.name) == (other.city, other.name):
        return True
    return one.origin is not None and one.origin == other.origin


def later_state(folder: Path, db: sqlite3.Connection, evidence: Evidence) -> str | None:
    """What to know of a bundle that is given as a file while the library holds a later state of its trial."""
    for kept in _same_in(folder, db, evidence) if evidence.origin is not None else ():
        if kept.evidence.origin == evidence.origin and (kept.evidence.events or 0) > (evidence.events or 0):
            return (
                f"The library holds a later state of this trial ({kept.file[:-4]}): its log has {kept.evidence.events} "
                f"events, this file's {evidence.events}."
            )
    return None


def _same_in(folder: Path, db: sqlite3.Connection, one: Evidence) -> Iterator[LibraryFile]:
    """Entries of the index that are of the same trial. One that an older rct put there doesn't say how its log begins;
    then its file does."""
    rows = db.execute(
        "select id, file, evidence from entry where (city = ? and name = ?) or (? is not null and "
        "file like '%.zip' and (instr(evidence, ?) or not instr(evidence, ?)))",
        (
            *(one.city, one.name, one.origin),
            *(f'"origin":"{one.origin}"'.encode(), b'"origin":"sha256:'),
        ),
    ).fetchall()
    for number, file, text in rows:
        path = folder / file
        evidence = with_origin(stored(text), path)
        if _same(evidence, one):
            yield LibraryFile(number, file, evidence, path.read_bytes)


def with_origin(evidence: Evidence, path: Path) -> Evidence:
    """The evidence of an entry that an older rct put into the index, with what its file's log says of where it is from."""
    if evidence.origin is not None or evidence.source != "bundle" or not path.is_file():
        return evidence
    log = log_of(path.read_bytes())
    return (
        evidence if log is None else dataclasses.replace(evidence, origin=log.origin, events=len(log.events))
    )


def _why_kept(one: ReadEvidence, kept: LibraryFile, replace: bool) -> Problem | None:
    """Why a file may not take the place of the library's file of the same trial; None where it may."""
    both = one.evidence.source == "bundle" and kept.evidence.source == "bundle"
    try:
        held = kept.data() if both else b""
    except OSError:
        both = False  # its file is gone: nothing to compare with
    where = f"library/{kept.file}"
    if both:
        why = why_not_same(held, one.data)
        if why is not None:
            named = (one.evidence.city, one.evidence.name) == (kept.evidence.city, kept.evidence.name)
            begins = "has the name and city of one" if named else "has a log that begins as that of one"
            return Problem(
                "library_other_trial",
                f"This bundle {begins} that the library holds, but {why}.",
                f"Ask the city. To keep the new one, delete {where} yourself, {REBUILD}",
                file=visible(one.path.name),
            )
        lengths = is_older(one.data, held)
        if lengths is not None:
            return Problem(
                "library_older",
                f"This is an older state of {_told(one.evidence)}: its log has {lengths[0]} events, that of the file "
                f"in the library {lengths[1]}. The library keeps the later one.",
                "Nothing needs to be done. If you do want the older one, delete "
                f"{where} yourself, {REBUILD}, and add the older one.",
                file=visible(one.path.name),
                found=f"{lengths[0]} events",
            )
    if replace:
        return None
    as_other = "" if _called(one.evidence) == _called(kept.evidence) else f", there as {_told(kept.evidence)}"
    return Problem(
        "library_same_trial",
        f"{_told(one.evidence)} is in another file too{as_other}: {visible(kept.file)}.",
        "Compare them. To put the new file in its place: --replace",
        file=visible(one.path.name),
    )


def _called(evidence: Evidence) -> tuple[str, str]:
    return evidence.name, evidence.place


def _told(evidence: Evidence) -> str:
    """`the trial bills of New York (signed by Oldtown)`."""
    return f"the trial {visible(evidence.name)} of {visible(evidence.place) or 'no city'}"

"""What vendor and post said, checked: counts and digest re-derived, and what deviates from the plan."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from rct.analysis.delivery import delivery
from rct.audit.rows import dose_rows
from rct.definition import Definition
from rct.errors import Problem
from rct.letters.mailed import delivery_by_version, letters_of
from rct.registry import doses, store
from rct.registry.chain import Event
from rct.registry.state import State


def mailed_failures(db: sqlite3.Connection, found: State, definition: Definition) -> Iterator[Problem]:
    """Every event's rows add up; the stored doses and counts are those of the last events."""
    last = found.last("mailed")
    if last is None or found.draw is None:
        return
    for event in found.all("mailed"):
        body = event.body
        if body["rows"] != body["kept"] + sum(body["excluded"].values()) + sum(body["refused"].values()):
            yield _failure(
                "rows_lost", found.name, f"event {event.seq}: rows are not kept + excluded + refused"
            )
    if doses.digest(db, found.name) != last.body["digest"]:
        yield _failure(
            "doses_changed",
            found.name,
            "what was stored of printed and returned pieces is not what was loaded",
        )
        return
    for what in dose_rows(db, found):
        yield _failure("doses_changed", found.name, what)
    arms = {row.unit: row.arm for row in store.read_assignment(db, found.name)}
    told = [e for e in found.all("mailed") if e.body["of"] == "pieces"]
    if told:
        letters = letters_of(definition, found.draw)
        derived = delivery_by_version(letters, arms, doses.read_doses(db, found.name))
        if derived != told[-1].body["versions"]:
            yield _failure(
                "doses_changed", found.name, f"the counts by version are not those of event {told[-1].seq}"
            )


def mailed_texts(event: Event) -> Iterator[tuple[str, str]]:
    """(code, sentence) of what an event of printed or returned pieces says that was not planned."""
    body = event.body
    refused = sum(body["refused"].values())
    if refused:
        yield (
            "mailed_refused",
            f"{refused:,} rows of a file on mailed pieces were refused ({body['reason']}).",
        )
    if body["changed"]:
        what = "version" if body["of"] == "counts" else "piece"
        plural = "" if body["changed"] == 1 else "s"
        yield (
            "mailed_corrected",
            f"What was told of {body['changed']:,} {what}{plural} was corrected ({body['reason']}).",
        )
    for sentence in body.get("disagreements", []):
        yield "mailed_differs", f"{sentence[0].upper()}{sentence[1:]}."


def delivery_texts(db: sqlite3.Connection, found: State, definition: Definition) -> Iterator[tuple[str, str]]:
    """(code, sentence) where a status was met in other proportions than the arms were drawn."""
    if found.last("mailed") is None:
        return
    for each in delivery(db, definition):
        if each.check is not None and each.check.warns:
            yield (
                "delivery_ratio",
                f"Pieces were {each.status} in other proportions than the arms were drawn (p < .001).",
            )


def _failure(code: str, name: str, what: str) -> Problem:
    return Problem(
        code=code,
        rule=f"This does not hold: {name}: {what}.",
        fix="Compare with a copy and with the printed head.",
        file="rct.db",
    )

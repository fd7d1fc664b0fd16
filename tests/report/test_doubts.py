"""What cautions rest on, read off logs that an older rct wrote too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from event_bodies import sample

from rct.registry.chain import Event
from rct.registry.events import parse
from rct.registry.state import State
from rct.report.doubts import after_results, refused_rows


def event(seq: int, kind: str, **said: Any) -> Event[Any]:
    body = {k: v for k, v in sample(kind).items() if k != "unplaced"} | said
    return Event("bills", seq, "", "", "2026-01-01T00:00:00Z", "Tess", kind, parse(kind, body), "")


def load(seq: int, *, new: int = 0, changed: int = 0, refused: int = 0, **more: Any) -> Event[Any]:
    bad = {"duplicate_id": refused} if refused else {}
    return event(seq, "outcomes", outcomes=["paid"], new=new, changed=changed, refused=bad, **more)


def analyze(seq: int, *, early: bool = False, refused: tuple[str, ...] = ()) -> Event[Any]:
    return event(seq, "analyze", early=early, refused=list(refused))


@pytest.mark.parametrize(
    ("body", "unplaced"),
    [({"unplaced": 0}, 0), ({"unplaced": 3}, 3), ({}, 5)],  # an older rct did not tell whose they were
)
def test_refused_rows_of_nobody_known(body: dict[str, int], unplaced: int) -> None:
    analysis: Any = SimpleNamespace(checks=[SimpleNamespace(outcome="paid", refused=False)])
    found = refused_rows(State("bills", [load(1, refused=5, **body)]), analysis)
    assert [r.unplaced for r in found] == ([unplaced] if unplaced else [])


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([load(1, new=9), analyze(2)], ""),
        ([load(1, new=9), load(2, changed=1), analyze(3)], ""),
        ([load(1, new=9), analyze(2), load(3, changed=1)], "corrected"),
        ([load(1, new=9), analyze(2, early=True), load(3, changed=1)], "corrected"),
        ([load(1, new=9), analyze(2), load(3, new=1)], "added"),
        ([load(1, new=9), analyze(2, early=True), load(3, new=1)], ""),  # the early look is told as such
        ([load(1, new=9), analyze(2, refused=("paid",)), load(3, new=1)], ""),  # as the memo asked
        ([load(1, new=9), analyze(2), load(3)], ""),
    ],
)
def test_what_came_after_results(events: list[Event[Any]], said: str) -> None:
    assert after_results(State("bills", events), "paid") == said
    assert after_results(State("bills", events), "other") == ""

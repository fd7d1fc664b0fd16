"""How far the outcomes files reach, read off the log: several files together, and the same one again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from event_bodies import sample
from support import definition

from rct.analysis.coverage import too_early, uncovered
from rct.definition import Definition, load
from rct.registry.chain import Event
from rct.registry.events import parse
from rct.registry.state import State

START = date(2026, 1, 12)
OUTCOME = (
    '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\nrows = "event"\n'
    'date_column = "day"\nwindow_days = 30\n'
)


@pytest.fixture
def plan(tmp_path: Path) -> Definition:
    path = tmp_path / "bills" / "trial.toml"
    path.parent.mkdir()
    path.write_text(definition(start=START, outcomes=OUTCOME), encoding="utf-8")
    return load(path)


def loads(*told: tuple[int | None, bool, int]) -> State:
    """The log of loads: the last day in each file, whether it was busy to the end, the day of the load."""
    events = []
    for seq, (last, busy, loaded) in enumerate(told, start=1):
        day = None if last is None else (START + timedelta(days=last)).isoformat()
        until = {"last": day, "busy": busy, "loaded": (START + timedelta(days=loaded)).isoformat()}
        body = parse("outcomes", sample("outcomes", until={"paid": until}))
        events.append(Event("bills", seq, "", "", "", "Tess", "outcomes", body, ""))
    return State("bills", events)


def test_the_latest_day_of_all_files_counts(plan: Definition) -> None:
    assert uncovered(loads((7, True, 40), (29, True, 40)), plan) == []
    early = uncovered(loads((20, True, 40), (7, True, 40)), plan)
    assert [(e.last, e.loaded) for e in early] == [(START + timedelta(days=20), None)]


def test_the_latest_load_counts(plan: Definition) -> None:
    before = uncovered(loads((28, True, 29)), plan)
    assert [(e.last, e.loaded) for e in before] == [(None, START + timedelta(days=29))]
    assert uncovered(loads((28, True, 29), (28, True, 30)), plan) == []


def test_a_file_without_a_day_reaches_as_far_as_its_load(plan: Definition) -> None:
    assert uncovered(loads((None, False, 45)), plan) == []
    assert len(uncovered(loads((None, False, 10)), plan)) == 1


def test_a_log_from_before_this_was_kept_says_nothing(plan: Definition) -> None:
    older = {k: v for k, v in sample("outcomes").items() if k != "until"}
    old = Event("bills", 1, "", "", "", "Tess", "outcomes", parse("outcomes", older), "")
    assert uncovered(State("bills", [old]), plan) == []


@pytest.mark.parametrize(
    ("last", "busy", "early"),
    [(27, True, False), (26, True, True), (26, False, False), (20, False, False), (19, False, True)],
)
def test_a_tenth_is_quiet_and_a_third_never_is(last: int, busy: bool, early: bool) -> None:
    end = START + timedelta(days=30)
    assert too_early(START, end, START + timedelta(days=last), busy=busy) is early

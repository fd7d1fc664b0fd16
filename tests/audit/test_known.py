"""What was known of the data is stamped at the lock: from the day, or from people's word once the trial has started."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Road, definition

from rct.audit import known
from rct.cli.lock import KNOWN
from rct.errors import RctError

TODAY = date(2026, 5, 4)


def test_the_command_offers_the_levels() -> None:
    assert tuple(known.LEVELS) == KNOWN


def test_before_the_start_there_are_no_data() -> None:
    assert known.level(None, TODAY + timedelta(days=1), TODAY) == "before-data"
    assert known.level("before-observation", TODAY + timedelta(days=1), TODAY) == "before-observation"


def test_from_the_start_on_people_must_say() -> None:
    assert known.level(None, TODAY, TODAY) == known.NOT_STATED
    assert known.level("before-access", TODAY, TODAY) == "before-access"
    with pytest.raises(RctError) as refused:
        known.level("before-data", TODAY, TODAY)
    assert refused.value.problems[0].code == "data_may_exist"


@pytest.fixture
def road(tmp_path: Path) -> Road:
    made = Road(tmp_path)
    made.define(definition())
    return made


def test_lock_stamps_it_into_log_and_plan(road: Road) -> None:
    road.ok("lock", "bills", "--yes", "--known", "before-access")
    lock = next(e for e in road.ok("log", "bills")["events"] if e["kind"] == "lock")
    assert lock["body"]["known"] == "before-access"
    assert "Registration prior to accessing the data" in (road.out / "plan.md").read_text()


def test_a_late_lock_without_a_word_says_so(road: Road) -> None:
    road.ok("lock", "bills", "--yes")
    assert "not stated: the plan was locked on or after the start" in (road.out / "plan.md").read_text()


def test_a_minor_change_needs_no_reason_and_a_major_one_does(road: Road) -> None:
    road.ok("lock", "bills", "--yes")
    text = road.toml.read_text()
    road.toml.write_text(text.replace("[trial]\n", '[trial]\ndepartment = "water"\n', 1))
    assert road.ok("amend", "bills", "--yes")["fresh"]
    event = road.ok("log", "bills")["events"][-2]
    assert event["kind"] == "amend"
    assert event["body"]["reason"] == "a minor change, for which none was needed"
    road.toml.write_text(road.toml.read_text().replace("\n[decision]", "alpha = 0.1\n\n[decision]"))
    before = road.tree()
    problems = road.no("amend", "bills", "--yes")
    assert [(p["code"], p["field"]) for p in problems] == [("reason_needed", "analysis.alpha")]
    assert road.tree() == before


def test_taking_the_mark_of_practice_away_is_never_minor(road: Road) -> None:
    from rct.definition.plan import PlanChange
    from rct.definition.weight import is_minor

    assert is_minor(PlanChange("trial.keywords", '["water"]', '["bills"]'))
    assert not is_minor(PlanChange("trial.keywords", '["practice"]', '["bills"]'))
    assert not is_minor(PlanChange("outcomes.paid.window_days", "30", "60"))
    assert not is_minor(PlanChange("letter water/current.md", "a", "b"))


@pytest.mark.parametrize(
    ("recorded", "started", "loaded", "analyzed", "now"),
    [
        ("before-data", False, False, False, "before-data"),
        ("before-data", True, False, False, known.NOT_STATED),  # only people know what was collected by then
        ("before-data", True, True, False, "before-analysis"),
        ("before-access", True, False, False, "before-access"),
        ("before-access", True, True, False, "before-analysis"),
        ("after-analysis", True, True, False, "after-analysis"),
        (known.NOT_STATED, True, True, False, known.NOT_STATED),
        (known.NOT_STATED, True, True, True, "after-analysis"),
        ("before-data", False, True, True, "after-analysis"),
    ],
)
def test_on_a_later_day_what_has_happened_since_counts(
    recorded: str, started: bool, loaded: bool, analyzed: bool, now: str
) -> None:
    start = TODAY if started else TODAY + timedelta(days=1)
    assert known.since(recorded, start, TODAY, loaded=loaded, analyzed=analyzed) == now

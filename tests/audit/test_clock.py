"""A clock put forward or back is named: a deviation, in the memo, by verify, by status."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support import Road, road_at

from rct.audit.clock import wrong_clocks
from rct.registry import chain
from rct.registry.events import UnreadBody

WAIT = 60  # days until results are due


class Clock:
    """The machine's clock, so many days ahead: what events are dated by, and the day on which things are due."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self._monkeypatch = monkeypatch

    def ahead(self, delta: timedelta) -> None:
        class Later(date):
            @classmethod
            def today(cls) -> date:
                return (datetime.now() + delta).date()

        self._monkeypatch.setattr(chain, "date", Later)
        self._monkeypatch.setattr(chain, "now", lambda: (datetime.now(UTC) + delta).strftime(chain.TIME))

    def right(self) -> None:
        self._monkeypatch.undo()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(road: Road) -> list[str]:
    """The sentence wherever it should stand: status, verify; they agree."""
    notices = [n for n in road.ok("status", "bills")["trials"][0]["notices"] if "clock" in n]
    verified = road.ok("verify", "bills")
    assert verified["ok"]
    # a lock and an analysis enter the workspace's own log too, under the same clock
    of_trial = [n for n in verified["notes"] if not n.startswith("The log of the workspace: ")]
    assert of_trial == [f"bills: {n}" for n in notices]
    return notices


def test_results_opened_by_a_clock_put_forward_are_told_everywhere(tmp_path: Path, clock: Clock) -> None:
    road = road_at("outcomes", tmp_path, wait=WAIT)
    assert road.no("analyze", "bills")[0]["code"] == "not_due"
    clock.ahead(timedelta(days=WAIT + 1))
    day = (datetime.now(UTC) + timedelta(days=WAIT + 1)).date()
    codes = {d["code"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "clock_wrong" not in codes | set(told(road))  # by this clock nothing is wrong yet
    clock.right()
    (said,) = told(road)
    number = road.ok("log", "bills")["events"][-1]["seq"]
    assert said.startswith(f"A clock was wrong: event {number} (analyze) is dated {day}")
    assert said.endswith("later than what came after it. Results may have been seen before their date.")
    road.ok("report", "bills", "--lang", "es")
    memo = (road.out / "memo.md").read_text()
    assert said in memo
    assert "Caution: a clock was wrong." in memo
    assert "Cuidado: un reloj iba mal." in (road.out / "memo.es.md").read_text()
    assert "clock_wrong" in (road.out / "appendix.json").read_text()
    # Now a later event shows it too: the words stay, and nothing is printed anew.
    assert told(road) == [said]
    before = road.tree()
    assert road.ok("report", "bills", "--lang", "es")["fresh"] is False
    assert road.tree() == before
    assert "seconds behind the event before" in " ".join(road.rct("log", "bills").out.split())
    assert said in " ".join(road.rct("verify").out.split())


def test_an_event_of_later_opens_results_for_the_next_and_that_is_told(tmp_path: Path, clock: Clock) -> None:
    """Nothing is due before the last event's date: one command under a false clock opens the results for good."""
    road = road_at("drawn", tmp_path, wait=WAIT)
    clock.ahead(timedelta(days=WAIT + 1))
    road.ok("outcomes", "bills", tmp_path / "payments.csv")
    clock.right()
    assert not told(road)[0].endswith("before their date.")  # nothing was analyzed yet
    deviations = road.ok("analyze", "bills")["deviations"]
    (said,) = told(road)
    assert "(outcomes)" in said
    assert said.endswith("Results may have been seen before their date.")
    assert [d["text"] for d in deviations if d["code"] == "clock_wrong"] == [said]


def test_a_clock_put_back_is_told_and_two_machines_minutes_apart_are_not(
    tmp_path: Path, clock: Clock
) -> None:
    road = road_at("drawn", tmp_path)
    clock.ahead(timedelta(minutes=-5))
    road.ok("outcomes", "bills", tmp_path / "payments.csv")
    clock.right()
    assert told(road) == []
    clock.ahead(timedelta(days=-400))
    road.ok("analyze", "bills")
    clock.right()
    (said,) = told(road)
    assert "(outcomes)" in said


def test_the_workspaces_own_log_is_looked_at_too(tmp_path: Path, clock: Clock) -> None:
    road = road_at("locked", tmp_path)
    clock.ahead(timedelta(days=9))
    road.ok("key")
    clock.right()
    (note,) = road.ok("verify")["notes"]
    assert note.startswith("The log of the workspace: A clock was wrong: event")


def test_each_step_back_is_one_and_a_clock_that_only_goes_on_is_none() -> None:
    def at(seq: int, time: str) -> chain.Event:
        return chain.Event("t", seq, "", "", time, "T", "x", UnreadBody(), "")

    days = ["2026-01-01", "2026-05-01", "2026-01-02", "2026-01-03", "2026-09-01"]
    events = [at(i, f"{day}T00:00:00Z") for i, day in enumerate(days, start=1)]
    assert [w.event.seq for w in wrong_clocks(events, "2026-01-04T00:00:00Z")] == [2, 5]
    assert [w.event.seq for w in wrong_clocks(events, "2026-09-02T00:00:00Z")] == [2]
    assert wrong_clocks([], "2026-01-04T00:00:00Z") == []

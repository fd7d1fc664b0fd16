"""rct followup: asked for 6 and 12 months after a decision, kept in the log, counted by status."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from event_bodies import sample
from support import Road, road_at

from rct.audit.following import Adoption, adoption, adoption_sentence, look_again, months_later
from rct.registry import chain
from rct.registry.state import State

TO = ("--to", "all districts", "--arm", "social")


class Clock:
    """The machine's clock, set forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.monkeypatch = monkeypatch

    def forward(self, days: int) -> None:
        class Later(date):
            @classmethod
            def today(cls) -> date:
                return date.today() + timedelta(days=days)

        self.monkeypatch.setattr(chain, "date", Later)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """A trial with a decision of today."""
    made = road_at("reported", tmp_path)
    made.ok("decide", "bills", "adopt", "--note", "All districts from May on")
    return made


def notices(road: Road) -> str:
    return " ".join(road.ok("status")["trials"][0]["notices"])


def test_it_is_refused_without_a_decision_and_before_six_months(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    told = ("followup", "bills", "--adopted", "no", "--note", "Nobody had time")
    assert road.no(*told)[0]["code"] == "not_decided"
    road.ok("decide", "bills", "adopt", "--note", "All districts")
    refused = road.no(*told)[0]
    assert refused["code"] == "followup_early"
    assert months_later(date.today(), 6).isoformat() in refused["fix"]


def test_status_asks_until_it_is_told_and_again_after_a_year(road: Road, clock: Clock) -> None:
    assert "what became of it" not in notices(road)
    clock.forward(190)
    assert "the 6 months were over" in notices(road)
    assert road.ok("status")["adoption"] == asdict(decided=1, due=1)
    told = road.ok(
        "followup",
        "bills",
        "--adopted",
        "partly",
        *TO,
        "--cost",
        "1,250.50",
        "--kept",
        "--note",
        "By print run",
    )
    assert (told["months"], told["cost"], told["arms"], told["kept"]) == (6, "1250.50", ["social"], True)
    assert "what became of it" not in notices(road)
    assert road.ok("status")["adoption"] == asdict(decided=1, due=1, partly=1)
    clock.forward(370)
    assert "the 12 months were over" in notices(road)
    road.ok("followup", "bills", "--adopted", "yes", *TO, "--dropped", "--note", "New vendor, old letter")
    assert road.ok("status")["adoption"] == asdict(decided=1, due=1, yes=1, dropped=1)
    assert [e["kind"] for e in road.ok("log", "bills")["events"]].count("followup") == 2
    assert road.ok("verify", "bills")["ok"]


def test_the_same_again_writes_nothing(road: Road, clock: Clock) -> None:
    clock.forward(190)
    told = ("followup", "bills", "--adopted", "no", "--note", "Nobody had time")
    assert road.ok(*told)["fresh"]
    before = road.events()
    assert not road.ok(*told)["fresh"]
    assert road.events() == before


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--adopted", "yes", "--kept", "--note", "Done"), "followup_to"),
        (("--adopted", "yes", *TO, "--note", "Done"), "followup_kept"),
        (("--adopted", "yes", *TO, "--kept", "--cost", "cheap", "--note", "Done"), "followup_cost"),
        (("--adopted", "yes", *TO, "--kept", "--cost", "-5", "--note", "Done"), "followup_cost"),
        (("--adopted", "yes", "--to", "all", "--arm", "none", "--kept", "--note", "Done"), "followup_arm"),
        (("--adopted", "no", "--to", "all", "--note", "Done"), "usage"),
        (("--adopted", "no", "--kept", "--note", "Done"), "usage"),
        (("--adopted", "no", "--note", " "), "bad_reason"),
        (("--adopted", "maybe", "--note", "Done"), "usage"),
    ],
)
def test_what_does_not_fit_is_refused(road: Road, clock: Clock, options: tuple[str, ...], code: str) -> None:
    clock.forward(190)
    before = road.events()
    assert road.no("followup", "bills", *options)[0]["code"] == code
    assert road.events() == before


def test_another_decision_starts_the_months_anew(road: Road, clock: Clock) -> None:
    clock.forward(190)
    road.ok("followup", "bills", "--adopted", "no", "--note", "Nobody had time")
    road.ok("decide", "bills", "drop", "--note", "It is not to be")
    assert road.ok("status")["adoption"] == asdict(decided=1, due=1)


def asdict(
    decided: int, due: int, yes: int = 0, partly: int = 0, no: int = 0, dropped: int = 0
) -> dict[str, int]:
    return {"decided": decided, "due": due, "yes": yes, "partly": partly, "no": no, "dropped": dropped}


def decided(time: str, *verdicts: str, first: dict[str, object] | None = None) -> State:
    last = chain.seal("bills", None, "Lee", "new", sample("new", **first or {}))
    events = [last]
    for verdict in verdicts:
        last = chain.seal("bills", last, "Lee", "decide", sample("decide", verdict=verdict))
        events.append(last)
    object.__setattr__(events[-1], "time", time)
    return State("bills", events)


def test_it_is_asked_after_six_and_after_twelve_months() -> None:
    found = decided("2026-08-31T10:00:00Z", "adopt")
    assert look_again(found, date(2027, 2, 27)) is None
    half = look_again(found, date(2027, 2, 28))
    assert half is not None
    assert "6 months were over on 2027-02-28" in half
    whole = look_again(found, date(2027, 8, 31))
    assert whole is not None
    assert "12 months were over on 2027-08-31" in whole
    assert look_again(State("bills", []), date(2030, 1, 1)) is None


def test_months_end_where_the_month_ends() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 15), 12) == date(2027, 12, 15)


def test_only_real_trials_are_counted() -> None:
    real = decided("2026-01-05T10:00:00Z", "adopt")
    today = date(2026, 12, 1)
    assert adoption([real], today) == Adoption(1, 1, 0, 0, 0, 0)
    for mark in ("practice", "simulated"):
        assert adoption([decided("2026-01-05T10:00:00Z", "adopt", first={mark: True})], today) is None
    assert adoption([State("bills", [])], today) is None


def test_the_sentence_says_what_was_counted_and_the_field_s_own_share() -> None:
    said = adoption_sentence(Adoption(5, 4, 1, 1, 1, 1))
    assert said.startswith(
        "Put to use: 2 of 3 trials asked about (1 only in part, 1 given up since); 1 due and"
    )
    assert "27% of 73 trials in 30 cities (DellaVigna, Kim and Linos 2024)" in said
    assert "after 1 decision: nothing is told yet" in adoption_sentence(Adoption(1, 0, 0, 0, 0, 0))

"""The calendar file: RFC 5545 as an outsider reads it, whatever the trial is called."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support import Road, road_at

from rct.definition.ics import calendar_file, escaped, folded


def read(data: bytes) -> list[dict[str, str]]:
    """Events by property name, unfolded and unescaped; written from the RFC alone."""
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode()  # no character is cut
    lines = data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    inside: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "BEGIN":
            inside.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert inside.pop() == value
        elif inside[-1] == "VEVENT":
            assert name not in events[-1]
            events[-1][name] = _text(value)
    assert not inside
    return events


def _text(value: str) -> str:
    out, rest = "", iter(value)
    for c in rest:
        out += {"n": "\n"}.get(d := next(rest), d) if c == "\\" else c
    return out


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("reported", tmp_path)


def test_every_day_of_status_is_in_the_file(road: Road) -> None:
    file = road.root / "bills.ics"
    told = road.ok("calendar", "bills", "--to", file)
    events = read(file.read_bytes())
    assert [e["DTSTART;VALUE=DATE"] for e in events] == [d["date"].replace("-", "") for d in told["dates"]]
    assert len(events) >= 3
    assert len({e["UID"] for e in events}) == len(events)
    first = file.read_bytes()
    road.ok("calendar", "bills", "--to", file)
    assert file.read_bytes() == first  # the same plan, the same file
    assert road.ok("verify", "bills")["ok"]


def test_a_decision_adds_the_days_on_which_it_is_asked_after(road: Road) -> None:
    file = road.root / "bills.ics"
    before = len(road.ok("calendar", "bills", "--to", file)["dates"])
    uids = {e["UID"] for e in read(file.read_bytes())}
    road.ok("decide", "bills", "drop", "--note", "Too dear for us")
    assert len(road.ok("calendar", "bills", "--to", file)["dates"]) == before + 2
    assert uids < {e["UID"] for e in read(file.read_bytes())}


def test_another_file_is_not_written_over_and_an_unknown_trial_is_refused(road: Road) -> None:
    other = road.file("list.csv", "a,b\n")
    assert road.no("calendar", "bills", "--to", other)[0]["code"] == "not_a_calendar"
    assert other.read_text() == "a,b\n"
    assert road.no("calendar", "nobody")[0]["code"] == "no_trial"


@pytest.mark.parametrize(
    "title",
    [
        "Bills; late, or \\n never",
        "END:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:forged",
        "x" * 500,
        "水" * 200,
        "é" * 74,
        "👪🏽" * 40,
        "\u202eright to left\x1b[2J\x00",
        "\u2028line\u0085separators",
        "",
    ],
)
def test_no_title_breaks_the_file(title: str) -> None:
    days = [(date(2026, 12, 14), title), (date(2026, 12, 14), title), (date(9999, 12, 30), "END:VCALENDAR")]
    stamp = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    events = read(calendar_file("bills", title, days, origin="o", edition=2, stamp=stamp))
    assert len(events) == 3
    assert events[0]["UID"] != events[1]["UID"]
    assert events[0]["DTSTAMP"] == "20260102T030405Z"
    assert events[0]["SUMMARY"].startswith("bills:")
    assert "forged" not in {k for e in events for k in e}


def test_escaping_and_folding() -> None:
    assert escaped("a\\b;c,d\ne") == "a\\\\b\\;c\\,d e"
    parts = list(folded("S:" + "é" * 100))
    assert [len(p.encode()) <= 75 for p in parts] == [True] * len(parts)
    assert "".join([parts[0], *(p[1:] for p in parts[1:])]) == "S:" + "é" * 100
    assert list(folded("x" * 75)) == ["x" * 75]

"""rct consort: every item of the checklist once; what is called reported stands where it says; the rest is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Road, road_at

ITEMS = (
    "1a 1b 2 3 4 5a 5b 6 7 8 9 10 11 12a 12b 13 14 15 16a 16b 17a 17b 18 19 20a 20b 21a 21b 21c 21d 22a 22b 23a 23b "
    "24a 24b 25 26 27 28 29 30"
).split()


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("reported", tmp_path)


def test_every_item_of_the_checklist_stands_there_once(road: Road) -> None:
    items = road.ok("consort", "bills")["items"]
    assert [i["number"] for i in items] == ITEMS


def test_each_place_that_it_names_is_a_heading_there(road: Road) -> None:
    items = road.ok("consort", "bills")["items"]
    pages = {
        "plan": (road.out / "plan.md").read_text(),
        "appendix": (road.out / "appendix.html").read_text(),
        "memo": (road.out / "memo.md").read_text(),
    }
    named = {place for item in items for place in item["places"]}
    assert len(named) > 12
    for place in named:
        document, _, heading = place.partition(", ")
        assert heading.strip("“”") in pages[document], place


def test_an_item_says_where_or_what_is_to_do(road: Road) -> None:
    for item in road.ok("consort", "bills")["items"]:
        if item["status"] == "reported":
            assert item["places"], item
            assert not item["missing"], item
        if item["status"] in ("to write", "partly"):
            assert item["missing"], item


def test_a_registration_in_the_log_is_named(road: Road) -> None:
    def second() -> dict[str, str]:
        return next(i for i in road.ok("consort", "bills")["items"] if i["number"] == "2")

    assert second()["status"] == "to write"
    road.ok("register", "bills", "--format", "aea", "--number", "AEARCTR-0001234")
    assert second()["status"] == "partly"
    assert "AEARCTR-0001234 (aea)" in second()["topic"]


def test_it_is_written_once_and_verified(road: Road) -> None:
    assert road.ok("consort", "bills")["fresh"]
    before = road.tree()
    assert not road.ok("consort", "bills")["fresh"]
    assert road.tree() == before
    assert road.ok("verify", "bills")["ok"]
    assert json.loads((road.out / "consort.json").read_bytes())["trial"] == "bills"


def test_it_is_refused_before_there_are_results(tmp_path: Path) -> None:
    assert road_at("outcomes", tmp_path).no("consort", "bills")[0]["code"] == "not_analyzed"

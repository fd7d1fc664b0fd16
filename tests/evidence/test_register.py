"""rct register: the plan under the registries' own field names; what is empty, assumed or too long is said."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Road, accounts, definition, road_at

from rct.cli.register import NAMES
from rct.evidence.registers import REGISTERS
from rct.evidence.registers.form import Form, FormField, to_json, to_markdown


def test_the_command_offers_every_form() -> None:
    assert tuple(REGISTERS) == NAMES


@pytest.fixture
def locked(tmp_path: Path) -> Road:
    made = Road(tmp_path)
    made.define(definition())
    made.ok("lock", "bills", "--yes", "--known", "before-access")
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_locked_plan_fills_the_form_and_the_log_knows_its_files(name: str, locked: Road) -> None:
    said = locked.ok("register", "bills", "--format", name)
    written = json.loads((locked.out / f"register-{name}.json").read_bytes())
    assert written["fields"] == said["fields"]
    keys = list(written["fields"])
    assert len(keys) == len(set(keys)) >= 11
    assert set(written["empty"]) == {k for k, v in written["fields"].items() if v is None}
    assert written["empty"]
    assert set(written["required_and_empty"]) <= set(written["empty"])
    assert not set(written["assumed"]) & set(written["empty"])
    assert written["draft"] is False
    assert "A letter" in json.dumps(written["fields"])
    page = (locked.out / f"register-{name}.md").read_text()
    for key in written["empty"]:
        assert re.sub(r"([_])", r"\\\1", key) in page.split("## Fields")[0]
    assert locked.ok("verify", "bills")["ok"]
    (locked.out / f"register-{name}.md").write_text("other")
    assert locked.rct("verify", "bills", "--json").code == 1


def test_the_same_again_writes_nothing(locked: Road) -> None:
    assert locked.ok("register", "bills", "--format", "osf")["fresh"]
    before = locked.tree()
    assert not locked.ok("register", "bills", "--format", "osf")["fresh"]
    assert locked.tree() == before


def test_what_was_known_at_the_lock_is_each_registrys_answer(locked: Road) -> None:
    fields = {name: locked.ok("register", "bills", "--format", name)["fields"] for name in NAMES}
    assert fields["osf"]["q8"] == "Registration prior to accessing the data"
    assert fields["egap"]["q8"] == "Registration prior to researcher access to outcome data"
    assert fields["aspredicted"]["data"].startswith("It's complicated.")


def test_of_the_day_of_registration_no_form_says_that_there_are_no_data_once_there_are(
    tmp_path: Path,
) -> None:
    road = Road(tmp_path)
    road.define(definition(start=date.today() + timedelta(days=3)))
    said = {}

    def ask(when: str) -> None:
        fields = {name: road.ok("register", "bills", "--format", name)["fields"] for name in NAMES}
        said[when] = (fields["aspredicted"]["data"], fields["osf"]["q8"], fields["egap"]["q8"])

    road.ok("lock", "bills")
    ask("locked")
    road.ok("frame", "bills", road.file("list.csv", accounts(40)))
    road.ok("draw", "bills")
    ask("drawn")
    road.ok("outcomes", "bills", road.file("paid.csv", "account,paid\n00001,1\n00002,1\n00003,0\n"))
    ask("loaded")
    road.ok("analyze", "bills", "--early", "--reason", "a look")
    ask("analyzed")
    none_yet = "No, no data have been collected for this study yet.", "Registration prior to creation of data"
    assert said["locked"] == (*none_yet, "Registration prior to assignment of treatment")
    assert said["drawn"] == (*none_yet, "Registration prior to realization of outcomes")
    assert said["loaded"][0].startswith("It's complicated.")
    assert said["loaded"][1] == "Registration prior to analysis of the data"
    assert said["analyzed"][0].startswith("It's complicated.")
    assert said["analyzed"][1] == "Registration following analysis of the data"
    other = road.ok("register", "bills", "--format", "aspredicted")["fields"]["other"]
    assert "When the plan was locked, the data did not exist yet." in other


def test_units_by_arm_are_those_drawn(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    drawn = road.sql("select arm, count(*) from assignment_bills group by arm")
    said = " ".join(road.ok("register", "bills", "--format", "aea")["fields"]["sample_size"])
    for _, n in drawn:
        assert f"{n:,} units" in said
    total = sum(n for _, n in drawn)
    assert road.ok("register", "bills", "--format", "ctgov")["fields"]["designModule.enrollmentInfo"] == {
        "count": total,
        "type": "ACTUAL",
    }


def test_before_the_lock_there_is_only_a_draft_elsewhere(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    before = road.tree()
    assert road.no("register", "bills", "--format", "aea")[0]["code"] == "not_locked"
    road.ok("register", "bills", "--format", "aea", "--to", tmp_path / "draft")
    assert "DRAFT: the plan is not locked yet." in (tmp_path / "draft" / "register-aea.md").read_text()
    assert road.tree() == before


def test_a_number_goes_into_the_log_once(locked: Road) -> None:
    for _ in range(2):
        locked.ok("register", "bills", "--format", "aea", "--number", "AEARCTR-0001234")
    events = [e for e in locked.ok("log", "bills")["events"] if e["kind"] == "registered"]
    assert [(e["body"]["register"], e["body"]["number"]) for e in events] == [("aea", "AEARCTR-0001234")]
    assert locked.no("register", "bills", "--format", "aea", "--number", "a\x07b")[0]["code"] == "bad_number"


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    road = Road(tmp_path)
    text = definition().replace("Bills are paid late.", "<script>alert(1)</script> [x](http://e.vil) # head")
    road.define(text)
    road.ok("lock", "bills", "--yes")
    road.ok("register", "bills", "--format", "ctgov")
    page = (road.out / "register-ctgov.md").read_text()
    assert "<script>" not in page
    assert "[x]" not in page


def test_a_value_over_the_registrys_limit_is_named() -> None:
    form = Form(
        "x",
        "X",
        "source",
        (FormField("a", "Title", "long words", True, limit=4), FormField("b", "B", "ok", limit=4)),
    )
    assert json.loads(to_json(form, {}))["too_long"] == {"a": 6}
    assert "6 characters over 4" in to_markdown(form, "X", ()).decode()


def test_the_frame_gives_the_number_of_units(locked: Road) -> None:
    assert locked.ok("register", "bills", "--format", "osf")["fields"]["q11"] is None
    locked.ok("frame", "bills", locked.file("list.csv", accounts(37)))
    assert locked.ok("register", "bills", "--format", "osf")["fields"]["q11"].startswith(
        "37 units, on the loaded list"
    )

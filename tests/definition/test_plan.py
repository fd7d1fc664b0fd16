"""plan.json: exact bytes, the same for the same plan, and a definition again."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rct.definition import Definition, difference, from_plan, plan_hash, plan_json
from rct.definition.plan import frame_design_hash
from rct.errors import RctError

Read = Callable[[str], Definition]


@pytest.fixture
def letters(templates: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(templates, tmp_path / "templates"))


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_bytes_are_canonical_json_of_the_four_parts(read: Read, right: str, letters: Path) -> None:
    plan = plan_json(read(right), letters)
    content = json.loads(plan)
    assert json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == plan
    assert list(content) == ["definition", "name", "rct_plan", "templates"]
    assert (content["rct_plan"], content["name"]) == (1, "water")
    assert content["templates"] == {
        "water/current.md": sha(b"Dear {{ name }},\n"),
        "water/social.md": sha(b"Hello {{ name }},\n"),
    }
    assert plan_hash(plan) == sha(plan)


def test_the_definition_stands_in_it_with_its_defaults_and_decimals_as_text(
    read: Read, right: str, letters: Path
) -> None:
    keys = json.loads(plan_json(read(right), letters))["definition"]
    assert keys["analysis"] == {
        "alpha": "0.05",
        "date": "2026-03-02",
        "estimator": "lin",
        "multiplicity": "holm",
        "standard_errors": "CR2",
        "subgroups": ["language"],
    }
    assert keys["arms"]["social"] == {
        "control": False,
        "label": "'9 in 10 neighbors pay on time'",
        "share": 2,
        "template": "water/social.md",
        "unit_cost": "0.64",
    }
    assert keys["outcomes"]["paid_30"]["aggregate"] == "any"
    assert keys["decision"] == {"worthwhile": "0.01"}
    assert "end" not in keys["trial"]
    assert keys["order"] == {"arms": ["current", "social"], "outcomes": ["paid_30"]}


def test_the_hash_of_a_plan_never_moves(read: Read, right: str, letters: Path) -> None:
    """Written down once: other cities' plans must go on having their hash."""
    assert plan_hash(plan_json(read(right), letters)) == (
        "b40ca3216486278b6a0387e5508f1a0bd9cffc50561cc968881afd43ef6a3dbe"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("benefit = 40.0", "benefit = 40"),
        ("benefit = 40.0", "benefit = 4e1"),
        ("share = 2", "share = 0x2   # twice"),
        ('owner = "Dana"', 'owner = "  Dana "'),
        ("[trial]\n", "# a comment\n[trial]\n\n\n"),
        ("\n", "\r\n"),
        ('label = "Today\'s letter"', "label = '''Today's letter'''"),
        ("[decision]\nworthwhile = 0.01", "decision.worthwhile = 0.010"),
        ("date = 2026-03-02", 'date = 2026-03-02\nestimator = "lin"\nalpha = 0.05'),
    ],
)
def test_what_says_the_same_has_the_same_hash(
    read: Read, right: str, letters: Path, old: str, new: str
) -> None:
    text = right.replace("[decision]\nworthwhile = 0.01\n", "") if new.startswith("decision") else right
    text = f"{new}\n{text}" if new.startswith("decision") else text.replace(old, new)
    assert plan_json(read(text), letters) == plan_json(read(right), letters)


def test_the_order_of_the_arms_is_part_of_the_plan(read: Read, right: str, letters: Path) -> None:
    social = right[right.index("[arms.social]") : right.index("[frame]")]
    turned = plan_json(
        read(right.replace(social, "").replace("[arms.current]", social + "[arms.current]")), letters
    )
    plan = plan_json(read(right), letters)
    assert turned != plan
    assert [str(c) for c in difference(plan, turned)] == ["order of arms: current, social → social, current"]
    assert list(from_plan(turned).arms) == ["social", "current"]


def test_line_ends_of_a_letter_do_not_matter_and_its_words_do(read: Read, right: str, letters: Path) -> None:
    plan = plan_json(read(right), letters)
    letter = letters / "water" / "social.md"
    letter.write_bytes(b"Hello {{ name }},\r\n")
    assert plan_json(read(right), letters) == plan
    letter.write_bytes(b"Hallo {{ name }},\n")
    changed = plan_json(read(right), letters)
    assert [str(c) for c in difference(plan, changed)] == ["letter water/social.md changed"]


def test_every_picture_of_a_letter_is_listed_by_its_raw_bytes(read: Read, right: str, letters: Path) -> None:
    plan = plan_json(read(right), letters)
    (letters / "water" / "logo.png").write_bytes(b"\x89PNG\r\n")
    (letters / "seal 1.svg").write_bytes(b"<svg/>")
    (letters / "water" / "social.md").write_text(
        "![The *logo*](water/logo.png) and [![seal][s]](http://x.y)\n\n[s]: <seal 1.svg>\n\n    ![code](none.png)\n"
    )
    with_pictures = plan_json(read(right), letters)
    found = json.loads(with_pictures)["templates"]
    assert found["water/logo.png"] == sha(b"\x89PNG\r\n")
    assert found["seal 1.svg"] == sha(b"<svg/>")
    assert len(found) == 4
    assert [str(c) for c in difference(plan, with_pictures)] == [
        "picture seal 1.svg added",
        "picture water/logo.png added",
        "letter water/social.md changed",
    ]


def test_a_letter_that_has_gone_is_named(read: Read, right: str, letters: Path) -> None:
    (letters / "water" / "social.md").unlink()
    with pytest.raises(RctError) as raised:
        plan_json(read(right), letters)
    assert [(p.code, p.found) for p in raised.value.problems] == [("template_missing", "water/social.md")]


def test_a_plan_is_a_definition_again(read: Read, right: str, letters: Path) -> None:
    more = right.replace("start = 2026-01-12", 'start = 2026-01-12\nend = 2026-05-01\nkeywords = ["a", "b"]')
    more = more.replace("worthwhile = 0.01", "worthwhile = 0.01\n[power.outcomes.paid_30]\nbaseline = 0.3")
    for text in (right, more):
        plan = plan_json(read(text), letters)
        again = from_plan(plan)
        assert again == read(text)
        assert again.path is None
        assert plan_json(again, letters) == plan


def test_changes_are_named_key_by_key(read: Read, right: str, letters: Path) -> None:
    plan = plan_json(read(right), letters)
    new = (
        right.replace("share = 2", "share = 1")
        .replace("unit_cost = 0.64\n", "")
        .replace("window_days = 30", "window_days = 20")
    )
    new = new.replace('["language"]\ndate', '["district"]\ndate').replace(
        "start = 2026-01-12", "start = 2026-01-13\nend = 2026-06-01"
    )
    assert [str(c) for c in difference(plan, plan_json(read(new), letters))] == [
        "trial.start: 2026-01-12 → 2026-01-13",
        "trial.end: absent → 2026-06-01",
        "arms.social.share: 2 → 1",
        "arms.social.unit_cost: 0.64 → absent",
        "outcomes.paid_30.window_days: 30 → 20",
        'analysis.subgroups: ["language"] → ["district"]',
    ]


def test_an_added_arm_is_named_and_the_order_is_not(read: Read, right: str, letters: Path) -> None:
    added = right.replace("[frame]", '[arms.third]\nlabel = "Third"\n\n[frame]')
    changes = [str(c) for c in difference(plan_json(read(right), letters), plan_json(read(added), letters))]
    assert changes == [
        'arms.third.label: absent → "Third"',
        "arms.third.control: absent → false",
        "arms.third.share: absent → 1",
    ]


def test_the_same_plan_has_no_changes(read: Read, right: str, letters: Path) -> None:
    plan = plan_json(read(right), letters)
    assert difference(plan, plan) == []


DAMAGE: list[Callable[[dict[str, Any]], Any]] = [
    lambda plan: plan.pop("name"),
    lambda plan: plan.update(rct_plan="1"),
    lambda plan: plan.update(more=1),
    lambda plan: plan["definition"].pop("order"),
    lambda plan: plan["definition"]["order"].update(arms=["current"]),
    lambda plan: plan["definition"]["order"].update(arms=["current", "nobody"]),
    lambda plan: plan["definition"]["order"].update(arms=3),
    lambda plan: plan["definition"].update(decision=[]),
    lambda plan: plan["definition"]["decision"].update(worthwhile="much"),
    lambda plan: plan["definition"]["decision"].update(least="1"),
    lambda plan: plan["definition"]["trial"].update(start="2026-02-30"),
    lambda plan: plan["definition"].pop("arms"),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_plan_is_refused_in_a_plain_sentence(
    read: Read, right: str, letters: Path, damage: Callable[[dict[str, Any]], Any]
) -> None:
    plan = json.loads(plan_json(read(right), letters))
    damage(plan)
    data = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(RctError) as raised:
        from_plan(data)
    assert raised.value.problems[0].code == "plan_damaged"
    assert raised.value.problems[0].file == "plan.json"


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[1]", b"{" * 100_000, b'{"a":1.5}', b"null"])
def test_what_is_no_plan_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(RctError) as raised:
        from_plan(data)
    assert raised.value.problems[0].code == "plan_damaged"


def test_a_plan_of_another_version_says_so(read: Read, right: str, letters: Path) -> None:
    data = plan_json(read(right), letters).replace(b'"rct_plan":1', b'"rct_plan":2')
    with pytest.raises(RctError) as raised:
        from_plan(data)
    assert raised.value.problems[0].code == "plan_version"


def test_a_plan_that_breaks_a_rule_names_the_key_and_no_line(read: Read, right: str, letters: Path) -> None:
    data = plan_json(read(right), letters).replace(b'"alpha":"0.05"', b'"alpha":"5"')
    with pytest.raises(RctError) as raised:
        from_plan(data, "trials/water/out/plan.json")
    (found,) = raised.value.problems
    assert (found.code, found.field, found.line, found.file) == (
        *("out_of_range", "analysis.alpha", None, "trials/water/out/plan.json"),
    )


def test_what_a_frame_hangs_on_is_frame_and_design_alone(read: Read, right: str) -> None:
    before = frame_design_hash(read(right))
    assert frame_design_hash(read(right.replace("alpha", "alpha").replace("0.01", "0.02"))) == before
    assert frame_design_hash(read(right.replace("balance >= 25", "balance >= 26"))) != before
    assert frame_design_hash(read(right.replace('["district"]', '["district", "ward"]'))) != before

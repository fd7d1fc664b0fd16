"""Nothing that nobody of the office has written or confirmed gets past the lock: placeholders, an example's promises, a
letter that can't be delivered or come back."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from support import LETTERHEAD, Road, definition, run

from rct.cli.common import show_problems
from rct.definition.interview import defaults, unwritten
from rct.errors import Problem

TODAY = date(2026, 1, 1)


def codes(problems: list[dict[str, object]]) -> set[object]:
    return {problem["code"] for problem in problems}


def bare(tmp_path: Path) -> Road:
    """A workspace as `init` leaves it: no letterhead."""
    road = Road(tmp_path)
    (road.folder / "templates" / "letterhead.toml").unlink()
    return road


def test_a_trial_of_defaults_is_marked_and_not_locked(tmp_path: Path) -> None:
    road = bare(tmp_path)
    assert road.ok("new", "real", "--yes")["marks"] == 11
    before = road.tree()
    left = road.no("check", "real", code=1)
    fields = [p["field"] for p in left if p["file"] == "trials/real/trial.toml"]
    about = ["title", "problem", "hypothesis", "owner", "analyst", "ethics"]
    assert fields == [*(f"trial.{key}" for key in about), "outcomes.responded_30.label"]
    assert codes(left) == {"rewrite"}
    assert len(left) == 11
    assert road.no("lock", "real") == left
    assert road.tree() == before
    road.confirm()
    assert road.ok("lock", "real")["fresh"] is True
    assert "{{ street }}" in (road.folder / "templates" / "real" / "new.md").read_text("utf-8")


@pytest.mark.parametrize("source", ["water-bills", "court-reminders", "benefit-renewal", "legislators-email"])
def test_an_examples_promises_are_nobodys_until_they_are_confirmed(tmp_path: Path, source: str) -> None:
    road = bare(tmp_path)
    marks = road.ok("new", "ours", "--from", source)["marks"]
    text = (road.folder / "trials" / "ours" / "trial.toml").read_text("utf-8")
    assert re.search(r'owner = "REWRITE: ', text)
    assert re.search(r'ethics = """\nREWRITE: ', text)
    assert not re.search(r"(?m)^(unit_cost|benefit) =", text), (
        "another city's money makes no sentence of ours"
    )
    left = road.no("lock", "ours")
    assert len(left) == marks
    assert {"trial.problem", "trial.hypothesis", "trial.owner", "trial.ethics"} <= {p["field"] for p in left}
    letters = sorted(p.name for p in (road.folder / "templates").glob("ours/*.md"))
    assert sorted(Path(p["file"]).name for p in left if str(p["file"]).endswith(".md")) == letters


def test_a_trial_that_says_on_every_page_that_it_is_not_real_needs_nothing_confirmed(tmp_path: Path) -> None:
    road = bare(tmp_path)
    for word in ("--practice", "--simulated"):
        name = word.strip("-")
        assert road.ok("new", name, "--yes", word)["marks"] == 0
        assert road.ok("new", f"{name}-bills", "--from", "water-bills", word)["marks"] == 0
        for made in (name, f"{name}-bills"):
            assert road.ok("lock", made)["fresh"] is True
    assert not (road.folder / "templates" / "letterhead.toml").exists()


def test_what_a_person_was_asked_and_took_is_their_answer_but_nothing_is_no_answer() -> None:
    answers = defaults(TODAY, "Ann Lee")
    assert unwritten(answers, answers, TODAY, "Ann Lee") == {"problem", "ethics"}
    assert unwritten(answers, (), TODAY, "Ann Lee") >= {"title", "owner", "hypothesis", "outcome"}
    typed = {**answers, "problem": "Bills are late.", "ethics": "The city attorney."}
    assert unwritten(typed, typed, TODAY, "Ann Lee") == frozenset()
    nobody = defaults(TODAY)
    assert {"owner", "analyst"} <= unwritten(nobody, nobody, TODAY)


@pytest.fixture
def lettered(tmp_path: Path) -> Road:
    road = Road(tmp_path)
    arms = '[arms.a]\nlabel = "Today\'s"\ncontrol = true\ntemplate = "a.md"\n\n[arms.b]\nlabel = "New"\ntemplate = "b.md"\n'
    road.define(definition(arms=arms, frame='id = "account"\ncontact = ["name", "street"]'))
    (road.folder / "templates" / "a.md").write_text("{{ name }}\n{{ street }}\n\nDear {{ name }}, pay.\n")
    (road.folder / "templates" / "b.md").write_text("Dear {{ name }},\n\nplease pay.\n")
    return road


def test_a_letter_without_an_address_is_not_locked(lettered: Road) -> None:
    (problem,) = lettered.no("lock", "bills")
    assert (problem["code"], problem["file"], problem["line"]) == ("no_address", "templates/b.md", 1)
    assert lettered.no("check", "bills", code=1) == [problem]
    assert "{{ name }}, {{ street }}" in problem["fix"]
    lines = problem["fix"].split(": ", 1)[1].replace(", ", "\n")  # the advice, followed
    (lettered.folder / "templates" / "b.md").write_text(f"{lines}\n\nDear {{{{ name }}}},\n\nplease pay.\n")
    assert lettered.ok("lock", "bills")["fresh"]


def test_a_letter_without_a_return_address_is_not_locked_and_the_advice_works(lettered: Road) -> None:
    (lettered.folder / "templates" / "b.md").write_text("{{ name }}\n{{ street }}\n\nplease pay.\n")
    head = lettered.folder / "templates" / "letterhead.toml"
    for text in (None, 'department = "Water"\n'):
        head.unlink() if text is None else head.write_text(text)
        (problem,) = lettered.no("lock", "bills")
        assert (problem["code"], problem["file"], problem["field"]) == (
            "no_return_address", "templates/letterhead.toml", "address",
        )  # fmt: skip
    head.write_text(problem["fix"].split("for example: ", 1)[1])
    assert lettered.ok("lock", "bills")["fresh"]


def test_a_marked_letterhead_is_not_locked_in_any_language(lettered: Road) -> None:
    (lettered.folder / "templates" / "b.md").write_text("{{ name }}\n{{ street }}\n\nplease pay.\n")
    head = lettered.folder / "templates" / "letterhead.toml"
    head.write_text(LETTERHEAD + '[es]\ndepartment = "REWRITE: Agua"\n')
    (problem,) = lettered.no("lock", "bills")
    assert (problem["code"], problem["field"]) == ("rewrite", "es.department")


def test_an_analysis_is_amended_though_the_letters_were_locked_by_older_rules(lettered: Road) -> None:
    b = lettered.folder / "templates" / "b.md"
    b.write_text("{{ name }}\n{{ street }}\n\nplease pay.\n")
    lettered.ok("lock", "bills")
    (lettered.folder / "templates" / "letterhead.toml").unlink()  # as in a workspace where none was asked for
    lettered.edit("worthwhile = 0.01", "worthwhile = 0.02")
    assert lettered.ok("amend", "bills", "--reason", "The council asks for more")["fresh"]
    b.write_text("Dear {{ name }},\n\nplease pay.\n")
    assert codes(lettered.no("amend", "bills", "--reason", "Shorter")) == {"no_address", "no_return_address"}


def test_the_lock_says_what_is_locked_before_it_asks(lettered: Road) -> None:
    (lettered.folder / "templates" / "b.md").write_text("{{ name }}\n{{ street }}\n\nplease pay.\n")
    lettered.edit('template = "b.md"', 'template = "b.md"\nunit_cost = 0.5')
    lettered.edit("[decision]", "[power]\nunits = 1000\n\n[decision]")
    said = run("-C", lettered.folder, "lock", "bills").out
    for words in (
        "What is sent   one letter each",
        "What it costs  about $250",
        "The rule",
        "about 1,000 letters",
    ):
        assert words in said
    assert said.index("The rule") < said.index("is locked.")
    assert not re.search(r"[0-9a-f]{32}", said), "hashes are for rct head"


def test_problems_of_one_kind_are_told_once_with_how_many_and_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [
        Problem(
            "not_a_number",
            "A number is wanted.",
            "Take the sign away.",
            "a.csv",
            row=i,
            field="fee",
            found=f"${i}",
        )
        for i in range(1, 2_001)
    ]
    places = [Problem("rewrite", "Nobody has.", "Write.", "t.toml", line=i, field=f"k{i}") for i in range(3)]
    alone = Problem("no_trial", "There is none.", "Make it.", field="NAME", found="x")
    show_problems([*rows, alone, *places])
    said = capsys.readouterr().err.split("\n\n")
    assert said[1].split("\n")[0] == "a.csv  fee  2,000 rows"
    assert "  row 3  $3" in said[1]
    assert "also  row 4, row 5" in said[1]
    assert "and 1,985 more" in " ".join(said[1].split())
    assert said[1].count("A number is wanted.") == 1
    assert said[2].startswith("NAME\n  found x")
    assert said[3].startswith("t.toml  3 places\n  line 0  k0")
    assert max(len(line) for part in said for line in part.split("\n")) <= 80

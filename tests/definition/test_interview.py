"""The interview: every question is plain and has a default; whatever is answered makes a right trial."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rct.definition import Definition, check_text
from rct.definition.answers import Question
from rct.definition.interview import defaults, next_question
from rct.definition.scaffold import starter_letters, write_trial_toml
from rct.definition.schema import DIRECTIVE
from rct.errors import RctError

TODAY = date(2026, 1, 1)


def question(key: str, **answers: str) -> Question:
    """The question `key`, asked where all others have their default or are given."""
    known = {k: v for k, v in {**defaults(TODAY), **answers}.items() if k != key}
    while (found := next_question(known, TODAY)) is not None and found.key != key:
        known[found.key] = found.default
    assert found is not None
    return found


def problem(key: str, text: str, **answers: str) -> str | None:
    known = {k: v for k, v in {**defaults(TODAY), **answers}.items() if k != key}
    return question(key, **answers).problem(text, known)


def made(answers: Mapping[str, str], folder: Path) -> Definition:
    """The trial of these answers, with its letters, loaded."""
    for path, text in starter_letters("pilot", answers, marks=False).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return check_text(write_trial_toml("pilot", answers), "pilot", templates=folder)


def test_the_defaults_alone_make_a_right_trial_with_its_letters(tmp_path: Path) -> None:
    found = made(defaults(TODAY, "Ann Lee"), tmp_path)
    assert found.trial.start == date(2026, 2, 2)
    assert found.analysis.date == date(2026, 3, 23)
    assert found.trial.owner == "Ann Lee"
    assert found.template_paths == ["pilot/current.md", "pilot/new.md"]
    assert found.power is not None
    assert (found.power.baseline, found.power.minimum_effect, found.decision.worthwhile) == (0.5, 0.02, 0.01)


def test_every_key_that_is_written_says_why(tmp_path: Path) -> None:
    lines = write_trial_toml("pilot", defaults(TODAY)).split("\n")
    assert lines[0] == DIRECTIVE
    for before, line in pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert " # " in line or before.startswith("# "), line


def test_every_question_is_short_says_why_and_its_default_and_example_are_right() -> None:
    for extra in ({}, {"kind": "continuous", "rows": "event"}, {"kind": "count", "holdout": "yes"}):
        answers: dict[str, str] = {}
        while (asked := next_question(answers, TODAY)) is not None:
            assert asked.ask.rstrip(")").endswith(("?", "?.", "line.", "office.")) or "?" in asked.ask
            assert len(asked.ask) <= 110
            assert asked.why.endswith(".")
            assert asked.problem(asked.default, answers) is None
            assert asked.example == "" or asked.problem(asked.example, answers) is None, asked.key
            answers[asked.key] = extra.get(asked.key, asked.default)


FULL = {
    "title": 'Which "letter"?',
    "problem": "A \\ backslash, 'quotes' and = signs # no comment",
    "channel": "postcard",
    "start": "2026-05-04",
    "wait": "45",
    "holdout": "yes",
    "versions": "3",
    "version_1": "Today's letter",
    "version_2": "Élan & «vital»!",
    "version_3": "elan vital",
    "id": "Account No.",
    "contact": "Name, Street",
    "covariates": "balance, late last year",
    "blocks": "district",
    "clusters": 'house"hold',
    "opt_out": "do_not_mail",
    "eligible": "balance >= 25 and status == 'open'",
    "outcome": "Paid",
    "kind": "binary",
    "direction": "decrease",
    "rows": "event",
    "column": "Paid?",
    "date_column": "paid on",
    "benefit": "40",
    "unit_cost": "0.64",
    "units": "20000",
    "baseline": "42.5%",
    "hope": "1.4",
    "worthwhile": "0.5",
}


def test_all_that_is_answered_stands_in_the_trial(tmp_path: Path) -> None:
    answers = {**defaults(TODAY), **FULL}
    found = made(answers, tmp_path)
    assert found.trial.title == 'Which "letter"?'
    assert found.trial.problem == FULL["problem"]
    assert {name: arm.label for name, arm in found.arms.items()} == {
        "none": "No postcard",
        "current": "Today's letter",
        "elan_vital": "Élan & «vital»!",
        "elan_vital_2": "elan vital",
    }
    assert found.control == "none"
    assert [arm.unit_cost for arm in found.arms.values()] == [None, 0.64, 0.64, 0.64]
    assert (found.frame.id, found.frame.contact) == ("Account No.", ["Name", "Street"])
    assert (found.frame.covariates, found.frame.opt_out) == (["balance", "late last year"], "do_not_mail")
    assert (found.design.scheme, found.design.clusters) == ("blocked_clustered", 'house"hold')
    outcome = found.outcomes["paid_45"]
    assert (outcome.rows, outcome.date_column, outcome.missing) == ("event", "paid on", "zero")
    assert (outcome.window_days, outcome.benefit, outcome.direction) == (45, 40.0, "decrease")
    assert found.analysis.date == date(2026, 7, 6)
    assert found.power is not None
    assert (found.power.baseline, found.power.minimum_effect, found.power.units) == (0.425, 0.014, 20000)
    assert found.decision.worthwhile == 0.005


@pytest.mark.parametrize(("absent", "missing"), [("yes", "zero"), ("no", "drop")])
def test_what_it_means_not_to_be_in_the_file_is_asked(tmp_path: Path, absent: str, missing: str) -> None:
    answers = {**defaults(TODAY), "absent": absent}
    assert made(answers, tmp_path).outcomes["responded_30"].missing == missing


def test_a_measurement_is_never_zero_because_it_is_missing(tmp_path: Path) -> None:
    answers = {
        **defaults(TODAY),
        "kind": "continuous",
        "sd": "12",
        "baseline": "60",
        "hope": "",
        "worthwhile": "2",
    }
    found = made(answers, tmp_path)
    assert found.outcomes["responded_30"].missing == "drop"
    assert found.decision.worthwhile == 2.0
    assert found.power is not None
    assert (found.power.sd, found.power.minimum_effect) == (12.0, None)


WRONG = [
    ("title", "", {}, "An answer is needed here."),
    ("title", "a\x1bb", {}, "hidden control character"),
    ("title", "x" * 2001, {}, "at most 2,000"),
    ("channel", "fax", {}, "one of: letter, postcard, email, sms"),
    ("start", "2026-02-30", {}, "a day such as"),
    ("start", "12 January", {}, "a day such as"),
    ("start", "2026-01-12 09:00", {}, "a day such as"),
    ("start", "2990-01-12", {}, "a day such as"),
    ("wait", "30.5", {}, "a whole number from 1 to 3,650"),
    ("wait", "0", {}, "a whole number"),
    ("wait", "٣", {}, "a whole number"),
    ("versions", "1", {}, "from 2 to 20"),
    ("versions", "21", {}, "from 2 to 20"),
    ("holdout", "maybe", {}, "yes or no"),
    ("version_2", "today's LETTER", {}, "Version 1 is called that already."),
    ("id", "a, b", {}, "the name of one column"),
    ("id", "name", {}, "name is already names and addresses: a column has one use."),
    ("contact", "name, name", {}, "name stands there twice."),
    ("contact", "name,,street", {}, "with commas between"),
    ("covariates", "street", {}, "street is already names and addresses"),
    ("clusters", "id", {}, "id is already the id"),
    ("column", "city", {}, "city is already names and addresses"),
    ("eligible", "balance = 1", {}, "Write =="),
    ("eligible", "street == 'x'", {}, "tells who a person is"),
    ("unit_cost", "free", {}, "a number above 0"),
    ("unit_cost", "-1", {}, "a number above 0"),
    ("baseline", "0", {}, "above 0 and below 100"),
    ("baseline", "100", {}, "above 0 and below 100"),
    ("hope", "60", {}, "more than there are people"),
    ("hope", "60", {"direction": "decrease"}, "more than there are people"),
    ("baseline", "-1", {"kind": "count"}, "a number above 0"),
    ("worthwhile", "0", {"kind": "continuous", "baseline": "", "hope": ""}, "a number above 0"),
]


@pytest.mark.parametrize(("key", "text", "answers", "words"), WRONG)
def test_a_wrong_answer_is_told_in_plain_words(
    key: str, text: str, answers: dict[str, str], words: str
) -> None:
    assert words in (problem(key, text, **answers) or "")


def test_a_number_may_be_measured_again_as_the_outcome(tmp_path: Path) -> None:
    assert problem("column", "balance", covariates="balance") is None
    assert made({**defaults(TODAY), "covariates": "balance", "column": "balance"}, tmp_path).primary == [
        "balance_30"
    ]


def test_a_start_from_the_command_line_is_judged_too() -> None:
    with pytest.raises(RctError) as raised:
        write_trial_toml("pilot", {**defaults(TODAY), "start": "9999-12-31"})
    assert raised.value.problems[0].code == "bad_date"


WORDS = st.sampled_from(
    ["", "name", "id", "New letter", "none", "con", "current", "balance", "a, b", "yes", "no", "3"]
) | st.text(max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_any_answers_that_were_taken_make_a_right_trial(tmp_path: Path, data: Any) -> None:
    answers: dict[str, str] = {}
    while (asked := next_question(answers, TODAY)) is not None:
        choices = st.sampled_from([word for word, _ in asked.choices]) if asked.choices else WORDS
        given_answer = data.draw(choices | st.sampled_from([asked.default, asked.example]))
        taken = asked.problem(given_answer, answers) is None
        answer = given_answer if taken else asked.default
        assume(asked.problem(answer, answers) is None)
        answers[asked.key] = answer
        assume(len(answers) < 60)
    assert made(answers, tmp_path).name == "pilot"

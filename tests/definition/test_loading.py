"""Reading the file: encodings, sizes, syntax, and what is filled in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import rct.definition
from rct.codes import CODES
from rct.definition import Definition, check_text, load
from rct.errors import Problem, RctError


@pytest.fixture
def trial(tmp_path: Path, templates: Path, right: str) -> Path:
    """WORKSPACE/trials/water/trial.toml with its letters."""
    shutil.copytree(templates, tmp_path / "templates")
    file = tmp_path / "trials" / "water" / "trial.toml"
    file.parent.mkdir(parents=True)
    file.write_text(right, encoding="utf-8")
    return file


def refused(file: Path) -> Problem:
    with pytest.raises(RctError) as raised:
        load(file)
    assert {p.code for p in raised.value.problems} <= set(CODES)
    assert len(raised.value.problems) == 1
    return raised.value.problems[0]


def test_a_trial_is_named_after_its_folder_and_knows_its_file(trial: Path) -> None:
    found = load(trial)
    assert (found.name, found.path) == ("water", trial)


def test_a_folder_that_is_not_yet_in_place_may_lend_its_final_name(trial: Path) -> None:
    moved = trial.parent.rename(trial.parent.with_name("water.tmp-0123")) / "trial.toml"
    assert load(moved, name="water").name == "water"


def test_the_file_is_named_from_the_workspace_in_messages(trial: Path) -> None:
    trial.write_text("x", encoding="utf-8")
    assert refused(trial).file == "trials/water/trial.toml"


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    found = refused(tmp_path / "trials" / "none" / "trial.toml")
    assert (found.code, found.fix) == ("no_definition", "Make one with: rct new NAME")


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "definition_unreadable"


def test_more_than_a_mebibyte_is_refused_without_being_read(trial: Path) -> None:
    trial.write_bytes(b"# " + b"x" * 1024 * 1024)
    assert refused(trial).code == "definition_too_big"


def test_a_byte_order_mark_of_utf8_changes_nothing(trial: Path) -> None:
    before = load(trial)
    trial.write_bytes(b"\xef\xbb\xbf" + trial.read_bytes())
    assert load(trial) == before


def test_windows_line_ends_change_nothing(trial: Path) -> None:
    before = load(trial)
    trial.write_bytes(trial.read_bytes().replace(b"\n", b"\r\n"))
    assert load(trial) == before


def test_utf16_and_windows_1252_are_refused_with_the_place(trial: Path, right: str) -> None:
    trial.write_text(right, encoding="utf-16")
    assert "UTF-16" in refused(trial).rule
    trial.write_bytes(right.replace("Dana", "Daná").encode("windows-1252"))
    found = refused(trial)
    assert (found.code, found.line, found.column, found.found) == ("definition_encoding", 6, 13, "byte e1")


def test_text_is_kept_in_nfc_without_white_space_at_its_ends(trial: Path) -> None:
    trial.write_text(trial.read_text("utf-8").replace('"Dana"', '"  Dana\u0301 "'), encoding="utf-8")
    assert load(trial).trial.owner == "Dan\u00e1"


SYNTAX = [
    ("start = 12/01/2026", 1, "year-month-day"),
    ("start = 2026-1-2", 1, "year-month-day"),
    ("a = 1\ntitle = Which letter", 2, "in quotes"),
    ("title = “curly”", 1, "straight quotes"),
    ("control = True", 1, "true or false"),
    ("control = yes", 1, "true or false"),
    ("alpha = 0,05", 1, "a point in numbers"),
    ('file = "water\\current.md"', 1, "Write / in place of"),
    ("a = 1\na = 2", 2, "only once"),
    ("[t]\n[t]", 2, "only once"),
    ('title = "open', 1, "key = value"),
    ("[trial", 1, "key = value"),
    ("just words", 1, "key = value"),
    ("a = [1,", 1, "key = value"),
    ("a = \x00", 1, "key = value"),
    ("a = " + "9" * 5000, 1, "usual size"),
    ("a = 2026-01-12T25:00:00", 1, "year-month-day"),
]


@pytest.mark.parametrize(("text", "line", "fix"), SYNTAX, ids=lambda v: str(v)[:20])
def test_what_is_no_toml_is_said_with_its_place_and_the_usual_reason(
    text: str, line: int | None, fix: str
) -> None:
    with pytest.raises(RctError) as raised:
        check_text(text, "x")
    (found,) = raised.value.problems
    assert (found.code, found.line) == ("toml_syntax", line)
    assert fix in found.fix


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "x = " + "{a=" * 5000, "a." * 5000 + "a = 1"])
def test_nesting_beyond_reason_is_a_plain_sentence(text: str) -> None:
    with pytest.raises(RctError) as raised:
        check_text(text, "x")
    assert raised.value.problems[0].code in {"toml_nesting", "toml_syntax"}


def test_an_impossible_date_does_not_hide_other_mistakes(
    mistakes: Callable[..., list[Problem]], right: str
) -> None:
    found = mistakes(
        right.replace("2026-01-12", "2026-02-30").replace("2026-03-02", "2026-13-01").replace("0.01", '"1"')
    )
    assert [(p.line, p.code) for p in found] == [(9, "bad_date"), (48, "bad_date"), (55, "wrong_type")]


def test_a_thousand_mistakes_are_listed_and_more_are_not(mistakes: Callable[..., list[Problem]]) -> None:
    assert len(mistakes("".join(f"key{i} = {i}\n" for i in range(20_000)))) == 1000


def test_what_the_file_leaves_out_is_filled_in(read: Callable[[str], Definition], right: str) -> None:
    found = read(right.replace('column = "paid"\n', "").replace("[design]", '[design]\nbeacon = "none"'))
    assert found.arms["current"].share == 1
    assert found.arms["social"].control is False
    assert found.outcomes["paid_30"].column == "paid_30"
    assert found.outcomes["paid_30"].aggregate == "any"
    assert found.outcomes["paid_30"].direction == "increase"
    assert (found.analysis.alpha, found.analysis.multiplicity) == (0.05, "holm")
    assert found.frame.missing_covariates == "refuse"
    assert found.trial.keywords is None
    assert found.power is not None
    assert found.power.power == 0.8


@pytest.mark.parametrize(
    ("covariates", "categories", "estimator"),
    [
        ("[]", "[]", "difference_in_means"),
        ('["balance"]', "[]", "lin"),
        ("[]", '["language"]', "lin"),
    ],
)
@pytest.mark.parametrize(
    ("scheme", "errors"),
    [("complete", "HC2"), ("blocked", "HC2"), ("clustered", "CR2"), ("blocked_clustered", "CR2")],
)
def test_estimator_and_standard_errors_follow_the_design(
    read: Callable[[str], Definition],
    right: str,
    covariates: str,
    categories: str,
    estimator: str,
    scheme: str,
    errors: str,
) -> None:
    text = right.replace('covariates = ["balance", "late_last_year"]', f"covariates = {covariates}")
    text = text.replace('categories = ["language"]', f"categories = {categories}")
    text = text.replace('subgroups = ["language"]', "subgroups = []").replace("blocked_clustered", scheme)
    text = text if "blocked" in scheme else text.replace('blocks = ["district"]\n', "")
    text = text if "clustered" in scheme else text.replace('clusters = "household"\n', "")
    found = read(text)
    assert (found.analysis.estimator, found.analysis.standard_errors) == (estimator, errors)
    assert (found.blocked, found.clustered) == ("blocked" in scheme, "clustered" in scheme)


def test_a_named_estimator_stands_and_so_do_named_standard_errors(
    read: Callable[[str], Definition], right: str
) -> None:
    named = 'date = 2026-03-02\nestimator = "ols"\nstandard_errors = "CR2"'
    analysis = read(right.replace("date = 2026-03-02", named)).analysis
    assert (analysis.estimator, analysis.standard_errors) == ("ols", "CR2")


@pytest.mark.parametrize(
    ("kind", "aggregate"), [("binary", "any"), ("count", "count"), ("continuous", "sum")]
)
def test_events_are_joined_by_the_kind_of_outcome(
    read: Callable[[str], Definition], right: str, kind: str, aggregate: str
) -> None:
    text = right.replace('kind = "binary"', f'kind = "{kind}"')
    assert read(text).outcomes["paid_30"].aggregate == aggregate


def test_one_row_a_unit_is_joined_by_nothing(read: Callable[[str], Definition], right: str) -> None:
    assert read(right.replace('rows = "event"', 'rows = "unit"')).outcomes["paid_30"].aggregate is None


def test_the_definition_answers_what_others_ask(read: Callable[[str], Definition], right: str) -> None:
    found = read(right)
    assert (found.control, found.shares, found.primary) == ("current", [1, 2], ["paid_30"])
    assert found.registry_columns == ["district", "balance", "late_last_year", "language"]
    assert found.letter_columns == [
        *[
            "name",
            "street",
            "city",
            "postcode",
            "district",
            "balance",
            "late_last_year",
            "language",
            "do_not_mail",
        ]
    ]
    assert found.frame_columns == ["account", "household", *found.letter_columns]
    assert found.template_paths == ["water/current.md", "water/social.md"]
    assert found.window_end("paid_30") == date(2026, 2, 11)
    assert (found.practice, found.simulated) == (False, False)


def test_keywords_mark_practice_and_simulated_trials(read: Callable[[str], Definition], right: str) -> None:
    found = read(right.replace("[arms.current]", 'keywords = ["practice", "simulated"]\n[arms.current]'))
    assert (found.practice, found.simulated) == (True, True)


def test_the_order_of_arms_is_that_of_the_file(read: Callable[[str], Definition], right: str) -> None:
    social = right[right.index("[arms.social]") : right.index("[frame]")]
    turned = right.replace(social, "").replace("[arms.current]", social + "[arms.current]")
    assert list(read(turned).arms) == ["social", "current"]
    assert read(turned).control == "current"


def test_letters_in_several_languages_are_chosen_by_a_named_column(
    read: Callable[[str], Definition], right: str
) -> None:
    many = 'templates = { en = "water/social.md", es = "water/current.md" }\nlanguage = "language"'
    found = read(right.replace('template = "water/social.md"', many))
    assert found.template_paths == ["water/current.md", "water/social.md"]


def test_the_definition_cannot_be_changed(read: Callable[[str], Definition], right: str) -> None:
    found = read(right)
    with pytest.raises(ValueError, match="frozen"):
        found.analysis.alpha = 0.1  # type: ignore[misc]


def test_the_package_names_its_parts_only_when_they_are_asked_for() -> None:
    assert rct.definition.Definition is Definition
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        rct.definition.nothing  # noqa: B018

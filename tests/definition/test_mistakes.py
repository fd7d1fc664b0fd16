"""Mistakes together: all at once, in order, shown safely, and none that follows from another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rct.errors import Problem

Broken = Callable[[str, str], Problem]
Mistakes = Callable[..., list[Problem]]


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(mistakes: Mistakes, right: str) -> None:
    text = (
        right.replace("start = 2026-01-12", "start = 2026-02-30")
        .replace("control = true", "control = 1")
        .replace("share = 2", "share = 1.5\nshar = 3")
        .replace("unit_cost = 0.64", 'unit_cost = "0.64"')
        .replace('"late_last_year"', '"account"')
        .replace('"blocked_clustered"', '"blocked_clusterd"')
        .replace("window_days = 30", "window_days = 1.5")
        .replace("worthwhile = 0.01", "worthwhile = 3")
    )
    found = mistakes(text, "../x")
    assert [(p.line, p.code) for p in found] == [
        (1, "bad_name"),
        (9, "bad_date"),
        (13, "wrong_type"),
        (19, "wrong_type"),
        (20, "unknown_key"),
        (21, "wrong_type"),
        (25, "column_twice"),
        (32, "not_a_choice"),
        (43, "wrong_type"),
        (56, "out_of_range"),
    ]
    assert {p.file for p in found} == {"trial.toml"}
    assert all(p.rule and p.column for p in found)


def test_a_rule_is_left_out_where_one_of_its_keys_is_wrong_already(mistakes: Mistakes, right: str) -> None:
    (found,) = mistakes(right.replace("start = 2026-01-12", 'start = "soon"'))
    assert found.field == "trial.start"  # and nothing about analysis.date, which hangs on it


@pytest.mark.parametrize(
    "name", ["../x", "", "Water", "con", "com1", "a" * 65, "-x", "a b", "wässer", "x.tmp"]
)
def test_a_name_that_is_no_safe_folder_is_refused(mistakes: Mistakes, right: str, name: str) -> None:
    (found,) = mistakes(right, name)
    assert found.code == "bad_name"
    assert "Rename the folder" in found.fix


def test_values_from_the_file_are_shown_without_their_control_characters(
    mistakes: Mistakes, right: str
) -> None:
    found = mistakes(right.replace('owner = "Dana"', 'owner = "\\u001B[31mred"\n"k\\u001Bey" = 1'))
    shown = " ".join(f"{p.rule} {p.fix} {p.found} {p.field}" for p in found)
    assert "\x1b" not in shown
    assert "U0000001B[31mred" in shown
    assert "k\\x1bey" in shown


def test_a_long_value_is_cut_when_shown(broken: Broken) -> None:
    assert len(broken('channel = "letter"', f'channel = "{"x" * 500}"').found or "") == 80


def test_an_empty_file_is_told_what_belongs_in_it(mistakes: Mistakes) -> None:
    found = mistakes("")
    assert [p.field for p in found] == ["trial", "arms", "frame", "outcomes", "analysis", "decision"]
    assert all(p.code == "missing_key" and p.line == 1 for p in found)


def test_tables_of_the_wrong_shape_are_named(mistakes: Mistakes) -> None:
    found = {
        p.field: p for p in mistakes("trial = 1\narms = [1]\noutcomes = 'x'\n[frame]\nid = 'a'\n[arms2]\n")
    }
    assert found["trial"].rule == "trial must be a table of its own."
    assert found["arms"].code == "wrong_type"
    assert found["arms2"].fix == "Did you mean arms?"


def test_a_letter_that_is_no_text_does_not_hide_the_one_beside_it(mistakes: Mistakes, right: str) -> None:
    many = 'templates = { en = 3, es = "water/no.md" }\nlanguage = "language"'
    found = mistakes(right.replace('template = "water/social.md"', many))
    assert {(p.code, p.field) for p in found} == {
        ("wrong_type", "arms.social.templates.en"),
        ("template_missing", "arms.social.templates.es"),
    }

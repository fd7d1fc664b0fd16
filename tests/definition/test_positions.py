"""Where keys stand: exactly, also behind comments, accents, dotted keys and inline tables."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from rct.definition.positions import dates, positions, too_deep
from rct.errors import Problem

TEXT = """\
# a comment
[trial]   # and another
title = "é = ñ"  # more
"a b".c = 1

[arms.social]
label = '''
two lines'''
inline = { "ü" = 1, share.x = [1,  # one
  "two", { three = 3 }] }
  start = 2026-01-12   # a day
[[list]]
a = 1
[list.sub]
b = 1
[[list]]
a = 2
"""

PLACES = [
    (("trial",), (2, 2)),
    (("trial", "title"), (3, 1)),
    (("trial", "a b"), (4, 1)),
    (("trial", "a b", "c"), (4, 1)),
    (("arms",), (6, 2)),
    (("arms", "social"), (6, 2)),
    (("arms", "social", "label"), (7, 1)),
    (("arms", "social", "inline"), (9, 1)),
    (("arms", "social", "inline", "ü"), (9, 12)),
    (("arms", "social", "inline", "share", "x"), (9, 21)),
    (("arms", "social", "inline", "share", "x", 0), (9, 32)),
    (("arms", "social", "inline", "share", "x", 1), (10, 3)),
    (("arms", "social", "inline", "share", "x", 2, "three"), (10, 12)),
    (("arms", "social", "start"), (11, 3)),
    (("list", 0, "a"), (13, 1)),
    (("list", 0, "sub", "b"), (15, 1)),
    (("list", 1, "a"), (17, 1)),
]


@pytest.mark.parametrize(("path", "place"), PLACES)
def test_a_key_stands_at_its_line_and_column(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert positions(TEXT).find(path) == place


@pytest.mark.parametrize("text", [TEXT.replace("\n", "\r\n")])
def test_windows_line_ends_move_nothing(text: str) -> None:
    assert [positions(text).find(path) for path, _ in PLACES] == [place for _, place in PLACES]


def test_a_missing_key_stands_where_its_table_starts() -> None:
    assert positions(TEXT).find(("arms", "social", "share")) == (6, 2)
    assert positions(TEXT).find(("decision", "worthwhile")) is None


def test_dates_are_found_with_their_path_and_bytes_also_behind_a_comment() -> None:
    (token,) = dates(TEXT)
    assert (token.path, token.place) == (("arms", "social", "start"), (11, 11))
    assert TEXT.encode()[token.start : token.end] == b"2026-01-12"


def test_a_date_that_no_calendar_has_is_found_without_a_value() -> None:
    found = dates("a = 2026-02-30\nb = [2024-02-29, 2025-02-29]\n")
    assert [str(token.value) for token in found] == ["None", "2024-02-29", "None"]


def test_a_problem_points_at_the_exact_place(mistakes: Callable[..., list[Problem]], right: str) -> None:
    found = mistakes(right.replace('contact = ["name", "street"', 'contact = ["name", "account"'))
    assert [(p.line, p.column, p.code) for p in found] == [(28, 20, "column_twice")]


@pytest.mark.parametrize(
    "text",
    [
        "a=" + "[" * 300_000,
        "{a=" * 300_000,
        "[[" * 400_000,
        "a." * 400_000 + "a=1",
        "x = '''" + "\n" * 900_000,
    ],
    ids=["brackets", "braces", "headers", "dots", "open"],
)
def test_a_hostile_text_takes_seconds_at_most_and_raises_nothing(text: str) -> None:
    began = time.process_time()
    positions(text)
    dates(text)
    assert time.process_time() - began < 20


def test_keys_nested_beyond_reason_are_noticed() -> None:
    assert too_deep("a = 1\n" + ".".join("a" * 100) + " = 1\n") == (2, 1)
    assert too_deep(TEXT) is None

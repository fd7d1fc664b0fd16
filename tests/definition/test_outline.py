"""The short way to a definition's dates: only what the models and the rules take, and all that ships."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rct import fs
from rct.definition import load
from rct.definition.explain import validate
from rct.definition.outline import SHIPPED, outline, surely_right
from rct.definition.schema import schema_text
from rct.errors import RctError

from .conftest import RIGHT

FILES = sorted(fs.shipped("trials").glob("*/trial.toml"))
KEYS = [tomllib.loads(text) for text in (RIGHT, *(file.read_text("utf-8") for file in FILES))]
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 0.0, 0.5, 2.5, 1e308, 10**400, float("inf"), float("nan"), "", " ", "x", "lin",
    "2026-01-12", [], ["a"], [1], [[]], {}, {"a": 1}, date(2026, 1, 1), datetime(2026, 1, 1),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def test_the_shipped_schema_is_the_generated_one() -> None:
    assert SHIPPED.read_text("utf-8") == schema_text(), "run `make docs`"


@pytest.mark.parametrize("keys", KEYS)
def test_what_is_right_passes(keys: dict[str, Any]) -> None:
    assert surely_right(keys)


@given(st.data())
@settings(max_examples=600)
def test_what_passes_the_models_take(data: st.DataObject) -> None:
    keys = copy.deepcopy(data.draw(st.sampled_from(KEYS)))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(list(places(keys))))
        table: Any = keys
        for part in way:
            table = table[part]
        act = data.draw(st.sampled_from(["put", "drop", "add"]))
        if act == "put":
            table[last] = data.draw(st.sampled_from(ODD))
        elif act == "drop":
            del table[last]
        elif isinstance(table, dict):
            table[
                data.draw(st.sampled_from(["share", "benefit", "keywords", "alpha", "unit_cost", "zz"]))
            ] = data.draw(st.sampled_from(ODD))
    if surely_right(keys):
        assert validate(keys)[1] == []


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    "path",
    ["arms.social.share", "arms.social.unit_cost", "arms.social.control", "trial.start", "trial.keywords"],
)
def test_no_odd_value_slips_through(path: str, value: Any) -> None:
    keys = table = tomllib.loads(RIGHT)
    *way, last = path.split(".")
    for part in way:
        table = table[part]
    table[last] = value
    assert not surely_right(keys) or validate(keys)[1] == []


def test_an_outline_has_the_dates_of_the_definition(tmp_path: Path) -> None:
    path = tmp_path / "trials" / "bills" / "trial.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        RIGHT.replace(
            "[arms.current]", 'keywords = ["practice"]\nretain_until = 2027-01-31\n\n[arms.current]'
        )
    )
    found, whole = outline(path), load(path, letters=False)
    assert found is not None
    assert (found.start, found.results) == (whole.trial.start, whole.analysis.date)
    assert (found.retain_until, list(found.keywords)) == (date(2027, 1, 31), ["practice"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("share = 2", "share = 0"),
        ("[arms.social]", "[arms.con]"),
        ('"blocked_clustered"', '"blocked"'),
        ("2026-03-02", "2026-02-30"),
        ("date = 2026-03-02", "date = 2026-01-13"),
        ('"balance >= 25', '"balance >> 25'),
        ("[power]", "[power"),
    ],
)
def test_what_is_wrong_has_none(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "trials" / "bills" / "trial.toml"
    path.parent.mkdir(parents=True)
    assert old in RIGHT
    path.write_text(RIGHT.replace(old, new))
    assert outline(path) is None
    with pytest.raises(RctError):
        load(path, letters=False)

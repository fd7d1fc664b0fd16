"""The JSON Schema: it takes what rct takes, and refuses what an editor can see to be wrong."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rct import fs
from rct.definition.interview import defaults
from rct.definition.model import TrialFile
from rct.definition.scaffold import write_trial_toml
from rct.definition.schema import schema, schema_text

CHECK = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())


def as_json(text: str) -> Any:
    """A TOML text as editors hand it to a schema: dates as strings."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def errors(text: str) -> list[str]:
    return [error.json_path for error in CHECK.iter_errors(as_json(text))]


def test_it_is_a_schema_and_its_file_is_plain_ascii() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(schema_text()) == schema()
    assert schema_text().isascii()


@pytest.mark.parametrize(
    "file", sorted(fs.shipped("trials").glob("*/trial.toml")), ids=lambda file: file.parent.name
)
def test_every_shipped_trial_fits(file: Path) -> None:
    assert errors(file.read_text("utf-8")) == []


def test_a_new_trial_and_a_full_one_fit(right: str) -> None:
    assert errors(write_trial_toml("pilot", defaults(date(2026, 1, 1)))) == []
    assert errors(right) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("share = 2", "share = 0", "$.arms.social.share"),
        ("share = 2", "share = 1.5", "$.arms.social.share"),
        ("share = 2", "share = true", "$.arms.social.share"),
        ("share = 2", "shar = 2", "$.arms.social"),
        ("[arms.social]", "[arms.Social]", "$.arms"),
        ("[arms.social]", "[arms.con]", "$.arms"),
        ("date = 2026-03-02", "date = 2026-03-02\nalpha = 5", "$.analysis.alpha"),
        ("date = 2026-03-02", 'date = "soon"', "$.analysis.date"),
        ('channel = "letter"', 'channel = "fax"', "$.trial.channel"),
        ('ethics = "Reviewed."', 'ethics = " "', "$.trial.ethics"),
        ('analyst = "Sam"\n', "", "$.trial"),
        ('blocks = ["district"]\n', "", "$.design"),
        ('"blocked_clustered"', '"blocked"', "$.design"),
        ("[power]", "[powr]", "$"),
        ('clusters = "household"', 'clusters = "household"\nbeacon = "moon"', "$.design.beacon"),
        ("worthwhile = 0.01", "worthwhile = 0", "$.decision.worthwhile"),
    ],
)
def test_a_mistake_that_an_editor_can_see_is_seen(right: str, old: str, new: str, path: str) -> None:
    assert path in errors(right.replace(old, new))


def test_what_the_schema_refuses_rct_refuses(right: str, mistakes: Callable[..., Any]) -> None:
    for old, new in [
        ("share = 2", "share = 0"),
        ("[arms.social]", "[arms.con]"),
        ('"blocked_clustered"', '"blocked"'),
    ]:
        assert mistakes(right.replace(old, new))


def test_every_key_says_what_it_means_with_an_example_that_fits() -> None:
    for name, model in schema()["$defs"].items():
        for key, said in model["properties"].items():
            assert said["description"].endswith((".", "`).")), (name, key)
            assert said["examples"], (name, key)
            inner = {"$defs": schema()["$defs"], **said}
            for example in said["examples"]:
                assert not list(jsonschema.Draft202012Validator(inner).iter_errors(example)), (name, key)


def test_defaults_that_hang_on_other_keys_are_not_promised() -> None:
    made = schema()["$defs"]
    assert "default" not in made["Analysis"]["properties"]["estimator"]
    assert "default" not in made["Outcome"]["properties"]["column"]
    assert made["Arm"]["properties"]["share"]["default"] == 1
    assert set(schema()["properties"]) == set(TrialFile.model_fields)

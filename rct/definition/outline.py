"""What a list of trials needs of each definition, without the models where they would find no mistake.

The models say why a key is wrong, and take a tenth of a second to import. Here the keys are held against the JSON
Schema that ships (generated from the models) and against the rules that join keys. Only what is surely right has an
outline; whoever gets none asks `load`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rct.definition.check import cross_check
from rct.definition.loading import clean, parsed, read_text
from rct.errors import RctError
from rct.fs import is_name

Test = Callable[[Any], bool]
SHIPPED = Path(__file__).with_name("trial.schema.json")
_EXACT = 1 << 53  # whole numbers up to here are floats too
_OF_KIND = frozenset(("type", "format", "items", "properties", "additionalProperties", "required"))
# What a schema may say that is no matter of one key: words for editors, and what `cross_check` judges.
_ELSEWHERE = frozenset(
    "$schema $defs title description default examples allOf propertyNames minProperties".split()
)


@dataclass(frozen=True)
class Outline:
    """Of a trial.toml without mistakes; letters are not looked at."""

    start: date
    results: date
    retain_until: date | None
    keywords: tuple[str, ...]


def outline(path: Path) -> Outline | None:
    """The outline of the trial.toml in `path`; None where something in it may be wrong."""
    try:
        _, raw, impossible = parsed(read_text(path, path.name), path.name)
    except RctError:
        return None
    raw = clean(raw)
    if impossible or not is_name(path.parent.name) or not surely_right(raw) or cross_check(raw, [], None):
        return None
    trial = raw["trial"]
    return Outline(
        trial["start"], raw["analysis"]["date"], trial.get("retain_until"), tuple(trial.get("keywords", ()))
    )


def surely_right(raw: Mapping[str, Any]) -> bool:
    """Whether every key is right in itself: then the models say so too. False where only they can tell."""
    return _whole()(raw)


@cache
def _whole() -> Test:
    schema = json.loads(SHIPPED.read_bytes())
    return _test(schema, schema["$defs"])


def _test(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Test:
    """The schema as a test of a value. A word that is not known here passes nothing."""
    if "$ref" in schema:
        return _test(known[schema["$ref"].rpartition("/")[2]], known)
    if schema.keys() - _WORDS.keys() - _OF_KIND - _ELSEWHERE:
        return lambda _: False
    kind = schema["type"]
    more = [_WORDS[word](schema[word]) for word in schema.keys() & _WORDS.keys()]
    if kind == "object":
        return _table(schema, known)
    if kind == "array":
        each = _test(schema["items"], known)
        return lambda value: type(value) is list and all(map(each, value))
    if kind == "number":
        return lambda value: (
            type(value) in (int, float)
            and abs(value) < _EXACT  # neither infinite nor nan
            and all(test(value) for test in more)
        )
    if kind == "string" and schema.get("format") == "date":
        return lambda value: type(value) is date
    of = {"string": str, "integer": int, "boolean": bool}[kind]
    return lambda value: type(value) is of and all(test(value) for test in more)


def _table(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Test:
    keys = {name: _test(inner, known) for name, inner in schema.get("properties", {}).items()}
    needed = frozenset(schema.get("required", ()))
    others = schema.get("additionalProperties", False)
    other = _test(others, known) if others else _nothing

    def test(value: Any) -> bool:
        return (
            type(value) is dict
            and needed <= value.keys()
            and all(keys.get(name, other)(inner) for name, inner in value.items())
        )

    return test


def _nothing(_value: Any) -> bool:
    return False


# The words that may stand in a schema, each as a test of a value of the right kind.
_WORDS: dict[str, Callable[[Any], Test]] = {
    "enum": lambda of: frozenset(of).__contains__,
    "const": lambda of: lambda value: bool(value == of),
    "pattern": lambda of: lambda value: re.search(of, value) is not None,
    "minimum": lambda of: lambda value: value >= of,
    "maximum": lambda of: lambda value: value <= of,
    "exclusiveMinimum": lambda of: lambda value: value > of,
    "exclusiveMaximum": lambda of: lambda value: value < of,
}

"""A paper's TOML file as tables whose keys are known, every mistake at once with its line. docs/papers.md has the keys.

Numbers keep the decimals that were typed (33.0 is not 33): how a figure was rounded is part of what was printed.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rct.definition.keys import did_you_mean, shown
from rct.definition.loading import clean
from rct.definition.positions import Positions, positions, too_deep
from rct.errors import MAX_LISTED, Problem, RctError, stop, visible
from rct.fs import is_name
from rct.kinds import names

MAX_BYTES = 1 << 20
MOST_DOTS = 40  # in a line; a key of so many parts costs the parser quadratic time
LONGEST = 5_000  # characters of one text
MOST_PEOPLE = 10**9
P_VALUE = re.compile(r"(?P<sign>[<=]?)\s*(?P<number>0?\.[0-9]+|0|1|1\.0+)")

# key: (what it holds, whether it must be there)
PAPER = {
    "title": ("text", True),
    "citation": ("text", True),
    "where": ("text", True),
    "name": ("name", False),
    "city": ("text", False),
    "problem": ("text", False),
    "hypothesis": ("text", False),
    "channel": ("text", False),
    "department": ("text", False),
    "population": ("text", False),
    "keywords": ("texts", False),
    "start": ("day", False),
    "registration": ("text", False),
}
ARM = {"label": ("text", True), "control": ("yes", False), "n": ("whole", False), "nudge": ("texts", False)}
OUTCOME = {
    "label": ("text", True),
    "kind": ("kind", True),
    "direction": ("direction", True),
    "primary": ("yes", False),
    "unit": ("text", False),
    "window_days": ("whole", False),
}
CELL = {
    "n": ("whole", False),
    "events": ("count", False),
    "percent": ("percent", False),
    "mean": ("number", False),
    "sd": ("positive", False),
    "std_error": ("positive", False),
}
DIFFERENCE = {
    "points": ("number", False),
    "estimate": ("number", False),
    "std_error": ("positive", False),
    "low": ("number", False),
    "high": ("number", False),
    "level": ("level", False),
    "p": ("p", False),
    "basis": ("basis", False),
}
CHOICES: dict[str, Callable[[], tuple[str, ...]]] = {
    "kind": names,
    "direction": lambda: ("increase", "decrease"),
    "basis": lambda: ("counts", "adjusted"),
}
MUST = {
    "text": "text in quotes, not blank",
    "texts": 'a list of texts, such as ["social norm"]',
    "name": "a short name: a-z, 0-9, _ and -",
    "yes": "true or false",
    "whole": "a whole number of 1 or more",
    "count": "a whole number of 0 or more",
    "number": "a number",
    "positive": "a number above 0",
    "percent": "a percentage from 0 to 100, as printed",
    "level": "a confidence level in percent, such as 95",
    "p": 'a p-value as printed: 0.03, or "<.001" in quotes',
    "day": "a date such as 2014-05-30, without quotes",
}


@dataclass
class Reader:
    """Checks keys one by one and collects what is wrong."""

    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    @functools.cached_property
    def places(self) -> Positions:
        """Where each key stands: looked up only where something is wrong."""
        return positions(self.text)

    def wrong(
        self, code: str, path: tuple[str, ...], rule: str, fix: str = "", found: str | None = None
    ) -> None:
        line, column = self.places.find(path) or (1, 1)
        where = visible(".".join(path)) or None
        self.problems.append(Problem(code, rule, fix, self.file, None, line, column, where, found))

    def table(
        self, value: Any, path: tuple[str, ...], keys: Mapping[str, tuple[str, bool]]
    ) -> dict[str, Any]:
        """The known keys of a table that hold what they must."""
        if not isinstance(value, dict):
            self.wrong("wrong_type", path, "This must be a table.", f"Write it as [{'.'.join(path)}].")
            return {}
        good = {}
        for key, given in value.items():
            if key not in keys:
                hint = did_you_mean(key, keys) or f"Known here: {', '.join(keys)}."
                self.wrong("unknown_key", (*path, key), f"There is no key {visible(key)} here.", hint)
            elif _holds(keys[key][0], given):
                good[key] = given
            else:
                kind = keys[key][0]
                must = MUST.get(kind) or "one of " + ", ".join(f'"{c}"' for c in CHOICES[kind]())
                self.wrong("wrong_type", (*path, key), f"This must be {must}.", found=_shown(given))
        for key, (kind, needed) in keys.items():
            if needed and key not in value:
                must = MUST.get(kind) or "one of " + ", ".join(CHOICES[kind]())
                self.wrong("missing_key", path, f"The key {key} is required: {must}.")
        return good

    def tables(self, value: Any, path: tuple[str, ...]) -> dict[str, Any]:
        """Tables by name, such as [arms.letter]; names are short."""
        if not isinstance(value, dict):
            self.wrong("missing_key", path, f"There is no table [{'.'.join(path)}.NAME].", "Add one.")
            return {}
        for name in value:
            if not is_name(name):
                self.wrong("bad_name", (*path, name), f"This must be {MUST['name']}.", found=_shown(name))
        return {name: inner for name, inner in value.items() if is_name(name)}

    def done(self) -> None:
        if self.problems:
            raise RctError(sorted(self.problems, key=lambda p: (p.line or 0, p.column or 0))[:MAX_LISTED])


def read(path: Path) -> tuple[bytes, dict[str, Any], Reader]:
    """The file's bytes, its keys and a reader for them. RctError where it is no TOML in UTF-8 of at most 1 MiB."""
    file = visible(path.name)
    with path.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        stop("paper_unreadable", "A paper's file has at most 1 MiB.", "Is this the right file?", file=file)
    try:
        text = data.decode("utf-8-sig")
        deep = too_deep(text) if any(line.count(".") > MOST_DOTS for line in text.split("\n")) else None
        if deep is not None:
            stop("paper_unreadable", "Keys are nested too deeply.", file=file, line=deep[0])
        raw = clean(tomllib.loads(text, parse_float=Decimal))
    except UnicodeDecodeError:
        stop("paper_unreadable", "The file is not UTF-8.", "Save it again and choose UTF-8.", file=file)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        fix = 'Each line is  key = value ; text in "quotes"; tables start with [name].'
        found = visible(str(error))[:200]
        stop("paper_unreadable", "The file can't be read as TOML.", fix, file=file, found=found)
    return data, raw, Reader(file, text)


def _holds(kind: str, value: Any) -> bool:
    if kind in CHOICES:
        return isinstance(value, str) and value in CHOICES[kind]()
    if kind in ("text", "name"):
        return isinstance(value, str) and _is_text(value) and (kind == "text" or is_name(value))
    if kind == "texts":
        return isinstance(value, list) and all(isinstance(v, str) and _is_text(v) for v in value)
    if kind == "yes":
        return isinstance(value, bool)
    if kind == "day":
        return type(value) is date
    if kind == "p" and isinstance(value, str):
        return P_VALUE.fullmatch(value) is not None
    if kind in ("whole", "count"):
        return type(value) is int and (kind == "count" or value >= 1) and 0 <= value <= MOST_PEOPLE
    if type(value) not in (int, Decimal) or not Decimal(value).is_finite() or abs(value) > 10**15:
        return False
    number = Decimal(value)
    limits = {"percent": 0 <= number <= 100, "level": 50 <= number < 100, "p": 0 <= number <= 1}
    return limits.get(kind, kind == "number" or number > 0)


def _is_text(value: str) -> bool:
    return 0 < len(value) <= LONGEST and visible(value.replace("\n", " ")) == value.replace("\n", " ")


def _shown(value: Any) -> str:
    return str(value)[:80] if isinstance(value, Decimal) else visible(shown(value))

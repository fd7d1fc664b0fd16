"""The invented recipient of proofs: templates/sample.toml of the workspace, else the one that rct ships."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from rct import fs
from rct.definition import Definition
from rct.errors import stop
from rct.letters.words import Value, Written
from rct.registry.workspace import Workspace

FILE = "sample.toml"
REFERENCE = "SAMP-LE00-0000"  # no check character fits it: it can't be taken for a real piece


def read_sample(ws: Workspace) -> Mapping[str, Any]:
    """The sample as it is written: fields, and tables of fields by language."""
    path = ws.templates / FILE
    path = path if path.is_file() else fs.shipped("templates") / FILE
    try:
        return _checked(tomllib.loads(path.read_bytes()[: 1 << 20].decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        stop("sample_toml", "sample.toml must be TOML in UTF-8.", "Mend the line named.", file=f"templates/{FILE}",
             found=str(error)[:200])  # fmt: skip


def _checked(given: Mapping[str, Any]) -> Mapping[str, Any]:
    for key, value in given.items():
        inner = value if isinstance(value, dict) else {key: value}
        for name, v in inner.items():
            if isinstance(v, bool) or not isinstance(v, str | int | float):
                stop("sample_toml", "A field of the sample is a text in quotes or a number.", "Mend this line.",
                     file=f"templates/{FILE}", field=name, found=repr(v)[:100])  # fmt: skip
    return given


def sample_fields(
    sample: Mapping[str, Any], definition: Definition, language: str, links: Collection[str] = ()
) -> dict[str, Value]:
    """Every field that a letter may use, for the invented recipient. What the sample lacks prints as [its name].

    `links` are the fields that letters have as whole addresses.
    """
    given = {k: v for k, v in sample.items() if not isinstance(v, dict)}
    own = sample.get(language)
    if isinstance(own, dict):
        given |= own
    numbers = set(definition.frame.covariates)
    formats = definition.layout.formats
    found: dict[str, Value] = {}
    for column in dict.fromkeys([*definition.frame.contact, *definition.registry_columns]):
        value = given.get(column)
        if column in numbers:
            found[column] = float(value) if isinstance(value, int | float) else 100.0
        elif value is None and column in links:
            found[column] = f"https://city.example/{quote(column)}"
        else:
            text = str(value) if value is not None else f"[{column}]"
            found[column] = Written(text, formats, column) if formats else text
    for arm in definition.arms.values():
        if arm.language and language:
            found[arm.language] = language
    return found

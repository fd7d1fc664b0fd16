"""The JSON Schema of trial.toml: what editors show while typing. `rct new` writes it beside trial.toml."""

from __future__ import annotations

import json
from typing import Any

from rct.definition.keys import is_named_tables
from rct.definition.model import TrialFile
from rct.definition.outline import SHIPPED
from rct.design.schemes import SCHEMES
from rct.fs import NAME, RESERVED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "trial.schema.json"
DIRECTIVE = f"#:schema ./{FILE}"  # the first line of trial.toml: editors find the schema by it
_BY_RULE = {"estimator", "standard_errors", "column"}  # defaults that hang on other keys


def schema() -> dict[str, Any]:
    """The schema as a plain object. Dates are strings in it (format date): JSON has no other."""
    made = TrialFile.model_json_schema()
    made = {"$schema": DIALECT, **made, "title": "trial.toml of rct"}
    for model in made["$defs"].values():
        _tidy(model)
    _tidy(made)
    for path in (("arms",), ("outcomes",)):
        assert is_named_tables(path)
        _named(made["properties"][path[0]], at_least=2 if path == ("arms",) else 1)
    _named(made["$defs"]["Power"]["properties"]["outcomes"], at_least=0)
    made["$defs"]["Design"]["allOf"] = [
        _scheme([s.name for s in SCHEMES.values() if s.needs_blocks], "blocks"),
        _scheme([s.name for s in SCHEMES.values() if s.needs_clusters], "clusters"),
    ]
    return made


def schema_text() -> str:
    """The schema as the file `rct new` writes: ASCII, two spaces, LF."""
    return json.dumps(schema(), indent=2) + "\n"


def _tidy(model: dict[str, Any]) -> None:
    """TOML has no null, and titles made from key names say nothing."""
    for name, key in model.get("properties", {}).items():
        key.pop("title", None)
        if "anyOf" in key:
            (kind,) = [k for k in key.pop("anyOf") if k != {"type": "null"}]
            key.update(kind)
        if key.get("default", ...) is None or name in _BY_RULE:
            key.pop("default", None)


def _named(key: dict[str, Any], at_least: int) -> None:
    """A table of tables whose names the city chooses."""
    key["propertyNames"] = {"pattern": f"^{NAME.pattern}$", "not": {"enum": sorted(RESERVED)}}
    key["minProperties"] = at_least


def _scheme(needing: list[str], key: str) -> dict[str, Any]:
    """`key` stands exactly where the scheme needs it."""
    empty = {"properties": {key: {"maxItems": 0}}} if key == "blocks" else {"not": {"required": [key]}}
    return {
        "if": {"properties": {"scheme": {"enum": needing}}, "required": ["scheme"]},
        "then": {"required": [key], **({"properties": {key: {"minItems": 1}}} if key == "blocks" else {})},
        "else": empty,
    }


if __name__ == "__main__":  # the copy that ships, which `outline` reads; `make docs` writes it
    SHIPPED.write_text(schema_text(), encoding="utf-8", newline="\n")

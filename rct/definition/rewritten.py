"""trial.toml written anew from a definition: every key that is set, no comment, the order kept.

A bundle carries this in place of the office's own file, whose comments are nobody else's; it makes the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rct.definition.keys import toml, toml_key
from rct.definition.resolve import Definition

NESTED = ("arms", "outcomes")  # tables of tables


def trial_toml(definition: Definition) -> str:
    """The text; loading it gives the same plan.json as the definition's own file."""
    keys = definition.model_dump(exclude_none=True, exclude={"name", "path"})
    lines: list[str] = []
    for table, value in keys.items():
        if table in NESTED:
            for name in getattr(definition, table):
                lines += _table(f"{table}.{toml_key(name)}", value[name])
        elif value:
            lines += _table(table, value)
    return "\n".join(lines).lstrip("\n") + "\n"


def _table(name: str, keys: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{toml_key(key)} = {toml(value)}" for key, value in keys.items())]

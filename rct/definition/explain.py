"""What pydantic found, said in plain words: one `DefinitionMistake` for each mistake, with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from rct.definition.keys import (
    KeyPath,
    bare,
    choices,
    did_you_mean,
    dotted,
    expected,
    field_at,
    is_named_tables,
    shown,
    table_at,
    toml,
)
from rct.errors import MAX_LISTED, visible

if TYPE_CHECKING:
    from pydantic import ValidationError

    from rct.definition.model import TrialFile


@dataclass(frozen=True)
class DefinitionMistake:
    """A mistake at a key path; the place in the file is looked up when it becomes a `Problem`.

    A mistake inside a letter names the letter's own `file` and `line` instead.
    """

    path: KeyPath
    code: str
    rule: str
    fix: str = ""
    found: str | None = None
    file: str | None = None
    line: int | None = None


def explain(error: ValidationError) -> list[DefinitionMistake]:
    """One finding for each of pydantic's errors, the first 1,000."""
    details = error.errors(include_url=False, include_context=False)[:MAX_LISTED]
    return [_explain(d["type"], tuple(d["loc"]), d["input"]) for d in details]


def _explain(kind: str, path: KeyPath, value: Any) -> DefinitionMistake:
    from rct.definition.model import MAX_AMOUNT

    if kind == "extra_forbidden":
        return _unknown(path, value)
    if kind == "missing":
        return _missing(path)
    field = field_at(path)
    name = visible(dotted(path))
    meaning = (field.description or "") if field else ""
    if kind == "string_pattern_mismatch" and str(value).strip() == "":
        return DefinitionMistake(
            path, "blank", f"{name} must not be blank. {meaning}", _example(path), shown(value)
        )
    if field is None:
        return DefinitionMistake(
            path, "wrong_type", f"{name} must be a table.", f"Write it as [{name}].", shown(value)
        )
    if kind == "literal_error" and isinstance(value, str):
        hint = did_you_mean(value, choices(field)) or f"Choose the one that fits. {meaning}"
        return DefinitionMistake(
            path, "not_a_choice", f"{name} must be {expected(field)}.", hint, shown(value)
        )
    item = isinstance(path[-1], int) or field_at(path[:-1]) is field
    must = "a list of texts in quotes" if item else expected(field)
    ranged = kind.startswith(("greater_than", "less_than", "finite"))
    code = "out_of_range" if ranged else "wrong_type"
    if ranged and isinstance(value, int | float) and MAX_AMOUNT < abs(value) < float("inf"):
        must += ", and no larger than 1e15"
    return DefinitionMistake(path, code, f"{name} must be {must}.", _hint(path, value), shown(value))


def _unknown(path: KeyPath, value: Any) -> DefinitionMistake:
    table, last = path[:-1], str(path[-1])
    model = table_at(table)
    known = list(model.model_fields) if model else []
    where = f"[{visible(dotted(table))}]" if table else "the file"
    what = "table" if not table and isinstance(value, Mapping) else "key"
    hint = did_you_mean(last, known) or f"Known here: {', '.join(known)}."
    rule = f"There is no {what} {visible(last)} in {where}."
    return DefinitionMistake(path, "unknown_key", rule, hint, shown(value))


def _missing(path: KeyPath) -> DefinitionMistake:
    field = field_at(path)
    meaning = (field.description or "") if field else ""
    if len(path) == 1:
        header = f"[{path[0]}.NAME]" if is_named_tables(path) else f"[{path[0]}]"
        fix = f"Add a table {header}."
        return DefinitionMistake(path, "missing_key", f"The table [{path[0]}] is missing. {meaning}", fix)
    return DefinitionMistake(
        path, "missing_key", f"{visible(dotted(path))} is required. {meaning}", _example(path)
    )


def _example(path: KeyPath) -> str:
    path = tuple(part for part in path if isinstance(part, str))
    field = field_at(path)
    if field is None or not field.examples:
        return ""
    where = visible(dotted(path[:-1]))
    return f"Under [{where}] write, for example: {path[-1]} = {toml(field.examples[0])}"


def _hint(path: KeyPath, value: Any) -> str:
    field = field_at(path)
    kind = bare(field.annotation) if field else None
    if path == ("analysis", "alpha") and isinstance(value, int | float) and value > 0:
        return "Write a share, not a percentage: 0.05 is 5 percent."
    if isinstance(value, datetime):
        return f"Leave out the time of day: {path[-1]} = {value.date().isoformat()}"
    if kind is bool:
        return f"Write {path[-1]} = true or {path[-1]} = false, without quotes."
    if kind is date and isinstance(value, str):
        return f"Write year-month-day without quotes, for example: {path[-1]} = 2026-01-12"
    if kind in (int, float) and isinstance(value, str):
        return _bare_number(path, value)
    if kind is int and isinstance(value, float):
        return "Write a whole number; for shares such as 1.5 to 1 write 3 and 2."
    return _example(path)


def _bare_number(path: KeyPath, text: str) -> str:
    """The line with the number that the quotes hold; where they hold none, an example."""
    try:
        number = Decimal(text.strip().lstrip("$").replace(",", ""))
    except InvalidOperation:
        return _example(path)
    return f"Write it without quotes: {path[-1]} = {number}" if number.is_finite() else _example(path)


def validate(raw: Mapping[str, Any]) -> tuple[TrialFile | None, list[DefinitionMistake]]:
    """The models' own verdict on `raw`: the file, or every finding."""
    from pydantic import ValidationError

    from rct.definition.model import TrialFile

    try:
        return TrialFile.model_validate(dict(raw)), []
    except ValidationError as error:
        return None, explain(error)

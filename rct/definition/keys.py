"""Facts about the keys of trial.toml, read off the models: what a key must hold, and how TOML writes it."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from rct.definition.canonical import decimal_text
from rct.definition.choice import OneOf

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

KeyPath = tuple[str | int, ...]
MAX_BITS = 4_096  # of a whole number that is shown; Python writes out no more than 4,300 digits
SHOWN = 80  # characters of a found value that are shown


def dotted(path: KeyPath) -> str:
    """`("arms", "social", "share")` → `arms.social.share`; a list item is told by its list."""
    return ".".join(str(part) for part in path if isinstance(part, str))


def bare(annotation: Any) -> Any:
    """The type without `None` and without `Annotated`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return bare(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation


def table_at(path: KeyPath) -> type[BaseModel] | None:
    """The model whose keys stand in the table at `path`; None where the path names no table of ours."""
    from pydantic import BaseModel

    from rct.definition.model import TrialFile

    kind: Any = TrialFile
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = bare(field.annotation) if field else None
        elif get_origin(kind) is dict:
            kind = bare(get_args(kind)[1])
        else:
            return None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def field_at(path: KeyPath) -> FieldInfo | None:
    """What the models say of the key at `path` (of a list item: what they say of the list)."""
    names = tuple(part for part in path if isinstance(part, str))
    model = table_at(names[:-1]) if names else None
    return model.model_fields.get(names[-1]) if model else None


def is_named_tables(path: KeyPath) -> bool:
    """True for `arms`, `outcomes` and `power.outcomes`: tables whose keys are names that the city chose."""
    return path in {("arms",), ("outcomes",), ("power", "outcomes")}


def expected(field: FieldInfo) -> str:
    """What the key must hold, as the end of a sentence: 'a whole number from 1 to 1,000,000'."""
    words = choices(field)
    if words:
        return "one of " + ", ".join(f'"{choice}"' for choice in words)
    kind = bare(field.annotation)
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _limits(field)
    if get_origin(kind) is list:
        return f"a list of texts, such as {toml(field.examples[0])}" if field.examples else "a list of texts"
    named = {str: "text in quotes", bool: "true or false", date: "a date such as 2026-01-12, without quotes"}
    return named.get(kind, "a table of its own")


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The words a key allows; empty where it is free."""
    for mark in field.metadata:
        if isinstance(mark, OneOf):
            return mark.words()
    kind = bare(field.annotation)
    if get_origin(kind) is Literal:
        return get_args(kind)
    return ()


def _limits(field: FieldInfo) -> str:
    from annotated_types import Ge, Gt, Le, Lt

    from rct.definition.model import MAX_AMOUNT

    low = high = ""
    for limit in field.metadata:
        if abs(getattr(limit, "ge", 0)) == MAX_AMOUNT or getattr(limit, "le", 0) == MAX_AMOUNT:
            continue  # whoever writes a number of usual size need not read of it
        if isinstance(limit, Ge):
            low = (
                f"from {limit.ge:,}"
                if any(isinstance(m, Le) and m.le != MAX_AMOUNT for m in field.metadata)
                else f"of {limit.ge:,} or more"
            )
        elif isinstance(limit, Gt):
            low = f"above {limit.gt:,}"
        elif isinstance(limit, Le):
            high = f"to {limit.le:,}"
        elif isinstance(limit, Lt):
            high = f"and below {limit.lt:,}"
    return " " + " ".join(part for part in (low, high) if part) if low or high else ""


def near(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be."""
    by_fold = {k.casefold(): k for k in known}
    if word.casefold() in by_fold and by_fold[word.casefold()] != word:
        return by_fold[word.casefold()]
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close and by_fold[close[0]] != word else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean X?` or nothing."""
    meant = near(word, known)
    return f"Did you mean {meant}?" if meant else ""


def toml(value: Any) -> str:
    """`value` as TOML writes it in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < MAX_BITS else "a number of very many digits"
    if isinstance(value, float):
        return decimal_text(value) if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(str(k))} = {toml(v)}" for k, v in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return toml_text(str(value))


def toml_text(text: str) -> str:
    """A TOML string in one line; every control character and quote is escaped."""
    plain = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(plain.get(c) or (c if c.isprintable() else f"\\U{ord(c):08X}") for c in text) + '"'


def toml_key(key: str) -> str:
    """`key` as a TOML key, quoted where it must be."""
    safe = key.isascii() and key != "" and all(c.isalnum() or c in "_-" for c in key)
    return key if safe else toml_text(key)


def shown(value: Any) -> str:
    """A value of the file for a message: as TOML writes it, at most 80 characters."""
    text = toml(value) if not isinstance(value, list | dict) or len(value) <= 20 else "a long value"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

"""A registry's form: its fields under their own names, filled or still empty, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rct.report.printers.markdown import escaped


@dataclass(frozen=True)
class FormField:
    """One field. `value` None: rct does not know it, a person must write it (or leave it out if not `required`).

    version: whether the registry calls a later change of it major or minor; None where it makes no difference.
    limit: the most characters that the registry takes. assumed: what such trials usually answer, which nothing in the
    definition says: a person must confirm it.
    """

    key: str
    label: str
    value: Any = None
    required: bool = False
    version: Literal["major", "minor"] | None = None
    limit: int | None = None
    assumed: bool = False

    @property
    def text(self) -> str:
        """The value as a person pastes it: one line an item."""
        return "\n".join(_lines(self.value))

    @property
    def too_long(self) -> int:
        """Characters over the registry's limit; 0 where it fits."""
        return max(0, len(self.text) - self.limit) if self.limit and isinstance(self.value, str) else 0


@dataclass(frozen=True)
class Form:
    """All fields of one registry, in its order. `source`: where the field names are from."""

    registry: str
    title: str
    source: str
    fields: tuple[FormField, ...]

    @property
    def empty(self) -> list[FormField]:
        return [f for f in self.fields if f.value is None]


def to_json(form: Form, about: dict[str, Any]) -> bytes:
    """{registry, form, source, …about, fields: {key: value}, empty: [key], required_and_empty, assumed, too_long}."""
    made = {
        "registry": form.registry,
        "form": form.title,
        "source": form.source,
        **about,
        "fields": {f.key: f.value for f in form.fields},
        "empty": [f.key for f in form.empty],
        "required_and_empty": [f.key for f in form.empty if f.required],
        "assumed": [f.key for f in form.fields if f.assumed and f.value is not None],
        "too_long": {f.key: f.too_long for f in form.fields if f.too_long},
    }
    return (json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def to_markdown(form: Form, heading: str, notes: Sequence[str]) -> bytes:
    """What a person pastes, field by field; the empty ones first, so that nobody overlooks them."""
    parts = [f"# {escaped(heading)}", *(escaped(note) for note in notes)]
    if form.empty:
        parts += ["## Still empty", "Only a person can write these. A star marks what the registry demands."]
        parts.append("\n".join(f"- {escaped(_name(f))}" for f in form.empty))
    long = [f for f in form.fields if f.too_long]
    if long:
        parts += ["## Too long for the registry"]
        parts.append(
            "\n".join(f"- {escaped(f.label)}: {f.too_long:,} characters over {f.limit:,}" for f in long)
        )
    assumed = [f for f in form.fields if f.assumed and f.value is not None]
    if assumed:
        parts += ["## To confirm", "The usual answers of such trials, which nothing in the definition says."]
        parts.append(
            "\n".join(f"- {escaped(_name(f))}: {escaped('; '.join(_lines(f.value)))}" for f in assumed)
        )
    parts.append("## Fields")
    for field in form.fields:
        if field.value is not None:
            parts += [
                f"### {escaped(_name(field))}",
                "\n".join(escaped(line) + "  " for line in field.text.split("\n")),
            ]
    return ("\n\n".join(parts).replace("  \n\n", "\n\n").rstrip() + "\n").encode()


def _name(field: FormField) -> str:
    version = f"; a later change is {field.version}" if field.version else ""
    return f"{field.label}{'*' if field.required else ''} ({field.key}{version})"


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, dict):
        return [f"{key}: {' '.join(_lines(inner))}" for key, inner in value.items() if inner is not None]
    if isinstance(value, list | tuple):
        return ["; ".join(_lines(item)) for item in value]
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    return str(value).split("\n")

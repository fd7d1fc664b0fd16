"""The plan: the definition and its letters as canonical bytes, whose sha256 is the PLAN_HASH.

`plan.json` = canonical JSON of {rct_plan: 1, name, definition, templates: {path: sha256}}. In `definition`
stand the keys of trial.toml with every default filled in: numbers of the kind 'number' as decimal text,
dates as ISO text, absent keys left out. `definition.order` keeps what sorted keys lose: the order of the arms
(it is part of the draw) and of the outcomes (the first primary one decides).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from rct.definition import canonical
from rct.definition.keys import bare, toml
from rct.definition.letters import LetterError, letter_files
from rct.definition.loading import from_keys
from rct.definition.model import TrialFile
from rct.definition.resolve import Definition
from rct.errors import Problem, RctError, stop, visible

VERSION = 1
ORDERED = ("arms", "outcomes")


def plan_json(definition: Definition, templates: Path) -> bytes:
    """The bytes of plan.json for `definition` and the letters in the folder `templates`.

    Raises `RctError` when a letter or picture that it names can't be read.
    """
    keys = _written(definition.model_dump(exclude_none=True, exclude={"name", "path"}))
    keys["order"] = {table: list(getattr(definition, table)) for table in ORDERED}
    plan = {
        "rct_plan": VERSION,
        "name": definition.name,
        "definition": keys,
        "templates": template_hashes(definition, templates),
    }
    return canonical.dumps(plan).encode()


def plan_hash(plan: bytes) -> str:
    """PLAN_HASH: the bare hex sha256 of the bytes of plan.json."""
    return hashlib.sha256(plan).hexdigest()


def frame_design_hash(definition: Definition) -> str:
    """Hex sha256 of [frame], [design] and, where there are any, [columns] and [formats] as plan.json writes them: what
    the reading of a frame hangs on."""
    whole = definition.model_dump(exclude_none=True, include={"frame", "design", "columns", "formats"})
    keys = {table: _written(values) for table, values in whole.items()}
    return hashlib.sha256(canonical.dumps(keys).encode()).hexdigest()


def template_hashes(definition: Definition, templates: Path) -> dict[str, str]:
    """{path: sha256} of every letter that the arms name and of every picture in them."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for template in definition.template_paths:
        try:
            found |= letter_files(templates, template)
        except LetterError as error:
            problems.append(
                Problem(error.code, visible(error.rule), visible(error.fix), found=visible(error.found))
            )
    if problems:
        raise RctError(problems)
    return found


def from_plan(plan: bytes, file: str = "plan.json") -> Definition:
    """The locked plan back as a `Definition`, so that what runs is the plan and not the file beside it.

    `file` is its name in messages. Raises `RctError` when these are not the bytes of a plan.
    """
    return definition_of(read_plan(plan, file), file)


def definition_of(content: Mapping[str, Any], file: str = "plan.json") -> Definition:
    """The same of the parts of a plan that was read already."""
    keys = dict(content["definition"])
    order = keys.pop("order", {})
    try:
        raw = _read(TrialFile, keys)
        for table in ORDERED:
            raw[table] = {name: raw[table][name] for name in order[table]} if order[table] else raw[table]
            if set(raw[table]) != set(keys[table]):
                raise KeyError(table)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        stop(
            "plan_damaged",
            "plan.json does not hold a whole definition.",
            _RESTORE,
            file=file,
            found=type(error).__name__,
        )
    return from_keys(raw, content["name"], file)


_RESTORE = "Run rct verify; take the file from a backup if it was changed."


def read_plan(plan: bytes, file: str = "plan.json") -> dict[str, Any]:
    """The parts of a plan.json: rct_plan, name, definition, templates. Raises `RctError`."""
    try:
        content = canonical.loads(plan.decode())
    except (UnicodeDecodeError, canonical.NotCanonicalError) as error:
        stop("plan_damaged", f"plan.json is not as rct wrote it: {visible(str(error))}.", _RESTORE, file=file)
    shape = {"rct_plan": int, "name": str, "definition": dict, "templates": dict}
    if not isinstance(content, dict) or {k: type(v) for k, v in content.items()} != shape:
        stop("plan_damaged", "plan.json does not have the four parts of a plan.", _RESTORE, file=file)
    if content["rct_plan"] != VERSION:
        rule = f"plan.json is of version {content['rct_plan']}; this rct reads version {VERSION}."
        stop("plan_version", rule, "Use the rct that wrote it, or a newer one.", file=file)
    return content


def _written(value: Any) -> Any:
    """As plan.json writes it: numbers as decimal text, dates as ISO text; whole-number keys stay numbers."""
    if isinstance(value, float):
        return canonical.decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_written(inner) for inner in value]
    return value


def _read(annotation: Any, value: Any) -> Any:
    """`_written` undone, by what the models say each key holds."""
    kind = bare(annotation)
    if kind is float:
        return float(value)
    if kind is date:
        return date.fromisoformat(value)
    if get_origin(kind) is dict:
        return {key: _read(get_args(kind)[1], inner) for key, inner in value.items()}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
        return {key: _read(fields[key].annotation, inner) for key, inner in value.items()}
    return value


@dataclass(frozen=True)
class PlanChange:
    """One changed key (`arms.social.share`) or letter; `old` or `new` is None where it is absent."""

    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.field.startswith("letter ") or self.field.startswith("picture "):
            verb = "added" if self.old is None else "removed" if self.new is None else "changed"
            return f"{self.field} {verb}"
        return f"{self.field}: {self.old or 'absent'} → {self.new or 'absent'}"


def difference(old: bytes, new: bytes) -> list[PlanChange]:
    """What changed from one plan.json to another: keys in the order of trial.toml, then letters by name."""
    return differing(read_plan(old), read_plan(new))


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PlanChange]:
    """The same of the parts of two plans."""
    was, now = _leaves(before["definition"]), _leaves(after["definition"])
    both = _leaves(_joined(before["definition"], after["definition"]))
    changes = [PlanChange(f, was.get(f), now.get(f)) for f in both if was.get(f) != now.get(f)]
    for table in ORDERED:
        first, then = before["definition"]["order"][table], after["definition"]["order"][table]
        if [name for name in first if name in then] != [name for name in then if name in first]:
            changes.append(PlanChange(f"order of {table}", ", ".join(first), ", ".join(then)))
    if before["name"] != after["name"]:
        changes.insert(0, PlanChange("name", before["name"], after["name"]))
    letters, later = before["templates"], after["templates"]
    for path in sorted({*letters, *later}):
        if letters.get(path) != later.get(path):
            kind = "letter" if path.endswith((".md", ".txt")) else "picture"
            changes.append(PlanChange(f"{kind} {visible(path)}", letters.get(path), later.get(path)))
    return changes


def _joined(first: Any, then: Any) -> Any:
    """Two definitions as one, for the order of their keys."""
    if not isinstance(first, dict) or not isinstance(then, dict):
        return then
    return {
        key: _joined(first.get(key, then.get(key)), then.get(key, first.get(key)))
        for key in {**first, **then}
    }


def _leaves(definition: Mapping[str, Any]) -> dict[str, str]:
    """{dotted key: its value as TOML writes it}, in the order of the models."""
    found: dict[str, str] = {}

    def walk(path: str, annotation: Any, value: Any) -> None:
        kind = bare(annotation)
        if get_origin(kind) is dict and isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{path}.{key}", get_args(kind)[1], inner)
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
            for key, field in kind.model_fields.items():
                if key in value:
                    walk(f"{path}.{key}", field.annotation, value[key])
        else:
            found[visible(path)] = value if kind in (float, date) else toml(value)

    for key, field in TrialFile.model_fields.items():
        if key in definition:
            walk(key, field.annotation, definition[key])
    return found

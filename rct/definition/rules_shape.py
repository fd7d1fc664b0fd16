"""Rules on names, texts, arms and letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rct.definition.explain import DefinitionMistake
from rct.definition.keys import KeyPath, did_you_mean, dotted, shown
from rct.definition.letters import LetterError, letter_files, read_letter
from rct.definition.links import mistakes_of_addresses
from rct.definition.rewrite import MARK, is_marked
from rct.definition.syntax import Fields, mistakes
from rct.definition.view import UnknownError, View
from rct.errors import visible
from rct.fs import is_name

LONG_TEXTS = {("trial", "problem"), ("trial", "hypothesis"), ("trial", "ethics")}
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def names(view: View, kind: str, what: str) -> Iterator[DefinitionMistake]:
    """Names of arms and outcomes are safe as file names and column values."""
    for name in view.names(kind):
        if not is_name(name):
            rule = (
                f"The name of {what} has 1 to 64 of a-z, 0-9, _ and -, starts with a letter or digit, "
                "and is no device name such as con or nul."
            )
            fix = f"Rename the table, e.g. [{kind}.{_suggest(name, what)}]; the label may hold any words."
            yield DefinitionMistake((kind, name), "bad_name", rule, fix, visible(name))


def _suggest(name: str, what: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = "".join(c if c.isalnum() else "_" for c in plain).strip("_")[:64]
    return plain if is_name(plain) else what.split()[-1]


_LINES = str.maketrans("", "", "\n\t")
MAX_TEXT = 10_000  # characters of any text in trial.toml


def texts(path: KeyPath, value: Any) -> Iterator[DefinitionMistake]:
    """Texts hold no control characters; but for the long ones they are one line. Walks the whole file."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts((*path, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts((*path, number), inner)
    elif isinstance(value, str):
        if is_marked(value):
            rule = "Nobody of your office has written or confirmed this yet."
            fix = f"Write your own, or leave what is true; and take the word {MARK} away."
            yield DefinitionMistake(path, "rewrite", rule, fix, shown(value))
        if len(value) > MAX_TEXT:
            rule = f"A text has at most {MAX_TEXT:,} characters; {visible(dotted(path))} has {len(value):,}."
            yield DefinitionMistake(
                path, "text_too_long", rule, "Make it shorter: the plan prints it.", shown(value)
            )
        text = value.translate(_LINES) if path in LONG_TEXTS else value
        if text.isprintable():
            return  # no control character is
        bad = next((c for c in text if _is_control(c)), None)
        if bad is not None:
            what = "a line break" if bad in "\r\n" else "a hidden control character"
            rule = f"{visible(dotted(path))} holds {what}."
            yield DefinitionMistake(
                path, "control_character", rule, "Type the text again in one line.", shown(value)
            )


def _is_control(c: str) -> bool:
    return unicodedata.category(c) in {"Cc", "Zl", "Zp", "Cs"} or c in _BIDI


def control(view: View) -> Iterator[DefinitionMistake]:
    """Two arms or more, exactly one of them the control."""
    if view.get("arms") is None:
        return
    arms = view.names("arms")
    if len(arms) < 2:
        rule = "A trial compares at least two arms: the control and one other."
        yield DefinitionMistake(
            ("arms",), "too_few_arms", rule, "Add another table [arms.NAME].", str(len(arms))
        )
    controls = [name for name in arms if view.get("arms", name, "control", default=False) is True]
    if not controls and arms:
        rule = "One arm must be the control, the one that all others are compared with."
        fix = f"Write control = true in one arm, e.g. under [arms.{visible(arms[0])}]."
        yield DefinitionMistake(("arms",), "no_control", rule, fix)
    for name in controls[1:]:
        rule = f"Only one arm can be the control; {visible(controls[0])} is already."
        fix = f"Take control = true out of [arms.{visible(name)}] or of [arms.{visible(controls[0])}]."
        yield DefinitionMistake(("arms", name, "control"), "two_controls", rule, fix, "true")


def values(view: View) -> Iterator[DefinitionMistake]:
    """What a file writes for an arm is written for no other one, and is no other one's name."""
    arms = view.names("arms")
    written = {name: view.get("arms", name, "value", default=None) or name for name in arms}
    for name in arms:
        other = next((o for o in arms if o != name and written[o].strip() == written[name].strip()), None)
        if other is not None and written[name] != name:
            rule = f"A file that says {visible(written[name])} could mean {visible(other)} as well."
            fix = "Give each arm a value of its own, as the file writes it."
            yield DefinitionMistake(("arms", name, "value"), "arm_value", rule, fix, visible(written[name]))


def languages(view: View, arm: str) -> Iterator[DefinitionMistake]:
    """`template` or `templates`, not both; `templates` and `language` together; the column is a named one."""
    here = ("arms", arm)
    one, many = view.get(*here, "template"), view.get(*here, "templates")
    column = view.get(*here, "language")
    if one is not None and many is not None:
        fix = "Keep `template` for one letter, `templates` for one in each language."
        yield DefinitionMistake(
            (*here, "templates"), "template_twice", "An arm has `template` or `templates`.", fix
        )
    if many is not None and not many:
        rule = "`templates` names at least one letter."
        yield DefinitionMistake(
            (*here, "templates"), "no_templates", rule, "Or leave it out: then nothing is sent.", "{}"
        )
    if many and column is None:
        rule = "`templates` needs `language`: the column of the frame that chooses among them."
        yield DefinitionMistake(
            (*here, "templates"), "no_language", rule, 'Add, for example: language = "language"'
        )
    if column is not None and many is None:
        rule = "`language` chooses among `templates`, and this arm has none."
        yield DefinitionMistake(
            (*here, "language"), "language_alone", rule, "Add `templates`, or leave `language` out."
        )
    if column is not None:
        known = _letter_columns(view)
        if column not in known:
            rule = "The column of `language` must be named in contact, categories or blocks."
            fix = (
                did_you_mean(column, known)
                or 'Add it to categories in [frame], e.g. categories = ["language"].'
            )
            yield DefinitionMistake((*here, "language"), "unknown_column", rule, fix, shown(column))


def _letter_columns(view: View) -> list[str]:
    columns: list[str] = []
    for path in (("frame", "contact"), ("frame", "categories"), ("design", "blocks")):
        columns += view.get(*path, default=[])
    return columns


def letters(view: View, arm: str, templates: Path) -> Iterator[DefinitionMistake]:
    """A letter that an arm names, and every picture in it, must be there, inside templates/."""
    paths: list[tuple[str, ...]] = [("arms", arm, "template")]
    paths += [("arms", arm, "templates", language) for language in _languages(view, arm)]
    for path in paths:
        yield from _letter(view, path, templates)


def survey(view: View, templates: Path) -> Iterator[DefinitionMistake]:
    """The survey's page, as any letter; its fields would be filled for each recipient."""
    yield from _letter(view, ("survey", "template"), templates)


def _letter(view: View, path: tuple[str, ...], templates: Path) -> Iterator[DefinitionMistake]:
    try:
        template = view.get(*path)
        if template is not None:
            letter_files(templates, template)
            yield from _marks(view, path, read_letter(templates, template))
            yield from _template(view, path, read_letter(templates, template))
    except UnknownError:
        return
    except LetterError as error:
        yield DefinitionMistake(
            path, error.code, visible(error.rule), visible(error.fix), visible(error.found)
        )


def _marks(view: View, path: tuple[str, ...], text: str) -> Iterator[DefinitionMistake]:
    """Places of a letter that nobody of this office has written yet."""
    file = visible(f"templates/{view.get(*path)}")
    for number, line in enumerate(text.split("\n"), start=1):
        if is_marked(line):
            rule = "Nobody of your office has written or confirmed these words yet."
            fix = f"Write your own, or leave what is true; and take the [[{MARK} …]] away."
            yield DefinitionMistake(
                path, "rewrite", rule, fix, visible(line.strip())[:80], file=file, line=number
            )


def _template(view: View, path: tuple[str, ...], text: str) -> Iterator[DefinitionMistake]:
    """What is wrong inside a letter: its fields and conditions."""
    file = visible(f"templates/{view.get(*path)}")
    fields = _fields(view)
    for mistake in mistakes(text, fields) or mistakes_of_addresses(text, fields.numbers):
        yield DefinitionMistake(
            path, mistake.code, mistake.rule, mistake.fix, mistake.found, file=file, line=mistake.line
        )


def _fields(view: View) -> Fields:
    barred = [
        (view.get(*path), f"{dotted(path)} never leaves the office in a letter.")
        for path in (("frame", "id"), ("design", "clusters"))
        if view.get(*path) is not None
    ]
    if view.get("frame", "opt_out") is not None:
        barred.append((view.get("frame", "opt_out"), "The opt-out column is read and not kept."))
    numbers = view.get("frame", "covariates", default=[])
    text = [c for c in _letter_columns(view) if c not in numbers]
    return Fields(text, numbers, [(name, why) for name, why in barred if name not in (*text, *numbers)])


def _languages(view: View, arm: str) -> list[str]:
    try:
        return list(view.get("arms", arm, "templates", default={}))
    except UnknownError:
        return []

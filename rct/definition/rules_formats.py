"""Rules on [columns] and [formats]: what an office's own files call a column, and how they write values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rct.definition.eligible import compile as compile_condition
from rct.definition.explain import DefinitionMistake
from rct.definition.keys import KeyPath, did_you_mean, dotted, shown
from rct.definition.view import UnknownError, View
from rct.errors import RctError, visible
from rct.tables.formats import ANY, DATES, NUMBERS, DateFormat, FormatError, NumberFormat, format_of

# What rct itself calls the columns of delivery reports, vendor's counts and remarks.
OURS = (
    "reference",
    "status",
    "reason",
    "date",
    "version",
    "file",
    "printed",
    "mailed",
    "spoilage",
    "kind",
    "theme",
)


def formats(view: View) -> Iterator[DefinitionMistake]:
    """Each pattern is one that can be read."""
    declared: tuple[tuple[KeyPath, Callable[[str], object], str], ...] = (
        (("formats", "date"), DateFormat, DATES),
        (("formats", "number"), NumberFormat, NUMBERS),
    )
    for path, kind, wanted in declared:
        yield from _pattern(path, view.get(*map(str, path)), kind, wanted)
    for name, pattern in view.get("formats", "columns", default={}).items():
        yield from _pattern(("formats", "columns", name), pattern, format_of, ANY)


def _pattern(
    path: KeyPath, pattern: str | None, kind: Callable[[str], object], wanted: str
) -> Iterator[DefinitionMistake]:
    if pattern is None:
        return
    try:
        kind(pattern)
    except FormatError:
        rule = f"{visible(dotted(path))} is no format that can be read."
        yield DefinitionMistake(path, "bad_format", rule, f"Write {wanted}.", shown(pattern))


def words(view: View) -> Iterator[DefinitionMistake]:
    """No word means both yes and no."""
    yes = {word.casefold() for word in view.get("formats", "yes", default=[]) or ()}
    for number, word in enumerate(view.get("formats", "no", default=[]) or ()):
        if word.casefold() in yes:
            rule = f"{visible(word)} can't mean both yes and no."
            fix = "Take it out of formats.yes or formats.no."
            yield DefinitionMistake(("formats", "no", number), "yes_and_no", rule, fix, shown(word))


def headings(view: View) -> Iterator[DefinitionMistake]:
    """A heading stands for one column, and never for another that the definition names."""
    given = view.get("columns", default={}) or {}
    first: dict[str, str] = {}
    for name, heading in given.items():
        if heading in first:
            rule = f"{visible(heading)} stands for {visible(first[heading])} already: a column has one name."
            fix = f"Take {visible(name)} or {visible(first[heading])} out of [columns]."
            yield DefinitionMistake(("columns", name), "column_twice", rule, fix, shown(heading))
        first.setdefault(heading, name)


def known_columns(view: View) -> Iterator[DefinitionMistake]:
    """[columns] and [formats] speak of columns that the definition names."""
    try:
        known = named(view)
    except UnknownError:
        return
    for path in (("columns",), ("formats", "columns")):
        for name in view.get(*path, default={}) or {}:
            if name not in known:
                rule = f"No other part of the definition names a column {visible(name)}."
                fix = did_you_mean(name, known) or (
                    "On the left stands the name that [frame], [design] or [outcomes] use."
                )
                yield DefinitionMistake((*path, name), "unknown_column", rule, fix, visible(name))


def named(view: View) -> set[str]:
    """Every column that the definition names, and those that rct itself does."""
    found: list[str | None] = [*OURS]
    for path in (("frame", "id"), ("frame", "opt_out"), ("design", "clusters")):
        found.append(view.get(*path))
    for path in (
        ("frame", "contact"),
        ("frame", "covariates"),
        ("frame", "categories"),
        ("design", "blocks"),
    ):
        found += view.get(*path, default=[])
    for outcome in view.names("outcomes"):
        found += [view.get("outcomes", outcome, "column") or outcome]
        found.append(view.get("outcomes", outcome, "date_column"))
    for arm in view.names("arms"):
        found.append(view.get("arms", arm, "language"))
    condition = view.get("frame", "eligible")
    if condition is not None:
        try:
            found += compile_condition(condition).columns
        except RctError as error:
            raise UnknownError from error
    return {name for name in found if name}

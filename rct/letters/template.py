"""A letter's template, filled for one recipient. A value never becomes part of the text: a mark stands for it.

The template was checked by `rct.definition.syntax` before; it is still rendered in Jinja's sandbox, with strict
undefined names, no loader and our filters only. What comes out is text in which each value is U+E000 number U+E001,
and the values beside it: so Markdown is read without ever seeing a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from jinja2 import StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rct.definition.links import mistakes_of_addresses
from rct.definition.readings import CLOSE, OPEN
from rct.definition.syntax import Fields, mistakes, used
from rct.errors import Problem, RctError
from rct.language import SOURCE
from rct.letters import words

_VALUES = "\x00values"  # no name that a template could write


@dataclass(frozen=True)
class Filled:
    """A letter's Markdown with marks for the values, and the values in the order of their marks."""

    text: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class LetterTemplate:
    """One template: its path under templates/, its text, the language of its words, and the city's currency.

    `lenient` prints a value that a filter can't take as it is: for showing a branch that nobody asked for.
    """

    path: str
    text: str
    language: str = SOURCE.code
    currency: str = "USD"
    lenient: bool = False

    @cached_property
    def fields(self) -> list[str]:
        """The columns it names, each once."""
        return used(self.text)

    @cached_property
    def _compiled(self) -> Template:
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,
            finalize=_mark,
            keep_trailing_newline=True,
            cache_size=0,
        )
        environment.globals.clear()
        environment.tests.clear()
        environment.filters.clear()
        filters = _filters(self.language, self.currency)
        environment.filters.update({k: _lenient(f) for k, f in filters.items()} if self.lenient else filters)
        return environment.from_string(self.text)

    def fill(self, fields: Mapping[str, words.Value]) -> Filled:
        """Fill it for one recipient; `fields` holds every column. Raises `words.UnfitValue`."""
        values: list[str] = []
        text = self._compiled.render({**fields, _VALUES: values})
        return Filled(text, tuple(values))


def sound(
    path: str, text: str, fields: Fields, language: str = SOURCE.code, currency: str = "USD"
) -> LetterTemplate:
    """The letter, if its template may be used; else an `RctError` with every mistake and its line."""
    found = mistakes(text, fields) or mistakes_of_addresses(text, fields.numbers)
    if found:
        raise RctError(
            Problem(code=m.code, rule=m.rule, fix=m.fix, file=f"templates/{path}", line=m.line, found=m.found)
            for m in found
        )
    return LetterTemplate(path, text, language, currency)


@pass_context
def _mark(context: Context, value: object) -> str:
    values: list[str] = context.parent[_VALUES]
    values.append(words.as_text(value))
    return f"{OPEN}{len(values) - 1}{CLOSE}"


def _lenient(strict: Callable[[object], str]) -> Callable[[object], str]:
    def printed(value: object) -> str:
        try:
            return strict(value)
        except words.UnfitValue:
            return words.as_text(value)

    return printed


def _filters(language: str, currency: str) -> dict[str, Any]:
    return {
        "upper": lambda value: words.as_text(value).upper(),
        "lower": lambda value: words.as_text(value).lower(),
        "title": lambda value: _title(words.as_text(value)),
        "capitalize": lambda value: words.as_text(value).capitalize(),
        "trim": lambda value: words.as_text(value).strip(),
        "date": partial(words.day, language=language),
        "money": partial(words.money, currency=currency, language=language),
    }


def _title(text: str) -> str:
    """Each word with a capital and the rest small; after an apostrophe too, as in O'Brien, but not in 's."""
    made = []
    for word in text.split(" "):
        parts = word.replace("’", "'").split("'")
        upper = [
            p[:1].upper() + p[1:].lower() if len(p) > 1 or i == 0 else p.lower() for i, p in enumerate(parts)
        ]
        joined = "'".join(upper)
        made.append("-".join(p[:1].upper() + p[1:] for p in joined.split("-")))
    return " ".join(made)

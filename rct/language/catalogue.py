"""One language: its sentences from locale/CODE.po, its days, lists, numbers and money from Babel.

Babel is imported where a language other than the source's is spoken, and only then: commands start without it.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "locale"
MONTHS = "January February March April May June July August September October November December".split()
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}  # a currency without a sign here stands by its code
MINUS = "−"


@dataclass(frozen=True)
class LocaleFormats:
    """How a locale writes. `list_of`: of items, by and or or; `symbol`: a currency's sign before or behind an amount."""

    day: Callable[[date], str]
    list_of: Callable[[Sequence[str], str], str]
    group: str
    point: str
    money: Callable[[str, str], str]


@dataclass(frozen=True)
class Language:
    """A language's code (the name of its file), the tag of its locale, and its sentences: message → its forms.

    plural  which form a count takes
    """

    code: str
    tag: str
    messages: Mapping[str, tuple[str, ...]] = field(repr=False)
    plural: Callable[[int], int]
    formats: LocaleFormats = field(repr=False)

    @property
    def is_source(self) -> bool:
        """Whether the keys themselves are in it."""
        return self.code == SOURCE.code

    def t(self, message: str, /, **values: object) -> str:
        """The sentence with its values; one that isn't translated is said in the source language."""
        return self.messages.get(message, (message,))[0].format(**values)

    def tn(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The sentence in the form that goes with the count; `{count}` is the count with separators."""
        forms = self.messages.get(one)
        said = forms[self.plural(count)] if forms else (one, many)[SOURCE.plural(count)]
        return said.format(count=self.number(f"{count:,}"), **values)

    def day(self, value: date) -> str:
        """March 2, 2026."""
        return self.formats.day(value)

    def listed(self, items: Sequence[str], last: str = "and") -> str:
        """`a`, `a and b`, `a, b and c`; `last` is and, or."""
        return "".join(items) if len(items) < 2 else self.formats.list_of(items, last)

    def number(self, text: str) -> str:
        """A number written 1,234.5, with this language's separators."""
        return text.translate({ord(","): self.formats.group, ord("."): self.formats.point})

    def money(self, text: str, currency: str) -> str:
        """An amount written 1,234.50, not negative, with its sign or code."""
        return self.formats.money(self.number(text), currency)

    def named(self, code: str) -> str:
        """What another language is called in this one: Spanish, inglés."""
        from babel import Locale

        return str(Locale.parse(self.tag, sep="-").languages[code])


def _english_list(items: Sequence[str], last: str) -> str:
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def _english_money(text: str, currency: str) -> str:
    sign = SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{currency} {text}"


_ENGLISH = LocaleFormats(
    lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}", _english_list, ",", ".", _english_money
)
SOURCE = Language("en", "en-US", {}, lambda n: int(n != 1), _ENGLISH)


def codes() -> tuple[str, ...]:
    """The source's code, then that of each catalogue."""
    return (SOURCE.code, *sorted(path.stem for path in HERE.glob("*.po")))


def language_of(code: str) -> Language:
    """The language of this code; of one without a catalogue the sentences are English, and days stand as 2026-03-02."""
    if code == SOURCE.code:
        return SOURCE
    path = HERE / f"{code}.po"
    if code not in codes():
        return replace(SOURCE, code=code, tag=code, formats=replace(_ENGLISH, day=date.isoformat))
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _changed: int) -> Language:
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    messages = {}
    for entry in catalogue:
        one = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
        forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        if one and all(forms) and not entry.fuzzy:
            messages[str(one)] = tuple(str(form) for form in forms)
    named = catalogue.locale
    if named is None:
        return Language(path.stem, path.stem, messages, gettext.c2py(catalogue.plural_expr), _ENGLISH)
    tag = str(named).replace("_", "-")
    return Language(path.stem, tag, messages, gettext.c2py(catalogue.plural_expr), _formats(str(named)))


def _formats(name: str) -> LocaleFormats:
    """A locale's ways, from the Unicode CLDR as Babel has it."""
    from babel import Locale
    from babel.dates import format_date
    from babel.lists import format_list
    from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

    locale = Locale.parse(name)
    before, _, behind = locale.currency_formats["standard"].pattern.partition(";")[0].partition("#")
    after = behind.rpartition("0")[2]

    def money(text: str, currency: str) -> str:
        sign = SIGNS.get(currency) or get_currency_symbol(currency, locale=locale)
        if before.startswith("¤"):
            space = before[1:] or ("\u00a0" if sign[-1:].isalpha() else "")
            return f"{sign}{space}{text}"
        return f"{text}{after.replace('¤', sign)}"

    return LocaleFormats(
        lambda d: format_date(d, "long", locale=locale),
        lambda items, last: str(format_list(items, "or" if last == "or" else "standard", locale=locale)),
        get_group_symbol(locale),
        get_decimal_symbol(locale),
        money,
    )

"""How a field is printed: dates and money in the letter's language, numbers at their shortest, text made safe.

In a language without a catalogue (`rct.language`) dates stand as 2026-03-02 and money as in English.
"""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal

from rct.language import SOURCE, language_of
from rct.language.catalogue import MINUS
from rct.tables.formats import DateFormat, FileFormats, NumberFormat
from rct.tables.values import LARGEST, SPELLING, parse_date, parse_number

Value = str | float


class Written(str):
    """A field as the office writes it, with what reads it as a date or a number."""

    date: DateFormat | None
    number: NumberFormat | None

    def __new__(cls, text: str, formats: FileFormats, column: str) -> Written:
        made = super().__new__(cls, text)
        made.date, made.number = formats.date_of(column), formats.number_of(column)
        return made


_WIDE = Context(prec=60)  # the largest number has 31 digits, and cents
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LINE_BREAKS = {"\n": " ", "\t": " ", "\r": " "}


class UnfitValue(ValueError):  # noqa: N818 - not an error of ours: a value that can't be printed as asked
    """A value that is no date or no number; `wanted` says what the letter asks for."""

    def __init__(self, wanted: str, value: str):
        self.wanted, self.value = wanted, value
        super().__init__(f"not {wanted}")


def plain(text: str) -> str:
    """`text` as it can be printed: hidden control characters spelled out, marks of spelling kept."""
    return "".join(
        c
        if c in SPELLING or unicodedata.category(c) not in _UNSAFE
        else _LINE_BREAKS.get(c) or c.encode("unicode_escape").decode()
        for c in text
    )


def as_text(value: object) -> str:
    """A field as it is printed without a filter: 120.0 as 120, 0.5 as 0.5."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return plain(str(value))


def day(value: object, language: str) -> str:
    """2026-03-02 as `March 2, 2026` or `2 de marzo de 2026`; empty stays empty. Raises `UnfitValue`."""
    text = as_text(value).strip()
    if not text:
        return ""
    written = value.date if isinstance(value, Written) else None
    found = parse_date(text) if written is None else written.parse(text)
    if found is None:
        raise UnfitValue("a date such as 2026-03-02", text)
    return language_of(language).day(found)


def money(value: object, currency: str, language: str = SOURCE.code) -> str:
    """1234.5 as `$1,234.50`; a currency without a sign here stands before the number. Raises `UnfitValue`."""
    text = as_text(value).strip()
    if not text:
        return ""
    if isinstance(value, Written) and value.number is not None:
        plain_number = value.number.plain(text)
        number = None if plain_number is None else parse_number(plain_number)
    else:
        number = value if isinstance(value, float | int) else parse_number(text)
    if number is None or abs(number) > LARGEST:
        raise UnfitValue("a number such as 12.50", text)
    cents = Decimal(repr(float(number))).quantize(Decimal("0.01"), ROUND_HALF_UP, _WIDE)
    amount = language_of(language).money(f"{abs(cents):,.2f}", currency).replace(" ", "\u00a0")
    return f"{MINUS if cents < 0 else ''}{amount}"

"""How a field is printed: dates and money in the letter's language, numbers at their shortest, text made safe.

English and Spanish are known; in any other language dates stand as 2026-03-02 and money as in English.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from rct.definition.dates import MONTHS
from rct.tables.values import LARGEST, SPELLING, parse_date, parse_number

Value = str | float
_MONTHS = {
    "en": MONTHS,
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
_WIDE = Context(prec=60)  # the largest number has 31 digits, and cents
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
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
    found = parse_date(text)
    if found is None:
        raise UnfitValue("a date such as 2026-03-02", text)
    return written_day(found, language)


def written_day(found: date, language: str) -> str:
    if language == "es":
        return f"{found.day} de {_MONTHS['es'][found.month - 1]} de {found.year}"
    if language == "en":
        return f"{_MONTHS['en'][found.month - 1]} {found.day}, {found.year}"
    return found.isoformat()


def money(value: object, currency: str) -> str:
    """1234.5 as `$1,234.50`; a currency without a sign here stands before the number. Raises `UnfitValue`."""
    text = as_text(value).strip()
    if not text:
        return ""
    number = value if isinstance(value, float | int) else parse_number(text)
    if number is None or abs(number) > LARGEST:
        raise UnfitValue("a number such as 12.50", text)
    cents = Decimal(repr(float(number))).quantize(Decimal("0.01"), ROUND_HALF_UP, _WIDE)
    sign = _SIGNS.get(currency, f"{currency}\u00a0")
    return f"{'−' if cents < 0 else ''}{sign}{abs(cents):,.2f}"

"""How a number looks on paper. The only place that rounds, and only for display.

Every function takes a value at full precision and gives text; none gives a number back to compute with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from rct.language import number, spoken, t

MINUS = "−"
MOST_PLACES = 6
LONGEST = 1e15  # from here on a double's last digits are not a number's own
_WIDE = Context(prec=400, rounding=ROUND_HALF_EVEN)  # a double has at most 309 digits before its point


def whole(value: float) -> str:
    """A count, with separators: 12,345."""
    return decimal(value, 0)


def decimal(value: float, places: int) -> str:
    """`value` with so many decimals, separators, a true minus sign, and never a negative zero.

    Of a number with more digits than a double holds three figures: the others would mean nothing, and fit no page.
    """
    if abs(value) >= LONGEST:
        return (MINUS if value < 0 else "") + number(f"{abs(value):.2e}".replace("e+", "e"))
    text = number(f"{abs(_rounded(value, places)):,.{places}f}")
    return MINUS + text if _rounded(value, places) < 0 else text


def exactly(value: float | Decimal) -> str:
    """A number that a person typed, as short as it reads back: 0.10 is 0.1, 1.0 is 1."""
    typed = Decimal(str(value)).normalize()
    text = number(f"{abs(typed):,f}")
    return MINUS + text if typed < 0 else text


def points_exactly(fraction: float | Decimal) -> str:
    """A typed fraction in percentage points: 0.015 is 1.5."""
    return exactly(Decimal(str(fraction)) * 100)


def confidence(level: float) -> str:
    """A confidence level, which may be 1 - alpha with its binary dust: 0.95 is 95%."""
    return f"{exactly(Decimal(str(round(100 * level, 6))))}%"


def points(fraction: float, places: int = 1) -> str:
    """A fraction in percentage points, the bare number: 0.032 is 3.2."""
    return decimal(100 * fraction, places)


def percent(fraction: float, places: int = 1) -> str:
    """A fraction as a percentage: 0.42 is 42.0%."""
    return f"{points(fraction, places)}%"


def three_figures(value: float) -> str:
    """A large number to three figures: 17,280 is 17,300. Below 100 to the whole."""
    if value == 0 or not math.isfinite(value):
        return whole(value)
    digits = max(0, math.floor(math.log10(abs(value))) - 2)
    return decimal(round(value, -digits), 0)


def money(value: float, currency: str, *, rough: bool = False) -> str:
    """An amount: cents below 100, whole above; `rough` to three figures. $12.50, $8,520, −CAD 8,520."""
    size = abs(value)
    if rough and size >= 100:
        text = three_figures(size)
    else:
        text = decimal(size, places_for(size, 2, figures=1) if size < 100 else 0)
    shown = spoken().formats.money(text, currency)
    return MINUS + shown if value < 0 and any(c in "123456789" for c in text) else shown


def p_number(p: float, beside: float | None = None) -> str:
    """A p-value's number: 0.43, 0.004, <0.001. More digits where it would read as equal to `beside`, the limit that
    it is held against; where no digits tell the two apart, `<0.05` or `>0.05`.
    """
    if p < 0.001 and (beside is None or beside >= 0.001):
        return number("<0.001")
    places = 2 if p >= 0.01 else 3
    if beside is None or p == beside:
        return number(f"{p:.{places}f}")
    if p < 0.001:
        places = max(places, MOST_PLACES)  # a limit below 0.001 is told with all its digits
    places = apart(places, [(p, beside)])
    text = decimal(p, places)
    if text == decimal(beside, places):
        return f"{'<' if p < beside else '>'}{exactly(beside)}"
    return text if any(c in "123456789" for c in text) else f"<{decimal(10.0**-places, places)}"


def p_value(p: float, beside: float | None = None) -> str:
    """`p = 0.03`, `p < 0.001`."""
    text = p_number(p, beside)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def degrees(df: float) -> str:
    """Degrees of freedom: 412, or 11.3 where they aren't whole."""
    return whole(df) if abs(df - round(df)) < 1e-9 or df >= 1000 else decimal(df, 1)


def precise(value: float, *limits: float) -> str:
    """A number for the analyst's tables: five figures, plain where it reads well, and as many more as it takes to
    tell it from a limit that it is held against.
    """
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -5 or size > 8:
        return number(f"{value:.4e}".replace("-", MINUS))
    places = max(0, 4 - size)
    return decimal(value, apart(places, [(value, limit) for limit in limits], most=places + MOST_PLACES))


def places_for(half_width: float, least: int, figures: int = 1) -> int:
    """Decimals that show an interval's half width to so many figures, never fewer than `least`."""
    if not math.isfinite(half_width) or half_width <= 0:
        return least
    return min(MOST_PLACES, max(least, figures - 1 - math.floor(math.log10(half_width))))


def apart(places: int, pairs: Iterable[tuple[float, float]], most: int = MOST_PLACES) -> int:
    """The fewest decimals, from `places` up to `most`, at which no two different numbers of a pair look the same.

    A text that says 'above the agreed 1.0' beside '1.0' would contradict itself.
    """
    different = [(a, b) for a, b in pairs if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)]
    while places < most and any(decimal(a, places) == decimal(b, places) for a, b in different):
        places += 1
    return places


def adds_up(start: float, change: float, end: float, places: int) -> bool:
    """Whether the rounded start plus the rounded change is the rounded end, as a reader would reckon."""
    return _rounded(start, places) + _rounded(change, places) == _rounded(end, places)


def in_fours(hexadecimal: str) -> str:
    """A hash in groups of four, to compare by eye. A leading `sha256:` is kept in front."""
    prefix, colon, digits = hexadecimal.rpartition(":")
    return prefix + colon + " " * bool(colon) + " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def _rounded(value: float, places: int) -> Decimal:
    # From the shortest text that reads back, so that 0.15 rounds as the person who typed it expects.
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), context=_WIDE)


def count_or_withheld(count: int | None) -> str:
    """A count as tables print it; None is one of few people."""
    return t("withheld") if count is None else number(count)


def span(low: str, high: str) -> str:
    """An interval of two numbers as text: `0.2 to 0.4`."""
    return t("{low} to {high}", low=low, high=high)

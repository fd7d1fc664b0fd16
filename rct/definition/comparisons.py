"""What a condition compares each of its text columns with, and which of them are dates.

A column that is compared with a date holds dates in every row, or nothing. Where texts that are no dates are compared
by order, only the file can tell whether letter by letter is what was meant: `Ordered` says where to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rct.definition.expression import Among, ColumnReference, Compare, Constant, ExpressionError
from rct.errors import visible
from rct.tables.values import parse_date

ORDER = frozenset(("<", "<=", ">", ">="))
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_LIKE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:[T ].*)?")
EXAMPLE = "Write the day as YYYY-MM-DD, for example '2025-06-01', and have the column so in the file."


@dataclass(frozen=True)
class Ordered:
    """Texts that are compared by order: a column with a text, or with another column."""

    column: str
    op: str
    other: str
    is_column: bool

    def __str__(self) -> str:
        other = self.other if self.is_column else f"'{self.other}'"
        return f"{self.column} {self.op} {other}"


@dataclass(frozen=True)
class Compared:
    """Of a condition: its columns of dates, and those of them that are compared by order; what each column is said to
    be equal to (or not), and all that it is compared with; texts that are compared by order."""

    dates: frozenset[str]
    dates_by_order: frozenset[str]
    equals: dict[str, tuple[float | str, ...]]
    constants: dict[str, tuple[float | str, ...]]
    ordered: tuple[Ordered, ...]


def compared(parts: Iterable[Compare | Among], numbers: frozenset[str]) -> Compared:
    """What the parts of a condition compare; `numbers` are its columns of numbers.

    Raises `ExpressionError` for a date that is written wrong, and for a column that would be dates and words.
    """
    equals: dict[str, dict[float | str, None]] = {}
    constants: dict[str, dict[float | str, Constant]] = {}
    by_order: set[str] = set()
    pairs: list[tuple[str, str]] = []
    ordered: list[Ordered] = []
    for column, op, other in _pairs(parts):
        if isinstance(other, ColumnReference):
            pairs.append((column.name, other.name))
        else:
            _refuse_wrong_date(other, by_order=op in ORDER)
            constants.setdefault(column.name, {}).setdefault(other.value, other)
            if op not in ORDER:
                equals.setdefault(column.name, {})[other.value] = None
        if op in ORDER:
            by_order.update(c.name for c in (column, other) if isinstance(c, ColumnReference))
            if column.name not in numbers and not (isinstance(other, Constant) and other.value == ""):
                said = other.name if isinstance(other, ColumnReference) else str(other.value)
                ordered.append(Ordered(column.name, op, said, isinstance(other, ColumnReference)))
    dates = _dates(constants, by_order)
    spreading = True
    while spreading:
        known = len(dates)
        dates |= {name for pair in pairs if dates.intersection(pair) for name in pair} - numbers
        spreading = len(dates) > known
    return Compared(
        frozenset(dates),
        frozenset(dates & by_order),
        {name: tuple(values) for name, values in equals.items()},
        {name: tuple(values) for name, values in constants.items()},
        tuple(dict.fromkeys(o for o in ordered if o.column not in dates)),
    )


def _pairs(
    parts: Iterable[Compare | Among],
) -> Iterator[tuple[ColumnReference, str, ColumnReference | Constant]]:
    """Each comparison with a column on its left."""
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    for part in parts:
        if isinstance(part, Among):
            yield from ((part.column, "==", value) for value in part.values)
        elif isinstance(part.left, ColumnReference):
            yield part.left, part.op, part.right
        elif isinstance(part.right, ColumnReference):
            yield part.right, turned.get(part.op, part.op), part.left


def _dates(constants: dict[str, dict[float | str, Constant]], by_order: set[str]) -> set[str]:
    dates: set[str] = set()
    for name, values in constants.items():
        texts = [c for v, c in values.items() if isinstance(v, str) and v]
        others = [c for c in texts if not _is_date(str(c.value))]
        if len(others) == len(texts):
            continue
        if not others:
            dates.add(name)
        elif name in by_order:
            rule = f"{visible(name)} is compared with dates and with a text that is no date."
            fix = "Compare it with dates alone, and with '' for rows without one."
            raise ExpressionError(rule, fix, others[0].at, visible(str(others[0].value)))
    return dates


def _is_date(text: str) -> bool:
    return _ISO.fullmatch(text) is not None and parse_date(text) is not None


def _refuse_wrong_date(constant: Constant, *, by_order: bool) -> None:
    text = constant.value
    if not isinstance(text, str) or _is_date(text):
        return
    if _ISO.match(text) and _DATE_LIKE.fullmatch(text):
        at_all = parse_date(text) is not None
        rule = "A condition compares days, not times of the day." if at_all else "There is no such day."
        raise ExpressionError(rule, EXAMPLE, constant.at, visible(text))
    if by_order and _DATE_LIKE.fullmatch(text):
        rule = "As it is written, this date would be compared letter by letter."
        raise ExpressionError(rule, EXAMPLE, constant.at, visible(text))

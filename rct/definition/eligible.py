"""Who takes part: a condition on the columns of the frame file, compiled to a test of columns.

    balance >= 25 and status == 'open' and not (district in ('7', '9') or `Last Bill` < '2025-06-01')

A column compared with a number must hold numbers in every row, whatever the rest of the condition says; one
compared with a date, dates or nothing; one compared with another text is compared as text (NFC, trimmed, by code
point). Two columns
compared with each other by == or != are texts unless either is a number elsewhere; by < <= > >= numbers,
unless either is a text elsewhere. `a < b < c` means a < b and b < c.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from rct.definition.comparisons import Compared, compared
from rct.definition.expression import (
    Among,
    ColumnReference,
    Compare,
    Constant,
    Every,
    ExpressionError,
    Node,
    Not,
    read,
)
from rct.definition.keys import did_you_mean
from rct.errors import Problem, RctError, visible
from rct.tables.values import TRIM, parse_date, parse_number

FIELD = "frame.eligible"

_Columns = Mapping[str, Sequence[float | str]]  # by name, a value a unit
_Test = Callable[[_Columns], Iterator[bool]]
_COMPARE: dict[str, Callable[[float | str, float | str], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class BadValue(ValueError):  # noqa: N818 - a name that other parts use
    """A column that is compared with a number or a date holds something else in this row."""

    def __init__(self, column: str, found: str, kind: str = "number"):
        super().__init__(f"{visible(column)} is compared with a {kind}")
        self.column, self.found = column, found


@dataclass(frozen=True)
class Eligibility:
    """A compiled condition: the columns it reads (in order of appearance), which of them are numbers, and with what
    the others are compared."""

    text: str
    columns: tuple[str, ...]
    numbers: frozenset[str]
    compared: Compared
    _test: _Test

    def test(self, row: Mapping[str, str]) -> bool:
        """Whether the unit in `row` (column → cell as text) takes part. Raises `BadValue`."""
        return next(self._test({name: [self._cell(name, row[name])] for name in self.columns}))

    def hold(self, columns: Sequence[str], values: Sequence[Sequence[float | str]]) -> Iterator[bool]:
        """`test` of many units, whose cells are read already: a float for each of `numbers`, YYYY-MM-DD or '' for
        each of `compared.dates`, else clean text."""
        return self._test(dict(zip(columns, values, strict=True)))

    def _cell(self, name: str, cell: str) -> float | str:
        if name in self.numbers:
            number = parse_number(cell)
            if number is None:
                raise BadValue(name, cell)
            return number
        if name in self.compared.dates and cell.strip(TRIM):
            day = parse_date(cell)
            if day is None:
                raise BadValue(name, cell, "date")
            return day.isoformat()
        return cell.strip(TRIM) if cell.isascii() else unicodedata.normalize("NFC", cell).strip(TRIM)


def compile(text: str, columns: Collection[str] | None = None) -> Eligibility:
    """The condition in `text`; where `columns` (the file's) is given, it may read no others.

    Raises `RctError`; each rule names the character of the condition (from 1) at which it goes wrong.
    """
    try:
        tree = read(text)
        used = list(_columns(tree))
        numbers = _number_columns(tree)
        others = compared(_parts(tree), numbers)
    except ExpressionError as error:
        rule = f"{error.rule.rstrip('.')} (character {error.at} of the condition)."
        raise RctError(
            Problem("bad_eligibility", rule, error.fix, field=FIELD, found=error.found or None)
        ) from error
    names = list(dict.fromkeys(column.name for column in used))
    if columns is not None:
        missing = {column.name: column for column in reversed(used) if column.name not in columns}
        problems = [
            Problem(
                "missing_column",
                f"The condition in frame.eligible reads a column that the file lacks: {visible(name)} "
                f"(character {missing[name].at} of the condition).",
                did_you_mean(name, columns) or "Correct the name; texts stand in single quotes: 'open'.",
                field=FIELD,
                found=visible(name),
            )
            for name in names
            if name in missing
        ]
        if problems:
            raise RctError(problems)
    return Eligibility(text, tuple(names), numbers, others, _compiled(tree))


def _parts(node: Node) -> Iterator[Compare | Among]:
    if isinstance(node, Compare | Among):
        yield node
    elif isinstance(node, Not):
        yield from _parts(node.inner)
    else:
        for part in node.parts:
            yield from _parts(part)


def _columns(node: Node) -> Iterator[ColumnReference]:
    for part in _parts(node):
        values = (part.left, part.right) if isinstance(part, Compare) else (part.column,)
        yield from (value for value in values if isinstance(value, ColumnReference))


def _number_columns(tree: Node) -> frozenset[str]:
    """The columns that must hold numbers. Raises `ExpressionError` for one that would have to be both."""
    kinds: dict[str, type] = {}

    def learn(column: ColumnReference, kind: type) -> bool:
        known = kinds.setdefault(column.name, kind)
        if known is not kind:
            rule = f"{visible(column.name)} is compared with a number and with a text."
            raise ExpressionError(rule, "Put both in quotes, or neither.", column.at, visible(column.name))
        return known is kind

    pairs: list[tuple[ColumnReference, ColumnReference, str]] = []
    for part in _parts(tree):
        if isinstance(part, Among):
            learn(part.column, type(part.values[0].value))
        elif isinstance(part.left, ColumnReference) and isinstance(part.right, ColumnReference):
            pairs.append((part.left, part.right, part.op))
        else:
            column, constant = (
                (part.left, part.right) if isinstance(part.left, ColumnReference) else (part.right, part.left)
            )
            if isinstance(column, ColumnReference) and isinstance(constant, Constant):
                learn(column, type(constant.value))
    _spread(pairs, kinds, learn)
    for left, _, op in pairs:
        if left.name not in kinds and op not in ("==", "!="):
            learn(left, float)
            _spread(pairs, kinds, learn)
    return frozenset(name for name, kind in kinds.items() if kind is float)


def _spread(
    pairs: list[tuple[ColumnReference, ColumnReference, str]],
    kinds: dict[str, type],
    learn: Callable[[ColumnReference, type], bool],
) -> None:
    """Two columns compared with each other are of one kind; what is known of one is known of the other."""
    again = True
    while again:
        known = len(kinds)
        for left, right, _ in pairs:
            if left.name in kinds:
                learn(right, kinds[left.name])
            elif right.name in kinds:
                learn(left, kinds[right.name])
        again = len(kinds) > known


def _compiled(node: Node) -> _Test:
    if isinstance(node, Compare):
        return _compare(_COMPARE[node.op], node.left, node.right)
    if isinstance(node, Among):
        name, negated = node.column.name, node.negated
        values = frozenset(constant.value for constant in node.values)
        return lambda columns: ((value in values) is not negated for value in columns[name])
    if isinstance(node, Not):
        inner = _compiled(node.inner)
        return lambda columns: map(operator.not_, inner(columns))
    first, *others = (_compiled(part) for part in node.parts)
    join = operator.and_ if isinstance(node, Every) else operator.or_

    def joined(columns: _Columns) -> Iterator[bool]:
        found = first(columns)
        for other in others:
            found = map(join, found, other(columns))
        return found

    return joined


def _compare(
    op: Callable[[float | str, float | str], bool],
    left: ColumnReference | Constant,
    right: ColumnReference | Constant,
) -> _Test:
    assert isinstance(left, ColumnReference) or isinstance(right, ColumnReference)  # else no end of answers

    def values(of: ColumnReference | Constant, columns: _Columns) -> Iterable[float | str]:
        return columns[of.name] if isinstance(of, ColumnReference) else repeat(of.value)

    return lambda columns: map(op, values(left, columns), values(right, columns))

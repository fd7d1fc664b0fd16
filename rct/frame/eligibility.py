"""Who takes part, row by row; and what the whole file says of a condition that is well formed and may mean another thing.

A condition that names a value which no row has, or that compares numbers and dates letter by letter, keeps and drops
people without a word. So the values of its text columns are looked at beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from rct.definition.comparisons import Ordered
from rct.definition.eligible import FIELD, Eligibility
from rct.errors import Problem, RctError, visible
from rct.tables.columns import numbers
from rct.tables.judge import DATE_NOTES, NUMBER_NOTES, Chunk, Judge
from rct.tables.values import parse_number

_DISTINCT = 10_000  # values of a column that are counted; what is asked for is looked up in all
_SHOWN = 10
_DIGIT = re.compile(r"[0-9]")


class Eligible:
    """The condition of a list, and what its columns hold."""

    def __init__(self, rule: Eligibility, judge: Judge):
        self._rule, self._judge = rule, judge
        self._values: dict[str, Counter[str]] = {n: Counter() for n in rule.columns if n not in rule.numbers}
        self._missing = {name: set(values) for name, values in rule.compared.equals.items()}

    def leaves_out(self, chunk: Chunk) -> list[bool]:
        """Which rows take no part. A row that can't be judged is refused, and stays so that its other defects are found."""
        rule, judge = self._rule, self._judge
        columns = tuple(rule.columns)
        values: list[Sequence[float | str]] = []
        unreadable: dict[int, tuple[str, str, str]] = {}  # place → code, the first such column, its cell
        for name in columns:
            if name in rule.numbers:
                cells = judge.text(chunk, name, allow=NUMBER_NOTES)
                parsed, bad, empty = numbers(judge.plain_numbers(chunk, name, cells))
                values.append(parsed.tolist())
                for i in bad:
                    unreadable.setdefault(i, ("not_a_number", name, cells[i]))
                for i in empty:
                    unreadable.setdefault(i, ("number_missing", name, cells[i]))
                self._look(name, parsed.tolist())
            elif name in rule.compared.dates:
                cells = judge.text(chunk, name, allow=DATE_NOTES)
                read = judge.day_of(name)
                days = {cell: _day(cell, read) for cell in set(cells)}
                for i, cell in enumerate(cells):
                    if days[cell] is None:
                        unreadable.setdefault(i, ("not_a_date", name, cell))
                values.append([days[cell] or "" for cell in cells])
                self._look(name, values[-1])
            else:
                values.append(judge.text(chunk, name))
                self._look(name, values[-1])
        sound = judge.sound(chunk)
        out = [not holds for holds in rule.hold(columns, values)]
        for i, (code, name, cell) in unreadable.items():
            out[i] = False
            if sound[i]:
                judge.refuse_unfit(chunk, i, code, name, cell)
        return out if all(sound) else [o and good for o, good in zip(out, sound, strict=True)]

    def _look(self, name: str, values: Sequence[float | str]) -> None:
        """Remember what is there of a column."""
        if self._missing.get(name):
            self._missing[name].difference_update(values)
        counts = self._values.get(name)
        if counts is not None:
            for value, n in Counter(values).items():
                if value in counts or len(counts) < _DISTINCT:
                    counts[str(value)] += n

    # -- at the end of the file

    def warnings(self, file: str) -> list[Problem]:
        """What to look at. Raises `RctError` where numbers are compared letter by letter."""
        wrong = [p for o in self._rule.compared.ordered if (p := self._wrong_order(o, file)) is not None]
        if wrong:
            raise RctError(wrong)
        problems = [p for name in self._rule.columns if (p := self._nobody_has(name, file)) is not None]
        problems += [p for name in self._rule.columns if (p := self._without_date(name, file)) is not None]
        return problems + [
            self._by_letter(o, file) for o in self._rule.compared.ordered if not self._in_shape(o)
        ]

    def _wrong_order(self, ordered: Ordered, file: str) -> Problem | None:
        """Numbers that are compared as texts."""
        texts = self._texts(ordered)
        if self._in_shape(ordered) or not texts or any(parse_number(text) is None for text in texts):
            return None
        rule = (
            f"{visible(str(ordered))} compares numbers as texts, letter by letter: '100' comes before '25'."
        )
        fix = "Prepare a yes/no column instead." if ordered.is_column else "Write the number without quotes."
        return Problem("text_order", rule, fix, file, field=FIELD, found=self._there(ordered.column))

    def _in_shape(self, ordered: Ordered) -> bool:
        """Whether all texts are written alike, digit for digit, so that their order is that of what they mean."""
        shapes = {_DIGIT.sub("0", text) for text in self._texts(ordered)}
        return len(shapes) <= 1 and all("0" in shape and shape[0] not in "+-" for shape in shapes)

    def _texts(self, ordered: Ordered) -> list[str]:
        texts = [text for text in self._values[ordered.column] if text]
        if ordered.is_column:
            return texts + [text for text in self._values.get(ordered.other, ()) if text]
        return [*texts, ordered.other] if texts else []

    def _by_letter(self, ordered: Ordered, file: str) -> Problem:
        rule = (
            f"{visible(str(ordered))} compares texts letter by letter, capitals before small letters: see whether the "
            "values are ordered so."
        )
        fix = "Name the values instead, for example: grade in ('A', 'B')."
        return Problem("text_order", rule, fix, file, field=FIELD, found=self._there(ordered.column))

    def _nobody_has(self, name: str, file: str) -> Problem | None:
        missing = [v for v in self._rule.compared.equals.get(name, ()) if v in self._missing[name]]
        if not missing:
            return None
        said = " or ".join(f"'{v}'" if isinstance(v, str) else f"{v:g}" for v in missing[:_SHOWN])
        rule = (
            f"The condition asks whether {visible(name)} is {visible(said)}, and no row of the file has that."
        )
        fix = "Write the values as the file has them; case counts."
        return Problem("no_such_value", rule, fix, file, field=name, found=self._there(name))

    def _without_date(self, name: str, file: str) -> Problem | None:
        compared = self._rule.compared
        empty = self._values[name][""] if name in compared.dates_by_order else 0
        if not empty or "" in compared.equals.get(name, ()):
            return None
        rule = (
            f"{empty:,} {'row has' if empty == 1 else 'rows have'} no date in {visible(name)}: the condition counts "
            f"{'it' if empty == 1 else 'them'} as earlier than every date."
        )
        fix = f"If that is not meant, add to the condition: and {visible(name)} != ''"
        return Problem("undated", rule, fix, file, field=name, found=str(empty))

    def _there(self, name: str) -> str | None:
        """The values there are; none of a column that tells who a person is."""
        counts = self._values.get(name)
        return None if counts is None or name in self._judge.refusals.hidden else _listed(counts)


def _day(cell: str, read: Callable[[str], date | None]) -> str | None:
    """The day as YYYY-MM-DD, '' where there is none, None for what is no date."""
    if not cell:
        return ""
    day = read(cell)
    return None if day is None else day.isoformat()


def _listed(counts: Counter[str]) -> str:
    """The commonest values with their counts."""
    most = [f"{visible(value)[:40] or '(empty)'} ({n:,})" for value, n in counts.most_common(_SHOWN)]
    more = len(counts) - len(most)
    return ", ".join(most) + (f" and {more:,} more" if more > 0 else "")

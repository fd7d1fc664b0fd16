"""One family of errors: everything a person can mend is a `Problem`, shown without a traceback.

A `Problem` says which file, row, line and field, what was found there, the rule it breaks and what to do.
A command that cannot go on raises `RctError` with every problem it knows of; the command line prints them
(or one JSON object) and exits 2. Whatever is not an `RctError` is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_LISTED = 1_000  # problems listed for one file; more are counted


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `row` is the data row (1-based), `line` and `column` the place in the file."""

    code: str
    rule: str
    fix: str = ""
    file: str | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    found: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The eight keys of the JSON contract."""
        return {k: getattr(self, k) for k in ("code", "file", "row", "line", "field", "found", "rule", "fix")}


class RctError(Exception):
    """Could not be done: exit 2. Carries every problem found, never an empty list.

    Of a file with many defects the first are carried: `rest` says how many there are and where all are listed.
    """

    def __init__(self, problems: Problem | Iterable[Problem], rest: str = ""):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        self.rest = rest
        if not self.problems:
            raise ValueError("an RctError needs at least one problem")
        super().__init__("; ".join(f"{p.code}: {p.rule}" for p in self.problems[:5]))


class HeldOpen(UserWarning):
    """A file of the workspace that another program holds open, so that what was decided about it must wait."""

    def __str__(self) -> str:
        return (
            f"{self.args[0]} is open in another program, such as Excel: close it there. The next rct command then "
            "puts the new file in its place, or deletes it if that was asked."
        )


def stop(code: str, rule: str, fix: str = "", **where: Any) -> NoReturn:
    """Raise an `RctError` with one problem; `where` takes file, row, line, column, field, found."""
    raise RctError(Problem(code=code, rule=rule, fix=fix, **where))


def visible(text: str) -> str:
    """`text` with every control, format and line-breaking character spelled out, safe to print.

    Values from data may hold escape codes or bidirectional overrides; a terminal must never run them.
    """
    return "".join(c if _printable(c) else c.encode("unicode_escape").decode("ascii") for c in text)


def typed(text: str) -> str:
    """`text` as one word of a command that a person may copy into a shell, whatever it is made of."""
    return shlex.quote(visible(text))


def _printable(c: str) -> bool:
    return c == " " or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

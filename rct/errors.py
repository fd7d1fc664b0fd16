"""One family of errors: everything a person can mend is a `Problem`, shown without a traceback.

A `Problem` says which file, row, line and field, what was found there, the rule it breaks and what to do.
A command that cannot go on raises `RctError` with every problem it knows of; the command line prints them
(or one JSON object) and exits 2. Whatever is not an `RctError` is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

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
    """Could not be done: exit 2. Carries every problem found, never an empty list."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        if not self.problems:
            raise ValueError("an RctError needs at least one problem")
        super().__init__("; ".join(f"{p.code}: {p.rule}" for p in self.problems[:5]))


def stop(code: str, rule: str, fix: str = "", **where: Any) -> NoReturn:
    """Raise an `RctError` with one problem; `where` takes file, row, line, column, field, found."""
    raise RctError(Problem(code=code, rule=rule, fix=fix, **where))


def visible(text: str) -> str:
    """`text` with every control, format and line-breaking character spelled out, safe to print.

    Values from data may hold escape codes or bidirectional overrides; a terminal must never run them.
    """
    return "".join(c if _printable(c) else c.encode("unicode_escape").decode("ascii") for c in text)


def _printable(c: str) -> bool:
    return c == " " or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


# Every code a person can meet, with what it means. docs/errors.md is written from this table.
# Grouped by the part that raises it; kept sorted within a group.
CODES: dict[str, str] = {
    # estimates and strata
    "arm_not_comparable": (
        "An arm shares no block with the arm it is compared with, so nothing can be said of the difference. "
        "Check the assignment, or use larger blocks."
    ),
    "arm_without_outcomes": (
        "An arm has no known outcome at all. Load the outcomes of every arm, then analyze."
    ),
    "blocks_too_small": (
        "Some blocks are too small to hold every arm, and no larger block is there to join. Use fewer, "
        "larger blocks, or none."
    ),
    "lin_needs_two_clusters": (
        "The estimator lin needs at least two clusters of every arm in every block. Write estimator = "
        "'ols', or use fewer, larger blocks."
    ),
    "standard_errors_do_not_fit": (
        "The standard errors named do not fit the design: HC2 without clusters, CR2 with them."
    ),
    "too_few_for_covariates": (
        "The regression has as many coefficients as rows. Name fewer covariates and categories, or use "
        "difference_in_means."
    ),
    "too_few_units": (
        "An arm or a block has too few units or clusters with a known outcome to compute an error from."
    ),
    "unknown_estimator": "This estimator does not exist. Use difference_in_means, ols or lin.",
}

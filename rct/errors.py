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
    # trial.toml
    "aggregate_kind": (
        "How events are joined does not fit the kind of outcome: any for binary, count or sum for count,"
        " sum for continuous."
    ),
    "aggregate_unit": (
        'An outcome with one row a unit has nothing to join. Write rows = "event", or take aggregate out.'
    ),
    "bad_date": (
        "A date is not in the calendar, or its year can't be right. Write year-month-day without quotes,"
        " such as 2026-02-28."
    ),
    "bad_eligibility": (
        "The condition in frame.eligible can't be read. The message names the character where it goes wrong."
    ),
    "bad_name": (
        "Names of trials, arms and outcomes are short: 1 to 64 of a-z, 0-9, _ and -, a letter or digit "
        "first, and no device name such as con or nul. Labels and titles may hold any words."
    ),
    "blank": "A text that must say something is blank. Write a sentence; the plan prints it.",
    "column_twice": (
        "A column is named in two places that exclude each other (such as contact, which stays "
        "encrypted, and covariates, which don't), or twice in one list. Name it once."
    ),
    "control_character": (
        "A text holds a line break or a hidden control character. Type it again in one line."
    ),
    "date_order": "A date comes before the trial's start. Choose the start or a later day.",
    "date_too_early": (
        "Results would be seen before the last day that counts. Move analysis.date to the end of the "
        "longest primary window or later."
    ),
    "definition_encoding": "trial.toml is not saved as UTF-8. Save it again and choose UTF-8.",
    "definition_too_big": "trial.toml is larger than 1 MiB: it is probably another file.",
    "definition_unreadable": "trial.toml can't be read. Check the file and its permissions.",
    "eligible_personal": (
        "Who takes part may not hang on the id or on a contact column. Use another column of the file."
    ),
    "event_drop": (
        "With one row an event, a unit without a row had no event, so its outcome is zero. Write missing"
        ' = "zero".'
    ),
    "language_alone": (
        "An arm has a language column but no templates to choose from. Add templates, or take language out."
    ),
    "letter_encoding": "A letter is not saved as UTF-8 text. Save it again and choose UTF-8.",
    "letter_kind": "A letter is a Markdown or text file: .md or .txt.",
    "measurement_zero": (
        'A missing measurement is not zero. Write missing = "drop", or rows = "event" for sums.'
    ),
    "missing_key": (
        "A key or table that every trial needs is missing. The message says what belongs there, with an "
        "example."
    ),
    "no_control": "No arm is the control. Write control = true in exactly one arm.",
    "no_date_column": (
        "Events can be counted in a window only by their dates. Name the column in date_column."
    ),
    "no_definition": "There is no trial.toml in this folder. Make a trial with: rct new NAME",
    "no_language": (
        "An arm has letters in several languages but no column that chooses among them. Add language = "
        '"COLUMN".'
    ),
    "no_outcome": "A trial measures at least one outcome. Add a table [outcomes.NAME].",
    "no_primary": "No outcome is primary. Write primary = true for what the trial is judged by.",
    "no_templates": (
        "templates is empty. Name a letter for each language, or leave it out: then nothing is sent."
    ),
    "not_a_choice": "A key has a word that it doesn't know. The message lists the words.",
    "out_of_range": (
        "A number is outside its limits. Shares and effects on yes/no outcomes are written as 0.05, not 5."
    ),
    "outside_templates": (
        "A letter or picture must be a file under templates/, named without .. or a leading /."
    ),
    "picture_kind": "A picture in a letter must be PNG, JPEG, SVG, GIF or WebP.",
    "plan_damaged": (
        "plan.json is not as rct wrote it. Run rct verify, and take the file from a backup if it was changed."
    ),
    "plan_version": "plan.json was written by another version of rct. Use that version or a newer one.",
    "scheme_needs": (
        "The scheme needs blocks or clusters that aren't named. Name them, or choose another scheme."
    ),
    "scheme_refuses": (
        "Blocks or clusters are named that the scheme doesn't use. Choose the scheme that does, or take "
        "them out."
    ),
    "sd_of_binary": "The standard deviation of a yes/no outcome follows from its baseline. Take sd out.",
    "template_missing": (
        "A letter or picture that the definition names isn't there. Correct the path, or put the file "
        "under templates/."
    ),
    "template_size": "A letter has at most 64 KiB, a picture at most 20 MiB.",
    "template_twice": "An arm has one letter (template) or one in each language (templates), not both.",
    "toml_nesting": "trial.toml is nested far deeper than any definition. Is it the right file?",
    "toml_syntax": (
        "A line can't be read as TOML. Each line is key = value; texts stand in quotes, dates and "
        "numbers don't."
    ),
    "too_few_arms": "A trial compares at least two arms. Add a table [arms.NAME].",
    "two_controls": "More than one arm is the control. Write control = true in exactly one.",
    "unknown_column": (
        "A subgroup or language column is named nowhere else. Add it to categories (or blocks), or "
        "correct its name."
    ),
    "unknown_key": (
        "trial.toml has a key or table that rct doesn't know. Mind the spelling; the message suggests "
        "the nearest."
    ),
    "unknown_outcome": "[power.outcomes.NAME] must bear the name of a primary outcome.",
    "wrong_type": (
        "A key holds the wrong kind of value: a number in quotes, true for a number, a text for a list. "
        "The message says what belongs there."
    ),
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
    # the draw and its beacon
    "bad_beacon": (
        "A beacon is not written as it must be: drand:CHAINHASH:ROUND:RANDOMNESS or "
        "lottery:NAME:DATE:N1-N2-... with ascending numbers, no spaces."
    ),
    "bad_beacon_source": (
        "design.beacon is none, drand:CHAINHASH or lottery:NAME. Correct it before the plan is locked."
    ),
    "beacon_missing": (
        "The plan promises a beacon and none was given. The message says which one counts; give it with "
        "--beacon."
    ),
    "beacon_not_planned": "A beacon was given and the plan names none. Draw without --beacon.",
    "beacon_too_early": "The beacon that counts has not come out yet. Wait for it, then draw.",
    "drawn_twice": "The same unit or cluster stands twice in the list of the draw. Load the frame again.",
    "empty_cluster": "A unit has no cluster, and the scheme draws clusters. Fill the column in.",
    "no_units": "Nobody is in the list, so there is nothing to draw. Load a list with at least one unit.",
    "split_cluster": "Members of one cluster are in different blocks or arms. A cluster is drawn as a whole.",
    "unknown_chain": (
        "rct doesn't know when this drand chain speaks, so it can't say which round counts. Use a chain "
        "that the message names."
    ),
    "wrong_beacon": (
        "Only one beacon counts, fixed by the later of lock and frame, and this is not it. The message "
        "says which one does."
    ),
}

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
    "no_definition": "There is no trial.toml in this folder. Make a trial with: rct new NAME.",
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
    "template_field": (
        "A letter names a field that it can't have: it is no column of [frame] or [design], or one that "
        "never leaves the office. Correct the name, or name the column in contact."
    ),
    "template_missing": (
        "A letter or picture that the definition names isn't there. Correct the path, or put the file "
        "under templates/."
    ),
    "name_twins": (
        "Two files in a folder of templates/ have names that differ by case, or by how an accent is composed: on Windows "
        "and macOS they are one file. Rename one of them."
    ),
    "template_size": "A letter has at most 64 KiB, a picture at most 20 MiB.",
    "template_syntax": (
        "What stands in {{ }} or {% %} of a letter can't be read or isn't allowed: fields, if with "
        "comparisons and a few filters are."
    ),
    "no_survey": "The plan has no survey: [survey] in trial.toml names its page. See docs/survey.md.",
    "no_remark_rows": "No row of the file could be kept. Check that it belongs to this trial.",
    "remarks_changed": "The stored remarks are not those that were loaded.",
    "theme_length": "A theme is a few words: 1 to 60 characters.",
    "theme_personal": "A theme holds the person's own name or address. Code the remark in words that name nobody.",
    "unknown_kind": "A remark is one of: asked, objected, praised, other.",
    "survey_rows": 'An outcome from a survey has one row for each person who answered. Write rows = "unit".',
    "survey_zero": (
        'Who doesn\'t answer a survey has no answer, which is not a zero. Write missing = "drop"; who answered is '
        "reported by arm."
    ),
    "rewrite": (
        "The trial was adapted from another city's, and this text is still theirs. Write your own, and take the mark "
        "REWRITE away."
    ),
    "template_twice": "An arm has one letter (template) or one in each language (templates), not both.",
    "text_too_long": "A text of trial.toml is longer than 10,000 characters. The plan prints it: make it shorter.",
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
    # disclosure
    "too_many_cells": (
        "More counts would have to be hidden than can be checked for what gives them away. Use coarser "
        "categories."
    ),
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
    # tables: any file of rows
    "ambiguous_delimiter": (
        "The header could be cut at two different characters. Put column names that hold a comma, "
        "semicolon, tab or pipe in double quotes."
    ),
    "duplicate_column": "Two columns of the file have one name. Give each its own.",
    "empty_file": "The file holds nothing. Export it again; the first line must hold the column names.",
    "encoding_conflict": "The file says itself how it is encoded. Leave --encoding out.",
    "field_count": (
        "A row has more or fewer values than the header has columns. Look for a missing or extra delimiter "
        "or a quote."
    ),
    "field_too_long": "A value is longer than 131,072 characters (in a workbook 32,767): most often a "
    "quote is never closed.",
    "file_changed": "The file was changed while rct read it. Close it elsewhere and try again.",
    "file_unreadable": "The file can't be opened. Check the path, and who may read it.",
    "header_alone": "The file has column names and no rows. Export it again, with the rows.",
    "missing_column": (
        "The definition names a column that the file lacks. Add it, or give --rename file_column=name."
    ),
    "no_header": "The first line holds no column names. Delete titles and blank lines above the header.",
    "not_a_number": (
        "A number must be written with plain digits and a decimal point: 1234.56, never 1.234,56 or 1_000."
    ),
    "not_a_table": "The file is no CSV or XLSX that can be read. Save it again as XLSX or as CSV UTF-8.",
    "nul_character": "The file holds NUL characters: it is damaged, or UTF-16 without a mark.",
    "other_sheets": "Only the first visible sheet of a workbook is read. Put the right one first.",
    "row_too_long": "A row is longer than a million characters: most often a quote is never closed.",
    "spreadsheet_error": "A cell of the workbook holds an error such as #N/A. Repair or empty it.",
    "spreadsheet_format": (
        "A number in a column of text is shown in a format (leading zeros, a date, a currency): what is "
        "stored is something else. Format the column as Text and enter the values again."
    ),
    "spreadsheet_formula": (
        "A cell is a formula whose result was never stored. Open and save the workbook in a spreadsheet "
        "program."
    ),
    "spreadsheet_long_number": (
        "A spreadsheet keeps 15 digits of a number; longer ones were changed. Enter them again as text."
    ),
    "stray_quote": 'A quoted value goes on after its closing quote. Write "" for a quote inside it.',
    "unclosed_quote": "A double quote is opened and never closed.",
    "unknown_encoding": "rct doesn't read this encoding. The message lists those that it reads.",
    "unknown_rename": "--rename names a column that the file doesn't have.",
    "wrong_encoding": (
        "The file is not UTF-8. If the values shown read right, give the command that is shown; else "
        "export the file as CSV UTF-8."
    ),
    "xlsx_too_large": "The workbook is larger than rct unpacks (200 MiB). Save the sheet as CSV UTF-8.",
    "xlsx_unsafe": "The package defusedxml is missing or switched off; without it no workbook is read.",
    # the frame's rows
    "blank_line": "A line without any value is left out and counted.",
    "covariate_without_values": "A covariate is empty in every row, so there is no mean to put in.",
    "duplicate_id": (
        "One id stands in several rows that take part, or in one that takes part and one that opted out. "
        "None of them can be trusted: keep the right one."
    ),
    "empty_id": "A row has no id. Fill it in or delete the row.",
    "excluded_twin": "An id stands in an eligible row and in one that is not; the eligible one counts.",
    "lookalike_ids": (
        "Two ids differ only by zeros, '.0', case or letters that look alike. They are kept as two units: "
        "check that they are not one."
    ),
    "missing_covariate": (
        'A covariate is empty. Fill it in, or set missing_covariates = "impute" before the lock.'
    ),
    "not_eligible": "The row does not meet frame.eligible; it is left out and counted.",
    "opted_out": "The person asked not to be part of this; the row is left out and counted.",
    "shortened_ids": "Ids were shortened by a spreadsheet (1.23E+11). Export them again as text.",
    "unreadable_opt_out": (
        "Whether a person opted out is never guessed: yes, y, true, 1, x or no, n, false, 0 or empty."
    ),
    # the outcomes' rows
    "count_not_whole": "A count is a whole number, 0 or more.",
    "date_in_future": "A date is later than today. Correct it.",
    "date_missing": "A value has no date, so whether it lies in the window can't be told.",
    "date_outside_window": (
        "With one row a unit, a date outside the outcome's window means a wrong value or a wrong date."
    ),
    "every_row_counts": (
        "The file lacks the outcome's own column, so each of its rows in the window is an event."
    ),
    "excluded_unit": "The unit was left out of the trial at the frame; so is its outcome.",
    "mixed_rows": "Outcomes with one row a unit and with one row an event need two files.",
    "not_reported": "There is no memo of the last analysis to decide on. Write it with: rct report NAME.",
    "not_decided": "Nobody has decided on the trial yet. Record the decision with: rct decide NAME adopt|adapt|drop.",
    "followup_early": (
        "What became of a decision is asked 6 and 12 months after it. Come back on the day that the message names."
    ),
    "followup_arm": "--arm names a version that was tried; the control is not one. The message lists them.",
    "followup_to": "--to says in a few words who gets the version now.",
    "followup_cost": "--cost is an amount such as 640 or 1,250.50. Leave it out where nobody knows.",
    "followup_kept": "Of a version that was adopted say whether it is still in use: --kept or --dropped.",
    "certify_since": "--since takes months or years back, such as 12m or 2y, or a day that is over.",
    "folder_in_the_way": (
        "rct replaces such a folder whole, and this one holds files that are not its own. Name another with --to."
    ),
    "serve_missing": "rct serve needs Datasette. Install it with: pip install 'rct[serve]'.",
    "serve_path": "The served copy has no such page. Start at rct serve --get /registry.",
    "port_taken": "Another program listens on the port. Choose another; --port 0 takes any that is free.",
    "site_empty": (
        "A portfolio shows finished trials: the memo is printed and the plan's analysis date is reached. The message "
        "says what each trial lacks."
    ),
    "site_url": "--url is the address that the site will have, such as https://city.example/trials/.",
    "document_threshold": (
        "The document was printed when smaller counts were let out than rct.toml allows now. Print it again: "
        "rct report NAME."
    ),
    "document_version": "The document was printed by another version of rct. Print it again: rct report NAME.",
    "memo_language": "The memo can't be written in this language yet. The message lists those that it can.",
    "no_outcome_column": "The file holds no outcome of the plan. Give --rename file_column=name.",
    "staff_piece": "The piece went to a staff address; it is outside the trial, and counted apart.",
    "repeated_status": "The piece has this status already in this file; the first one counts.",
    "reference_mistyped": "A reference code has a typing mistake. Read it from the paper again.",
    "reference_twice": "A piece has the same status more than once in one file. Keep one row.",
    "reference_unknown": "A reference code is of no piece of this trial. Check which trial the piece belongs to.",
    "unknown_reason": "The reason is none that rct knows. Write the one that comes nearest.",
    "unknown_status": "The status is none that rct knows. Write the one that comes nearest.",
    "unknown_version": "The version letter is none that was handed over for this trial.",
    "version_twice": "A version stands more than once in the vendor's counts. Keep one row.",
    "version_missing": "The vendor's counts lack a version. Add its row, with 0 where nothing was mailed.",
    "no_piece_rows": "All rows of the file are excluded or refused.",
    "no_way_out": "A message doesn't say how to get no more of them. Add a line with STOP or unsubscribe.",
    "subject_missing": "An e-mail's template has no subject. Begin it with a line Subject: and the words.",
    "subject_too_long": "An e-mail's subject is so long that readers see it cut. Make it shorter.",
    "picture_in_message": "An e-mail or text message names a picture, which rct can't hand over. Take it out.",
    "message_too_long": "A text message has more than ten segments, and carriers cut or refuse it. Make it shorter.",
    "nobody_to_send_to": "No unit of the trial is to be sent anything: all have opted out since.",
    "too_many_for_a_sheet": "The list is longer than a sheet, and a spreadsheet would run some of its cells as a CSV.",
    "doses_changed": "What was stored of printed, mailed and returned pieces is not what was loaded.",
    "mailed_refused": "Rows of a file on mailed pieces were refused, with a reason: a deviation.",
    "mailed_corrected": "What was told of mailed pieces was corrected later, with a reason: a deviation.",
    "mailed_differs": "The vendor's counts do not agree with what was handed over: a deviation.",
    "delivery_ratio": "Pieces were mailed or came back in other proportions than the arms were drawn: a deviation.",
    "mailed_kind": "The file is neither the vendor's counts nor a list of pieces. Look at its column names.",
    "mailed_changed": (
        "The file says something else than was loaded before. If it is right, load it with --correct --reason."
    ),
    "no_outcome_rows": "All rows of the file are excluded or refused.",
    "not_a_date": "A date is written YYYY-MM-DD and is in the calendar; a time after it is ignored.",
    "unknown_unit": "An outcome for someone who was never in the frame. Check id and trial.",
    "unreadable_yes_no": "A binary value is yes, y, true, 1, x, no, n, false or 0; empty is unobserved.",
    "which_event": "Rows without the outcomes' columns could be events of several outcomes. Add the column.",
    "no_glyph": (
        "No font that rct has can print a name or address of these rows. They stay in the trial; put a font that "
        "has the script into templates/fonts/ before letters are made."
    ),
    # the workspace and its files
    "bad_currency": "The currency is a three-letter code such as USD.",
    "bad_key": "private/key is not a file of 32 bytes: it was cut or replaced. Restore it from a copy.",
    "bad_person": (
        "The name of whoever gives the command can't be used. Write 1 to 200 printable characters after --by."
    ),
    "data_may_exist": (
        "The trial has started, so the lock can't say that its data do not exist yet. Say with --known who had "
        "seen or had access to them."
    ),
    "reason_needed": (
        'A change of what is tested, measured or drawn needs a reason: --reason "…". Only keywords, department, '
        "population and kinds of nudge may change without one."
    ),
    "bad_field": "What such trials find is given as shares: 0.014 is 1.4 points, and a spread is above 0.",
    "bad_number": "The number or address that a registry gave is empty, too long or not printable.",
    "bad_reason": "A reason says in a sentence why: 3 to 2,000 printable characters.",
    "bad_rename": "--rename takes file_column=name, such as --rename acct_no=account.",
    "busy": (
        "Another rct is writing in this workspace, or has just changed the trial. Give the command again."
    ),
    "demo_failed": "A command of the demo did not succeed. That is a fault of rct: please report it.",
    "demo_folder": "The demo wants an empty folder or its own earlier one. Name another, as in rct demo DIR.",
    "file_in_the_way": "rct never writes over a file of yours. Choose another name, or move the file away.",
    "no_folder": "The folder after -C is not there. Check the path.",
    "no_key": (
        "private/key is missing, so no id can be matched and no address read. Put your copy of the key back."
    ),
    "no_private": "private/ is missing. Restore it from a copy, with the key in it.",
    "no_registry": "rct.db is missing. Restore it from a copy; in a new folder run rct init.",
    "no_vault": "private/vault.db is missing. Restore private/ from a copy.",
    "no_workspace": (
        "No rct.toml is in this folder or above it. Make a workspace with rct init, or name one with -C."
    ),
    "outside_workspace": "A path leads out of the folder it must stay in. Move the file there.",
    "private_not_ours": (
        "private/ is a link or belongs to someone else, so it can't be kept private. Make it a folder of "
        "yours."
    ),
    "rct_toml": "A line of rct.toml can't be read or is out of limits. Mend the line named.",
    "read_only": "The command writes, and this folder can't be written to. Run it where you may write.",
    "registry_damaged": "rct.db is not a sound SQLite file. Restore it from a copy, then run rct verify.",
    "registry_older_than_vault": (
        "rct.db is older than the vault: an old copy was put back beside it. Put back rct.db and private/ "
        "from the same copy."
    ),
    "registry_unfinished": (
        "A command died while it wrote, and this folder is read-only. Give any command where you may write."
    ),
    "registry_version": "rct.db was written by another version of rct. Use that version or a newer one.",
    "system": (
        "The computer refused: disk full, no permission, or a file in use. Mend that and give the same "
        "command again."
    ),
    "stopped_by_you": "You stopped the command. What was not finished does not count; give it again.",
    "usage": "The command, an option or an argument is not one that rct knows. See the command's --help.",
    "vault_closed": "private/vault.db does not open with private/key. Restore both from the same copy.",
    "vault_unusable": (
        "The vault is in use elsewhere or can't be written. Mend that and give the same command again."
    ),
    "workspace_inside": (
        "A workspace can't lie inside another one. Use the outer one, or a folder outside it."
    ),
    # a trial's stages
    "analysis_stale": (
        "Outcomes or plan changed since the last analysis. Run rct analyze again, then rct report."
    ),
    "approval_by_self": "A plan is approved by a second person. Name someone else after --approved-by.",
    "drawn_already": "A trial is drawn once. Another draw is another trial.",
    "edited_after_lock": (
        "trial.toml or a letter differs from the locked plan. Undo the edit, or change the plan with rct "
        "amend."
    ),
    "fixed_by_draw": (
        "List, design, arms and shares can't change after the draw. Undo the edit; another design is "
        "another trial."
    ),
    "forgotten": "The people of this trial were deleted, so nothing more can be done with it.",
    "frame_after_draw": "The list can't change after the draw. Another list is another trial.",
    "frame_stale": "[frame] or [design] changed since the list was loaded. Load it again with rct frame.",
    "locked_changed": (
        "The plan is locked, and the definition or a letter differs from it. Use rct amend, or undo the edit."
    ),
    "no_events": "Nothing has happened in this trial yet, so its log has no head.",
    "no_example": "There is no shipped trial of this name. The message lists them.",
    "no_frame": "No list is loaded yet. Load it with rct frame.",
    "no_outcomes": "No file with a primary outcome was loaded. Load it with rct outcomes.",
    "no_seed": (
        "The seed made at the lock is missing, so the committed draw can't be made. Restore private/ from "
        "a copy."
    ),
    "no_trial": "There is no trial of this name. See rct status.",
    "nobody_to_ask": "rct new asks questions, and nobody is at a terminal. Use --yes or --from.",
    "not_analyzed": (
        "The trial has not been analyzed yet. As a deviation: a planned outcome was in no file and was "
        "not analyzed."
    ),
    "not_drawn": "The trial has not been drawn yet. Draw it with rct draw.",
    "not_due": "The plan shows no result before its date. Wait, or use --early with a reason (a deviation).",
    "not_locked": "The plan is not locked yet. Lock it with rct lock.",
    "outcome_changed": (
        "Units have another value already. If the new file is right, use --correct with a reason (a "
        "deviation)."
    ),
    "plan_missing": "The file of the locked plan is gone. Restore it from a copy.",
    "plot_kind": "A picture is a .png, .svg or .pdf file. Choose another name.",
    "power_unknown": "[power] lacks what a curve needs. The message before says what.",
    "stopped": "The trial was stopped early. It can still be analyzed; it can't be drawn.",
    "unit_without_arm": "Units of the frame have no row in the replayed file. Give every unit its arm.",
    "unknown_arm": (
        "The replayed file names an arm that the plan doesn't have. Correct the file, or define the trial "
        "as it was run."
    ),
    # what verify finds
    "assignment_changed": "The stored assignment or assignment.csv is not the one that was drawn.",
    "chain": "An event of the log was changed, dropped or moved. Everything after it is in doubt.",
    "document_changed": "A printed document is gone, or is not the one that rct wrote.",
    "draw_not_derived": "Seed, plan, list and beacon do not give the stored draw.",
    "draw_out_of_order": "The log has a draw before a lock or a list.",
    "frame_changed": "The stored list is not the one that was frozen.",
    "chain_broken": (
        "The trial's log was changed, or a part of it is gone, so nothing is built on it. Run rct verify, and "
        "compare with a copy and with the printed head."
    ),
    "probabilities_changed": "The stored probabilities of the arms are not those of the draw.",
    "bad_head": "This is no head of a log. Copy the whole line that rct head printed.",
    "head_unknown": (
        "No event has this head: the log was rewritten or cut since it was printed, or the head is "
        "another trial's."
    ),
    "outcomes_changed": "The stored outcomes are not those that were loaded.",
    "plan_changed": "A plan file is not the one that was locked. Restore it from a copy.",
    "results_changed": (
        "The stored results are not those that plan and data give, or a file of results was changed."
    ),
    "file_untold": (
        "A file in out/ that rct writes is there, and no event of the log wrote it: an older rct.db was put back, the "
        "log was cut, or someone put the file there."
    ),
    "registry_changed": (
        "rct.db holds something that no event of the log tells of, or lacks what one tells of: the log was cut or "
        "written anew, or someone wrote into the file."
    ),
    "rows_lost": "Rows read are not rows kept plus excluded plus refused: a row is unaccounted for.",
    "seed_changed": "The seed is not the one that the lock committed to.",
    "vault_changed": "The vault's rows are not those that were loaded.",
    # deviations from the plan
    "amended_after_results": "The plan was changed after results were seen.",
    "amended_late": "The plan was changed after the draw or after the first outcome.",
    "analyzed_again": "The analysis was run again after data or plan changed.",
    "attrition": "Whether an outcome is known differs between an arm and the control.",
    "early": "Results were seen before the plan's date.",
    "imbalance": "The arms differ before the trial more than lots usually make them (p under 0.001).",
    "impossible_counts": "A replayed draw has counts that the shares could not have given.",
    "locked_after_date": "The plan was locked after its own analysis date.",
    "locked_after_start": "The plan was locked after the letters went out.",
    "outcomes_before_draw": "Outcomes were loaded before the draw.",
    "outcomes_corrected": "Outcomes were changed after they had been loaded.",
    "outcomes_refused": "Rows of an outcomes file were refused and the rest loaded.",
    "sample_ratio": "Outcomes are known in other proportions than the arms were drawn (p under 0.001).",
    "strata_joined": "Missing outcomes left a stratum too small in some arm; it joined the next one.",
    # evidence from elsewhere
    "bad_signature": (
        "The bundle's list or its signature was changed after it was signed. Don't use it; ask for it again."
    ),
    "bad_trust_name": "A key is trusted under a name of 1 to 100 printable characters. Give another.",
    "bundle_altered": "The file is not as rct packs these members: it was changed or packed anew. Ask for it again.",
    "bundle_differs": (
        "The bundle in out/ is gone, was changed, or has other sums than the rows give. Compare with a copy, or share "
        "again."
    ),
    "bundle_log": "The bundle's log, or what it tells of another member, does not hold. Don't use the bundle.",
    "bundle_steps": "steps.json is not what rct writes. Ask for the bundle again.",
    "bundle_table": "A table of the bundle is not what rct writes. Ask for the bundle again.",
    "bundle_too_large": "A bundle has at most 64 MiB. The file is no bundle, or not one that rct wrote.",
    "bundle_unsafe": (
        "The zip file has what no bundle has: folders, paths, links, twins, encryption, compression or false sizes. "
        "Nothing of it was used."
    ),
    "bundle_unsigned": "Nobody signed the bundle. Ask for a signed one, or read it all the same with --unsigned.",
    "evidence": "A key, a kind or a figure of the evidence can't be. Ask whoever sent it for the file again.",
    "future_version": "The file was written by a later rct. Install a newer one to read it.",
    "member_altered": "A member is not the one that the bundle lists, or contradicts another. Ask for it again.",
    "no_bundle": "There is no file at this path. Check the path.",
    "nobody_trusted": "Nobody is trusted under this name. rct trust lists whom you trust.",
    "not_a_bundle": "The file is no bundle that rct wrote, or is damaged. Ask for it again.",
    "signing_key": (
        "private/signing.pem is missing or is no Ed25519 key. Restore it from a copy; if there is none, rct key --new."
    ),
    "small_cell": "A cell of the bundle counts fewer people than its own threshold: it should not have left.",
    "step_differs": "A figure does not follow from the sums that stand beside it. Don't use it; ask the city.",
    "stranger": (
        "A key that you don't know signed the bundle, or one with another fingerprint than you gave. Ask the city for "
        "its fingerprint by another way, then rct trust."
    ),
    "trust_name_taken": (
        "Another key is trusted under this name. Ask the city whether it has a new one, then rct trust --forget NAME."
    ),
    "json": "The file is not strict JSON: damaged, or no JSON at all. Ask for it again.",
    # letters
    "letter_address": (
        "An address is empty, or longer than the envelope's window. Correct it in the list of another trial, or "
        "list such rows with --by-hand."
    ),
    "letter_language": (
        "A person's language has no letter in the arm they were drawn to. Name one in templates, or list such "
        "rows with --by-hand."
    ),
    "letter_value": (
        "A letter asks for a date or an amount, and the field holds something else. Correct the value, or "
        "take the filter (| date, | money) out of the letter."
    ),
    "letterhead": "templates/letterhead.toml holds a key or value that it can't have. Mend the line named.",
    "letters_not_set": (
        "The letters could not be set as PDF: a picture is damaged, or it took too long or too much memory."
    ),
    "not_on_paper": "Nothing is printed for e-mail and text messages. Use rct handover.",
    "postcard_too_long": "The words don't fit the one side of a postcard. Shorten the template.",
    "seeds": "The staff addresses need 2 to 5 rows and the columns that the letters use.",
    "no_letters": "No arm of the trial has a template, so there is nothing to print.",
    "proof_not_planned": (
        "A letter was changed after the lock, so its proof would pass for the tested letter. Undo the edit, amend "
        "the plan, or look with --to."
    ),
    "sample_toml": "templates/sample.toml, the invented recipient of proofs, can't be read. Mend the line named.",
    # pooling, the library, papers
    "library_altered": (
        "A file of the library is gone or is not what it was when it was added. Restore it from a copy, or delete it "
        "and add it again."
    ),
    "library_empty": "This workspace has no library yet. Add to it: rct library add FILE.",
    "library_index": "library.db is damaged or of another version of rct. Make it anew: rct library rebuild.",
    "library_other_trial": (
        "The bundle has the name and city of one in the library and is of another trial, or its log was written anew. "
        "Ask the city."
    ),
    "library_same_trial": (
        "The library has another file of the same trial (city and name). Compare them; --replace puts the new one in "
        "its place."
    ),
    "library_several": "Several entries of the library have this name. Use the first digits of a digest.",
    "library_untrusted": (
        "The key that signed an entry of the library is trusted no longer. Leave the entry out, or compare the "
        "fingerprint again and trust it."
    ),
    "library_unknown": "The library has no entry of this name or digest.",
    "no_evidence_file": "This is neither a bundle (.zip) nor a paper (.toml), or it can't be read.",
    "pool_ambiguous": (
        "A name means both a trial of this workspace and an entry of the library. Use the digits of a digest, or a "
        "path."
    ),
    "pool_arm": "A trial has no such arm beside its control. The message lists those it has.",
    "pool_covariance": (
        "Several estimates of one trial can be made one only where their covariance is known. Choose one arm with "
        "--arm."
    ),
    "pool_direction": "One trial hopes for more of the outcome, the other for less: different questions.",
    "pool_kind": "Yes/no outcomes, counts and amounts are different questions and can't be pooled.",
    "pool_no_figures": "A trial has no result for this outcome and these arms.",
    "pool_outcome": "A trial has no outcome of this name. The message lists those it has.",
    "pool_plot": "A forest plot of so many trials can't be read. Write the page instead.",
    "pool_same_trial": "A trial counts once; two of the files are the same trial.",
    "pool_too_few": "Pooling needs two trials or more.",
    "pool_unit": "Outcomes in different units, or in units that a file doesn't name, can't be pooled.",
    "pool_unknown": "There is no trial, library entry or file of this name.",
    "pool_withheld": "A figure is withheld because too few people are behind it, so it can't be pooled.",
    "pool_zero_error": "An estimate with a standard error of zero can't be weighed.",
    "paper_figures": (
        "From these figures of a paper no difference can be had: a count, a percentage or a standard error is missing "
        "or can't be."
    ),
    "paper_unreadable": "A paper's file is no TOML in UTF-8 of at most 1 MiB. Mend the line named.",
}

"""Codes of what people write and load: trial.toml, lists, outcomes. Grouped by the part that raises them."""

from __future__ import annotations

FILES: dict[str, str] = {
    # warnings of a design whose test is known to err
    "few_clusters": (
        "Two arms would have so few clusters that their test is not to be relied on. Draw more, smaller clusters, or"
        " compare fewer arms."
    ),
    "few_events_expected": (
        "Of a yes/no outcome so few events (or so few without one) are expected in an arm that the test is often wrong."
        " Plan for more people, more even shares or a less rare outcome."
    ),
    "few_pairs_for_covariates": (
        "lin adjusts for more columns than the pairs of the list can bear: it takes 20 pairs for each. Name fewer, or"
        " use difference_in_means."
    ),
    "large_clusters_count_less": (
        "Few clusters of unlike size are drawn within a block: people in large ones count for less, and an effect that goes"
        " with the size is not averaged over people. Make larger blocks, or blocks of like clusters."
    ),
    "unequal_shares_amounts": (
        "Arms of unlike size are compared in amounts or counts, where a few large values can make the test wrong."
        " Equal shares avoid it."
    ),
    "unlike_clusters": (
        "Clusters are of very unlike size, so that the test rests on a few of them and is often wrong. Split the"
        " largest, leave them out, or make blocks of like size."
    ),
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
    "link_address": (
        "A link's address begins with a field and goes on, or is a number: it would lead nowhere. Put whole addresses "
        "(https://…) into a column of their own."
    ),
    "not_an_address": (
        "A letter has the column as the address of a link, and the cell holds none: https:// or http://, a site, no "
        "spaces and no quotes. Correct it, or put a condition around the link for who has none."
    ),
    "garbled_text": (
        "A value is garbled: text in UTF-8 was read as another encoding before the file was written. Export it again as "
        "UTF-8."
    ),
    "font_damaged": (
        "A font in templates/fonts/ can't be read. Put a sound copy in its place, or take it out."
    ),
    "picture_path": (
        "A picture's path holds a field or a condition, so the plan can't say which picture is printed. Write it out; "
        "put whole pictures under a condition."
    ),
    "picture_damaged": (
        "A picture of a letter or the letterhead is damaged, or of no kind that can be printed. Save it again as PNG or "
        "JPEG."
    ),
    "picture_too_large": (
        "A picture has more dots than any page can show, and takes all memory where it is opened. Save it smaller."
    ),
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
    "template_size": "A letter has at most 64 KiB, a picture that is printed at most 2 MiB.",
    "template_syntax": (
        "What stands in {{ }} or {% %} of a letter can't be read or isn't allowed: fields, if with "
        "comparisons and a few filters are."
    ),
    "no_address": (
        "A letter or postcard has no address: its first paragraph is to have a line for each part of it, the first line a "
        "field such as {{ name }}. See docs/letters.md."
    ),
    "no_return_address": (
        'templates/letterhead.toml gives no return address, which every letter has: address = ["100 Main Street", …]. '
        "See docs/letters.md."
    ),
    "arm_value": "Two arms would be written alike in the file of a draw made elsewhere. Give each a value of its own.",
    "no_sheet": "The workbook has no sheet of the name given with --sheet, or the file is a CSV, which has no sheets.",
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
        "Nobody of your office has written this text: rct new put it there, or it is an example's or another city's. "
        "Write your own, or leave it where it is true, and take the mark REWRITE away."
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
    "no_block_compares": (
        "In no block are there known outcomes (or, in a replayed draw, two units) of every arm, so no arm can be compared "
        "with another. Find out why those of an arm are missing, or define the trial without blocks."
    ),
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
    "block_weights_do_not_fit": (
        "Blocks can be weighed by precision with ols and blocks of units alone. Elsewhere leave block_weights out."
    ),
    "estimator_refuses": "This estimator has no standard error for what the scheme draws. Choose another.",
    "standard_errors_do_not_fit": (
        "The standard errors named do not fit the design: HC2 without clusters, CR2 with them."
    ),
    "too_few_for_covariates": (
        "The regression has as many coefficients as rows. Name fewer covariates and categories, or use "
        "difference_in_means."
    ),
    "too_many_levels": (
        "A category has so many levels that draw and analyze would take hours and all memory. Take it out of "
        "frame.categories, or join its rare levels into one."
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
    "number_too_large": (
        "A number beyond 1e30 (a 1 with 30 zeros) is a slip: with it no mean or error could be computed. Correct it."
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
        "With one row a unit, what happened outside the outcome's window does not count: write no (0) in place of the "
        "value and keep the row, or correct the date. A no may have any date."
    ),
    "every_row_counts": (
        "The file lacks the outcome's own column, so each of its rows in the window is an event."
    ),
    "outsider": "A row of somebody who is not in the trial: the plan says that such rows are passed over (outsiders).",
    "excluded_unit": "The unit was left out of the trial at the frame; so is its outcome.",
    "mixed_rows": "Outcomes with one row a unit and with one row an event need two files.",
    "not_reported": "There is no memo of the last analysis to decide on. Write it with: rct report NAME.",
    "not_decided": "Nobody has decided on the trial yet. Record the decision with: rct decide NAME adopt|adapt|drop.",
    "not_word": "The letter to import is no Word document (.docx), or is damaged, old (.doc), locked or empty.",
    "word_too_large": "The Word file is larger than any letter, or unfolds to more than that. Take its pictures out.",
    "bad_letter_name": "A letter lies under templates/ and its name ends in .md; letters, digits, - and _ are allowed.",
    "letter_exists": "Another letter has this name. An import writes over nothing: give another name.",
    "not_a_calendar": "rct calendar writes over calendars only. Give another file name.",
    "note_personal": (
        "A note holds the name, address, number or id of someone in the trial. Say what happened without naming anyone: the "
        "log is kept for good and may be shared."
    ),
    "note_long": "A note for the memo has at most 300 characters: the memo is one page. Longer ones go without --memo.",
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
    "unmatched": (
        "A report names people by address or number, and nobody of this trial has this one: it is of another mailing. Its "
        "line is named, its address never."
    ),
    "shared_contact": (
        "Several people of the trial share the address or number, so whose piece it was can't be told. Who wants no more "
        "is entered for all of them. A column `reference` in the report tells them apart."
    ),
    "before_draw": "The row is dated before a piece of this trial can have gone out: it is of another mailing.",
    "nothing_yet": "The row says that nothing has happened yet, such as queued.",
    "other_message": "The row is no message of the kind that is read, such as a call.",
    "date_before_draw": "A piece of this trial can't have gone out before its draw, and before its start.",
    "not_a_version": "The reason of a piece of another version is that version's letter, as in the vendor file, or empty.",
    "number_spoiled": "A phone number was saved by a spreadsheet as 1.61756E+10: its last digits are gone. Export it again.",
    "own_version": "The piece is said to have had another version, and the version named is its own.",
    "other_version": "Pieces had another version than was drawn: a deviation. They are analyzed as they were drawn.",
    "unknown_profile": "rct mailed --kind takes the name of a vendor, or a profile of your own that ends in .toml.",
    "bad_profile": "A profile of a vendor's report is not as docs/mailed.md says.",
    "report_columns": "The file lacks columns by which the vendor's report is known. The message lists both.",
    "status_twice": "--status says what all rows tell, and the file has a column that says it too. Leave one of them out.",
    "no_contact_column": (
        "A report names people by address or number, and the trial's list holds none. Columns of e-mail addresses and "
        "phone numbers are known by their names (docs/privacy.md)."
    ),
    "repeated_status": "The piece has this status already in this file; the first one counts.",
    "reference_mistyped": "A reference code has a typing mistake. Read it from the paper again.",
    "reference_twice": "A piece has the same status more than once in one file. Keep one row.",
    "reference_unknown": "A reference code is of no piece of this trial. Check which trial the piece belongs to.",
    "unknown_reason": "The reason is none that rct knows. Write the one that comes nearest.",
    "unknown_status": "The status is none that rct knows. Write the one that comes nearest.",
    "unknown_version": "The version letter is none that was handed over for this trial.",
    "version_twice": (
        "A version stands more than once in the vendor's counts. Add batches up in one row; keep one of two that repeat."
    ),
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
    "number_as_text": (
        "The condition of who takes part compares a number (frame.covariates) with a text in quotes: as texts, '100' comes "
        "before '25'. Write the number without quotes."
    ),
    "number_missing": (
        "The condition of who takes part compares the column with a number, and the cell is empty. Fill it in, or prepare "
        "a yes/no column."
    ),
    "text_order": (
        "The condition of who takes part compares texts by order, letter by letter. Numbers stand without quotes, dates "
        "as '2025-06-01'; name other values one by one."
    ),
    "no_such_value": (
        "The condition of who takes part names a value that no row of the file has: is it written otherwise there? The "
        "message lists the values."
    ),
    "undated": (
        "Rows without a date count as earlier than every date in the condition of who takes part. Name them in the "
        "condition if that is not meant."
    ),
    "not_in_format": (
        "[formats] of the definition says how dates, numbers and single columns are written; a value that is written "
        "otherwise is refused, never guessed. Correct it, or declare the format that the file has."
    ),
    "not_a_date": "A date is written YYYY-MM-DD and is in the calendar; a time after it is ignored.",
    "unknown_unit": "An outcome for someone who was never in the frame. Check id and trial.",
    "unreadable_yes_no": "A binary value is yes, y, true, 1, x, no, n, false or 0; empty is unobserved.",
    "which_event": "Rows without the outcomes' columns could be events of several outcomes. Add the column.",
    "no_glyph": (
        "No font that rct has can print a name or address of these rows. They stay in the trial; put a font that "
        "has the script into templates/fonts/ before letters are made."
    ),
}

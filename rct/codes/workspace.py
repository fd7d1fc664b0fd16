"""Codes of the workspace, a trial's stages, checks, evidence from elsewhere. Grouped by the part that raises them."""

from __future__ import annotations

WORKSPACE: dict[str, str] = {
    # the workspace and its files
    "argument_encoding": (
        "What was typed is no UTF-8: the terminal is set to another encoding. Set it to UTF-8 and type it again."
    ),
    "path_too_long": "The workspace's path is longer than the database can open. Move it to a shorter one.",
    "renamed_folder": (
        "A folder under trials/ holds the locked plan of a trial of another name: it was renamed or copied. Rename it back, "
        "or delete the out/ of the copy."
    ),
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
    "arms_of_another_trial": (
        "The people of this trial are told apart by the arms that another trial drew, whose results are not due: "
        "outcomes here would show them. Wait for its date, or see them early there, in the open."
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
    "trial_gone": (
        "The workspace's own log tells of a trial of which rct.db holds nothing: it was dropped. Restore rct.db and "
        "private/ from the same copy."
    ),
    "workspace_log": (
        "A trial's log and the workspace's own log, which tells of each lock and analysis, disagree: one of them was "
        "cut or written anew. Compare with printed heads."
    ),
    "vault_changed": "The vault's rows are not those that were loaded.",
    # deviations from the plan
    "amended_after_results": "The plan was changed after results were seen.",
    "amended_late": "The plan was changed after the draw or after the first outcome.",
    "analyzed_again": "The analysis was run again after data or plan changed.",
    "attrition": "Whether an outcome is known differs between an arm and the control.",
    "clock_wrong": (
        "An event is dated later than what came after it, or than now: a clock was put forward or back. Compare with "
        "what a witness got by mail."
    ),
    "drawn_elsewhere": "The draw was made elsewhere and read in, while the plan says that rct draws.",
    "early": "Results were seen before the plan's date.",
    "imbalance": "The arms differ before the trial more than lots usually make them (p under 0.001).",
    "impossible_counts": "A replayed draw has counts that the shares could not have given.",
    "locked_after_date": "The plan was locked after its own analysis date.",
    "locked_after_start": "The plan was locked after the letters went out.",
    "named_few": (
        "Files of results (only who paid, only events) name hardly anyone of some arm, under a tenth of what they name "
        "of another (p under 0.001). That may be an effect. Find out whether records of every arm were asked for."
    ),
    "named_unevenly": (
        "Files that list people, noes among them, name more of some arms than lots would (p under 0.001, in all or in "
        "some block). So may files with hardly any noes that name most of an arm. A unit that no file names counts as "
        "no, so the plan's rule gives no verdict. Ask for records of everyone on the list, whatever they were sent, and "
        "load them."
    ),
    "records_cut": (
        "The outcomes files hold no event of some arm after a day on which others still have many (p under 0.001). What "
        "came later counts as none for that arm alone, unless its offer ended then. Find out whether the records of every "
        "arm reach as far."
    ),
    "records_end_early": (
        "The outcomes files stop before the window does: their last day lies more than a tenth of the window before its "
        "end although rows were frequent until then, or more than a third; or they were loaded before it ended. Later "
        "events count as none. Load a file of the whole window."
    ),
    "outcomes_before_draw": "Outcomes were loaded before the draw.",
    "outcomes_corrected": "Outcomes were changed after they had been loaded.",
    "outcomes_refused": "Rows of an outcomes file were refused and the rest loaded.",
    "sample_ratio": "Outcomes are known in other proportions than the arms were drawn (p under 0.001).",
    "threshold_lowered": "Smaller counts were printed than the office said at the lock: rct.toml was changed since.",
    "strata_joined": "Missing outcomes left a stratum too small in some arm; it joined the next one.",
    "without_comparison": "In some blocks an arm has nobody, because outcomes are missing or the draw was made so: their "
    "units are left out.",
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
    "bundle_refused": (
        "The bundle that was just made does not pass the check of whoever would receive it; nothing was written. See "
        "rct verify; if all holds there, report it as a fault of rct."
    ),
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
    "library_older": (
        "The bundle is an older state of a trial that the library holds: its log is the shorter. The library keeps the "
        "later one."
    ),
    "library_other_trial": (
        "The bundle has the name and city, or the first event, of one in the library and is of another trial, or its "
        "log was written anew. Ask the city."
    ),
    "library_same_trial": (
        "Two files are of the same trial: the same city and name, or logs that begin with the same event. Compare "
        "them; --replace puts the new one in the library's place."
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
    "bad_format": "A format of [formats] can't be read. The message shows what a date, a number or zeros look like.",
    "yes_and_no": "A word of [formats] can't mean both yes and no.",
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
    "pool_same_trial": (
        "A trial counts once; two of these are the same trial: the same city and name, file or citation, or logs that "
        "begin with the same event, whatever the city is called."
    ),
    "pool_scale": "A difference and a ratio can't be averaged, nor can figures of an estimator that is not known here.",
    "pool_too_few": "Pooling needs two trials or more.",
    "pool_unit": "Outcomes in different units, or in units that a file doesn't name, can't be pooled.",
    "pool_unknown": "There is no trial, library entry or file of this name.",
    "pool_withheld": "A figure is withheld because too few people are behind it, so it can't be pooled.",
    "pool_zero_error": (
        "Nobody differed within either arm, so there is no standard error to weigh the trial by. Take another outcome; "
        "a pool without this trial leaves out what it found."
    ),
    "paper_figures": (
        "From these figures of a paper no difference can be had: a count, a percentage or a standard error is missing "
        "or can't be."
    ),
    "paper_unreadable": "A paper's file is no TOML in UTF-8 of at most 1 MiB. Mend the line named.",
}

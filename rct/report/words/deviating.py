"""A deviation in the language of the memo.

The log's own sentence is English and holds the reason as it was typed. In another language the memo says what kind of
deviation it is and when, and the appendix has the sentence.
"""

from __future__ import annotations

from rct.language import spoken, t
from rct.report.record import DeviationRecord
from rct.report.words.phrases import day_of, prose, sentence


def told(deviation: DeviationRecord) -> str:
    """One sentence or two."""
    kind = _kind(deviation.code)
    if spoken().is_source or kind is None:
        return sentence(prose(deviation.text))
    if deviation.seq is None:
        return kind
    return t("{what} (On {day}; the reason is in the appendix.)", what=kind, day=day_of(deviation.time))


def told_whole(deviation: DeviationRecord) -> str:
    """What the log says of it, in its own words; in another language behind its kind."""
    said, kind = sentence(prose(deviation.text)), _kind(deviation.code)
    if spoken().is_source or kind is None:
        return said
    return t("{what} In the log's own words: {text}", what=kind, text=said)


def _kind(code: str) -> str | None:
    kinds = {
        "locked_after_start": lambda: t("The plan was locked after the start."),
        "locked_after_date": lambda: t("The plan was locked after the day of the analysis."),
        "amended_late": lambda: t("The plan was changed after the draw."),
        "amended_after_results": lambda: t("The plan was changed after results were seen."),
        "edited_after_lock": lambda: t("A file of the trial was edited after the lock."),
        "clock_wrong": lambda: t("A clock was wrong: an event is dated later than what came after it."),
        "drawn_elsewhere": lambda: t(
            "The groups were made elsewhere and read in, and the plan did not say so."
        ),
        "impossible_counts": lambda: t("The shares could not have given these group sizes."),
        "outcomes_refused": lambda: t("Some rows of an outcomes file were refused."),
        "outcomes_corrected": lambda: t("Outcomes were corrected after they were loaded."),
        "outcomes_before_draw": lambda: t("Outcomes were loaded before the draw."),
        "early": lambda: t("Results were seen before their day."),
        "analyzed_again": lambda: t("The analysis was run again, after the data or the plan changed."),
        "not_analyzed": lambda: t("A planned outcome was not analyzed: no file held it."),
        "threshold_lowered": lambda: t(
            "Smaller counts were printed than the office said when it locked the plan."
        ),
        "stopped": lambda: t("The trial was stopped early."),
        "mailed_refused": lambda: t("Some rows of a file on mailed pieces were refused."),
        "mailed_corrected": lambda: t("What was told of mailed pieces was corrected."),
        "mailed_differs": lambda: t("The vendor's counts differ from what was handed over."),
        "other_version": lambda: t("Some people got another version than was drawn for them."),
        "delivery_ratio": lambda: t("Mail fared differently between the groups."),
        "imbalance": lambda: t("The groups differ before the trial more than lots usually do."),
        "sample_ratio": lambda: t("An outcome was observed in other proportions than the groups were drawn."),
        "named_unevenly": lambda: t(
            "The files list people, and leave out more of some groups than of others."
        ),
        "named_few": lambda: t("One group is nearly absent from the records."),
        "records_end_early": lambda: t("The records stop before the last day that counts."),
        "records_cut": lambda: t("The records of one group end before those of others."),
        "strata_joined": lambda: t("Small blocks were joined because outcomes are missing."),
        "without_comparison": lambda: t("In some blocks a group has nobody left: they are left out."),
        "attrition": lambda: t("Whether an outcome is known differs between the groups."),
    }
    return kinds[code]() if code in kinds else None

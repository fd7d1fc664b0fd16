"""The memo's key sentences, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report import cases

from rct.report.memo import MemoView, view
from rct.report.record import Cost, Deviation, MemoRecord, SampleRatio
from rct.report.words import quoted


def said(record: MemoRecord) -> str:
    """Every sentence of the memo."""
    memo: MemoView = view(record)
    parts = [memo.answer, *memo.details]
    for section in memo.sections:
        parts += [section.title, section.verdict, section.lead, *section.texts, *section.bullets]
        parts += [f"{c.title}. {c.text}" for c in section.checks]
    return "\n".join(parts)


def test_a_win_is_said_in_the_first_sentence_with_arm_points_and_interval() -> None:
    assert (
        view(cases.win()).answer
        == "“9 in 10 neighbours pay on time” did better than “Today's letter”: “Paid in full within 30 days”"
        " was 3.2 percentage points higher (95% interval: 2.1 to 4.3 points higher), 45.2% against 42.0%."
    )


def test_a_win_speaks_of_people_and_money() -> None:
    text = said(cases.win())
    assert "That is 32 more for every 1,000 letters, or 7.6% more than with “Today's letter”." in text
    assert "expect 213 to 432 more with “Paid in full within 30 days”, worth about $8,520 to $17,300." in text
    assert "$1.25 for each additional outcome (from $0.93 to $1.88)" in text
    assert "Adopt “9 in 10 neighbours pay on time”. The gain of 3.2 percentage points is no less than" in text
    assert "Use “9 in 10 neighbours pay on time” from now on." in text
    assert "leans high" not in text


def test_a_null_says_what_it_rules_out_and_prints_no_money() -> None:
    record = cases.null()
    text = said(record)
    assert (
        view(record).answer
        == "“Plain words” did neither clearly better nor clearly worse than “Today's letter”: “Paid in full"
        " within 30 days” was 0.3 percentage points higher (95% interval: 0.8 points lower to 1.4 points"
        " higher), 42.3% against 42.0%."
    )
    assert "rules out that “Paid in full within 30 days” is more than 1.4 percentage points higher" in text
    assert "1 percentage point, is not ruled out" in text
    assert "anything from 82 fewer to 142 more" in text
    assert "so no money figure is given" in text
    assert "at least $2.82 for each additional outcome, with no upper limit" in text
    assert "worth about" not in text


def test_a_precise_null_rules_out_the_least_worthwhile_effect() -> None:
    text = said(cases.ruled_out())
    assert "The least effect worth adopting, 1 percentage point, is ruled out as well." in text
    assert "Drop it; keep “Today's letter”." in text
    assert (
        "At best, the interval leaves a gain of 0.6 percentage points: short of 1 percentage point." in text
    )


def test_harm_is_called_harm() -> None:
    text = said(cases.harm())
    assert "“Threat of a fee” did worse than “Today's letter”" in text
    assert "3.1 percentage points lower (95% interval: 1.8 to 4.4 points lower), 38.9% against 42.0%." in text
    assert "178 to 442 fewer with “Paid in full within 30 days”, a loss of about $7,120 to $17,700." in text
    assert "Drop it; keep “Today's letter”. It did harm" in text


def test_two_arms_that_cannot_be_told_apart_are_both_named() -> None:
    text = said(cases.several())
    assert text.startswith(
        "“9 in 10 neighbours pay on time” and “Plain words” did better than “Today's letter” and cannot be"
        " told apart; with “Plain words”, "
    )
    assert (
        "had the larger gain, 3.4 percentage points, but the difference may be chance and “Plain words”"
        in text
    )
    assert "The best of three figures leans high" in text
    assert "“A holdout with no letter at all” did neither clearly better nor clearly worse" in text


def test_numbers_near_the_rule_get_the_decimals_that_tell_them_apart() -> None:
    """The holdout's interval ends at 0.98 points, the rule asks for 1: one decimal would print 1.0."""
    table = next(s.table for s in view(cases.several()).sections if s.table)
    assert table.rows[3][5:] == ("−0.4 (−1.8 to 0.98)", "drop")


def test_an_interval_that_just_clears_zero_does_not_end_at_zero() -> None:
    """Only the number that needs them gets more decimals."""
    what = cases.definition([cases.TODAY, "A"])
    record = cases.memo(what, [cases.row("a1", 0.019, 0.000002, 0.038, 0.04999)], ["adopt"], best="a1")
    assert "1.9 percentage points higher (95% interval: 0.0002 to 3.8 points higher)" in said(record)
    assert "p = 0.04999 is no more than 0.05" in said(record)


def test_the_rule_s_number_matters_on_its_own_side_alone() -> None:
    what = cases.definition([cases.TODAY, "A"])
    record = cases.memo(what, [cases.row("a1", 0.002, -0.0102, 0.0142, 0.7)], ["adapt"])
    assert "1.0 points lower to 1.4 points higher" in said(record)


def test_an_interval_that_the_adjusted_p_contradicts_is_said_with_care() -> None:
    text = said(cases.eight())
    assert (
        "may have done better than “Today's letter”, with the largest gain of the seven versions tried"
        in text
    )
    assert "leaves out zero; adjusted for seven comparisons, p = 0.27, so chance is not ruled out." in text
    assert "and this is not chance, expect 12 to 408 more" in text
    assert "Five others did neither clearly better nor clearly worse" in text
    assert "2 deviations. The plan was locked after the start. Results were seen two days early" in text


def test_a_count_that_should_fall_reads_right() -> None:
    text = said(cases.clustered())
    assert (
        view(cases.clustered()).answer
        == "“Plain words” did better than “Today's letter”: “Calls to the hotline in 30 days” was 0.21 lower"
        " on average (95% interval: 0.09 to 0.33 lower), 1.02 against 1.23."
    )
    assert "That is 17% lower than with “Today's letter”." in text
    assert "to be 900 to 3,300 lower, worth about $5,850 to $21,400." in text
    assert "for each outcome avoided" in text
    assert "“Paid at all” (secondary): 1.2 percentage points higher" in text
    assert "By “language”: no clear difference in the effect" in text
    assert "lower for “es” than for “en”" in text
    assert "Few clusters. The interval rests on 3.6 degrees of freedom" in text
    assert "2 of 12 blocks were small and were joined" in text
    assert "60 units of 1,240 (4.8%) have no outcome, from 3.2% (“Today's letter”) to 6.5%" in text
    assert "The plan was changed once before the draw: “the window was too short”." in text


def test_all_arms_worse_and_none_better_are_told_apart() -> None:
    what = cases.definition([cases.TODAY, "A", "B"])
    worse = [cases.row("a1", -0.03, -0.04, -0.02, 1e-6), cases.row("a2", -0.05, -0.06, -0.04, 1e-9)]
    text = said(cases.memo(what, worse, ["drop", "drop"]))
    assert "All two versions did worse than “Today's letter”; with the best of them, “A”, " in text
    mixed = [cases.row("a1", -0.001, -0.012, 0.010, 0.9), cases.row("a2", -0.05, -0.06, -0.04, 1e-9)]
    text = said(cases.memo(what, mixed, ["adapt", "drop"]))
    assert (
        "None of the two versions did clearly better than “Today's letter”; with the best of them, “A”, "
        in text
    )
    assert "“B” did worse than “Today's letter”." in text


def test_without_a_p_value_the_memo_says_so() -> None:
    row = replace(cases.row("a1", 0.0, 0.0, 0.0, None, control=1.0), p_value=None, p_adjusted=None)
    text = said(cases.memo(cases.definition([cases.TODAY, "A"]), [row], ["adapt"]))
    assert "could not be tested against each other" in text
    assert "No p-value could be computed" in text


def test_an_outcome_that_could_not_be_estimated_gives_no_answer() -> None:
    row = cases.row("a1", None, control=None)
    memo = view(cases.memo(cases.definition([cases.TODAY, "A"]), [row], ["adapt"]))
    assert (
        memo.answer
        == "No answer yet: “Paid in full within 30 days” could not be compared between “A” and “Today's"
        " letter”."
    )
    assert memo.picture is None


def test_a_verdict_that_the_results_contradict_cannot_be_printed() -> None:
    record = cases.null()
    forged = replace(
        record.decision, verdict="adopt", best="a1", arms=(replace(record.decision.arms[0], verdict="adopt"),)
    )
    with pytest.raises(ValueError, match="stored verdict on a1 is adopt, the results say adapt"):
        view(replace(record, decision=forged))


def test_no_additional_outcomes_has_no_price() -> None:
    record = cases.harm()
    arms = (replace(record.decision.arms[0], cost=Cost(0.04, None, None, None, none=True)),)
    text = said(replace(record, decision=replace(record.decision, arms=arms)))
    assert (
        "costs $0.04 more for each one than “Today's letter”: no additional outcomes are to be expected"
        in text
    )


def test_trust_is_told_as_it_is() -> None:
    record = replace(
        cases.win(),
        locked_at="2026-01-09T08:00:00Z",
        draw=replace(cases.win().draw, replayed=True, draws=1),
        sample_ratio=(SampleRatio("paid_30", 30.0, 1.0, 1e-7),),
        deviations=tuple(Deviation("x", i, cases.DRAWN, "A", f"Thing {i}") for i in range(5)),
    )
    text = said(record)
    assert "Locked after the draw." in text
    assert "rct cannot vouch for them" in text
    assert "Sample ratio off." in text
    assert "5 deviations. Thing 0. Thing 1. Thing 2. 2 more: see the appendix." in text
    assert "Draw 1 of 1." in text


def test_every_number_in_table_and_answer_is_the_same() -> None:
    for record in cases.all_memos().values():
        memo = view(record)
        if memo.picture is None:
            continue
        table = next(s.table for s in memo.sections if s.table)
        level = table.header.index("Result")
        control = table.rows[0][level]
        assert f"against {control}" in memo.answer
        assert any(row[level] + " against" in memo.answer for row in table.rows[1:])
        assert control in memo.picture.alt


def test_practice_and_simulated_stand_on_top() -> None:
    assert (
        view(cases.practice()).banner
        == "PRACTICE, with SIMULATED data: not a real trial, and no real people."
    )
    assert view(replace(cases.win(), practice=True)).banner == "PRACTICE: not a real trial."
    assert view(replace(cases.win(), simulated=True)).banner == "SIMULATED data: no real people."
    assert view(cases.win()).banner is None


def test_a_text_of_several_lines_is_one_paragraph() -> None:
    record = cases.win()
    trial = record.definition.trial.model_copy(update={"problem": "Bills are late;\n    fees hurt.\n"})
    what = record.definition.model_copy(update={"trial": trial})
    assert "\nBills are late; fees hurt.\n" in said(replace(record, definition=what))


def test_the_labels_own_quotes_are_not_doubled() -> None:
    assert [quoted(x) for x in ("'a b'", '"a"', "“a”", "it's", "'", "a\n b")] == [
        "“a b”",
        "“a”",
        "“a”",
        "“it's”",
        "“'”",
        "“a b”",
    ]

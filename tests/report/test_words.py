"""The memo's key sentences, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report import cases

from rct import language
from rct.report.appendix.benefits import benefit_blocks
from rct.report.appendix.equity import equity
from rct.report.documents import appendix_documents
from rct.report.memo.page import MemoView, view
from rct.report.record import (
    Between,
    Cell,
    CostRecord,
    Decided,
    DeviationRecord,
    Fragile,
    MemoRecord,
    SampleRatio,
)
from rct.report.words.phrases import quoted


def said(record: MemoRecord) -> str:
    """Every sentence of the memo."""
    memo: MemoView = view(record)
    return "\n".join([*memo.running_text(), *memo.notes])


def test_a_win_is_said_in_the_first_sentence_with_arm_points_and_interval() -> None:
    memo = view(cases.win())
    assert memo.answer == (
        "“9 in 10 neighbours pay on time” raised “Paid in full within 30 days” by 3.2 percentage points"
        " (95% interval: 2.1 to 4.3)."
    )
    assert memo.verdict == "ADOPT"
    assert memo.lead == (
        "The rule says: adopt “9 in 10 neighbours pay on time”. The gain, 3.2 percentage points, is no less"
        " than the agreed 1 percentage point, and chance alone is unlikely to explain it (p < 0.001)."
    )
    assert memo.details == (
        "The result was 45.2%, against 42.0% with “Today's letter”.",
        "That is 32 more per 1,000 letters, or 7.6% more.",
    )


def test_the_four_questions_carry_the_page() -> None:
    for record in cases.all_memos().values():
        assert [section.title for section in view(record).sections] == [
            "What was the challenge?",
            "What did we change?",
            "How did we test it?",
            "What did we find?",
            "What to do next",
        ]


def test_a_win_speaks_of_people_and_money() -> None:
    text = said(cases.win())
    assert (
        "With “9 in 10 neighbours pay on time” in place of “Today's letter”, 10,000 letters bring 213 to 432 more"
        " with “Paid in full within 30 days”. At $40 each, that is worth about $8,520 to $17,300." in text
    )
    assert (
        "These letters cost $6,400, which is $400 more than with “Today's letter”. That leaves about $8,120 to"
        " $16,900 net. One more outcome costs $1.25 (from $0.93 to $1.88)." in text
    )
    assert "Use “9 in 10 neighbours pay on time” from now on." in text
    assert "leans high" not in text


def test_a_null_says_what_is_unlikely_and_prints_no_money() -> None:
    record = cases.null()
    text = said(record)
    assert view(record).answer == (
        "“Plain words” was not clearly better or worse: “Paid in full within 30 days” was 0.3 percentage points higher"
        " (95% interval: 0.8 points lower to 1.4 points higher)."
    )
    assert (
        "A rise of more than 1.4 percentage points is unlikely, and so is a fall of more than 0.8 percentage"
        " points.\nThe least gain worth having, 1 percentage point, is still possible." in text
    )
    assert "10,000 letters bring from 82 fewer to 142 more" in text
    found = view(record).sections[3]
    assert "$" not in " ".join([*found.texts, *found.bullets])
    assert view(record).verdict == "NOT SETTLED"
    assert "The rule says: adapt, as it is not settled." in text
    assert "Test “Plain words” again with more people. The figure may be off by 1.1 points either way" in text


def test_a_precise_null_says_that_the_least_worthwhile_effect_is_unlikely() -> None:
    text = said(cases.ruled_out())
    assert "The least gain worth having, 1 percentage point, is unlikely." in text
    assert "The rule says: drop it and keep “Today's letter”." in text
    assert (
        "A gain above 0.6 percentage points is unlikely, and 1 percentage point was agreed as the least."
        in text
    )


def test_harm_is_told_by_what_fell() -> None:
    text = said(cases.harm())
    assert text.startswith(
        "Fewer had “Paid in full within 30 days” with “Threat of a fee”: down by 3.1 percentage points"
        " (95% interval: 1.8 to 4.4)."
    )
    assert "The result was 38.9%, against 42.0% with “Today's letter”." in text
    assert (
        "178 to 442 fewer with “Paid in full within 30 days”. At $40 each, that is a loss of about $7,120 to $17,700."
        in text
    )
    assert (
        "drop it and keep “Today's letter”. It did worse: 3.1 percentage points lower, and chance alone is unlikely to"
        " explain it (p < 0.001)." in text
    )
    assert "what was tried did worse here" in text


def test_two_arms_that_cannot_be_told_apart_are_both_named() -> None:
    text = said(cases.several())
    assert text.startswith("“Plain words” raised “Paid in full within 30 days” by 2.9 percentage points")
    assert "“9 in 10 neighbours pay on time” did well too: its gain was 3.4 percentage points." in text
    assert (
        "The two can't be told apart: “Plain words” was 0.5 percentage points lower (95% interval: 1.9 points"
        " lower to 0.9 points higher; exploratory)." in text
    )
    assert "We take the cheaper, “Plain words”: $0.60 each against $0.70." in text
    assert "leans high" not in text
    assert "“A holdout with no letter at all” most likely brought no gain worth having." in text


def without_a_letter(*fragile: str) -> MemoRecord:
    """Nothing is sent to the control, and two versions help; fragile: why their gap is."""
    labels = ["No letter", cases.TODAY, cases.SOCIAL]
    what = cases.definition(labels, templates=False, costs=[0.0, 0.6, 0.64])
    arms = {
        k: a.model_copy(update={"template": f"{k}.md"} if k != "a0" else {}) for k, a in what.arms.items()
    }
    rows = [cases.row("a1", 0.02, 0.01, 0.03, 1e-5), cases.row("a2", 0.05, 0.04, 0.06, 1e-9)]
    return cases.memo(
        what.model_copy(update={"arms": arms}), rows, ["adopt", "adopt"], best="a2",
        between=(Between("a2", "a1", 0.03, 0.0168, 0.0432, 0.95, fragile),),
    )  # fmt: skip


def test_where_nothing_is_sent_to_the_control_the_versions_are_held_against_each_other() -> None:
    record = without_a_letter()
    assert view(record).answer.endswith(
        " Against “Today's letter” it was 3.0 percentage points higher (95% interval: 1.7 to 4.3 points higher;"
        " exploratory)."
    )
    table = next(s.table for s in view(record).sections if s.table)
    assert [r[-1] for r in table.rows] == ["", "passes", "passes, chosen"]
    few = Cell("paid_30", "a1", None, None, 2500, 4)
    hidden = tuple(few if c.arm == "a1" else c for c in record.cells)
    assert "Against" not in view(replace(record, cells=hidden)).answer


def test_numbers_near_the_rule_get_the_decimals_that_tell_them_apart() -> None:
    """The holdout's interval ends at 0.98 points, the rule asks for 1: one decimal would print 1.0."""
    table = next(s.table for s in view(cases.several()).sections if s.table)
    assert table.rows[3][5:] == ("−0.4 (−1.8 to 0.98)", "fails")


def test_an_interval_that_just_clears_zero_does_not_end_at_zero() -> None:
    """Only the number that needs them gets more decimals."""
    what = cases.definition([cases.TODAY, "A"])
    record = cases.memo(what, [cases.row("a1", 0.019, 0.000002, 0.038, 0.04999)], ["adopt"], best="a1")
    assert "by 1.9 percentage points (95% interval: 0.0002 to 3.8)" in said(record)
    assert "p = 0.04999; the rule asks for 0.05 or less" in said(record)


def test_the_rule_s_number_matters_on_its_own_side_alone() -> None:
    what = cases.definition([cases.TODAY, "A"])
    record = cases.memo(what, [cases.row("a1", 0.002, -0.0102, 0.0142, 0.7)], ["adapt"])
    assert "1.0 points lower to 1.4 points higher" in said(record)


def test_an_interval_that_the_adjusted_p_contradicts_is_said_with_care() -> None:
    text = said(cases.eight())
    assert (
        "that says what it does” may have raised “Paid in full within 30 days” by 2.1 percentage points"
        in text
    )
    assert "Of the seven versions, it had the largest gain." in text
    assert "Seen alone the interval leaves out zero; with seven comparisons, it could be chance." in text
    assert "gain of 1 percentage point is possible, but it could be chance (p = 0.27)." in text
    assert "p = 0.27, adjusted for seven comparisons" in text
    assert "10,000 letters bring 12 to 408 more" in text
    assert "All this holds only if it was not chance." in text
    assert "Four others may have helped or not: it could be chance." in text
    assert "2 deviations. The plan was locked after the start. Results were seen two days early" in text


def test_a_count_that_should_fall_reads_right() -> None:
    text = said(cases.clustered())
    assert (
        view(cases.clustered()).answer
        == "“Plain words” lowered “Calls to the hotline in 30 days” by 0.21 on average (95% interval: 0.09 to 0.33)."
    )
    assert "The result was 1.02, against 1.23 with “Today's letter”.\nThat is 17% lower." in text
    assert "10,000 letters bring a total of “Calls to the hotline in 30 days” 900 to 3,300 lower" in text
    assert "worth about $5,850 to $21,400." in text
    assert "These letters cost $9,000, which is $3,000 more than with “Today's letter”." in text
    assert "That leaves about $2,850 to $18,400 net." in text
    assert "One outcome avoided costs" in text
    assert "“Paid at all” (secondary): 1.2 percentage points higher than the" in text
    assert "By “language”: for “es” the effect was 0.07 lower than for “en”" in text
    assert "That could be chance." in text
    assert "Few groups. Too few groups were drawn to lean on the interval." in text
    assert "2 of 12 blocks were small and were joined" in text
    assert "60 of 1,240 (4.8%) have no outcome. It is 3.2% with “Today's letter” and 6.5% with" in text
    assert "The plan was changed once before the draw: “the window was too short”." in text
    assert "Those who share a “household” got the same version." in text


def test_all_arms_worse_and_none_better_are_told_apart() -> None:
    what = cases.definition([cases.TODAY, "A", "B"])
    worse = [cases.row("a1", -0.03, -0.04, -0.02, 1e-6), cases.row("a2", -0.05, -0.06, -0.04, 1e-9)]
    text = said(cases.memo(what, worse, ["drop", "drop"]))
    assert text.startswith("Both versions did worse than “Today's letter”: with the better one, “A”, ")
    mixed = [cases.row("a1", -0.001, -0.012, 0.010, 0.9), cases.row("a2", -0.05, -0.06, -0.04, 1e-9)]
    text = said(cases.memo(what, mixed, ["adapt", "drop"]))
    assert text.startswith("Neither version clearly helped: with the better one, “A”, ")
    assert "“B” did worse." in text


def test_without_a_p_value_the_memo_says_so() -> None:
    row = replace(cases.row("a1", 0.0, 0.0, 0.0, None, control=1.0), p_value=None, p_adjusted=None)
    text = said(cases.memo(cases.definition([cases.TODAY, "A"]), [row], ["adapt"]))
    assert "was the same with “A” as with “Today's letter”: the usual test has no p-value here." in text
    assert "The usual test has no p-value" in text


def test_an_outcome_that_could_not_be_estimated_gives_no_answer() -> None:
    row = cases.row("a1", None, control=None)
    memo = view(cases.memo(cases.definition([cases.TODAY, "A"]), [row], ["adapt"]))
    assert (
        memo.answer
        == "No answer yet: “A” and “Today's letter” could not be compared on “Paid in full within 30 days”."
    )
    assert memo.picture is None


def test_no_additional_outcomes_has_no_price() -> None:
    record = cases.harm()
    arms = (replace(record.decision.arms[0], cost=CostRecord(0.04, None, None, None, none=True)),)
    text = said(replace(record, decision=replace(record.decision, arms=arms)))
    assert "more than with “Today's letter”. No gain is to be expected for it." in text


def test_trust_is_told_as_it_is() -> None:
    record = replace(
        cases.win(),
        locked_at="2026-01-09T08:00:00Z",
        draw=replace(cases.win().draw, replayed=True, draws=1),
        sample_ratio=(SampleRatio("paid_30", 30.0, 1.0, 1e-7),),
        uneven=("paid_30",),
        lopsided=("paid_30",),
        deviations=tuple(
            DeviationRecord("x", i, cases.DRAWN, "A", f"Thing {i} {'x' * 192}") for i in range(5)
        ),
    )
    text = said(record)
    assert "Planned after the draw." in text
    assert "Groups made elsewhere. " in text
    assert "Whether the groups were made by lot, this software cannot say." in text
    assert "Group sizes are off." in text
    assert "5 deviations. Thing 0 x" in text
    assert "Thing 1 x" in text
    assert "Thing 2 x" not in text
    assert "3 more are in the appendix." in text
    assert "Draw 1 of 1." not in text


def test_every_number_in_table_and_answer_is_the_same() -> None:
    for record in cases.all_memos().values():
        memo = view(record)
        if memo.picture is None:
            continue
        table = next(s.table for s in memo.sections if s.table)
        level = table.header.index("Result")
        control = table.rows[0][level]
        assert f"against {control}" in memo.details[0]
        assert any(row[level] + ", against" in memo.details[0] for row in table.rows[1:])
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


def test_a_late_lock_is_one_line_with_its_own_title_and_a_caution_at_the_verdict() -> None:
    lock = DeviationRecord("locked_after_start", 1, cases.LOCKED, "A", "The plan was locked after the start")
    memo = view(replace(cases.win(), deviations=(lock,)))
    panel = {c.title: c for c in memo.sections[2].checks}
    assert [c.title for c in panel.values() if not c.good] == ["Not planned before the start"]
    assert memo.lead.startswith("Caution: the plan was locked late. The rule says: adopt")
    assert panel["Draw 1 of 1"].note
    assert memo.mark(panel["Draw 1 of 1"]) == "NOTE"
    assert panel["No one is left out"].text == (
        "Who is in no record counts as no. Whether the records are whole, only the office knows."
    )
    assert memo.mark(panel["No one is left out"]) == "NOTE"


def test_every_panel_has_the_same_checks() -> None:
    whole = replace(cases.win(), sample_ratio=(), balance=None)
    titles = [c.title for c in view(whole).sections[2].checks]
    assert "Group sizes as drawn" in titles
    assert "Groups not compared at the start" in titles


def test_a_group_that_differs_is_told_by_its_own_figure_and_cautioned() -> None:
    record = cases.clustered()
    rows = []
    for row in record.results:
        if row.subgroup == "language" and row.level == "en" and row.term == "arm":
            row = replace(row, estimate=0.02, conf_low=-0.16, conf_high=0.2)
        if row.term == "interaction":
            row = replace(row, estimate=-0.27, conf_low=-0.5, conf_high=-0.04, p_value=0.02, p_adjusted=0.02)
        rows.append(row)
    text = said(replace(record, results=tuple(rows)))
    assert "Among “en” (600 compared) no gain was seen: 0.02 higher (0.16 lower to 0.20 higher)." in text
    assert "Take care with “en” (“language”): no clear gain was seen there." in text
    assert "Take care" not in said(record)


def test_a_loss_of_a_group_is_called_a_loss() -> None:
    """Fewer calls are the good news: in “en” there were more, and the interval leaves out zero."""
    record = cases.clustered()
    rows = []
    for row in record.results:
        if row.subgroup == "language" and row.level == "en" and row.term == "arm":
            row = replace(row, estimate=0.2, conf_low=0.04, conf_high=0.36)
        if row.term == "interaction":
            row = replace(row, estimate=-0.45, conf_low=-0.7, conf_high=-0.2, p_value=0.001, p_adjusted=0.001)
        rows.append(row)
    text = said(replace(record, results=tuple(rows)))
    assert "Among “en” (600 compared) there was a loss: 0.20 higher (0.04 to 0.36 higher)." in text
    assert "Take care with “en” (“language”): there was a loss there." in text
    assert "no clear gain" not in text


def test_nothing_is_said_to_be_out_of_the_question() -> None:
    for record in cases.all_memos().values():
        text = said(record).lower()
        for words in ("ruled out", "clearly a", "did harm", "no effect", "proves"):
            assert words not in text


@pytest.mark.parametrize(
    ("p", "lots", "draws", "part"),
    [
        (0.02, 0.74, 1_000, True),  # on either side of alpha
        (0.20, 0.04, 1_000, True),
        (0.0001, 0.03, 1_000, True),  # ten times apart and more, though both are under alpha
        (0.9, 0.06, 1_000, True),
        (1e-9, 0.001, 1_000, False),  # no redraw was as far: the least that they can tell
        (1e-9, 0.0015, 1_000, False),
        (0.02, 0.03, 1_000, False),
        (0.4, 0.3, 1_000, False),
        (0.03, 0.1, 20, True),
    ],
)
def test_two_tests_that_part_are_told_in_a_sentence(p: float, lots: float, draws: int, part: bool) -> None:
    passes = p <= 0.05
    row = cases.row("a1", 0.015, 0.001 if passes else -0.001, 0.031, p)
    row = replace(row, p_randomization=lots, randomization_draws=draws)
    record = cases.memo(
        cases.definition([cases.TODAY, "A"]),
        [row],
        ["adopt" if passes else "adapt"],
        best="a1" if passes else None,
    )
    sentence = "For “A” two tests disagree: the plan's gives "
    appendix = appendix_documents(cases.appendix(record))["appendix.html"].decode().replace("&#39;", "'")
    assert (sentence in said(record)) == part
    assert (sentence in appendix) == part


def test_an_arm_that_convinces_only_by_itself_is_named() -> None:
    """The version of the answer passes; the other one's p is under alpha, and over it with both counted."""
    rows = [
        cases.row("a1", 0.032, 0.0213, 0.0432, 1e-7, adjusted=2e-7),
        cases.row("a2", 0.022, 0.0012, 0.0428, 0.038, adjusted=0.051),
    ]
    record = cases.memo(cases.definition([cases.TODAY, "A", "B"]), rows, ["adopt", "adapt"], best="a1")
    alone = "Seen alone the interval of “B” leaves out zero; with two comparisons, it could be chance."
    assert alone in said(record)


def test_a_decision_against_the_rule_replaces_its_advice() -> None:
    record = cases.win()
    advice = "Use “9 in 10 neighbours pay on time” from now on."
    assert advice in said(record)
    when, who = "2026-03-05T10:00:00Z", "Dana Reyes"
    text = said(replace(record, decided=Decided(when, who, "adapt", "the app comes first")))
    assert (
        "Decided on March 5, 2026 by Dana Reyes: adapt, though the rule said adopt. The app comes first."
        in text
    )
    assert advice not in text
    assert "keep a small group" not in text
    assert advice in said(replace(record, decided=Decided(when, who, "adopt", "we do")))


def test_blocks_of_a_replay_were_not_joined_by_a_rule_fixed_in_advance() -> None:
    record = replace(cases.win(), blocks=30, merged_blocks=4)
    assert "4 of 30 blocks were small and were joined, by a rule fixed in advance." in said(record)
    replayed = said(replace(record, draw=replace(record.draw, replayed=True)))
    assert "fixed in advance" not in replayed
    assert "4 of 30 blocks were joined to others, by this software's rule for small blocks." in replayed


def test_lots_that_were_drawn_elsewhere_have_no_day_here() -> None:
    record = cases.win()
    panel = {c.title: c.text for c in view(record).sections[2].checks}
    assert panel["Planned before the draw"].endswith("The lots were drawn on January 8, 2026.")
    replayed = replace(record, draw=replace(record.draw, replayed=True, key=None))
    panel = {c.title: c.text for c in view(replayed).sections[2].checks}
    assert panel["Planned before the groups were read in"].endswith(
        "The groups were read in on January 8, 2026; when they were made is not known here."
    )
    appendix = appendix_documents(cases.appendix(replayed))["appendix.html"].decode()
    assert "The seed that the lock committed to was not used, and no public number went in" in appendix
    assert "The committed seed stops a second draw" not in appendix


def test_the_level_of_empty_cells_is_said_in_the_readers_language() -> None:
    record = cases.clustered()
    rows = tuple(replace(r, level="(not recorded)") if r.level == "es" else r for r in record.results)
    cells = tuple(replace(c, level="(not recorded)") if c.level == "es" else c for c in record.cells)
    blank = replace(record, results=rows, cells=cells)
    assert "for “(not recorded)” the effect was 0.07 lower than for “en”" in said(blank)
    with language.speaking("es"):
        assert "“(sin registro)”" in said(blank)


def test_a_fragile_gap_between_two_versions_has_no_interval() -> None:
    """Two versions have no randomization test: nothing bears out what the usual test says of few events."""
    record = without_a_letter("few_events")
    assert view(record).answer.endswith(
        " Against “Today's letter” it was 3.0 percentage points higher (no interval, as the usual test can mislead here;"
        " exploratory)."
    )
    shaky = replace(cases.several(), between=(replace(cases.several().between[0], fragile=("few_events",)),))
    text = said(shaky)
    assert (
        "was 0.5 percentage points lower (no interval, as the usual test can mislead here; exploratory)."
        in text
    )
    assert "1.9 points lower to 0.9 points higher" not in text


def test_a_difference_between_fragile_groups_may_be_chance() -> None:
    record = cases.clustered()
    rows = []
    for row in record.results:
        if row.subgroup == "language" and row.level == "en" and row.term == "arm":
            row = replace(row, estimate=0.2, conf_low=0.04, conf_high=0.36, fragile="few_clusters")
        if row.term == "interaction":
            row = replace(row, estimate=-0.45, conf_low=-0.7, conf_high=-0.2, p_value=0.001, p_adjusted=0.001)
        rows.append(row)
    record = replace(record, results=tuple(rows))
    text = said(record)
    assert "By “language”: for “es” the effect was 0.45 lower than for “en”." in text
    assert "Some of these groups tell little, so the usual test can mislead: it could be chance." in text
    assert "there was a loss" not in text
    assert "0.70 lower to 0.20 lower" not in text
    (group,) = equity(record).of("calls")
    assert [g.fragile for g in group.gaps] == [True]
    (test, table) = benefit_blocks(record)[:2]
    assert "but the usual test can mislead in groups that tell so little" in test.text
    assert table.rows[0][5].endswith(" †")


def test_a_fragile_secondary_outcome_is_told_by_its_redrawn_p() -> None:
    record = cases.clustered()
    row = next(r for r in record.results if r.outcome == "paid")
    small = replace(row, estimate=0.06, conf_low=0.01, conf_high=0.11, p_value=0.01, fragile="few_clusters")
    rows = tuple(small if r is row else r for r in record.results)
    told = Fragile("paid", "a1", "randomization", 0.004, 0.116, 0.21)
    text = said(replace(record, results=rows, fragile=(told,)))
    assert (
        "(95% interval: 0.4 to 11.6 points higher). Perhaps a gain; it could be chance (p = 0.21 by drawing"
        in text
    )
    text = said(replace(record, results=rows, fragile=(replace(told, low=None, high=None),)))
    assert "(no interval). Chance could not be tested." in text


def test_an_interval_across_zero_is_not_said_to_leave_it_out() -> None:
    """Three comparisons, of which one is fragile: the t interval leaves zero out, the told one does not."""
    what = cases.definition([cases.TODAY, "A", "B"])
    rows = [
        cases.row("a1", 0.03, 0.001, 0.059, 0.04, adjusted=0.08, fragile="skewed"),
        cases.row("a2", 0.001, -0.02, 0.022, 0.9, adjusted=0.9),
    ]
    told = (Fragile("paid_30", "a1", "randomization", -0.002, 0.062, 0.12),)
    record = cases.memo(what, rows, ["adapt", "adapt"], fragile=told)
    text = said(record)
    assert "Seen alone" not in text
    assert "0.2 points lower to 6.2 points higher" in text

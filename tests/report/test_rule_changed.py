"""What the memo says of a plan that was changed late, or locked late, and of numbers at the edge of the rule."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from report import cases
from support import Road, accounts, definition, road_at

from rct.report.documents import memo_documents
from rct.report.memo.page import MemoView, view
from rct.report.memo.trust import Check
from rct.report.printers.terminal import HEAD, result_rows
from rct.report.record import Amendment, DeviationRecord, FieldChange, MemoRecord

LOWERED = (FieldChange("analysis.alpha", "0.05", "0.3"), FieldChange("decision.worthwhile", "0.02", "0.001"))
HINT = "The rule was changed after results were seen: read this as a hint, not as proof."


def amended(after: str, changes: tuple[FieldChange, ...] = LOWERED) -> MemoRecord:
    record = cases.null()
    return replace(
        record, amendments=(Amendment("2026-02-01T10:00:00Z", "Dana", "lower the bar", changes, after),)
    )


def agreed(memo: MemoView) -> str:
    return next(s for s in memo.sections if s.title == "What to do next").texts[-1]


def panel(memo: MemoView) -> list[Check]:
    return [check for section in memo.sections for check in section.checks]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("analysis", "after results were seen"),
        ("outcomes", "after the first outcome"),
        ("draw", "after the draw"),
    ],
)
def test_a_rule_changed_late_is_dated_and_told_with_both_numbers(after: str, words: str) -> None:
    memo = view(amended(after))
    assert "The rule was agreed on January 5, 2026." in agreed(memo)
    told = f"It was changed on February 1, 2026, {words} (lower the bar): alpha 0.05 → 0.3; worthwhile 0.02 → 0.001."
    assert told in agreed(memo)
    assert (HINT in memo.answer) is (after == "analysis")
    assert not any("before the draw" in check.text for check in panel(memo))


def test_a_rule_changed_before_the_draw_has_the_day_of_the_change() -> None:
    memo = view(amended(""))
    assert "The rule was agreed on February 1, 2026." in agreed(memo)
    assert "It was changed" not in agreed(memo)
    assert HINT not in memo.answer
    check = next(c for c in panel(memo) if c.title == "Plan amended")
    assert check.good
    assert check.text == "The plan was changed once before the draw: “lower the bar”."


def test_a_change_that_the_rule_does_not_rest_on_is_no_change_of_the_rule() -> None:
    other = (FieldChange("outcomes.paid_30.benefit", "40", "50"), FieldChange("trial.owner", "A", "B"))
    memo = view(amended("analysis", other))
    assert HINT not in memo.answer
    assert "It was changed" not in agreed(memo)


@pytest.mark.parametrize("key", ["kind", "window_days", "missing", "primary"])
def test_what_is_measured_belongs_to_the_rule(key: str) -> None:
    memo = view(amended("analysis", (FieldChange(f"outcomes.paid_30.{key}", "false", "true"),)))
    assert HINT in memo.answer
    assert f"paid_30.{key} false → true" in agreed(memo)


def test_a_plan_changed_before_and_after_the_draw_is_not_marked_as_good() -> None:
    late = amended("outcomes").amendments
    record = replace(cases.clustered(), amendments=(*cases.clustered().amendments, *late))
    check = next(c for c in panel(view(record)) if c.title == "Plan amended")
    assert not check.good
    assert check.text.endswith("It was changed again later: see the deviations.")


def test_the_gravest_deviations_come_first_and_late_changes_are_never_left_out() -> None:
    def deviation(code: str, text: str) -> DeviationRecord:
        return DeviationRecord(code, 1, cases.DRAWN, "A", text)

    many = [deviation("outcomes_refused", f"Refused {i} {'x' * 100}") for i in range(9)]
    graver = [
        deviation("locked_after_start", "Locked late"),
        *many,
        deviation("amended_late", "Changed late " + "y" * 100),
        deviation("early", "Looked early"),
        deviation("amended_after_results", "Changed after results " + "z" * 100),
    ]
    memo = view(replace(cases.win(), deviations=tuple(graver)))
    check = next(c for c in panel(memo) if c.title == "13 deviations")
    assert check.text.startswith("Changed after results")
    assert check.text.index("Looked early") < check.text.index("Changed late")
    assert "Locked late" not in check.text
    assert "more are in the appendix." in check.text


def test_a_long_reason_leaves_the_memo_on_one_page() -> None:
    reason = "for the council " * 100
    text = f"The plan was changed after results were seen ({reason}): decision.worthwhile: 0.02 → 0.001."
    record = replace(
        cases.eight(),
        amendments=(Amendment("2026-02-01T10:00:00Z", "Dana", reason, LOWERED, "analysis"),),
        deviations=(DeviationRecord("amended_after_results", 9, cases.ANALYZED, "Dana", text),),
    )
    check = next(c for c in panel(view(record)) if c.title == "1 deviation")
    assert check.text.startswith("The plan was changed after results were seen (for")
    assert check.text.endswith("decision.worthwhile: 0.02 → 0.001.")
    pdf = memo_documents(record)["memo.pdf"]
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("locked_after_start", "That was after the trial's start."),
        ("locked_after_date", "That was after the day set for the analysis."),
    ],
)
def test_a_plan_locked_late_is_not_marked_as_good(code: str, words: str) -> None:
    record = replace(cases.win(), deviations=(DeviationRecord(code, 1, cases.LOCKED, "A", "Locked late."),))
    first = panel(view(record))[0]
    assert not first.good
    assert words in first.text
    assert panel(view(cases.win()))[0].good


def test_the_terminal_never_rounds_a_p_onto_alpha() -> None:
    record = cases.win()
    row = replace(record.results[0], p_value=0.0504, p_adjusted=0.0511)
    shown = dict(zip(HEAD, result_rows(record.definition, [row], row.outcome)[0], strict=True))
    assert shown["p"] == "0.0504"
    assert shown["adjusted"] == "0.051"


def test_a_lottery_asks_the_reader_to_check_its_calendar() -> None:
    drawn = next(c for c in panel(view(cases.clustered())) if c.title.startswith("Draw"))
    assert "Check that no drawing lay between" in drawn.text


def test_a_bar_lowered_after_an_early_look_stands_in_the_memo(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=5)
    road.ok("analyze", "bills", "--early", "--reason", "The council meets")
    road.edit("worthwhile = 0.01", "worthwhile = 0.001")
    road.edit('subgroups = ["language"]', 'subgroups = ["language"]\nalpha = 0.3')
    assert road.ok("amend", "bills", "--reason", "lower the bar")["deviation"] is True
    told = road.ok("analyze", "bills", "--early", "--reason", "The council meets")["deviations"]
    text = next(d["text"] for d in told if d["code"] == "amended_after_results")
    assert text.startswith("The plan was changed after results were seen (lower the bar): ")
    assert "amended_late" not in {d["code"] for d in told}
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text(encoding="utf-8")
    assert HINT in memo
    assert "after results were seen (lower the bar): alpha 0.05 → 0.3; worthwhile 0.01 → 0.001." in memo
    assert "LOOK: Not planned before the start" in memo
    assert "OK: Plan amended" not in memo
    assert text in memo
    assert "This came after results were seen" in (road.out / "appendix.html").read_text(encoding="utf-8")
    assert road.ok("verify", "bills")["failures"] == []


def test_an_outcome_that_does_not_vary_is_explained_in_the_terminal(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition(start=date.today() - timedelta(days=1)))
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("accounts.csv", accounts(40)))
    road.ok("draw", "bills")
    rows = "\n".join(f"{i:05d},1" for i in range(40))
    road.ok("outcomes", "bills", road.file("paid.csv", f"account,paid\n{rows}\n"))
    ran = road.rct("analyze", "bills")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "Notes: - " in said
    assert said.count("The outcome does not vary within the arms") == 1

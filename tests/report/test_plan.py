"""The plan says everything that an outsider needs to run the analysis."""

from __future__ import annotations

import inspect
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from report import cases
from support import road_at

from rct.estimate.fragile import reasons
from rct.letters.lint import Lint
from rct.registry.results import COLUMNS
from rct.report.documents import appendix_documents, plan_documents
from rct.report.plan import method, procedure
from rct.report.record import FieldChange, LetterRecord, PlanRecord
from rct.report.words.fragility import WHY


def text_of(record: PlanRecord) -> str:
    return re.sub(r"\\(.)", r"\1", plan_documents(record)["plan.md"].decode())


def test_the_plan_of_a_clustered_trial_is_complete() -> None:
    text = text_of(cases.plan())
    for wanted in (
        "Which letter gets overdue water bills paid?",
        "One in four water bills is paid late",
        "within every block, whole clusters are dealt",
        "Blocks: the values of “district”.",
        "Clusters: units that share a value of “household” stay together.",
        "rct.unit.1|water-bills|ID",
        "K = sha256( rct.draw.1|SEED|PLAN_HASH|FRAME_HASH|BEACON )",
        "(a0: 1, a1: 1; W = 2)",
        "12" * 32,
        "Calls to the hotline in 30 days",
        "primary; this one decides",
        "it is left out of the analysis of this outcome",
        "y ~ arms × (X − X̄) + block effects",
        "CR2, clustered as the lots were drawn (Bell and McCaffrey 2002)",
        "A block with a cell that may have fewer than 2 clusters is refused before the draw.",
        "adjusted by Holm's method",
        "Family “subgroup:language”",
        "The least effect worth adopting is 0.05.",
        "Adopt: the adjusted p-value is at most 0.05 and the estimate is at least 0.05.",
        "With 1,240 units this trial can find a difference of 0.18 calls.",
        "2026-03-02",
        "Reviewed by the city attorney",
        "fewer than 10 people in a group",
        "Amendment 1, 2026-01-06 10:00 UTC, by Dana Reyes. Reason: The window was too short.",
        "| outcomes.calls.window_days | 20 | 30 |",
        "0123 4567 89ab cdef",
        "fedc ba98 7654 3210",
        "2, from fewer than 10 to 300 units",
        "Pustejovsky, J. E. and Tipton, E. (2018)",
    ):
        assert wanted in text, wanted


def test_an_event_outcome_is_described_exactly() -> None:
    text = text_of(cases.plan(cases.win(), frame=None, amendments=()))
    assert (
        "any number of rows for a unit, dated by “paid_on”; rows dated January 12, 2026 (day 0) to February"
        " 11, 2026 (day 30), both included count, for every arm alike; yes if any row counts in which “paid”"
        " is yes" in text
    )
    assert "it counts as zero (no record means that it did not happen)" in text
    assert "Worth of one more**: $40.00" in text
    assert "No public randomness." in text
    assert "None. A change after the draw" in text


@pytest.mark.parametrize(
    ("design", "analysis", "wanted", "absent"),
    [
        ("complete", "difference_in_means", ["Welch 1947", "s²_a/n_a"], ["CR2", "Pashley", "block"]),
        ("complete", "ols", ["N − rank", "Freedman 2008"], ["CR2", "Welch"]),
        ("complete", "lin", ["N − K(1 + p)", "Lin 2013"], ["CR2", "Welch"]),
        ("blocked", "difference_in_means", ["Pashley and Miratrix 2021", "n_b/N", "− 2B"], ["CR2"]),
        ("blocked", "ols", ["weight n_b/n_ba", "N − B − (K − 1) − p"], ["CR2", "Pashley"]),
        ("blocked", "lin", ["N − K(B + p)", "Fogarty 2018"], ["CR2", "Pashley"]),
        ("clustered", "difference_in_means", ["CR2", "Satterthwaite"], ["Welch", "Small blocks"]),
        ("clustered", "lin", ["CR2", "y ~ arms × (X − X̄)"], ["N − K(1 + p)"]),
        ("blocked_clustered", "difference_in_means", ["v_b = (G_b / G_2b)", "CR2"], ["Pashley"]),
        ("blocked_clustered", "ols", ["blocks count by precision", "CR2"], ["N − B − (K"]),
    ],
)
def test_the_method_is_that_of_the_design(
    design: str, analysis: str, wanted: list[str], absent: list[str]
) -> None:
    blocks = '\nblocks = ["district"]' if "blocked" in design else ""
    clusters = '\nclusters = "household"' if "clustered" in design else ""
    what = cases.definition(
        [cases.TODAY, cases.PLAIN],
        design=f'scheme = "{design}"{blocks}{clusters}',
        frame="" if analysis == "difference_in_means" else 'covariates = ["balance"]',
        analysis=f'estimator = "{analysis}"',
    )
    record = cases.plan(cases.memo(what, [], ["adapt"]), frame=None)
    text = text_of(record)
    method = text[text.index("Estimates and their uncertainty") : text.index("Notation: ")]
    for words in wanted:
        assert words in method, words
    for words in absent:
        assert words not in method, words


@pytest.mark.parametrize(
    ("beacon", "wanted"),
    [
        ("none", "does not stop an office that tries many seeds"),
        ("lottery:state-pick6", "the lottery state-pick6, its first drawing on a later date"),
        (
            "drand:52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
            "the first round at least one hour after the later of",
        ),
    ],
)
def test_the_beacon_is_explained(beacon: str, wanted: str) -> None:
    what = cases.definition([cases.TODAY, "A"], design=f'scheme = "complete"\nbeacon = "{beacon}"')
    assert wanted in text_of(cases.plan(cases.memo(what, [], ["adapt"]), frame=None))


def test_several_amendments_name_what_changed_before_and_after_the_draw() -> None:
    first = cases.clustered().amendments[0]
    second = replace(first, after="draw", changes=(FieldChange("arms.a1.label", "old", "new"),))
    text = text_of(cases.plan(amendments=(first, second)))
    assert "Amendment 2" in text
    assert "This came after the draw: a deviation." in text
    assert "| arms.a1.label | old | new |" in text


def test_the_draw_is_told_once_it_happened() -> None:
    record = cases.clustered()
    text = text_of(cases.plan(record, draw=record.draw))
    assert (
        "Draw 1 of 1, drawn on 2026-01-08 10:02 UTC by Dana Reyes, after 1 lock and 1 freeze of the list."
        in text
    )


def test_the_first_page_says_what_is_approved_and_that_the_trial_is_likely_too_small() -> None:
    text = text_of(cases.plan(least_found=0.18, approved_by=None))
    box = text[text.index("What you are asked to approve") : text.index("1. Summary")]
    for wanted in ("What is sent", "one letter each", "To whom", "How many", "Who decides", "nobody loses"):
        assert wanted in box, wanted
    assert "This trial is likely too small. The least effect worth adopting is 0.05" in box
    assert "a chance of 80% to find an effect of 0.18" in box
    approved = text_of(cases.plan(least_found=0.05))
    assert "What was approved" in approved
    assert "likely too small" not in approved
    assert "likely too small" not in text_of(cases.plan(least_found=None))


def test_a_design_without_pairs_or_clusters_says_nothing_of_them() -> None:
    arms = [cases.TODAY, cases.PLAIN, "C"]
    what = cases.definition(arms, design='scheme = "complete"', analysis='estimator = "difference_in_means"')
    text = text_of(cases.plan(cases.memo(what, [], ["adapt", "adapt"]), frame=None))
    method = text[text.index("Estimates and their uncertainty") : text.index("The decision rule")]
    for absent in ("pair", "Satterthwaite", "within their blocks", "n_b", "stratified"):
        assert absent not in method, absent


def test_every_reason_for_a_fragile_comparison_is_told_wherever_they_are_listed() -> None:
    codes = set(re.findall(r'append\("(\w+)"\)', inspect.getsource(reasons)))
    assert len(codes) >= 4
    meaning = next(c.meaning for c in COLUMNS if c.name == "fragile")
    methods = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    for code in codes:
        assert f"| `{code}` |" in methods, code
        assert f"`{code}` (" in meaning, code
    assert set(WHY) == codes | {"tests_disagree", "worthwhile_open"}  # found where both tests are made


@pytest.mark.parametrize(
    ("design", "analysis", "wanted", "absent"),
    [
        (
            "complete",
            "difference_in_means",
            ["few differ from most", "skewed", "Newcombe 1998"],
            ["a small arm", "X"],
        ),
        (
            "complete",
            "lin",
            ["a small arm carries the error", "of the outcome less what X explains"],
            ["clusters"],
        ),
        ("blocked", "ols", ["a small arm carries", "block's mean", "1/Σ(w_b²/n_ba)"], ["few clusters"]),
        ("blocked_clustered", "difference_in_means", ["few clusters decide", "three quarters"], ["Newcombe"]),
    ],
)
def test_the_plan_says_when_a_comparison_is_fragile_and_what_is_asked_then(
    design: str, analysis: str, wanted: list[str], absent: list[str]
) -> None:
    blocks = '\nblocks = ["district"]' if "blocked" in design else ""
    clusters = '\nclusters = "household"' if "clustered" in design else ""
    what = cases.definition(
        [cases.TODAY, cases.PLAIN],
        design=f'scheme = "{design}"{blocks}{clusters}',
        frame="" if analysis == "difference_in_means" else 'covariates = ["balance"]',
        analysis=f'estimator = "{analysis}"',
    )
    (told,) = [s.text for s in method.estimation(what) if s.text.startswith("A comparison is fragile")]
    for words in wanted:
        assert words in told, words
    for words in absent:
        assert words not in told, words
    checked = " ".join(method.checks(what))
    assert "The rule asks for it where a comparison is fragile." in checked
    assert "does not use it" not in checked
    table = {"complete": "Pearson's", "blocked": "Mantel and Haenszel 1959", "blocked_clustered": "with CR2"}
    assert table[design] in checked[checked.index("Sample ratio") :]


def test_pairs_of_clusters_are_not_said_to_be_merged() -> None:
    arms = [cases.TODAY, cases.PLAIN]
    design = 'scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "household"'
    for estimator in ("difference_in_means", "ols"):
        what = cases.definition(arms, design=design, analysis=f'estimator = "{estimator}"')
        (told,) = [s.text for s in method.estimation(what) if s.text.startswith("Every block with a cell")]
        assert "then pairs stay as they are" in told
        three = cases.definition([*arms, "C"], design=design, analysis=f'estimator = "{estimator}"')
        assert "pairs" not in " ".join(s.text for s in method.estimation(three))


def test_a_reference_that_only_the_power_warning_cites_is_listed() -> None:
    text = text_of(cases.plan(power=("On average 1.4 points (DellaVigna and Linos 2022).",)))
    assert "RCTs to scale" in text


def test_warnings_stand_on_top() -> None:
    text = text_of(cases.plan(warnings=("The plan was locked after the start",)))
    assert text.index("> The plan was locked after the start.") < text.index("## 1. Summary")


OFFICIAL = Lint(
    *("en", 9, 120, 13.3, 31, 0.25, 11.2, None, "Remit payment by March 2.", True, True, False),
    (("Remit", "pay"),), ("balance",), (),
)  # fmt: skip


def test_the_plan_tells_how_plain_each_letter_is() -> None:
    letters = (
        LetterRecord("water/a0.md", "Remit payment by March 2.", "ab" * 32, OFFICIAL),
        LetterRecord(
            "water/a1.es.md",
            "Pague.",
            "cd" * 32,
            replace(OFFICIAL, language="es", grade=None, ease=61.0, action=None),
        ),
        LetterRecord("water/logo.png", None, "ef" * 32),
    )
    text = text_of(cases.plan(letters=letters))
    assert "| water/a0.md | grade 11.2 | 9 | 13.3 | 31 | 25% | yes | none |" in text
    assert "| water/a1.es.md | ease 61 | 9 | 13.3 | 31 | 25% | yes | none |" in text
    assert "water/a0.md: It asks: “Remit payment by March 2.” That comes late in the letter." in text
    assert "Officialese: “Remit” (people say “pay”)." in text
    assert "Where the list has no balance, the letter leaves a gap there: read it once without." in text
    assert "water/a1.es.md: It asks for nothing." in text


def test_a_letter_stands_on_one_page_with_its_caption_and_a_long_one_runs_on() -> None:
    body = "".join(f"Paragraph {i} of it says what to do.\n\n" for i in range(9))
    letters = [LetterRecord(f"w/{n}.md", f"# Begin {n}\n\n{body}End {n}\n", "34" * 32) for n in "abcdef"]
    long = LetterRecord("w/long.md", "# Begin long\n\n" + body * 9 + "End long\n", "34" * 32)
    pdf = plan_documents(cases.plan(letters=(*letters, long)))["plan.pdf"]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    for n in "abcdef":
        (page,) = [text for text in pages if f"Full text of w/{n}.md" in text]
        assert f"Begin {n}" in page
        assert f"End {n}" in page
    (page,) = [text for text in pages if "Full text of w/long.md" in text]
    assert "Begin long" in page
    assert any("End long" in text for text in pages)


def test_the_plan_says_where_only_days_are_told_and_no_number_is_printed() -> None:
    lint = replace(OFFICIAL, grade=-0.4, dated=True, days_only=True, contact=True, reached=False)
    text = text_of(cases.plan(letters=(LetterRecord("water/a0.md", cases.LETTER, "34" * 32, lint),)))
    assert (
        "| water/a0.md | grade 1 or below | 9 | 13.3 | 31 | 25% | days only, no date | no number printed |"
        in text
    )


def test_a_locked_plan_measures_the_letters_that_it_hashes(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    text = (road.out / "plan.md").read_text(encoding="utf-8")
    assert "How plain each letter is" in text
    assert re.search(r"\| bills/plain.md \| grade [0-9.]+( or below)? \|", text)
    assert "Plain language" in (road.out / "plan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("paper", "wide"), [("us-letter", 612), ("a4", 595)])
def test_plan_and_appendix_have_the_citys_paper(paper: str, wide: int) -> None:
    made = plan_documents(cases.plan(paper=paper))
    assert int(PdfReader(io.BytesIO(made["plan.pdf"])).pages[0].mediabox.width) == wide
    size = b"size: A4" if paper == "a4" else b"size: letter"
    assert size in made["plan.html"]
    memo = replace(cases.win(), paper=paper)
    assert size in appendix_documents(cases.appendix(memo))["appendix.html"]


def test_the_plan_says_who_could_have_known_the_assignment() -> None:
    none = " ".join(procedure.concealment("none", ["Dana Reyes", "Sam"]))
    assert "Dana Reyes and Sam" in none
    assert "any of them could have worked out who gets what before the draw" in none
    beacon = " ".join(procedure.concealment("drand:52db", ["Dana Reyes"]))
    assert "Even they could not have known" in beacon
    assert "decided elsewhere" in procedure.concealment("none", [], replayed=True)[0]

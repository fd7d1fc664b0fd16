"""The appendix holds every number, its method with references, the flow and the log."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from report import cases

from rct.registry.results import NAMES
from rct.report.appendix.document import appendix_doc
from rct.report.blocks import FactsBlock, Picture
from rct.report.documents import appendix_documents
from rct.report.record import ExactTest, MemoRecord, PieceFlow


def html(record: MemoRecord) -> str:
    return appendix_documents(cases.appendix(record))["appendix.html"].decode()


def data(record: MemoRecord) -> dict[str, object]:
    made: dict[str, object] = json.loads(appendix_documents(cases.appendix(record))["appendix.json"])
    return made


def test_every_result_row_is_there_with_the_contract_s_columns() -> None:
    record = cases.clustered()
    rows = data(record)["results"]
    assert isinstance(rows, list)
    assert len(rows) == len(record.results)
    assert [k for k in rows[0] if k != "withheld"] == list(NAMES)
    assert rows[0]["estimate"] == -0.21


def test_sections_captions_and_references_are_there() -> None:
    text = html(cases.clustered())
    for wanted in (
        'href="#flow"',
        'id="flow"',
        "<caption>Outcomes observed</caption>",
        "less “en”",
        "language = es",
        "Bell, R. M. and McCaffrey, D. F. (2002)",
        "Hansen, B. B. and Bowers, J. (2008)",
        "d² = 3.10",
        "12 blocks in the draw; 2 of them joined",
        "No deviations were found.",
        "Every event of this trial’s chain".replace("’", "&#39;"),
        cases.HEAD,
    ):
        assert wanted in text, wanted


def test_the_flow_adds_up_or_is_not_printed() -> None:
    record = cases.win()
    text = html(record)
    for wanted in ("5,122", "Excluded: not eligible", "Refused as defective", "5,000 units"):
        assert wanted in text
    with pytest.raises(ValueError, match="do not add up"):
        html(replace(record, flow=replace(record.flow, refused=3)))


def test_each_outcome_has_a_forest_with_words() -> None:
    text = html(cases.clustered())
    assert text.count("<svg") == 3  # the flow, and a forest an outcome
    assert "Chart of differences from “Today&#39;s letter” on “Calls to the hotline in 30 days”." in text
    identifiers = re.findall(r' id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_a_fragile_group_is_marked_in_the_forest_too() -> None:
    record = cases.clustered()
    rows = tuple(
        replace(r, fragile="few_clusters") if r.subgroup and r.level == "en" else r for r in record.results
    )
    text = html(replace(record, results=rows))
    assert "language = en †: " in text  # the chart's words
    assert "within planned subgroups. † The t test, whose interval this is, can mislead here." in text
    assert "language = es †" not in text


def test_exploratory_rows_say_so() -> None:
    record = cases.win()
    assert "Exploratory" not in html(record).replace("exploratory, and says so", "")
    more = cases.row("a1", 0.01, -0.01, 0.03, 0.3, family=None, role="exploratory")
    assert "Exploratory: “Paid in full within 30 days”" in html(
        replace(record, results=(*record.results, more))
    )


def test_fisher_s_exact_test_stands_beside_few_events() -> None:
    record = replace(cases.win(), exact=(ExactTest("paid_30", "a1", 0.21),))
    assert "Fisher&#39;s exact test, “9 in 10 neighbours pay on time” on “Paid in full" in html(record)
    assert "p = 0.21" in html(record)


def test_the_json_is_ascii_and_ends_in_a_line_feed() -> None:
    made = appendix_documents(cases.appendix(cases.practice()))["appendix.json"]
    assert made.isascii()
    assert made.endswith(b"\n")
    assert json.loads(made)["practice"] is True


def test_arms_in_any_order_are_matched_by_name() -> None:
    """Counts may come from canonical JSON, whose keys are sorted."""
    record = cases.several()
    units = tuple((arm, 2500 - i) for i, arm in enumerate(("a0", "a1", "a2", "a3")))
    total = sum(n for _, n in units)
    flow = replace(record.flow, units=total, rows=total + 122)
    one = replace(record, flow=flow, draw=replace(record.draw, units=units))
    other = replace(one, draw=replace(record.draw, units=tuple(reversed(units))))
    assert html(one) == html(other)


def test_the_flow_is_drawn_with_every_count() -> None:
    record = replace(
        cases.clustered(),
        pieces=tuple(
            PieceFlow(status, arm, 620, n)
            for status, n in (("mailed", 612), ("returned", 4))
            for arm in ("a0", "a1")
        ),
    )
    picture = next(b for b in appendix_doc(cases.appendix(record)).blocks if isinstance(b, Picture))
    for said in (
        *("In the list: 1,362", "not eligible: 80", "opted out: withheld", "refused as defective: withheld"),
        *("Drawn by lot: 1,240 in 412 clusters", "Drawn: 620 (206 clusters)", "Sent: 612"),
        *("Came back: withheld", "Outcome observed: 580", "Missing: 40", "Analyzed: 600"),
    ):
        assert said in picture.alt
        assert said in picture.svg


def test_a_withheld_count_is_not_drawn() -> None:
    picture = next(b for b in appendix_doc(cases.appendix(cases.withheld())).blocks if isinstance(b, Picture))
    assert "Analyzed: withheld" in picture.alt


def test_every_arm_has_a_card() -> None:
    blocks = appendix_doc(cases.appendix(cases.several())).blocks
    cards = [b for b in blocks if isinstance(b, FactsBlock) and b.rows[0][0] == "1 Name"]
    assert len(cards) == 4
    assert [number for number, _ in cards[1].rows][:12] == [
        *("1 Name", "2 Why", "3 Materials", "4 Procedure", "5 Who provides it", "6 How", "7 Where"),
        *(
            "8 When and how much",
            "9 Tailoring",
            "10 Modifications",
            "11 How well, planned",
            "12 How well, actual",
        ),
    ]
    assert dict(cards[1].rows)["12 How well, actual"] == "Not reported."


def test_no_p_value_and_no_figure_is_rounded_onto_its_limit() -> None:
    record = cases.win()
    row = replace(
        record.results[0], p_value=0.0504, p_adjusted=0.0511, p_randomization=0.0496, randomization_draws=1000,
        conf_low=0.010000004, family="primary",
    )  # fmt: skip
    shown = replace(
        cases.ruled(replace(record, results=(row,))), exact=(ExactTest("paid_30", "a1", 0.0503),),
        balance=replace(record.balance, p_value=0.0497),
    )  # fmt: skip
    text = html(shown)
    for wanted in (">0.0504<", ">0.051<", ">0.0496<", "p = 0.0503", "p = 0.0497", "1.0000004 to 4.3200"):
        assert wanted in text, wanted
    assert ">0.05<" not in text

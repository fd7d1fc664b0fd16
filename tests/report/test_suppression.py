"""Small cells leave no trace in memo or appendix."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from report import cases

from rct.report import suppress
from rct.report.documents import appendix_documents, memo_documents
from rct.report.record import Cell, MemoRecord


def everything(record: MemoRecord) -> str:
    documents = {**memo_documents(record), **appendix_documents(cases.appendix(record))}
    text = "\n".join(
        data.decode() for name, data in documents.items() if not name.endswith((".pdf", ".docx"))
    )
    with zipfile.ZipFile(io.BytesIO(documents["memo.docx"])) as word:
        text += word.read("word/document.xml").decode().partition("<w:body>")[2]
    return re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)  # its sizes are numbers too


def test_a_small_cell_takes_every_figure_of_its_comparison_away() -> None:
    text = everything(cases.withheld())
    assert "In some group, fewer than 10 people had the outcome" in text
    for number in ("3.2", "45.2", "42.0%", "0.032", "0.0213", "$8,520", "213", "1.25"):
        assert number not in text
    # The same record with full cells prints them: the search above can fail.
    shown = everything(cases.win())
    for number in ("3.2", "45.2", "42.0%", "0.032", "0.0213", "$8,520", "213", "1.25"):
        assert number in shown


def test_the_threshold_is_the_workspace_s_own() -> None:
    assert "45.2%" in everything(replace(cases.withheld(), threshold=4))


def test_a_hidden_level_takes_the_interaction_and_another_level_along() -> None:
    record = cases.clustered()
    small = {"es": 9, "en": 591}
    cells = tuple(
        replace(c, n=small[c.level]) if (c.outcome, c.arm) == ("calls", "a1") and c.level else c
        for c in record.cells
    )
    gone = suppress.withheld(replace(record, cells=cells))
    assert {(r.term, r.level) for r in gone} == {("arm", "es"), ("arm", "en"), ("interaction", "es")}


def test_totals_beside_a_hidden_row_go_too() -> None:
    what = cases.definition([cases.TODAY, "A", "B"])
    rows = [cases.row("a1", 0.03, 0.02, 0.04, 1e-6), cases.row("a2", 0.01, 0.0, 0.02, 0.051)]
    cells = (
        Cell("paid_30", "a0", None, None, 2500, 1000),
        Cell("paid_30", "a1", None, None, 2500, 1000),
        Cell("paid_30", "a2", None, None, 2500, 2),
    )
    first, second = suppress.published(cases.memo(what, rows, ["adopt", "adapt"], best="a1", cells=cells))
    assert first.estimate == 0.03
    assert (first.n, first.n_drawn, first.n_missing) == (None, None, None)
    assert all(getattr(second, name) is None for name in suppress.FIGURES)


def test_an_indicator_that_few_units_have_is_blank_in_the_balance_table() -> None:
    record = cases.win()
    assert record.balance is not None
    rows = (record.balance.rows[0], replace(record.balance.rows[1], counts=(500, 4)))
    published = suppress.published_balance(replace(record, balance=replace(record.balance, rows=rows)))
    assert published is not None
    assert published.rows[0].means == (61.2, 61.2)
    assert published.rows[1].means == (None, None)
    assert published.rows[1].counts is None


def test_the_json_has_null_for_what_is_withheld_and_keeps_the_rest_exact() -> None:
    data = json.loads(appendix_documents(cases.appendix(cases.withheld()))["appendix.json"])
    row = data["results"][0]
    assert row["withheld"] is True
    assert row["estimate"] is None
    assert [c["arm"] for c in data["cells"]] == ["a1"]
    assert data["decision"]["arms"][0]["cost"] is None
    exact = json.loads(appendix_documents(cases.appendix(cases.win()))["appendix.json"])
    assert exact["results"][0]["estimate"] == 0.032
    assert exact["results"][0]["std_error"] == (0.0432 - 0.0213) / 3.92


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_the_json_never_holds_a_number_that_json_has_not(value: float) -> None:
    record = replace(cases.win(), sample_ratio=())
    assert record.balance is not None
    broken = replace(record, balance=replace(record.balance, d2=value))
    text = appendix_documents(cases.appendix(replace(broken, balance=replace(broken.balance, p_value=None))))
    data = json.loads(text["appendix.json"], parse_constant=lambda name: pytest.fail(name))
    assert data["balance"]["d2"] is None

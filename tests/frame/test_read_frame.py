"""A frame file: what is kept, excluded, refused, warned of; each with its row, line and field."""

from __future__ import annotations

import io
import random
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from support import definition

from rct.definition import check_text
from rct.errors import Problem, RctError
from rct.frame.read import read_frame
from rct.frame.rows import FrameRows
from rct.tables import read_table

from .conftest import Frame


def told(rows: FrameRows) -> list[tuple[str, int | None, int | None, str | None, str | None]]:
    return [(p.code, p.row, p.line, p.field, p.found) for p in rows.refusals.problems()]


def only(rows: FrameRows) -> Problem:
    (problem,) = rows.refusals.problems()
    return problem


def test_a_good_file_is_kept_column_by_column(frame: Frame) -> None:
    rows = frame(
        "account,balance,language,district,zone,household,name,note\n"
        "00123, 12.5 ,en,N,1,h1,Null,x\n"
        "123,-3,Zoe\u0308,S,1,h2,\u00a0NA ,x\n",
        covariates=("balance",),
        categories=("language",),
        blocks=("district", "zone"),
        clusters="household",
        contact=("name",),
    )
    assert rows.ids == ["00123", "123"]
    assert rows.covariates["balance"].tolist() == [12.5, -3.0]
    assert rows.categories == {"language": ["en", "Zoë"]}
    assert rows.blocks == ["N\x1f1", "S\x1f1"]
    assert rows.block_values == {"district": ["N", "S"], "zone": ["1", "1"]}
    assert rows.clusters == ["h1", "h2"]
    assert rows.contact == {"name": ["Null", "NA"]}
    assert (rows.number.tolist(), rows.line.tolist()) == ([1, 2], [2, 3])
    assert rows.ignored == ["note"]
    assert (rows.counts.rows, rows.counts.kept, rows.counts.reasons) == (2, 2, {})
    rows.settle(refuse_bad_rows=False)


def test_the_definition_says_which_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("account,name,age,lang,d,hh,status,out\n1,Ana,40,en,N,h,open,\n2,Bo,50,en,N,h,closed,\n")
    text = definition(
        frame='id = "account"\ncontact = ["name"]\ncovariates = ["age"]\ncategories = ["lang"]\n'
        'eligible = "status == \'open\'"\nopt_out = "out"',
        design='scheme = "blocked_clustered"\nblocks = ["d"]\nclusters = "hh"',
    )
    rows = read_frame(read_table(path), check_text(text, "bills"))
    assert (rows.ids, rows.blocks, rows.clusters, rows.ignored) == (["1"], ["N"], ["h"], [])
    assert rows.counts.reasons == {"not_eligible": 1}


def test_missing_columns_are_refused_all_at_once(frame: Frame) -> None:
    with pytest.raises(RctError) as error:
        frame("Account,x\n1,2\n", covariates=("balance",), eligible="status == 'open'")
    assert [(p.code, p.field) for p in error.value.problems] == [
        ("missing_column", "account"),
        ("missing_column", "balance"),
        ("missing_column", "status"),
    ]


def test_duplicate_ids_after_trimming_are_all_refused(frame: Frame) -> None:
    rows = frame("account\nA\nB\n\u00a0A\t\nC\nA \n")
    assert rows.ids == ["B", "C"]
    assert told(rows) == [
        ("duplicate_id", 1, 2, "account", None),
        ("duplicate_id", 3, 4, "account", None),
        ("duplicate_id", 5, 6, "account", None),
    ]
    assert rows.refusals.problems()[0].rule == "The same id stands in rows 1, 3 and 5."
    assert rows.refused_ids == ["A"]
    with pytest.raises(RctError):
        rows.settle(refuse_bad_rows=False)
    rows.settle(refuse_bad_rows=True)


def test_ids_that_compose_to_one_are_duplicates(frame: Frame) -> None:
    rows = frame("account\nCafé\nCafe\u0301\n")
    assert [p.code for p in rows.refusals.problems()] == ["duplicate_id", "duplicate_id"]


def test_a_duplicate_of_a_row_that_is_refused_anyway_is_refused_too(frame: Frame) -> None:
    rows = frame("account,balance\nA,1\nA,x\nB,2\n", covariates=("balance",))
    assert rows.ids == ["B"]
    assert told(rows) == [
        ("duplicate_id", 1, 2, "account", None),
        ("not_a_number", 2, 3, "balance", "x"),
        ("duplicate_id", 2, 3, "account", None),
    ]
    assert rows.counts.reasons == {"duplicate_id": 1, "not_a_number": 1}


def test_an_id_beside_its_own_opt_out_is_refused(frame: Frame) -> None:
    rows = frame("account,out\nA,no\nA,yes\nB,yes\nB,yes\nC,\n", opt_out="out")
    assert rows.ids == ["C"]
    assert told(rows) == [("duplicate_id", 1, 2, "account", None)]
    assert "opted out" in only(rows).rule
    assert rows.excluded_ids == {"A": "opted_out", "B": "opted_out"}
    assert rows.counts.reasons == {"duplicate_id": 1, "opted_out": 3}


def test_an_id_beside_a_row_that_is_not_eligible_is_kept_and_warned_of(frame: Frame) -> None:
    rows = frame("account,status\nA,open\nA,closed\nB,closed\n", eligible="status == 'open'")
    assert rows.ids == ["A"]
    assert rows.excluded_ids == {"B": "not_eligible"}
    assert rows.counts.reasons == {"not_eligible": 2}
    (warning,) = rows.warnings
    assert (warning.code, warning.field) == ("excluded_twin", "account")
    assert warning.rule.startswith("1 id stands also in rows that are not eligible")


def test_an_opt_out_weighs_more_than_a_rule(frame: Frame) -> None:
    rows = frame(
        "account,status,out\nA,open,yes\nA,closed,no\nA,open,no\n", eligible="status == 'open'", opt_out="out"
    )
    assert rows.ids == []
    assert rows.excluded_ids == {"A": "opted_out"}


def test_ragged_rows_are_named(frame: Frame) -> None:
    rows = frame('account,b\n1,"x\ny"\n2\n3,y,z\n4,w\n')
    assert rows.ids == ["1", "4"]
    assert told(rows) == [("field_count", 2, 4, None, None), ("field_count", 3, 5, None, None)]
    assert [p.rule for p in rows.refusals.problems()] == [
        "The row has 1 value, and the header has 2 columns.",
        "The row has 3 values, and the header has 2 columns.",
    ]


def test_blank_lines_are_excluded_and_counted(frame: Frame) -> None:
    rows = frame("account,b\n1,x\n\n,\n \t, \n2,y\n")
    assert rows.ids == ["1", "2"]
    assert rows.counts.reasons == {"blank_line": 3}
    assert rows.number.tolist() == [1, 5]


def test_an_empty_id_is_refused(frame: Frame) -> None:
    assert told(frame("account,b\n \u00a0,x\n")) == [("empty_id", 1, 2, "account", None)]


@pytest.mark.parametrize(
    "text", ["1.234,56", "1_000", "٣٤", "inf", "-Infinity", "nan", "NA", "$5", "5%", "1 000"]
)
def test_what_is_no_number_is_refused(frame: Frame, text: str) -> None:
    rows = frame(f'account,balance\n1,2\n2,"{text}"\n', covariates=("balance",))
    assert rows.ids == ["1"]
    assert told(rows) == [("not_a_number", 2, 3, "balance", text)]


@pytest.mark.parametrize("text", ["1e999", "-1e31", "9" * 40])
def test_a_number_beyond_all_is_refused(frame: Frame, text: str) -> None:
    rows = frame(f'account,balance\n1,2\n2,"{text}"\n', covariates=("balance",))
    assert told(rows) == [("number_too_large", 2, 3, "balance", text)]


def test_an_empty_covariate_is_refused_unless_imputed(frame: Frame) -> None:
    content = "account,balance\n1,2\n2,\n3,5\n4, \n"
    rows = frame(content, covariates=("balance",))
    assert told(rows) == [
        ("missing_covariate", 2, 3, "balance", None),
        ("missing_covariate", 4, 5, "balance", None),
    ]
    assert "impute" in rows.refusals.problems()[0].fix
    rows = frame(content, covariates=("balance",), impute=True)
    assert rows.covariates["balance"].tolist() == [2.0, 3.5, 5.0, 3.5]
    assert rows.missing["balance"].tolist() == [False, True, False, True]
    assert rows.means == {"balance": 3.5}


def test_a_value_that_is_wrong_is_not_imputed(frame: Frame) -> None:
    rows = frame("account,balance\n1,2\n2,x\n", covariates=("balance",), impute=True)
    assert [p.code for p in rows.refusals.problems()] == ["not_a_number"]
    assert rows.missing == {}


def test_the_mean_that_is_imputed_does_not_hang_on_the_order_of_rows(frame: Frame) -> None:
    values = ["1e16", "1", "-1e16", "", "3.25", "1e-9"]
    means = set()
    for seed in range(5):
        random.Random(seed).shuffle(values)
        lines = "".join(f"{i},{v}\n" for i, v in enumerate(values))
        means.add(frame("account,balance\n" + lines, covariates=("balance",), impute=True).means["balance"])
    assert len(means) == 1


def test_the_mean_is_of_kept_rows_only(frame: Frame) -> None:
    rows = frame(
        "account,b,out\n1,2,\n2,,\n3,100,yes\n4,4,\n4,4,\n", covariates=("b",), opt_out="out", impute=True
    )
    assert rows.means == {"b": 2.0}


def test_a_covariate_without_any_value_can_not_be_imputed(frame: Frame) -> None:
    with pytest.raises(RctError) as error:
        frame("account,balance\n1,\n2,\n", covariates=("balance",), impute=True)
    assert [(p.code, p.field) for p in error.value.problems] == [("covariate_without_values", "balance")]


def test_eligibility_and_opt_out_exclude_with_their_reason(frame: Frame) -> None:
    rows = frame(
        "account,balance,status,out\n1,30,open,no\n2,20,open,\n3,30,closed,\n4,30,open,X\n5,26,open,FALSE\n",
        eligible="balance >= 25 and status == 'open'",
        opt_out="out",
    )
    assert rows.ids == ["1", "5"]
    assert rows.excluded_ids == {"2": "not_eligible", "3": "not_eligible", "4": "opted_out"}
    assert rows.counts.reasons == {"not_eligible": 2, "opted_out": 1}
    assert rows.ignored == []


def test_an_excluded_row_may_be_wrong_elsewhere(frame: Frame) -> None:
    rows = frame(
        "account,balance,status,out,name\nA,x,closed,maybe,a\x07\n,1,closed,,\nB,x,open,yes,\nC,1,open,,\n",
        covariates=("balance",),
        eligible="status == 'open'",
        opt_out="out",
        contact=("name",),
    )
    assert (rows.ids, told(rows)) == (["C"], [])
    assert rows.counts.reasons == {"not_eligible": 2, "opted_out": 1}
    assert rows.excluded_ids == {"A": "not_eligible", "B": "opted_out"}


def test_a_row_whose_eligibility_can_not_be_told_is_refused(frame: Frame) -> None:
    rows = frame("account,balance\n1,30\n2,thirty\n3,\n", eligible="balance >= 25")
    assert told(rows) == [
        ("not_a_number", 2, 3, "balance", "thirty"),
        ("number_missing", 3, 4, "balance", None),
    ]


def test_an_opt_out_is_never_guessed(frame: Frame) -> None:
    rows = frame("account,out\n1,maybe\n2,0\n", opt_out="out")
    assert told(rows) == [("unreadable_opt_out", 1, 2, "out", "maybe")]


def test_a_refused_row_is_not_excluded_as_well(frame: Frame) -> None:
    rows = frame("account,balance,out\n1,x,yes\n2,30,no\n", eligible="balance > 1", opt_out="out")
    assert rows.counts.reasons == {"not_a_number": 1}


def test_a_split_cluster_is_refused_with_all_its_rows(frame: Frame) -> None:
    rows = frame("account,hh,d\n1,h1,N\n2,h2,N\n3,h1,S\n4,h1,N\n5,h3,\n", clusters="hh", blocks=("d",))
    assert rows.ids == ["2", "5"]
    assert [d[:4] for d in told(rows)] == [
        ("split_cluster", 1, 2, "hh"),
        ("split_cluster", 3, 4, "hh"),
        ("split_cluster", 4, 5, "hh"),
    ]
    assert (
        rows.refusals.problems()[0].rule == "The cluster of this row lies in more than one block: 'N', 'S'."
    )


def test_a_cluster_label_may_be_an_address_and_is_not_shown(frame: Frame) -> None:
    rows = frame("account,hh,d\n1,12 Elm St,N\n2,12 Elm St,S\n", clusters="hh", blocks=("d",))
    shown = repr(rows.refusals.problems())
    assert "Elm" not in shown
    assert "12 Elm St" in rows.refusals.csv().decode()


def test_a_cluster_is_not_split_by_rows_that_take_no_part(frame: Frame) -> None:
    rows = frame("account,hh,d,out\n1,h1,N,\n2,h1,S,yes\n", clusters="hh", blocks=("d",), opt_out="out")
    assert rows.ids == ["1"]


def test_an_empty_cluster_is_refused_and_an_empty_block_is_not(frame: Frame) -> None:
    rows = frame("account,hh,d\n1,h1,\n2, ,N\n", clusters="hh", blocks=("d",))
    assert rows.blocks == [""]
    assert told(rows) == [("empty_cluster", 2, 3, "hh", None)]


def test_control_characters_are_refused_where_a_column_is_used(frame: Frame) -> None:
    rows = frame(
        'account,lang,name,note\n1,en,"Ana\nLee","any\nthing"\n2,e\x1bn,Bo,x\n'
        "3\u200b,en,Cy,x\n4,en,D\u202ee,x\n5,en,E,\x07\n",
        categories=("lang",),
        contact=("name",),
    )
    assert rows.ids == ["5"]
    assert told(rows) == [
        ("control_character", 1, 2, "name", None),
        ("control_character", 2, 5, "lang", "e\x1bn"),
        ("control_character", 3, 6, "account", None),
        ("control_character", 4, 7, "name", None),
    ]
    assert "U+000A (a line break)" in rows.refusals.problems()[0].rule
    assert "Ana" not in repr(rows.refusals.problems()), "a name is never shown"


def test_nobody_is_refused_for_how_their_name_is_written(frame: Frame) -> None:
    names = [
        "می\u200cخواهم",
        "ක්\u200dෂ",
        "\u200fدانا\u200e",
        "Nguyễn",
        "Null",
        "NA",
        "None",
        "",
        "-",
        "O'Brien",
    ]
    lines = "".join(f"{i},{name}\n" for i, name in enumerate(names))
    assert frame("account,name\n" + lines, contact=("name",)).contact["name"] == names


def test_all_defects_of_a_row_are_listed(frame: Frame) -> None:
    rows = frame("account,a,b,hh\n,x,,\n", covariates=("a", "b"), clusters="hh")
    assert {p.code for p in rows.refusals.problems()} == {
        "empty_id",
        "empty_cluster",
        "not_a_number",
        "missing_covariate",
    }
    assert rows.counts.refused == 1


def test_look_alike_ids_are_warned_of_and_kept(frame: Frame) -> None:
    rows = frame("account\n00123\n123\nAB\nab\n")
    assert len(rows.ids) == 4
    assert [(w.code, w.row, w.line, w.found) for w in rows.warnings] == [
        ("lookalike_ids", 1, 2, None),
        ("lookalike_ids", 3, 4, None),
    ]


def test_many_look_alikes_are_counted(frame: Frame) -> None:
    rows = frame("account\n" + "".join(f"A{i}\na{i}\n" for i in range(150)))
    assert len(rows.warnings) == 101
    assert rows.warnings[-1].rule.startswith("50 more groups")


def test_ids_that_a_spreadsheet_shortened_are_warned_of(frame: Frame) -> None:
    rows = frame("account\n1.23457E+11\nA7\n")
    (warning,) = rows.warnings
    assert (warning.code, warning.row, warning.found) == ("shortened_ids", 1, None)


def test_a_file_of_which_nothing_is_left_is_refused(frame: Frame) -> None:
    rows = frame("account,out\n1,yes\n2,yes\n", opt_out="out")
    with pytest.raises(RctError) as error:
        rows.settle(refuse_bad_rows=True)
    (problem,) = error.value.problems
    assert problem.code == "no_units"
    assert "2 opted_out" in problem.rule


def test_the_order_of_rows_is_the_files(frame: Frame) -> None:
    ids = [f"{i:05d}" for i in range(10_000)]
    random.Random(1).shuffle(ids)
    rows = frame("account,b\n" + "".join(f"{i},{int(i)}\n" for i in ids), covariates=("b",))
    assert rows.ids == ids
    assert rows.covariates["b"].tolist() == [float(int(i)) for i in ids]
    assert np.array_equal(rows.number, np.arange(1, 10_001))


def test_problems_deep_in_a_file_bear_their_row(frame: Frame) -> None:
    lines = [f"{i},{i}" for i in range(1, 9_001)]
    lines[8_499] = "8500,x"
    rows = frame("account,b\n" + "\n".join(lines) + "\n", covariates=("b",))
    assert told(rows) == [("not_a_number", 8_500, 8_501, "b", "x")]


def workbook(*lines: tuple[object, ...], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_like_a_csv(frame: Frame) -> None:
    content = workbook(
        ("account", "balance", "zip"), (123, 1234.5, "00501"), ("00123", 7, 601), formats={"B2": "#,##0.00"}
    )
    rows = frame(content, "list.xlsx", covariates=("balance",), categories=("zip",))
    assert rows.ids == ["123", "00123"]
    assert rows.covariates["balance"].tolist() == [1234.5, 7.0]
    assert rows.categories["zip"] == ["00501", "601"]
    assert told(rows) == []


def test_a_format_that_hides_the_value_is_refused_in_text_with_the_cell_named(frame: Frame) -> None:
    content = workbook(
        ("account", "b", "note"), (123, 1, 5), ("A", date(2026, 1, 31), 6), ("B", "=1/0", 7), ("C", 2, date(2026, 1, 1)),
        formats={"A2": "00000"},
    )  # fmt: skip
    rows = frame(content, "list.xlsx", covariates=("b",))
    assert rows.ids == ["C"]
    assert told(rows) == [
        ("spreadsheet_format", 1, 2, "account", None),
        ("spreadsheet_format", 2, 3, "b", "2026-01-31"),
        ("spreadsheet_formula", 3, 4, "b", None),
    ]
    assert "Cell A2" in rows.refusals.problems()[0].rule


def test_a_formatted_number_is_fine_where_eligibility_compares_numbers(frame: Frame) -> None:
    content = workbook(
        ("account", "b", "zip"), ("1", 30, "x"), ("2", 3, "x"), formats={"B2": "0.00", "B3": "0.00"}
    )
    assert frame(content, "list.xlsx", eligible="b > 5").ids == ["1"]
    content = workbook(("account", "zip"), ("1", 501), formats={"B2": "00000"})
    rows = frame(content, "list.xlsx", eligible="zip == '00501'")
    assert [p.code for p in rows.refusals.problems()] == ["spreadsheet_format"]


def test_a_workbook_whose_excluded_rows_are_odd_is_fine(frame: Frame) -> None:
    content = workbook(("account", "s", "b"), ("1", "no", date(2026, 1, 1)), ("2", "yes", 4))
    rows = frame(content, "list.xlsx", eligible="s == 'yes'", covariates=("b",))
    assert (rows.ids, told(rows)) == (["2"], [])

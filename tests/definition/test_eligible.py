"""The condition of who takes part: what it says, what it refuses, and that it agrees with Python's."""

from __future__ import annotations

import operator
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.codes import CODES
from rct.definition.eligible import BadValue, compile
from rct.errors import RctError

ROW = {
    "balance": "40",
    "status": "open",
    "district": "7",
    "since": "2025-06-01",
    "until": "2025-07-01 10:00",
    "Last Bill": "12.5",
    "paid": "40.0",
}

HOLDS = [
    ("balance >= 25", True),
    ("balance >= 25 and status == 'open'", True),
    ("balance < 25 or status == 'open'", True),
    ("not balance < 25", True),
    ("not (balance >= 25 and status == 'open')", False),
    ("not balance >= 25 and status == 'closed' or district == '7'", True),  # and binds closer than or
    ("status == 'closed' or status == 'open' and balance < 25", False),
    ("25 <= balance < 40", False),
    ("25 <= balance <= 40", True),
    ("25 < balance", True),
    ("balance == 40.0", True),
    ("balance == 4e1", True),
    ("balance != +40", False),
    ("balance > -1", True),
    ("status in ('open', 'late')", True),
    ("status in ('open')", True),
    ("status not in ('open', 'late')", False),
    ("balance in (1, 40, 50)", True),
    ("not balance in (1, 40)", False),
    ("district == '07'", False),
    ("since < '2025-07-01' and since >= '2025-06-01'", True),
    ("`Last Bill` > 12", True),
    ("balance == paid and balance > 1", True),  # numbers, for balance is one
    ("balance == paid", False),  # texts: 40 and 40.0
    ("balance <= paid", True),
    ("balance < `Last Bill`", False),
    ("since < until and since == '2025-06-01'", True),  # dates, for since is one
    ("\tstatus\n==\r\n'open'\u00a0", True),
    ("status=='open'and balance>=25", True),
]


@pytest.mark.parametrize(("text", "answer"), HOLDS)
def test_a_condition_says_who_takes_part(text: str, answer: bool) -> None:
    assert compile(text).test(ROW) is answer


def test_it_names_the_columns_that_it_reads_and_which_hold_numbers() -> None:
    rule = compile("status == 'open' and (balance >= 25 or `Last Bill` < balance) and status != 'x'")
    assert rule.columns == ("status", "balance", "Last Bill")
    assert rule.numbers == {"balance", "Last Bill"}


def test_names_and_texts_are_nfc_and_trimmed_as_a_file_is() -> None:
    rule = compile("`re\u0301gion ` == 'Cre\u0301teil '")
    assert rule.columns == ("r\u00e9gion",)
    assert rule.test({"r\u00e9gion": "\u00a0Cre\u0301teil\t"})


def test_a_quotation_mark_and_a_back_quote_are_doubled() -> None:
    rule = compile("`a``b` == 'O''Brien'")
    assert rule.columns == ("a`b",)
    assert rule.test({"a`b": "O'Brien"})


def test_a_column_that_is_named_like_a_word_stands_in_back_quotes() -> None:
    assert compile("`in` == 1 and `true` == 2").columns == ("in", "true")


@pytest.mark.parametrize("cell", ["", "NA", "1,5", "1_000", "٣", "inf", "nan", "1e999", "0x10", "12 a"])
def test_a_column_compared_with_a_number_must_hold_one_whatever_else_is_said(cell: str) -> None:
    rule = compile("status == 'open' and balance >= 25")
    with pytest.raises(BadValue) as raised:
        rule.test({"status": "closed", "balance": cell})
    assert (raised.value.column, raised.value.found) == ("balance", cell)


REFUSED = [
    ("", 1, "must stand here"),
    ("balance", 8, "a comparison must follow"),
    ("not balance", 12, "a comparison must follow"),
    ("'open'", 7, "a comparison must follow"),
    ("balance >=", 11, "ends too early"),
    ("balance = 25", 9, "Write =="),
    ("balance <> 25", 9, "Write !="),
    ("balance == 25 && status == 'x'", 15, "the word and"),
    ("balance == 25 | status == 'x'", 15, "the word or"),
    ("! balance == 25", 1, "the word not"),
    ('status == "open"', 11, "single quotes: 'open'"),
    ("status == ‘open’", 11, "straight single quotes"),
    ("status == 'open", 11, "Close it"),
    ("`balance > 1", 1, "back quotes"),
    ("`` == 1", 1, "back quotes"),
    ("balance == 25 AND status == 'x'", 15, "Write and in small letters"),
    ("balance == 25 status == 'x'", 15, "joined by the word and"),
    ("status IN ('a')", 8, "Write in in small letters"),
    ("(balance == 25", 15, "opened at character 1"),
    ("balance == 25)", 14, "never opened"),
    ("status in 'open'", 11, "list must follow"),
    ("status in ['open']", 11, "round brackets"),
    ("status in ()", 12, "must stand here"),
    ("status in ('a',)", 16, "must stand here"),
    ("status in ('a' 'b')", 16, "not closed here"),
    ("status in ('a', balance)", 17, "numbers or 'texts'"),
    ("status in ('a', 1)", 17, "numbers or texts, not both"),
    ("status not 'a'", 12, "in must follow"),
    ("'a' in ('a', 'b')", 5, "a comparison must follow"),
    ("1 == 1", 3, "says nothing about the file"),
    ("paid == true", 9, "Compare with what stands in the file"),
    ("balance == 25 and balance == '25'", 19, "with a number and with a text"),
    ("balance == paid and paid == 'x' and balance > 1", 12, "with a number and with a text"),
    ("balance == .5", 12, "as 25 or 0.5"),
    ("balance == 5x", 12, "as 25 or 0.5"),
    ("balance - 1 > 2", 9, "arithmetic is not part"),
    ("balance == 1e999", 12, "too large"),
    ("balance ≥ 25", 9, "Write >="),
    ("balance == ٢٥", 12, "can't stand here"),
    ("x.__class__ == 1", 2, "can't stand here"),
    ("open('x') == 1", 5, "a comparison must follow"),
    ("a == 1; b == 2", 7, "can't stand here"),
    ("a == 1 # no", 8, "can't stand here"),
    ("a == {{ b }}", 6, "can't stand here"),
]


@pytest.mark.parametrize(("text", "at", "words"), REFUSED)
def test_what_is_no_condition_is_refused_at_its_character(text: str, at: int, words: str) -> None:
    with pytest.raises(RctError) as raised:
        compile(text)
    (found,) = raised.value.problems
    assert (found.code, found.field) == ("bad_eligibility", "frame.eligible")
    assert found.code in CODES
    assert f"(character {at} of the condition)" in found.rule
    assert words in found.rule + found.fix


def test_a_column_that_the_file_lacks_is_named_with_the_nearest() -> None:
    with pytest.raises(RctError) as raised:
        compile("balence >= 25 and statsu == 'open' and balence < 99", ["balance", "status"])
    assert [(p.code, p.found, p.fix) for p in raised.value.problems] == [
        ("missing_column", "balence", "Did you mean balance?"),
        ("missing_column", "statsu", "Did you mean status?"),
    ]
    assert compile("balance >= 25", ["balance", "status"]).columns == ("balance",)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 4000,
        "not " * 1000 + "a == 1",
        "(" * 60 + "a == 1" + ")" * 60,
        "a == 1 or " * 500 + "a == 1",
        "é" * 2100,
    ],
    ids=["brackets", "not", "both", "long", "bytes"],
)
def test_a_condition_is_bounded_in_size_and_depth(text: str) -> None:
    began = time.process_time()
    with pytest.raises(RctError):
        compile(text)
    assert time.process_time() - began < 1


def test_a_condition_of_four_kilobytes_and_fifty_levels_is_read() -> None:
    assert compile(" or ".join(["a == 1"] * 409)).test({"a": "1"})
    assert compile("(" * 49 + "a == 1" + ")" * 49).test({"a": "1"})


NAMES = {"a": "number", "b": "number", "s": "text", "t": "text"}
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, -1.5])
TEXTS = st.sampled_from(["", "x", "y", "O'B", "10", "é"])
OPS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def constant(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, str]:
    """A comparison in our language, and the same in Python's over the dictionary r."""
    name = draw(st.sampled_from(sorted(NAMES)))
    values = NUMBERS if NAMES[name] == "number" else TEXTS
    if draw(st.booleans()):
        among = draw(st.lists(values, min_size=1, max_size=3))
        no = draw(st.sampled_from(["", "not "]))
        ours = f"{name} {no}in ({', '.join(constant(v) for v in among)})"
        return ours, f"(r[{name!r}] {no}in {tuple(among)!r})"
    op, value = draw(st.sampled_from(sorted(OPS))), draw(values)
    if draw(st.booleans()):
        return f"{constant(value)}{op}{name}", f"({value!r} {op} r[{name!r}])"
    return f"{name} {op} {constant(value)}", f"(r[{name!r}] {op} {value!r})"


def combine(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    def join(word: str) -> st.SearchStrategy[tuple[str, str]]:
        pairs = st.lists(inner, min_size=2, max_size=3)
        return pairs.map(
            lambda many: (f" {word} ".join(o for o, _ in many), f" {word} ".join(p for _, p in many))
        )

    bracketed = inner.map(lambda pair: (f"({pair[0]})", f"({pair[1]})"))
    negated = inner.map(lambda pair: (f"not ({pair[0]})", f"not ({pair[1]})"))
    return join("and") | join("or") | bracketed | negated


CONDITIONS = st.recursive(comparisons(), combine, max_leaves=8)
ROWS = st.fixed_dictionaries({name: NUMBERS if kind == "number" else TEXTS for name, kind in NAMES.items()})


@given(CONDITIONS, ROWS)
def test_it_agrees_with_python(condition: tuple[str, str], row: dict[str, Any]) -> None:
    ours, python = condition
    rule = compile(ours)
    assert rule.test({name: str(value) for name, value in row.items()}) is eval(python, {"r": row})


@given(st.text("ab'`<>=!() ,.0123456789andornti\"\n", max_size=40) | st.text(max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        rule = compile(text)
    except RctError:
        return
    assert rule.columns

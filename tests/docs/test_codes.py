"""Every code that a person or program can meet is explained in `rct.codes.CODES`, and none there is idle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rct.codes import CODES
from rct.tables.refusals import EXCLUDED, RULES

PACKAGE = Path(__file__).parents[2] / "rct"
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

# What makes a Problem, a reason for a row, a deviation: name -> the place of its code among the arguments.
MAKERS = {
    "stop": 0,
    "Problem": 0,
    "LetterError": 0,
    "Deviation": 0,
    "_failure": 0,
    "_fail": 0,
    "_problem": 0,
    "Finding": 1,
    "refuse": 2,
    "_refuse_empty": 2,
    "_exclude": 0,
    "_differs": 0,
    "wrong": 0,
}
# ... and those that are named like something of Python's own: the object that they belong to.
METHODS = {"add": "refusals"}


@cache
def trees() -> dict[str, ast.Module]:
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "codes"]
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def used() -> Iterator[tuple[str, str]]:
    """(code, file) of every code that stands where a code is made."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from ((code, file) for code in _of_call(node))
            elif file in ("audit/deviations.py", "audit/mail.py") and isinstance(node, ast.Yield):
                yield from ((code, file) for code in _of_yield(node))
    yield from ((code, "tables/refusals.py") for code in (*RULES, *EXCLUDED))


def _of_call(node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name == "Note" and not any(keyword.arg == "deviation" for keyword in node.keywords):
        return  # told beside a number, and no deviation: it has no code outside
    if name in METHODS and METHODS[name] not in ast.unparse(node.func):
        return
    place = {"add": 0, "Note": 0}.get(name, MAKERS.get(name))
    if place is None:
        return
    given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    given += node.args[place : place + 1]
    for value in given[:1]:
        for leaf in ast.walk(value):
            if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and CODE.fullmatch(leaf.value):
                yield leaf.value


def _of_yield(node: ast.Yield) -> Iterator[str]:
    value = node.value
    if isinstance(value, ast.Tuple) and isinstance(value.elts[0], ast.Constant):
        yield str(value.elts[0].value)


def test_the_search_finds_codes_of_every_kind() -> None:
    found = {code for code, _ in used()}
    # stop, Problem, Finding, Deviation, a yielded deviation, a Note, a failure of verify, a row's reason
    expected = {
        "not_due",
        "system",
        "no_control",
        "imbalance",
        "early",
        "strata_joined",
        "rows_lost",
        "opted_out",
    }
    assert expected <= found


def test_every_code_in_use_is_explained() -> None:
    assert {f"{code} ({file})" for code, file in used() if code not in CODES} == set()


def test_every_explained_code_is_in_use() -> None:
    texts = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(CODES) - texts == set()


def test_an_explanation_is_a_sentence_or_more() -> None:
    for code, text in CODES.items():
        assert CODE.fullmatch(code), code
        assert text.endswith((".", "?")), code
        assert "\n" not in text, code

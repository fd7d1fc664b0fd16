"""Mutated definitions: read, or refused with problems; never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct import fs
from rct.codes import CODES
from rct.definition import check_text
from rct.errors import RctError, visible

PIECES = [
    *[
        "true",
        "1.5",
        "-1",
        "0",
        "nan",
        "inf",
        "1e400",
        "9" * 30,
        "9" * 5000,
        "2026-02-30",
        "2026-01-12T00:00:00Z",
    ],
    *[
        '""',
        '"x"',
        '"\\u0000"',
        "'",
        '"',
        "'''",
        "[]",
        "[1]",
        "[[",
        "]]",
        "{}",
        "{a=1}",
        "=",
        ".",
        "#",
        "\n",
        "\r",
    ],
    *[
        "\x00",
        "\ufeff",
        "\u202e",
        "[arms]\n",
        "[[arms]]\n",
        "[trial.start]\n",
        "arms.x.share = 2\n",
        "../x",
        "con",
    ],
    *[
        "`",
        "(" * 60,
        "é" * 300,
        "\U0001f600",
        "primary = true\n",
        "\\",
        "x.y.z = 1\n",
        "07:32:00",
        "0x7f",
        "_",
    ],
]


def judged(text: str, name: str, templates: Path | None) -> None:
    try:
        found = check_text(text, name, templates=templates)
    except RctError as error:
        problems = error.problems
    else:
        problems = []
        assert found.name == name
    for problem in problems:
        assert problem.code in CODES
        assert problem.rule
        assert problem.line is None or problem.line >= 1
        for said in (problem.rule, problem.fix, problem.field, problem.found):
            assert visible(said or "") == (said or "")


@pytest.mark.parametrize("seed", range(300))
def test_a_mutated_trial_is_read_or_refused(seed: int, right: str) -> None:
    dice = random.Random(seed)
    files = sorted(fs.shipped("trials").glob("*/trial.toml"))
    text = dice.choice([right, *[file.read_text("utf-8") for file in files]])
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text))
        how = dice.randrange(4)
        if how == 0:
            text = text[:at] + dice.choice(PIECES) + text[at:]
        elif how == 1:
            text = text[:at] + text[at + dice.randint(1, 40) :]
        elif how == 2:
            lines = text.split("\n")
            number = dice.randrange(len(lines))
            key = lines[number].partition("=")[0]
            lines[number] = f"{key}= {dice.choice(PIECES)}"
            text = "\n".join(lines)
        else:
            lines = text.split("\n")
            number = dice.randrange(len(lines))
            lines.insert(dice.randrange(len(lines)), lines[number])
            text = "\n".join(lines)
    judged(text, dice.choice(["water", "../x"]), fs.shipped("templates"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    judged(text, "x", None)


VALUES = st.recursive(
    st.sampled_from(PIECES[:13]) | st.integers().map(str) | st.floats().map(str),
    lambda inner: st.lists(inner, max_size=3).map(lambda many: f"[{', '.join(many)}]"),
    max_leaves=4,
)


@given(data=st.data())
def test_any_value_at_any_key_is_read_or_refused(data: st.DataObject, right: str) -> None:
    lines = right.split("\n")
    number = data.draw(st.sampled_from([i for i, line in enumerate(lines) if " = " in line]))
    lines[number] = f"{lines[number].partition(' = ')[0]} = {data.draw(VALUES)}"
    judged("\n".join(lines), "water", None)

"""A definition that is right, and ways to break it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rct.codes import CODES
from rct.definition import Definition, check_text
from rct.errors import Problem, RctError

RIGHT = """\
[trial]
title = "Which letter gets overdue water bills paid?"
problem = "Bills are paid late."
hypothesis = "The social letter works."
channel = "letter"
owner = "Dana"
analyst = "Sam"
ethics = "Reviewed."
start = 2026-01-12

[arms.current]
label = "Today's letter"
control = true
template = "water/current.md"

[arms.social]
label = "'9 in 10 neighbors pay on time'"
template = "water/social.md"
share = 2
unit_cost = 0.64

[frame]
id = "account"
covariates = ["balance", "late_last_year"]
categories = ["language"]
eligible = "balance >= 25 and status == 'open'"
opt_out = "do_not_mail"
contact = ["name", "street", "city", "postcode"]

[design]
scheme = "blocked_clustered"
blocks = ["district"]
clusters = "household"

[outcomes.paid_30]
label = "Paid in full within 30 days"
kind = "binary"
primary = true
column = "paid"
date_column = "paid_on"
rows = "event"
window_days = 30
missing = "zero"
benefit = 40.0

[analysis]
subgroups = ["language"]
date = 2026-03-02

[power]
baseline = 0.42
minimum_effect = 0.02

[decision]
worthwhile = 0.01
"""


@pytest.fixture(scope="session")
def right() -> str:
    return RIGHT


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace") / "templates"
    (folder / "water").mkdir(parents=True)
    (folder / "water" / "current.md").write_text("Dear {{ name }},\n", encoding="utf-8")
    (folder / "water" / "social.md").write_text("Hello {{ name }},\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def read(templates: Path) -> Callable[[str], Definition]:
    return lambda text: check_text(text, "water", templates=templates)


@pytest.fixture(scope="session")
def mistakes(templates: Path) -> Callable[..., list[Problem]]:
    """Every problem of a text; each has a code that docs/errors.md explains. None is a failed test."""

    def find(text: str, name: str = "water") -> list[Problem]:
        with pytest.raises(RctError) as raised:
            check_text(text, name, templates=templates)
        assert {problem.code for problem in raised.value.problems} <= set(CODES)
        return raised.value.problems

    return find


@pytest.fixture(scope="session")
def broken(mistakes: Callable[..., list[Problem]]) -> Callable[[str, str], Problem]:
    """The only problem of the right definition with `old` put as `new`."""

    def find(old: str, new: str) -> Problem:
        assert RIGHT.count(old) == 1
        found = mistakes(RIGHT.replace(old, new))
        assert len(found) == 1, found
        return found[0]

    return find

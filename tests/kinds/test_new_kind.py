"""A new kind of outcome is one class: nothing else of rct is edited, and it walks the whole road by the commands."""

from __future__ import annotations

import ast
import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support import Road, accounts, definition

import rct
from rct.definition.interview import defaults, next_question
from rct.definition.scaffold import write_trial_toml
from rct.definition.schema import schema
from rct.kinds import KINDS, OutcomeKind
from rct.kinds.binary import Binary

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Waiting(OutcomeKind):
    """Days that someone waited; they vary as much as they last, unless a standard deviation is given."""

    name = "waiting"
    meaning = "a time of waiting"
    answer = "how many days"
    zero_if_absent = False
    refusal = "count_not_whole"
    baseline = "a mean number of days above 0"
    baseline_limits = "above 0 days"
    baseline_fix = "Write the mean number of days."
    spread_note = "Waiting is taken to vary as an exponential time does; if it varies more, give sd."
    positive = True

    @property
    def unit(self) -> str:
        return "days"

    def implausible(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        wrong: NDArray[np.bool_] = values < 0
        return wrong

    def possible(self, baseline: float) -> bool:
        return baseline > 0

    def spread(self, baseline: float | None, sd: float | None) -> float:
        return (baseline or 0.0) if sd is None else sd

    def lacks(self, label: str, baseline: float | None, sd: float | None) -> list[str]:
        return [f"baseline: how long is {label}?"] if baseline is None and sd is None else []


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    kind = Waiting()
    monkeypatch.setitem(KINDS, kind.name, kind)
    return kind


OUTCOME = """[outcomes.wait]
label = "Days until the bill was paid"
kind = "waiting"
primary = true
direction = "decrease"
missing = "drop"

[power]
baseline = 12
minimum_effect = 3
units = 400
"""


def trial(tmp_path: Path, outcomes: str = OUTCOME) -> Road:
    road = Road(tmp_path)
    start = date.today() - timedelta(days=1)
    road.define(definition(start=start, outcomes=outcomes, decision="worthwhile = 1"))
    return road


def test_it_walks_the_whole_road(tmp_path: Path) -> None:
    road = trial(tmp_path)
    road.ok("check", "bills")
    (power,) = road.ok("power", "bills", "--plot", tmp_path / "power.png")["outcomes"]
    # two groups of 200 with sd 12: R's power.t.test(n = 200, sd = 12, power = .8)$delta is 3.37004
    assert power["mde"] == pytest.approx(3.37004, abs=1e-4)
    assert "vary as an exponential time does" in road.rct("power", "bills").out
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("accounts.csv", accounts(400)))
    road.ok("draw", "bills")
    rows = [f"{i:05d},{(i * 37) % 23}" for i in range(400)]
    bad = road.file("bad.csv", "\n".join(["account,wait", "00001,-4", *rows[2:]]) + "\n")
    assert road.no("outcomes", "bills", bad)[0]["code"] == "count_not_whole"
    road.ok("outcomes", "bills", road.file("waits.csv", "\n".join(["account,wait", *rows]) + "\n"))
    road.ok("analyze", "bills")
    assert "(days, 95%" in road.rct("analyze", "bills").out
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text(encoding="utf-8")
    assert " days lower" in memo or " days higher" in memo
    plan = (road.out / "plan.md").read_text(encoding="utf-8")
    assert "a time of waiting" in plan
    road.ok("verify", "bills")
    road.ok("share", "bills")
    assert road.ok("verify", road.out / "bundle.zip")["ok"]
    for registry in ("aea", "aspredicted", "osf", "egap", "ctgov"):
        road.ok("register", "bills", "--format", registry)
    road.ok("site")
    (row,) = json.loads((road.folder / "site" / "data" / "trials.json").read_text())["trials"]
    assert row["kind"] == "waiting"


class Answered(Binary):
    """Yes or no under another name: what is told of shares and events hangs on its answers, not on its name."""

    name = "answered"
    meaning = answer = "answered or not"


def test_a_share_of_another_name_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, Answered.name, Answered())
    primary = 'label = "Paid"\nprimary = true\nmissing = "zero"'
    road = trial(tmp_path, f'[outcomes.paid]\nkind = "answered"\n{primary}\n')
    paid = "".join(f"{i:05d},{'yes' if i < 3 else 'no'}\n" for i in range(120))
    road.edit("worthwhile = 1", "worthwhile = 0.01")
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("accounts.csv", accounts(120)))
    road.ok("draw", "bills")
    road.ok("outcomes", "bills", road.file("paid.csv", "account,paid\n" + paid))
    road.ok("analyze", "bills")
    assert "percentage points" in road.rct("analyze", "bills").out
    road.ok("report", "bills")
    assert "answered or not" in (road.out / "plan.md").read_text(encoding="utf-8")
    appendix = (road.out / "appendix.html").read_text(encoding="utf-8")
    assert "withheld" in appendix  # three events are counted, and few
    road.ok("verify", "bills")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("baseline = 12", "baseline = 0", "out_of_range"),
        ('missing = "drop"', 'missing = "zero"', "measurement_zero"),
        ('missing = "drop"', 'missing = "zero"\nrows = "event"\naggregate = "any"', "aggregate_kind"),
        ('kind = "waiting"', 'kind = "weighting"', "not_a_choice"),
    ],
)
def test_its_own_limits_are_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    (problem,) = trial(tmp_path, OUTCOME.replace(old, new)).no("check", "bills", code=1)
    assert problem["code"] == code
    assert "waiting" in problem["rule"] + problem["fix"]


def test_the_interview_and_the_schema_know_it(tmp_path: Path) -> None:
    assert "waiting" in schema()["$defs"]["Outcome"]["properties"]["kind"]["enum"]
    today = date.today()
    before = {k: v for k, v in defaults(today).items() if k not in ("kind", "absent", "baseline", "hope")}
    question = next_question(before, today)
    assert question is not None
    assert ("waiting", "how many days") in question.choices
    answers = {**before, "kind": "waiting", "baseline": "12", "hope": "3", "worthwhile": "1"}
    assert next_question(answers, today) is None
    road = Road(tmp_path)
    road.define(write_trial_toml("bills", answers))
    assert "baseline = 12" in road.toml.read_text()


def _compared(path: Path) -> list[str]:
    """Where a module compares something with a kind's name, or looks one up by it. `count` alone tells nothing: it is a
    way to join events too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        sides = (
            [node.left, *node.comparators]
            if isinstance(node, ast.Compare)
            else [k for k in node.keys if k is not None]
            if isinstance(node, ast.Dict)
            else []
        )
        texts = [n.value for side in sides for n in ast.walk(side) if isinstance(n, ast.Constant)]
        found += [f"{path}:{node.lineno}" for text in texts if text in ("binary", "continuous")]
    return found


def test_no_module_but_their_own_compares_a_kinds_name() -> None:
    root = Path(rct.__file__).parent
    modules = [path for path in root.rglob("*.py") if path.parent != root / "kinds"]
    assert [place for path in modules for place in _compared(path)] == []

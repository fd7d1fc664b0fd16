"""A scheme that is one class and one place in `SCHEMES` walks the whole road, and every stage asks it and no name."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from support import Road, run

import rct
from rct.analysis.data import sample
from rct.definition import load
from rct.definition.interview import next_question
from rct.definition.schema import schema
from rct.design.deal import deal
from rct.design.model import DeclaredDesign, Draw
from rct.design.schemes import SCHEMES, Scheme
from rct.design.schemes.base import RecipeStep
from rct.design.schemes.clustered import Clustered
from rct.design.tickets import digests
from rct.estimate.estimators import ESTIMATORS
from rct.estimate.randomization import randomization_test
from rct.power.cluster_df import cluster_df
from rct.registry import store
from rct.registry.state import reading
from rct.registry.workspace import find


class Neighbors(Scheme):
    """Two by two: units of a block that follow each other by token are dealt between them."""

    name = "neighbors"
    needs_blocks = True
    pot = "one pot for neighbors in a block"
    summary = "neighbors in a block are dealt between them, two by two"
    permitted_within = "pairs of neighbors"
    method = (
        "Neighbors: within every block, units that follow each other by token share the arms between them."
    )

    def permitted(self, units, blocks, clusters):
        members = defaultdict(list)
        for row in sorted(range(len(units)), key=units.__getitem__):
            members[blocks[row]].append(row)
        sets = [""] * len(units)
        for block, rows in members.items():
            for place, row in enumerate(rows):
                sets[row] = f"{block}\x1f{place // 2:06d}"
        return sets

    def deal(
        self,
        design: DeclaredDesign,
        key: str,
        units: Sequence[str],
        blocks: Sequence[str] | None,
        clusters: Sequence[str] | None,
    ) -> Draw:
        labels, code = np.unique(self.permitted(units, blocks, clusters), return_inverse=True)
        words = digests(key, "unit", units)
        arm, by_set = deal(key, labels.tolist(), code, words, design.arms, design.shares)
        counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(design.arms), np.int64))
        for label, dealt in by_set.items():
            counts[label.rpartition("\x1f")[0]] += dealt
        return Draw(design, arm, {b: tuple(c.tolist()) for b, c in counts.items()}, words)

    def recipe(self, arms: Mapping[str, int]) -> tuple[RecipeStep, ...]:
        return (
            RecipeStep(
                "Each two units of a block that follow each other by token are a block of docs/draw.md."
            ),
        )


TOY = Neighbors()
START = date.today() - timedelta(days=90)
PEOPLE = 48
ANSWERS = {"blocks": "district", "scheme": TOY.name, "contact": "name, street", "wait": "30", "unit_cost": ""}


class Typed(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed() -> Typed:
    """What someone types in `rct new`: the answers above, else the defaults."""
    answers = {"start": START.isoformat()}
    lines = []
    while (question := next_question(answers, date.today(), "Tess")) is not None:
        answers[question.key] = ANSWERS.get(question.key, question.default)
        lines.append(answers[question.key])
    return Typed("\n".join(lines) + "\n")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMES, TOY.name, TOY)


@pytest.fixture
def road(registered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Road:
    road = Road(tmp_path, "toy")
    monkeypatch.setattr("sys.stdin", typed())
    made = run("-C", road.folder, "new", "toy", "--start", START.isoformat())
    assert made.code == 0, (made.out, made.err)
    assert TOY.summary in " ".join(made.out.split())
    road.confirm()
    return road


def test_a_scheme_walks_the_whole_road_by_registration_alone(road: Road) -> None:
    assert load(road.toml).scheme is TOY
    assert TOY.name in json.dumps(json.loads(road.toml.with_name("trial.schema.json").read_text()))
    people = road.file(
        "people.csv",
        "id,name,street,district\n"
        + "".join(f"{i:03d},Person {i},{i} Main Street,D{i % 4}\n" for i in range(PEOPLE)),
    )
    outcomes = road.file(
        "outcomes.csv", "id,responded\n" + "".join(f"{i:03d},{i % 3 % 2}\n" for i in range(PEOPLE))
    )
    for command in (
        ("check", "toy"),
        ("power", "toy"),
        ("check", "toy", "--frame", people),
        ("lock", "toy"),
        *(("register", "toy", "--format", f) for f in ("aea", "aspredicted", "osf", "egap", "ctgov")),
        ("frame", "toy", people),
        ("draw", "toy"),
        ("outcomes", "toy", outcomes),
        ("analyze", "toy"),
        ("report", "toy"),
        ("verify", "toy"),
        ("share", "toy"),
        ("site",),
    ):
        road.ok(*command)
    for page in (
        "plan.md",
        "register-osf.md",
        "register-aea.md",
        "register-egap.md",
        "appendix.html",
    ):
        assert TOY.method in (road.out / page).read_text(encoding="utf-8"), page
    assert TOY.recipe({})[0].text in (road.out / "plan.md").read_text(encoding="utf-8")
    plan = (road.out / "plan.md").read_text(encoding="utf-8")
    assert "dealt anew 10,000 times within their pairs of neighbors" in plan
    each_pair_is_shared(road)
    only_pairs_are_rearranged(road)


def each_pair_is_shared(road: Road) -> None:
    with (road.out / "assignment.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["block"], row["unit"]))
    assert len(rows) == PEOPLE
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert {first["arm"], second["arm"]} == {"current", "new"}
    assert {row["prob"] for row in rows} == {"0.5"}


def only_pairs_are_rearranged(road: Road) -> None:
    """A district of 12 has 64 draws, where lots over the whole district would have 924."""
    definition, ws = load(road.toml), find(road.folder)
    with reading(ws) as db:
        frame, rows = store.read_frame(db, "toy"), store.read_assignment(db, "toy")
    arm = {row.unit: row.arm for row in rows}
    y = np.random.default_rng(1).normal(size=PEOPLE)
    made = sample(definition, frame, [arm[u] for u in frame.units], y)
    one = made.rows(made.block == 0)
    found = randomization_test(one, 1, 0, draws=1_000, seed=b"1")
    assert (found.exact, found.draws) == (True, 2**6)
    assert found.p_value == pytest.approx(by_hand(one.y, one.arm, one.exchange))
    whole = randomization_test(replace(one, exchange=None), 1, 0, draws=1_000, seed=b"1")
    assert (whole.exact, whole.draws) == (True, 924)


def by_hand(y: np.ndarray, arm: np.ndarray, pair: np.ndarray) -> float:
    """The share of all swaps within pairs whose Welch's t is at least as far from 0 as that of the draw."""

    def t(arm: np.ndarray) -> float:
        a, b = y[arm == 1], y[arm == 0]
        return abs(a.mean() - b.mean()) / (a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)) ** 0.5

    pairs = np.unique(pair, return_inverse=True)[1]
    swaps = [np.array(s)[pairs] for s in product((0, 1), repeat=pairs.max() + 1)]
    return float(np.mean([t(np.where(s == 1, 1 - arm, arm)) >= t(arm) - 1e-9 for s in swaps]))


def test_power_draws_clusters_as_their_scheme_does() -> None:
    class Alternating(Clustered):
        def redraw(self, rng, home, blocks, shares):
            return np.arange(len(home)) % len(shares)

    sizes = [40, 3, 40, 3, 40, 3, 40, 3]
    (found,) = cluster_df({"": sizes}, (1, 1), 0, ESTIMATORS["difference_in_means"], Alternating())
    # one arm has the large clusters, the other the small: Welch's for four and four
    assert found.df == pytest.approx((1 / 40 + 1 / 3) ** 2 / ((1 / 40**2 + 1 / 3**2) / 3))
    (usual,) = cluster_df({"": sizes}, (1, 1), 0, ESTIMATORS["difference_in_means"], Clustered())
    assert abs(usual.df - found.df) > 0.5


def test_what_it_needs_is_asked_and_refused_by_name(road: Road) -> None:
    road.edit('blocks = ["district"]', 'clusters = "household"')
    problems = {p["code"]: p for p in road.no("check", "toy", code=1)}
    assert set(problems) == {"scheme_needs", "scheme_refuses"}
    assert problems["scheme_needs"]["rule"] == 'scheme = "neighbors" needs design.blocks.'
    assert 'scheme = "blocked_clustered"' in problems["scheme_refuses"]["fix"]


def test_the_json_schema_knows_what_is_registered(registered) -> None:
    design = schema()["$defs"]["Design"]
    assert design["properties"]["scheme"]["enum"][-1] == TOY.name
    blocks, clusters = (rule["if"]["properties"]["scheme"]["enum"] for rule in design["allOf"])
    assert TOY.name in blocks
    assert TOY.name not in clusters


def test_a_name_that_nobody_registered_is_refused(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SCHEMES, TOY.name)
    (problem,) = road.no("check", "toy", code=1)
    assert problem["code"] == "not_a_choice"


def test_no_other_module_compares_the_name_of_a_scheme() -> None:
    """Neither `== "blocked"` nor `in {"clustered", …}` nor a table with a row for each name."""
    root = Path(rct.__file__).parent
    found = []
    for path in sorted(root.rglob("*.py")):
        if path.is_relative_to(root / "design" / "schemes"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked: list[ast.AST | None] = []
            if isinstance(node, ast.Compare):
                asked = [node.left, *node.comparators]
            elif isinstance(node, ast.Dict):
                keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
                asked = list(node.keys) if set(keys) <= set(SCHEMES) else []  # columns may be called so
            elif isinstance(node, ast.MatchValue):
                asked = [node.value]
            words = [w.value for a in asked if a for w in ast.walk(a) if isinstance(w, ast.Constant)]
            found += [(path.name, node.lineno, w) for w in words if isinstance(w, str) and w in SCHEMES]
    assert found == []

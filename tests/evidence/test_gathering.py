"""A trial as evidence: the published figures, what suppression withholds is not there, and the same text back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import CANARY, Road, accounts, definition, road_at

from rct.errors import RctError
from rct.evidence.bundle.codec import from_json, to_json
from rct.evidence.gathering import from_trial
from rct.registry.workspace import find


@pytest.fixture
def analyzed(tmp_path: Path) -> Road:
    return road_at("analyzed", tmp_path)


def test_lines_are_the_published_results(analyzed: Road) -> None:
    evidence = from_trial(find(analyzed.folder), "bills")
    assert (evidence.city, evidence.scheme, evidence.source) == ("Testville", "blocked_clustered", "trial")
    assert [a.name for a in evidence.arms if a.control] == ["none"]
    assert sum(a.n or 0 for a in evidence.arms) == 240
    stored = analyzed.sql(
        "select outcome, arm, term, subgroup, level, estimate, std_error, p_adjusted from result"
    )
    shown = [
        (x.outcome, x.arm, x.term, x.subgroup, x.level, x.estimate, x.std_error, x.p_adjusted)
        for x in evidence.lines
    ]
    assert len(shown) == len(stored)
    assert {s for s in shown if s[5] is not None} <= set(stored)
    assert any(s[5] is not None for s in shown)
    assert CANARY.lower() not in to_json(evidence).decode().lower()


def test_covariances_of_main_estimates(analyzed: Road) -> None:
    """Two outcomes, two arms beside the control: six pairs, each within its standard errors."""
    evidence = from_trial(find(analyzed.folder), "bills")
    assert len(evidence.covariances) == 6
    error = {(x.outcome, x.arm): x.std_error for x in evidence.lines if x.subgroup is None}
    for c in evidence.covariances:
        a, b = error[c.outcome_a, c.arm_a], error[c.outcome_b, c.arm_b]
        assert a is not None
        assert b is not None
        assert 0 < c.value < a * b


def test_the_same_text_reads_back(analyzed: Road) -> None:
    evidence = from_trial(find(analyzed.folder), "bills")
    text = to_json(evidence)
    assert from_json(text) == evidence
    assert to_json(from_json(text)) == text
    assert from_json(text, source="bundle", digest="ab", signed_by="Us").signed_by == "Us"


def test_a_small_arm_has_no_figures_and_no_covariance(tmp_path: Path) -> None:
    road = Road(tmp_path)
    arms = "".join(
        f'[arms.{name}]\nlabel = "{name}"\nshare = {share}\n{"control = true" if name == "a" else ""}\n\n'
        for name, share in (("a", 20), ("b", 20), ("c", 4))
    )
    road.define(definition(arms=arms))
    road.file("people.csv", accounts(88))
    road.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(88)))
    for command in (
        ("lock", "bills"),
        ("frame", "bills", tmp_path / "people.csv"),
        ("draw", "bills"),
        ("outcomes", "bills", tmp_path / "paid.csv"),
        ("analyze", "bills"),
    ):
        road.ok(*command)
    evidence = from_trial(find(road.folder), "bills")
    small = next(x for x in evidence.lines if x.arm == "c")
    assert (small.estimate, small.std_error, small.n_arm, small.p_value) == (None,) * 4
    assert next(a.n for a in evidence.arms if a.name == "c") is None
    assert evidence.covariances == ()


def test_before_the_analysis_there_is_none(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    with pytest.raises(RctError) as refused:
        from_trial(find(road.folder), "bills")
    assert refused.value.problems[0].code == "not_analyzed"


TOLD = {"interval": "newcombe", "conf_low": -3.0, "conf_high": -2.0, "p_value": 0.2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda e: e.update(rct_evidence=4), "rct_evidence"),
        (lambda e: e["lines"][0].update(fragile="because"), "lines.0.fragile"),
        (lambda e: e["lines"][0].update(told=TOLD), "lines.0.told.interval"),
        (lambda e: e["lines"][0].update(fragile="few_events", told=TOLD), "lines.0.told.conf_low"),
        (lambda e: e.update(rct_evidence=True), "rct_evidence"),
        (lambda e: e.pop("title"), "title"),
        (lambda e: e.update(extra=1), "extra"),
        (lambda e: e.update(signed_by="Me"), "signed_by"),
        (lambda e: e["lines"][0].update(estimate="0.1"), "lines.0.estimate"),
        (lambda e: e["lines"][0].update(estimate=9.0), "lines.0.estimate"),
        (lambda e: e["lines"][0].update(std_error=-1.0), "lines.0.std_error"),
        (lambda e: e["lines"][0].update(p_value=1.5), "lines.0.p_value"),
        (lambda e: e["lines"][0].update(arm="nobody"), "lines.0.arm"),
        (lambda e: e["lines"][0].update(n=-3), "lines.0.n"),
        (lambda e: e["arms"][0].update(control=False), "arms"),
        (lambda e: e["arms"].append(e["arms"][0]), "arms"),
        (lambda e: e["covariances"][0].update(value=9.0), "covariances.0.value"),
        (lambda e: e.update(title="x" * 20_001), "title"),
    ],
)
def test_what_cannot_be_is_named(analyzed: Road, change, field: str) -> None:
    said = json.loads(to_json(from_trial(find(analyzed.folder), "bills")))
    change(said)
    with pytest.raises(RctError) as refused:
        from_json(json.dumps(said).encode())
    problem = refused.value.problems[0]
    later = said["rct_evidence"] == 4
    assert (problem.code, problem.field) == ("future_version" if later else "evidence", field)


@pytest.mark.parametrize(
    "text",
    [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b"[" * 30 + b"]" * 30, b"{", b"\xff", b'{"a":99999999999999999999}'],
)  # fmt: skip
def test_json_that_is_not_strict_is_refused(text: bytes) -> None:
    with pytest.raises(RctError) as refused:
        from_json(text)
    assert refused.value.problems[0].code == "json"

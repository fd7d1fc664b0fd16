"""What leaves the office tells that a comparison is fragile: bundle, library, pool and site give the interval that the
memo tells, and never the t test's without a word."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from analysis.test_no_false_verdict import trial
from evidence.bundles import bundle_of, edit, forge, members_of
from pool_support import evidence, paper_text
from support import Road

from rct.evidence.bundle.codec import from_json, to_json
from rct.evidence.bundle.opening import read_bundle
from rct.evidence.library.index import standing
from rct.evidence.pool.as_json import pool_json
from rct.evidence.pool.choosing import Wish
from rct.evidence.pool.page import forest_of, pool_doc
from rct.evidence.pool.pooling import pool_evidence
from rct.evidence.pool.words import method_rows, plain_words, trial_rows
from rct.evidence.record import Evidence, FragileFigures
from rct.report.printers.markdown import to_markdown

# 3 of 200 and 65 of 1,800; statsmodels: confint_proportions_2indep(3, 200, 65, 1800, method="newcomb")
NEWCOMBE = (-0.034928771842143866, 0.00808243113155492)
SHOWN = "−3.5 to 0.8"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """3 of 200 against 65 of 1,800: by t a fall, by Newcombe's interval and by lot nothing is found."""
    arm = ["control"] * 1800 + ["a"] * 200
    y = [1.0] * 65 + [0.0] * 1735 + [1.0] * 3 + [0.0] * 197
    found, _, made = trial(
        tmp_path_factory.mktemp("fragile"), arm, y, shares={"control": 9}, kind="binary", direction="decrease",
        threshold=3,
    )  # fmt: skip
    assert found["a"]["conf_high"] < 0
    made.ok("share", "t")
    return made


def test_the_appendix_has_the_told_interval_and_how_far_off_p_may_be(road: Road) -> None:
    said = json.loads((road.out / "appendix.json").read_text())
    (told,) = said["fragile"]
    assert (told["outcome"], told["arm"], told["interval"], told["borne_out"]) == (
        "y",
        "a",
        "newcombe",
        False,
    )
    assert (told["conf_low"], told["conf_high"]) == pytest.approx(NEWCOMBE, rel=1e-9)
    assert told["reasons"] == said["results"][0]["fragile"].split(",")
    (test,) = said["randomization"]
    p = said["results"][0]["p_randomization"]
    assert (test["p_randomization"], test["randomization_draws"]) == (p, 10_000)
    assert told["p_randomization_adjusted"] == p
    assert test["std_error"] == pytest.approx((p * (1 - p) / 10_001) ** 0.5, rel=1e-12)
    page = (road.out / "appendix.html").read_text(encoding="utf-8")
    assert "s interval, −3.4929 to 0.80824; randomization p, adjusted: " in page
    assert "The t test, whose figures these are, can mislead here" in page
    assert f"uncertain by {test['std_error']:.2g}" in page


def test_a_bundle_carries_reasons_and_the_told_interval(road: Road) -> None:
    members = members_of(bundle_of(road))
    (line,) = json.loads(members["evidence.json"])["lines"]
    assert line["fragile"] == "few_events,skewed"
    assert (line["told"]["conf_low"], line["told"]["conf_high"]) == pytest.approx(NEWCOMBE, rel=1e-9)
    assert line["told"]["p_value"] > 0.05
    read = from_json(members["evidence.json"], source="bundle").lines[0]
    assert read.interval == pytest.approx(NEWCOMBE, rel=1e-9)
    assert json.loads(members["evidence.json"])["rct_evidence"] == 3
    readme = members["readme.md"].decode()
    assert "-0.03493 to 0.008082 *" in readme
    assert "The usual test can mislead here" in readme


def test_an_older_bundle_has_its_reasons_from_its_table_and_no_interval(road: Road, tmp_path: Path) -> None:
    def older(said: dict[str, Any]) -> None:
        said["rct_evidence"] = 1
        for line in said["lines"]:
            del line["fragile"], line["told"]

    path = forge(bundle_of(road), tmp_path / "older.zip", edit("evidence.json", older))
    bundle = read_bundle(path, {})
    assert bundle.failures == ()
    assert bundle.evidence is not None
    line = bundle.evidence.lines[0]
    assert (line.fragile, line.told, line.interval, line.p) == ("few_events,skewed", None, None, None)
    assert standing(bundle.evidence) == (0, 1, 0)


def test_the_library_shows_what_the_memo_tells(road: Road) -> None:
    road.ok("library", "add", bundle_of(road))
    found = road.ok("library", "find")
    assert (found["better"], found["unclear"], found["worse"]) == (0, 1, 0)  # by t it is better
    (line,) = found["entries"][0]["results"]
    assert line["fragile"] == ["few_events", "skewed"]
    assert (line["told"]["conf_low"], line["told"]["conf_high"]) == pytest.approx(NEWCOMBE, rel=1e-9)
    for command in (("find",), ("show", "t")):
        said = " ".join(road.rct("library", *command).out.split())
        assert f"{SHOWN[:4]}" in said
        assert "* a: the usual test can mislead here (in an arm only few differ from most" in said
        assert "Newcombe's interval and the p of drawing the lots anew are shown, as in its memo." in said
    assert " *" in road.rct("library", "show", "t").out
    assert "fragile" in json.dumps(road.ok("library", "show", "t")["entry"]["lines"])


def test_a_pool_through_the_command_marks_the_fragile_trial(road: Road, tmp_path: Path) -> None:
    paper = road.file("paper.toml", paper_text("Easton", 400, 380).replace("outcomes.paid", "outcomes.y").replace(
        'direction = "increase"', 'direction = "decrease"').replace("window_days = 30\n", ""))  # fmt: skip
    page, plot = tmp_path / "pool.html", tmp_path / "pool.svg"
    said = road.ok("pool", "y", bundle_of(road), paper, "--page", page, "--plot", plot)
    assert said["fragile"] == 1
    ours, theirs = said["trials"]
    assert ours["fragile"] == ["few_events", "skewed"]
    assert (ours["told"][0]["conf_low"], ours["told"][0]["conf_high"]) == pytest.approx(NEWCOMBE, rel=1e-9)
    assert (theirs["fragile"], theirs["told"]) == ([], [])
    assert said["main"]["p_value"] is not None
    for text in (road.rct("pool", "y", bundle_of(road), paper).out, page.read_text(encoding="utf-8")):
        text = " ".join(text.split())
        assert "1 of 2 trials rests on few events or a few large values (marked * in the table)" in text
        assert "0.8 *" in text


def of(name: str, estimate: float, se: float, told: FragileFigures | None) -> Evidence:
    made = evidence(name, {"social": (estimate, se)})
    return replace(made, lines=(replace(made.lines[0], fragile="few_events", told=told),))


def test_a_pool_of_fragile_trials_alone_tells_no_p_value() -> None:
    told = FragileFigures("newcombe", -0.02, 0.09, 0.2)
    trials = [of(name, 0.03 + i / 1000, 0.01, told) for i, name in enumerate(("a", "b", "c", "d", "e"))]
    pooling = pool_evidence(Wish("paid", worthwhile=0.01), trials)
    words = " ".join(plain_words(pooling))
    assert words.startswith("Over 5 trials “Paid in full” was on average 3.20 percentage points higher")
    assert "the usual test can mislead in every one of them: this shows little." in words
    assert "Chance alone" not in words
    assert "p = " not in words
    assert "p < " not in words
    assert "new city" not in words
    assert {row[3] for row in method_rows(pooling)} == {""}
    assert {row[3] for row in trial_rows(pooling)} == {"−2.00 to 9.00 *"}
    said = pool_json(pooling)
    assert (
        said["main"]["p_value"]
        is said["main"]["q_p"]
        is said["main"]["predict_low"]
        is said["chance"]
        is None
    )
    assert all(m["p_value"] is None and m["q_p"] is None for m in said["methods"])
    assert all(t["without"]["p_value"] is None for t in said["trials"])
    page = to_markdown(pool_doc(pooling)).decode()
    assert "5 of 5 trials rest on few events" in page
    assert "no p-value of the pool is told" in page
    assert [row.label[-1] for row in forest_of(pooling).rows] == ["*"] * 5
    assert (forest_of(pooling).rows[0].low, forest_of(pooling).rows[0].high) == pytest.approx((-2, 9))
    # weights and average stay the method's own
    assert pooling.main.estimate == pytest.approx(0.032, rel=1e-9)


def test_one_sound_trial_is_enough_for_a_p_value_and_its_weight_is_the_methods() -> None:
    trials = [of("a", 0.03, 0.01, None), evidence("b", {"social": (0.02, 0.01)})]
    pooling = pool_evidence(Wish("paid"), trials)
    assert pooling.tested
    assert pooling.main.weights == pytest.approx((0.5, 0.5))
    assert any(note.startswith("1 of 2 trials rests on few events") for note in pooling.notes)
    assert pool_json(pooling)["main"]["p_value"] is not None


def test_fragile_lines_read_back() -> None:
    one = replace(of("a", 0.03, 0.01, FragileFigures("randomization", None, None, None)), digest=None)
    assert from_json(to_json(one), source="bundle") == one
    plain = replace(evidence("b", {"social": (0.02, 0.01)}), digest=None)
    assert b"fragile" not in to_json(plain)
    assert json.loads(to_json(plain))["rct_evidence"] == 1


def test_the_site_draws_the_told_interval(road: Road) -> None:
    road.ok("site")
    (one,) = json.loads((road.folder / "site" / "data" / "trials.json").read_text())["trials"]
    assert one["result"] == "unclear"
    assert one["results"][0]["fragile"] == "few_events,skewed"
    from rct.evidence.site.published import publish
    from rct.registry import state
    from rct.registry.trial import locked_trials
    from rct.registry.workspace import find

    ws = find(road.folder)
    with state.reading(ws) as db:
        (trial,) = locked_trials(ws, db)
        (finding,) = publish(trial).findings
    assert (finding.low, finding.high) == pytest.approx(NEWCOMBE, rel=1e-9)

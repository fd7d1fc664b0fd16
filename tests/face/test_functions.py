"""The pure functions on data frames: worked answers of the draw, R's of the estimates, and refusals by row and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from face.city import opened, refusal

import rct
from rct.design.tickets import cluster_ids, draw_key, frame_hash, unit_id

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "tests/reference/draw_vectors.json").read_text(encoding="utf-8"))
KEY = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_draw_is_that_of_the_worked_answers(case: dict[str, Any]) -> None:
    secret = bytes(range(32))
    units = [unit_id(secret, case["name"], i) for i in case["ids"]]
    clusters = [c and cluster_ids(secret, case["name"], [c])[0] for c in case["cluster_labels"]]
    key = draw_key(
        VECTORS["seed"], VECTORS["plan_hash"], frame_hash(units, case["blocks"], clusters), case["beacon"]
    )
    parts = [b.split("\x1f") for b in case["blocks"]]
    table = pd.DataFrame(parts, columns=[f"b{i}" for i in range(len(parts[0]))]).assign(
        unit=units, home=clusters
    )
    blocked, clustered = any(case["blocks"]), any(clusters)
    drawn = rct.draw(
        table,
        scheme={(0, 0): "complete", (1, 0): "blocked", (0, 1): "clustered", (1, 1): "blocked_clustered"}[blocked, clustered],
        arms=dict(zip(case["arms"], case["shares"], strict=True)),
        blocks=[c for c in table if str(c).startswith("b")] if blocked else None,
        clusters="home" if clustered else None,
        id="unit",
        key=key,
    )  # fmt: skip
    assert drawn.tolist() == case["assignment"]


def people(n: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(3)
    table = pd.DataFrame(
        {"account": [f"{i:05d}" for i in range(n)], "district": [f"D{i % 3}" for i in range(n)]}
    )
    table["balance"] = random.normal(100, 30, n)
    table["language"] = random.choice(["en", "es", ""], n)
    table["home"] = [f"h{i // 2}" for i in range(n)]
    table["arm"] = rct.draw(
        table, scheme="blocked", arms={"current": 1, "social": 2}, blocks=["district"], id="account", key=KEY
    )
    table["paid"] = (random.random(n) < 0.4 + 0.1 * (table["arm"] == "social")).astype(float)
    return table


def test_a_draw_is_the_same_in_any_order_and_keeps_the_index() -> None:
    table = people().sample(frac=1, random_state=1)
    again = rct.draw(
        table, scheme="blocked", arms={"current": 1, "social": 2}, blocks="district", id="account", key=KEY
    )
    assert again.index.equals(table.index)
    assert again.tolist() == table["arm"].tolist()
    assert list(again.cat.categories) == ["current", "social"]


def test_what_can_not_be_drawn_is_named() -> None:
    table = people(20)
    how: dict[str, Any] = {"arms": {"a": 1, "b": 1}, "id": "account", "key": KEY}
    assert refusal(rct.draw, table, **{**how, "key": "secret"}).code == "bad_draw_key"
    assert refusal(rct.draw, table, **{**how, "id": "nonsense"}).code == "no_such_column"
    assert refusal(rct.draw, table, **{**how, "id": "balance"}).code == "id_as_number"
    assert refusal(rct.draw, table, **{**how, "id": "district"}).code == "duplicate_id"
    assert refusal(rct.draw, table, **{**how, "arms": {"a": 1}}).code == "too_few_arms"
    assert refusal(rct.draw, table, **{**how, "arms": {"a": 1, "b": 0.5}}).code == "out_of_range"
    assert refusal(rct.draw, table, **how, scheme="nonsense").code == "not_a_choice"
    assert refusal(rct.draw, table, **how, scheme="blocked").code == "scheme_needs"
    assert refusal(rct.draw, table, **how, blocks="district").code == "scheme_refuses"
    assert refusal(rct.draw, table.iloc[:0], **how).code == "no_units"
    assert refusal(rct.draw, [1, 2], **how).code == "usage"
    table.loc[7, "account"] = None
    found = refusal(rct.draw, table, **how)
    assert (found.code, found.row, found.field) == ("bad_cell", 8, "account")
    table.loc[7, "account"] = "7\u202e"
    assert refusal(rct.draw, table, **how).code == "control_character"


def test_estimates_are_those_of_the_engine_with_estimatrs_names_beside_ours() -> None:
    import statsmodels.formula.api as smf

    table = people()
    fit = rct.estimate(
        table, outcome="paid", arm="arm", control="current", estimator="ols", covariates="balance"
    )
    again = smf.ols("paid ~ C(arm, Treatment('current')) + balance", table).fit(cov_type="HC2", use_t=True)
    tidy = fit.tidy().iloc[0]
    assert tidy["estimate"] == pytest.approx(again.params.iloc[1], rel=1e-9)
    assert tidy["std.error"] == tidy["std_error"] == pytest.approx(again.bse.iloc[1], rel=1e-9)
    assert tidy["p.value"] == fit["social"].p_value == pytest.approx(again.pvalues.iloc[1], rel=1e-9)
    names = [
        "term",
        "estimate",
        "std.error",
        "statistic",
        "p.value",
        "conf.low",
        "conf.high",
        "df",
        "outcome",
    ]
    assert list(fit.tidy().columns)[:9] == names
    assert (tidy["term"], tidy["arm"], tidy["control"]) == ("social", "social", "current")
    with pytest.raises(KeyError):
        fit["nonsense"]


@pytest.mark.needs("Rscript", "R:estimatr")
def test_estimates_in_blocks_are_estimatrs(tmp_path: Path, tool: Any) -> None:
    import subprocess

    table = people()
    table.loc[::17, "paid"] = np.nan
    table.to_csv(tmp_path / "d.csv", index=False)
    script = """library(estimatr); d <- read.csv('d.csv'); d$z <- d$arm == 'social'; d <- d[!is.na(d$paid), ]
    a <- tidy(difference_in_means(paid ~ z, blocks = district, data = d))
    cat(sprintf('%.17g', unlist(a[c('estimate', 'std.error', 'p.value', 'conf.low', 'conf.high', 'df')])))"""
    done = subprocess.run(
        [tool("Rscript"), "--vanilla", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    fit = rct.estimate(
        table, outcome="paid", arm="arm", control="current", scheme="blocked", blocks=["district"],
        shares={"current": 1, "social": 2},
    )  # fmt: skip
    ours = fit.tidy()[["estimate", "std.error", "p.value", "conf.low", "conf.high", "df"]].iloc[0]
    assert ours.tolist() == pytest.approx([float(x) for x in done.stdout.split()], rel=1e-8)


def test_what_can_not_be_estimated_is_named() -> None:
    table = people()
    how: dict[str, Any] = {"outcome": "paid", "arm": "arm", "control": "current"}
    assert refusal(rct.estimate, table, **{**how, "outcome": "language"}).code == "bad_cell"
    assert refusal(rct.estimate, table, **{**how, "control": "nonsense"}).code == "unknown_arm"
    assert refusal(rct.estimate, table, **how, shares={"current": 1, "other": 1}).row is not None
    assert refusal(rct.estimate, table, **how, estimator="probit").code == "unknown_estimator"
    assert refusal(rct.estimate, table, **how, standard_errors="CR2").code == "standard_errors_do_not_fit"
    assert refusal(rct.estimate, table, **how, alpha=5).code == "out_of_range"
    assert refusal(rct.estimate, table, **how, scheme="clustered", clusters="home").code == "split_cluster"
    table.loc[4, "balance"] = np.nan
    found = refusal(rct.estimate, table, **how, covariates="balance")
    assert (found.code, found.row, found.field) == ("bad_cell", 5, "balance")


def test_a_fragile_line_says_so() -> None:
    table = people(60)
    table["paid"] = 0.0
    table.loc[table["arm"] == "social", "paid"] = [1.0, 1.0] + [0.0] * (
        int((table["arm"] == "social").sum()) - 2
    )
    fit = rct.estimate(table, outcome="paid", arm="arm", control="current")
    assert fit["social"].fragile
    assert "fragile" in repr(fit)
    assert "fragile" in fit._repr_html_()


def test_power_as_the_command_tells_it() -> None:
    found = rct.power(arms={"current": 1, "social": 1}, units=20_000, baseline=0.4, minimum_effect=0.02)
    assert found.mde == pytest.approx(0.0194, abs=2e-4)
    assert found.power is not None
    assert found.power > 0.8
    assert len(found.curve()) == 61
    assert found.comparisons()["arm"].tolist() == ["social"]
    assert "percentage points" in repr(found)
    assert rct.power().lacks
    assert refusal(rct.power, baseline=2.0).field == "baseline"
    assert refusal(rct.power, kind="nonsense").code == "not_a_choice"


def test_suppression_leaves_no_small_count_to_be_worked_out() -> None:
    counts = pd.DataFrame({"paid": [120, 4, 60], "not": [200, 190, 80]}, index=["a", "b", "c"])
    safe = rct.suppress(counts)
    assert safe.loc["total", "total"] == 654
    assert pd.isna(safe.loc["b", "paid"])
    for row in safe.index:  # nothing is left alone in its row or column
        assert safe.loc[row].isna().sum() != 1
    for column in safe.columns:
        assert safe[column].isna().sum() != 1
    whole = pd.DataFrame({"paid": [120, 40], "not": [200, 190]}, index=["a", "b"])
    assert rct.suppress(whole).notna().all(axis=None)
    assert pd.isna(rct.suppress(pd.DataFrame({"paid": [0, 40], "not": [200, 190]})).iloc[0, 0])
    assert refusal(rct.suppress, pd.DataFrame({"paid": [1.5]})).code == "not_counts"
    assert refusal(rct.suppress, pd.DataFrame({"paid": [-1]})).code == "not_counts"
    assert refusal(rct.suppress, safe.fillna(0)).code == "not_counts"
    assert refusal(rct.suppress, whole, threshold=0).code == "out_of_range"


def test_a_bundle_is_checked_before_anything_of_it_is_told(tmp_path: Path) -> None:
    road, trial = opened("reported", tmp_path)
    road.ok("share", road.name)
    path = road.out / "bundle.zip"
    assert refusal(rct.read_bundle, path).code == "stranger"
    bundle = rct.read_bundle(path, city=trial.city)
    assert bundle.signed_by == "Testville"
    assert bundle.name == road.name
    assert rct.read_bundle(path, fingerprint=bundle.fingerprint).signed_by is None
    shown = bundle.results().query("term == 'arm'")["estimate"].dropna()
    assert set(shown) <= set(trial.results()["estimate"])
    changed = tmp_path / "changed.zip"
    changed.write_bytes(path.read_bytes().replace(b"Does a letter", b"Does a lettre"))
    assert refusal(rct.read_bundle, changed, city=trial.city).code in {"member_altered", "bundle_altered"}
    assert refusal(rct.read_bundle, tmp_path / "none.zip").code == "no_bundle"
    assert refusal(rct.pool, [bundle, trial], outcome="paid").code == "pool_same_trial"
    assert refusal(rct.pool, [path], outcome="paid").code == "usage"


def test_papers_are_pooled_as_the_command_pools_them(tmp_path: Path) -> None:
    from support import run

    from rct.evidence.pool.as_json import pool_json

    papers = [ROOT / "docs" / "papers" / f"{name}.toml" for name in ("screening-calls", "resume-audit")]
    found = rct.pool(papers, outcome="any_test", others={"resume-audit": "callback"})
    road, _ = opened("new", tmp_path)
    told = run(
        "-C", road.folder, "pool", "any_test", *papers, "--outcome", "resume-audit:callback", "--json"
    ).json
    assert pool_json(found.pooling) == {k: v for k, v in told.items() if k not in ("ok", "paths")}
    assert found.estimate == told["main"]["estimate"]
    assert len(found.trials()) == 2
    assert len(found.methods()) == 7
    assert found.sentences[0] in repr(found)

"""Six sites of one published field experiment, each a city's trial: replayed, shared, put into one library, pooled.

Broockman (2013, American Journal of Political Science 57(3)): Black-sounding senders from inside or outside a state
legislator's district asked for help by e-mail. `causaldata` carries the data. The file has no name of a state, but
each legislature has its own index of professionalism; here are the six with most members in the file whose index no
other legislature shares. Pooled numbers are met from the rows by plain arithmetic and by R's metafor.
"""

from __future__ import annotations

import io
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from causaldata import black_politicians
from scipy import stats
from support import Road, definition, run

INDEX = {"site-a": 0.027, "site-b": 0.48, "site-c": 0.385, "site-d": 0.169, "site-e": 0.19, "site-f": 0.107}
ARMS = """[arms.in_district]
label = "Sender from the district"
control = true

[arms.out_of_district]
label = "Sender from elsewhere"
nudge = ["no say at the ballot"]
"""
OUTCOME = """[outcomes.replied]
label = "The legislator replied"
kind = "binary"
primary = true
direction = "increase"
missing = "drop"
"""


def rows(index: float) -> Any:
    data = black_politicians.load_pandas().data
    return data[np.isclose(data.statessquireindex, index)]


def test_a_site_is_one_legislature() -> None:
    for index in INDEX.values():
        assert set(rows(index).south) in ({0}, {1})  # two states that shared an index would often mix
        assert len(rows(index)) >= 160


def city(root: Path, name: str, index: float) -> Road:
    """A city that ran its part: locked, listed, replayed, measured, analyzed, shared."""
    road = Road(root / name, "help", init=False)
    assert run("init", road.folder, "--city", name, "--by", "Tess").code == 0
    road.define(
        definition(
            arms=ARMS,
            frame='id = "legislator"\ncontact = ["name"]',
            outcomes=OUTCOME,
            analysis='estimator = "difference_in_means"',
        )
    )
    lines = ["legislator,name,sender,replied"]
    for i, row in enumerate(rows(index).itertuples()):
        sender = "out_of_district" if row.treat_out else "in_district"
        lines.append(f"{i:05d},Member {i},{sender},{'yes' if row.responded else 'no'}")
    file = road.file("legislators.csv", "\n".join(lines) + "\n")
    road.ok("lock", "help")
    road.ok("frame", "help", file)
    road.ok("draw", "help", "--replay", file, "--column", "sender")
    road.ok("outcomes", "help", file)
    for command in ("analyze", "report", "share"):
        road.ok(command, "help")
    return road


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> list[Road]:
    root = tmp_path_factory.mktemp("sites")
    return [city(root, name, index) for name, index in INDEX.items()]


@pytest.fixture(scope="module")
def library(cities: list[Road], tmp_path_factory: pytest.TempPathFactory) -> Road:
    """A seventh city: it trusts the six after comparing fingerprints, and adds their bundles."""
    road = Road(tmp_path_factory.mktemp("library"))
    folder = road.root / "received"
    folder.mkdir()
    for other in cities:
        shutil.copy(other.out / "bundle.zip", folder / f"{other.root.name}.zip")
    assert {p["code"] for p in road.no("library", "add", folder)} == {"stranger"}
    for other in cities:
        bundle = folder / f"{other.root.name}.zip"
        told = other.ok("key")["fingerprint"]  # by phone
        road.ok("trust", bundle, "--as", other.root.name, "--fingerprint", told)
    assert len(road.ok("library", "add", folder)["added"]) == 6
    return road


@pytest.fixture(scope="module")
def entries(library: Road) -> dict[str, str]:
    """Digest by city; all six trials have the same name."""
    found = library.ok("library", "find", "legislator replied")["entries"]
    return {e["city"]: e["digest"][:12] for e in found}


@pytest.fixture(scope="module")
def pooled(library: Road, entries: dict[str, str]) -> dict[str, Any]:
    digests = [entries[name] for name in INDEX]
    return dict(library.ok("pool", "replied", *digests, "--worthwhile", "0.05"))


def site(index: float) -> tuple[float, float]:
    """Difference in reply rates and Neyman's standard error, from the rows."""
    data = rows(index)
    out, inside = (data.responded[data.treat_out == t].to_numpy(float) for t in (1, 0))
    se = math.sqrt(out.var(ddof=1) / len(out) + inside.var(ddof=1) / len(inside))
    return out.mean() - inside.mean(), se


def test_each_site_is_met_from_its_rows(pooled: dict[str, Any]) -> None:
    for trial, index in zip(pooled["trials"], INDEX.values(), strict=True):
        estimate, se = site(index)
        assert trial["estimate"] == pytest.approx(estimate, rel=1e-12)
        assert trial["std_error"] == pytest.approx(se, rel=1e-12)
        assert trial["n"] == len(rows(index))


def test_the_pool_is_met_by_plain_arithmetic(pooled: dict[str, Any]) -> None:
    """Fixed effect and DerSimonian-Laird, written out. The six sites differ less than chance would make them: the
    likelihood falls from tau2 = 0 on, Hartung and Knapp's factor is under 1, and the interval with it at 1 is wider."""
    y, se = np.array([site(index) for index in INDEX.values()]).T
    by = {(m["method"], m["test"]): m for m in pooled["methods"]}
    w = se**-2
    fixed = w @ y / w.sum()
    q = w @ (y - fixed) ** 2
    assert by["fixed", "normal"]["estimate"] == pytest.approx(fixed, rel=1e-12)
    assert by["fixed", "normal"]["q"] == pytest.approx(q, rel=1e-12)
    tau2 = max(0.0, (q - 5) / (w.sum() - (w @ w) / w.sum()))
    assert q < 5
    assert by["DL", "normal"]["tau2"] == tau2 == 0
    main = pooled["main"]
    rest = y - fixed
    assert w**2 @ rest**2 < w.sum() - (w @ w) / w.sum()
    assert main["tau2"] == 0
    assert main["estimate"] == pytest.approx(fixed, rel=1e-12)
    assert main["factor"] == pytest.approx(q / 5, rel=1e-12)
    assert main["std_error"] == pytest.approx(math.sqrt(q / 5 / w.sum()), rel=1e-12)
    half = float(stats.t.ppf(0.975, 5))
    assert main["conf_high"] == pytest.approx(fixed + half * main["std_error"], rel=1e-12)
    assert main["truncated"]["conf_high"] == pytest.approx(fixed + half / math.sqrt(w.sum()), rel=1e-12)
    assert by["fixed", "normal"]["q_p"] == pytest.approx(float(stats.chi2.sf(q, 5)), rel=1e-12)


@pytest.mark.needs("Rscript", "R:metafor", "R:jsonlite")
def test_the_pool_is_metafors(pooled: dict[str, Any], tool: Callable[[str], str]) -> None:
    y, se = np.array([site(index) for index in INDEX.values()]).T
    code = f"""suppressMessages({{library(metafor); library(jsonlite)}})
    y <- c({", ".join(map(repr, y.tolist()))}); se <- c({", ".join(map(repr, se.tolist()))})
    r <- rma(y, sei = se, method = "REML", test = "knha", control = list(threshold = 1e-14, maxiter = 10000))
    p <- predict(r)
    told <- list(estimate = c(r$beta), std_error = r$se, conf_low = r$ci.lb, conf_high = r$ci.ub, tau2 = r$tau2,
      i2 = r$I2, q = r$QE)
    cat(toJSON(list(main = told, first = c(told, predict_low = p$pi.lb, predict_high = p$pi.ub)), digits = NA,
      auto_unbox = TRUE))"""
    done = subprocess.run(
        [tool("Rscript"), "--vanilla", "-e", code], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    for ours, theirs in ((pooled["main"], answer["main"]), (pooled["methods"][0], answer["first"])):
        for key, value in theirs.items():
            assert ours[key] == pytest.approx(value, rel=1e-7, abs=1e-8), key
    assert pooled["main"]["test"] == "hartung_knapp"  # with t on 5 df the wider of the two all the same


def test_the_next_site_is_told_more_widely_than_metafor_predicts(pooled: dict[str, Any]) -> None:
    """tau2 is 0, so metafor's range is the average's own interval; the trials leave tau2 open all the same."""
    main, first = pooled["main"], pooled["methods"][0]
    assert first["predict_low"] == first["conf_low"]
    assert main["predict_low"] < first["predict_low"]
    assert main["predict_high"] > first["predict_high"]
    assert (main["predict_low"], main["predict_high"]) == pytest.approx((-0.3783, -0.1053), abs=2e-4)


def test_what_is_said_of_it(library: Road, entries: dict[str, str], pooled: dict[str, Any]) -> None:
    ran = library.rct("pool", "replied", *(entries[name] for name in INDEX))
    assert "the wrong way" in ran.out.splitlines()[0]
    assert pooled["main"]["conf_high"] < 0
    assert pooled["chance"] < 0.05
    assert [t["source"] for t in pooled["trials"]] == ["bundle"] * 6
    assert [t["signed_by"] for t in pooled["trials"]] == list(INDEX)


def test_a_trial_of_ours_and_its_own_bundle_are_one(cities: list[Road]) -> None:
    own, other = cities[0], cities[1]
    bundle = own.out / "bundle.zip"
    assert {p["code"] for p in own.no("pool", "replied", "help", bundle)} == {"pool_same_trial"}
    theirs = other.out / "bundle.zip"
    assert {p["code"] for p in own.no("pool", "replied", "help", theirs)} == {"stranger"}
    own.ok("trust", theirs, "--as", "site-b", "--fingerprint", other.ok("key")["fingerprint"])
    assert own.ok("pool", "replied", "help", theirs)["k"] == 2


def test_whom_nobody_trusts_any_more_is_not_pooled(library: Road, entries: dict[str, str]) -> None:
    library.ok("trust", "--forget", "site-f")
    refused = library.no("pool", "replied", *entries.values())
    assert {p["code"] for p in refused} == {"library_untrusted"}
    assert library.ok("pool", "replied", *(d for c, d in entries.items() if c != "site-f"))["k"] == 5


def test_an_altered_bundle_is_not_added(library: Road, cities: list[Road]) -> None:
    data = bytearray((cities[0].out / "bundle.zip").read_bytes())
    data[len(data) // 2] ^= 1
    bad = library.file("bad.zip", bytes(data))
    before = library.tree()
    assert library.no("library", "add", bad)
    assert library.tree() == before


class Terminal(io.StringIO):
    """Someone who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "known"), [("y\nSite B\n", True), ("n\n", False)])
def test_a_stranger_is_asked_about(
    cities: list[Road], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, known: bool
) -> None:
    road = Road(tmp_path)
    bundle = cities[1].out / "bundle.zip"
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    ran = road.rct("library", "add", bundle)
    assert cities[1].ok("key")["fingerprint"] in ran.out
    assert ran.code == (0 if known else 2)
    assert [t["name"] for t in road.ok("trust")["trusted"]] == (["Site B"] if known else [])
    if known:
        (entry,) = road.ok("library", "find", "legislator")["entries"]
        assert entry["signed_by"] == "Site B"

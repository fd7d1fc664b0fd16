"""What `rct export` writes is enough: its scripts know no rct and get every confirmatory line again."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from face.again import R, python
from support import CANARY, Road, definition, road_at

ARMS = {
    2: '[arms.control]\nlabel = "No letter"\ncontrol = true\n\n[arms.letter]\nlabel = "A letter"\nshare = 2\n',
    3: (
        '[arms.control]\nlabel = "No letter"\ncontrol = true\nshare = 2\n\n[arms.simple]\nlabel = "Simple"\n\n'
        '[arms.social]\nlabel = "Social"\n'
    ),
}
PAIRED = ARMS[2].replace("share = 2\n", "")
BLOCKED = 'scheme = "blocked"\nblocks = ["district"]'
CLUSTERED = 'scheme = "clustered"\nclusters = "home"'
BOTH = 'scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "home"'
LANGUAGE = 'subgroups = ["language"]'

# name -> arms, design, estimator, blocks of how many units, more of [analysis]
DESIGNS: dict[str, tuple[str, str, str, int, str]] = {
    "complete, means": (ARMS[3], 'scheme = "complete"', "difference_in_means", 0, LANGUAGE),
    "complete, ols": (ARMS[3], 'scheme = "complete"', "ols", 0, LANGUAGE),
    "complete, lin": (ARMS[3], 'scheme = "complete"', "lin", 0, LANGUAGE),
    "blocked, means": (ARMS[3], BLOCKED, "difference_in_means", 60, LANGUAGE),
    "blocked, ols": (ARMS[3], BLOCKED, "ols", 45, LANGUAGE),
    "blocked, lin": (ARMS[3], BLOCKED, "lin", 60, LANGUAGE),
    "small blocks, means": (ARMS[2], BLOCKED, "difference_in_means", 5, ""),
    "pairs, means": (PAIRED, BLOCKED, "difference_in_means", 2, ""),
    "pairs, lin": (PAIRED, BLOCKED, "lin", 2, ""),
    "clustered, means": (ARMS[3], CLUSTERED, "difference_in_means", 0, ""),
    "clustered, ols": (ARMS[3], CLUSTERED, "ols", 0, LANGUAGE),
    "clustered, lin": (ARMS[3], CLUSTERED, "lin", 0, ""),
    "blocked clustered, means": (ARMS[3], BOTH, "difference_in_means", 90, ""),
    "blocked clustered, ols": (ARMS[3], BOTH, "ols", 90, ""),
    "blocked clustered, lin": (ARMS[3], BOTH, "lin", 90, ""),
    "pairs of clusters, means": (PAIRED, BOTH, "difference_in_means", 6, ""),
}


def analyzed(design: str, root: Path) -> Road:
    """A trial of this design with an outcome that is missing here and there, analyzed."""
    arms, scheme, estimator, of, more = DESIGNS[design]
    road, random, n = Road(root), np.random.default_rng(11), 360
    outcomes = (
        '[outcomes.paid-30]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n\n'
        '[outcomes.s]\nlabel = "Amount"\nkind = "continuous"\nmissing = "drop"\n'
    )
    if more:
        more += "\n"
    road.define(
        definition(
            arms=arms,
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["last year"]\ncategories = ["language"]',
            design=scheme,
            outcomes=outcomes,
            analysis=f'estimator = "{estimator}"\n{more}',
        )
    )
    last, language = (
        random.normal(100, 30, n).round(2),
        random.choice(["en", "es", "vi"], n, p=[0.5, 0.3, 0.2]),
    )
    rows = [
        (f"{i:04d}", f"Person {i}", f"D{i // of if of else 0}", f"H{i // 3}", last[i], language[i])
        for i in range(n)
    ]
    listed = pd.DataFrame(rows, columns=["account", "name", "district", "home", "last year", "language"])
    yes = random.random(n) < 0.4 + 0.001 * (last - 100)
    paid = listed[["account"]].assign(
        **{"paid-30": yes.astype(int), "s": (last * 0.2 + random.normal(20, 5, n)).round(2)}
    )
    keep = random.random(n) < (1.0 if of == 2 else 0.93)
    road.ok("lock", road.name)
    road.ok("frame", road.name, road.file("list.csv", listed.to_csv(index=False)))
    road.ok("draw", road.name)
    road.ok("outcomes", road.name, road.file("paid.csv", paid[keep].to_csv(index=False)))
    road.ok("analyze", road.name)
    return road


@pytest.fixture(scope="module")
def in_r(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str]) -> Iterator[R]:
    kept = R(tool("Rscript"), tmp_path_factory.mktemp("r"))
    yield kept
    kept.close()


def reproduced(folder: Path) -> list[dict[str, str]]:
    with (folder / "reproduced.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.needs("Rscript", "R:estimatr")
@pytest.mark.parametrize("design", DESIGNS)
def test_the_scripts_get_every_confirmatory_line_again(design: str, tmp_path: Path, in_r: R) -> None:
    road = analyzed(design, tmp_path)
    told = road.ok("export", road.name, "--to", "csv")
    folder = road.folder / told["folder"]
    stored = json.loads((road.out / "results.json").read_text())["results"]
    confirmatory = [r for r in stored if r["role"] == "confirmatory"]
    assert told["lines"] == len(confirmatory) >= 2
    clustered_interactions = (
        sum(r["term"] == "interaction" for r in confirmatory) if "clustered" in design else 0
    )
    assert len(told["without"]) == clustered_interactions
    for script in (python, in_r.analysis):
        ran = script(folder)
        assert ran.status == "0", ran.said[-3000:]  # no line is further off than 1e-8
        assert f"{len(confirmatory) - len(told['without'])} of {len(confirmatory)} lines" in ran.said
        found = reproduced(folder)
        (folder / "reproduced.csv").unlink()
        for mine, theirs in zip(confirmatory, found, strict=True):
            assert (mine["outcome"], mine["arm"], mine["level"] or "") == (
                theirs["outcome"], theirs["arm"], theirs["level"] if theirs["level"] != "NA" else ""
            )  # fmt: skip
            if theirs["estimate"] == "":
                continue
            for column in ("std_error", "df", "p_value"):
                assert float(theirs[column]) == pytest.approx(mine[column], rel=1e-8), (column, mine)
            assert float(theirs["estimate"]) == pytest.approx(
                mine["estimate"], abs=1e-8 * mine["std_error"], rel=1e-8
            )
            if mine["p_adjusted"] is not None:
                assert float(theirs["p_adjusted"]) == pytest.approx(mine["p_adjusted"], rel=1e-8)


def spoiled(folder: Path) -> None:
    """A stored number is another one, by a millionth."""
    lines = pd.read_csv(folder / "lines.csv", dtype=str, keep_default_na=False)
    lines.loc[0, "std_error"] = repr(float(lines.loc[0, "std_error"]) * (1 + 1e-6))
    lines.to_csv(folder / "lines.csv", index=False)


@pytest.mark.needs("Rscript", "R:estimatr")
def test_the_scripts_need_nothing_of_rct_and_end_with_a_status(
    tmp_path: Path, tool: Callable[[str], str], in_r: R
) -> None:
    road = analyzed("complete, means", tmp_path)
    folder = road.folder / road.ok("export", road.name, "--to", "csv")["folder"]
    alone = (sys.executable, "-I", "analysis.py"), (tool("Rscript"), "--vanilla", "analysis.R")
    for command, same in zip(alone, (python, in_r.analysis), strict=True):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        written = (folder / "reproduced.csv").read_bytes()
        assert same(folder).said.strip() == done.stdout.strip()
        assert (folder / "reproduced.csv").read_bytes() == written
    spoiled(folder)
    for command, same in zip(alone, (python, in_r.analysis), strict=True):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        assert same(folder).status == "1"


def test_the_folder_is_private_and_names_nobody(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    before = road.tree()
    for kind in ("csv", "r", "stata"):
        told = road.ok("export", road.name, "--to", kind)
        folder = road.folder / told["folder"]
        assert folder == road.private / road.name / "export"
        assert sorted(p.name for p in folder.iterdir()) == told["files"]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert CANARY.lower().encode() not in path.read_bytes().lower()
    kept = {path: seen for path, seen in road.tree().items() if "/export" not in path}
    assert kept == before  # nothing else changed
    codebook = pd.read_csv(folder / "codebook.csv")
    data = pd.read_stata(folder / "data.dta")
    assert codebook["column"].tolist() == data.columns.tolist()
    assert data["unit"].is_monotonic_increasing
    assert len(data) == 240
    road.ok("forget", road.name, "--yes")
    assert not folder.exists()


def test_stata_has_a_command_or_a_reason_for_every_line(tmp_path: Path) -> None:
    road = analyzed("blocked, ols", tmp_path)
    told = road.ok("export", road.name, "--to", "stata")
    text = (road.folder / told["folder"] / "analysis.do").read_text(encoding="utf-8")
    assert text.count("\n* line ") == told["lines"]
    assert text.count("\nregress ") + text.count("not reproduced here") == told["lines"]
    assert "aweight = w" in text
    assert text.count("preserve") == text.count("restore")


def test_before_the_date_and_without_an_analysis_it_is_refused(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path / "blind", wait=30)
    (problem,) = road.no("export", road.name, "--to", "csv")
    assert problem["code"] == "not_due"
    assert not (road.private / road.name / "export").exists()
    road = road_at("outcomes", tmp_path / "due")
    assert road.no("export", road.name, "--to", "csv")[0]["code"] == "not_analyzed"
    assert road_at("new", tmp_path / "new").no("export", "bills", "--to", "csv")[0]["code"] == "not_drawn"


def test_parquet_needs_pyarrow_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    road = road_at("analyzed", tmp_path)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "pyarrow" else find(name, *a)
    )
    (problem,) = road.no("export", road.name, "--to", "parquet")
    assert problem["code"] == "needs_a_package"
    assert "pyarrow" in problem["rule"]

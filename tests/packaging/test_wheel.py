"""The wheel, put into an empty folder, plays the demo; and what README shows is what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Played:
    folder: Path
    out: str
    wheel: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Build the wheel, unpack it alone (not the checkout), and run its demo in an empty folder."""
    work = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", work / "dist", ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (work / "dist").glob("*.whl")
    installed, empty = work / "installed", work / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["PYTHONPATH"] = str(installed)  # before site-packages, where the checkout is linked
    where = subprocess.run(
        [sys.executable, "-c", "import rct; print(rct.__file__)"],
        cwd=empty, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(installed)
    done = subprocess.run(
        [sys.executable, "-m", "rct", "demo"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return Played(empty / "demo", done.stdout, wheel)


def test_templates_and_trials_travel_in_the_wheel(played: Played) -> None:
    names = zipfile.ZipFile(played.wheel).namelist()
    assert "rct/_shipped/trials/water-bills/trial.toml" in names
    assert "rct/_shipped/templates/water-bills/social.md" in names
    assert not [n for n in names if n.startswith(("tests/", "benchmarks/"))]


def test_the_demo_ends_with_the_memos_absolute_path(played: Played) -> None:
    last = played.out.strip().splitlines()[-1]
    assert Path(last).is_absolute()
    assert Path(last).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_every_printed_page_says_simulated(played: Played) -> None:
    from pypdf import PdfReader

    out = played.folder / "trials" / "water-bills" / "out"
    for name in ("plan.md", "plan.html", "memo.md", "memo.html", "appendix.html"):
        assert "SIMULATED" in (out / name).read_text(encoding="utf-8"), name
    for name in ("plan.pdf", "memo.pdf"):
        for number, page in enumerate(PdfReader(out / name).pages, start=1):
            assert "SIMULATED" in page.extract_text(), (name, number)
    assert "SIMULATED: water-bills" in played.out


def test_the_memo_is_one_page(played: Played) -> None:
    from pypdf import PdfReader

    assert len(PdfReader(played.folder / "trials" / "water-bills" / "out" / "memo.pdf").pages) == 1


def test_a_second_demo_replaces_the_first_and_never_another_folder(played: Played, tmp_path: Path) -> None:
    from support import run

    (tmp_path / "thesis.txt").write_text("mine")
    ran = run("demo", tmp_path)
    assert ran.code == 2
    assert "a folder of its own" in ran.err
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def masked(line: str) -> str:
    """Numbers, hashes and spacing differ from draw to draw; words and order don't."""
    return re.sub(r"\s+", " ", re.sub(r"[+−-]?[\d,.]*\d", "#", line)).replace("<#", "#").strip()


def test_what_readme_opens_with_is_what_the_commands_print(played: Played) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("```console\n", 1)[1].split("```", 1)[0]
    printed = [
        masked(line)
        for line in played.out.replace("'Kim Lee, City Clerk' --yes", '"Kim Lee, City Clerk"').splitlines()
    ]
    at = 0
    for line in block.splitlines():
        wanted = (
            masked(line.replace("adopt.", "").replace("adapt.", "")) if "rule says" in line else masked(line)
        )
        found = [
            i for i, p in enumerate(printed[at:], start=at) if p.removesuffix(" --yes").startswith(wanted)
        ]
        assert found, f"README shows a line that the demo does not print: {line}"
        at = found[0]

"""The runs shown in docs/library.md, papers.md and pooling.md come out as shown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Road, run

ROOT = Path(__file__).parents[2]
PAGES = ("papers.md", "library.md", "pooling.md")


def runs(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of the page's console blocks with the lines shown under it."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield shlex.split(command), [line for line in shown if line.strip()]


@pytest.mark.parametrize("page", PAGES)
def test_the_runs_on_the_page(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road = Road(tmp_path)
    monkeypatch.chdir(ROOT)
    seen = 0
    for (program, *args), shown in runs(page):
        assert program == "rct"
        ran = run("-C", road.folder, *args)
        assert ran.code == 0, ran.err
        printed = iter(line for line in ran.out.splitlines() if line.strip())
        for line in shown:
            assert line in printed, (args, line)  # in this order
        seen += 1
    assert seen >= 1


def test_the_example_in_the_page_is_the_file_that_is_shipped() -> None:
    import tomllib

    text = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shipped = tomllib.loads((ROOT / "docs" / "papers" / "resume-audit.toml").read_text(encoding="utf-8"))
    shown = tomllib.loads(example)
    assert shown["arms"] == shipped["arms"]
    assert shown["outcomes"] == shipped["outcomes"]
    assert shown["paper"].items() <= shipped["paper"].items()


def test_the_page_names_every_key_of_a_paper() -> None:
    from rct.evidence.library.paper_file import ARM, CELL, DIFFERENCE, OUTCOME, PAPER

    text = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    for table in (PAPER, ARM, OUTCOME, CELL, DIFFERENCE):
        for key in table:
            assert re.search(rf"`{key}(?: = true)?`|`{key}`", text), key

"""What the hand-written pages say of files, events and codes is so, and their links lead somewhere."""

from __future__ import annotations

import ast
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support import Road, accounts, definition

from rct.codes import CODES
from rct.estimate.estimators import ESTIMATORS
from rct.registry.events import KINDS
from rct.registry.events.record import Body
from rct.report.words.references import REFERENCES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(
        re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))
    ):  # code shows links, and is none
        if link.startswith("https://"):
            continue  # another's page, which no test may fetch
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_names_every_page() -> None:
    linked = {link for link in LINK.findall(text_of("README.md")) if "/" not in link}
    assert linked == {page.name for page in PAGES} - {"README.md"}


def test_the_log_page_names_every_kind_of_event_with_every_field() -> None:
    """And every kind is written somewhere: none is a promise."""
    written = {
        node.func.id
        for path in (ROOT / "rct").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Body")
    }
    page = text_of("log.md")
    assert {record.__name__ for record in KINDS.values()} <= written
    assert re.findall(r"^### `([a-z_]+)`$", page, re.MULTILINE) == list(KINDS)
    for kind, record in KINDS.items():
        (section,) = re.findall(rf"^### `{kind}`$(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        told = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))
        assert told == {f.key for f in record.fields.values()} - {f.key for f in Body.fields.values()}


def test_the_replay_page_names_codes_that_there_are() -> None:
    codes = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \|$", text_of("replay.md"), re.MULTILINE)
    assert len(codes) == 7
    assert set(codes) <= set(CODES)


def test_the_methods_page_lists_every_reference_that_plan_and_appendix_cite() -> None:
    page = " ".join(text_of("methods.md").split())
    for reference in REFERENCES.values():
        assert f"- {' '.join(reference.split())}" in page, reference


def test_the_methods_page_lists_every_estimator_and_what_its_estimate_is() -> None:
    page = " ".join(text_of("methods.md").split())
    for e in ESTIMATORS.values():
        said = f"Its estimate is a {e.scale.name}, and no difference is {e.scale.null:g}."
        assert f"- `{e.name}`: {e.summary}. {said}" in page
        assert re.search(rf"^## \d+\. {e.name}$", text_of("methods.md"), re.MULTILINE)


@pytest.fixture
def framed(tmp_path: Path) -> Road:
    """A trial with a list of which one row was refused, locked."""
    road = Road(tmp_path)
    road.define(definition(frame='id = "account"\ncovariates = ["age"]\ncontact = ["name"]'))
    road.ok("lock", road.name, "--yes")
    text = accounts(40, columns="age", row=lambda i: "old" if i == 7 else 20 + i)
    file = road.file("accounts.csv", text)
    road.ok("frame", road.name, file, "--refuse-bad-rows", "--reason", "Age was not recorded.")
    return road


def test_files_have_the_modes_of_the_privacy_page(framed: Road) -> None:
    rows = re.findall(r"^\| (`[^|]+) \| (0[0-7]{3}) \|", text_of("privacy.md"), re.MULTILINE)
    said = {path: int(mode, 8) for paths, mode in rows for path in re.findall(r"`([^`]+)`", paths)}
    checked = set()
    for path, mode in said.items():
        folder = framed.folder if "/" in path or path == "rct.db" else framed.out
        for found in folder.glob(path.replace("NAME", framed.name)):
            assert stat.S_IMODE(found.stat().st_mode) == mode, found
            checked.add(path)
    assert checked >= {
        "private/key",
        "private/vault.db",
        "private/NAME/seed",
        "private/NAME/refused.csv",
        "rct.db",
        "trials/NAME/out/plan.*",
    }
    assert stat.S_IMODE((framed.folder / "private").stat().st_mode) == 0o700
    framed.ok("draw", framed.name, "--yes")
    assert (
        stat.S_IMODE((framed.out / "assignment.csv").stat().st_mode) == said["trials/NAME/out/assignment.csv"]
    )


def test_the_chain_is_checked_by_the_lines_on_the_log_page(framed: Road, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", text_of("log.md"), re.DOTALL)
    script = tmp_path / "chain.py"
    script.write_text(code, encoding="utf-8")
    log = framed.rct("log", framed.name, "--json").out
    command = [sys.executable, "-I", "-S", str(script)]

    def check(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False)

    done = check(log)
    assert done.stdout.strip() == framed.ok("head", framed.name)["heads"][0]["head"]
    forged = log.replace("Age was not recorded.", "Age was not reported.")
    assert forged != log
    assert check(forged).stdout != done.stdout

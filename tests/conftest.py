"""What all tests share: tools that may not be here, and one profile for hypothesis.

A test that needs a program outside Python says so: `@pytest.mark.needs("Rscript")`, also with R packages:
`@pytest.mark.needs("Rscript", "R:estimatr")`. Where it isn't, the test is left out, and the summary says
which and why. With the environment variable RCT_REQUIRE naming it (several apart by commas, or `all`) the
test fails instead, so that a machine meant to run everything can't quietly run less.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import chances
import pytest
from hypothesis import settings

TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "strace": ("strace",),
    "Rscript": ("Rscript",),
    "perl": ("perl",),
}
LEFT_OUT = pytest.StashKey[dict[str, list[str]]]()  # what is missing -> the tests left out for it

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes that must be free there

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program sets it; read when numpy is loaded


def _in_memory() -> None:
    """Temporary files in memory, where there is room: a disk's waiting is not what is tested, and is much of the time."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = tempfile.mkdtemp(prefix="rct-tests-", dir=MEMORY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # the workers, and the programs that tests start, take it over
    os.environ["TMPDIR"] = tempfile.tempdir = folder


def _compiled_once() -> None:
    """The workers, and the programs that tests start by the hundred, keep what they compile, even where the machine asks
    for none of it: tests and rct are then compiled once and not at every start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


_in_memory()
_compiled_once()
chances.install()
settings.register_profile("rct", derandomize=True, deadline=None)
settings.load_profile("rct")


@cache
def find(tool: str) -> str | None:
    """Where a tool of TOOLS is, or an R package (`R:name`) is; None: it isn't here."""
    if tool.startswith("R:"):
        return _r_packages().get(tool.removeprefix("R:"))
    return next((path for name in TOOLS[tool] if (path := shutil.which(name))), None)


@cache
def _r_packages() -> dict[str, str]:
    rscript = find("Rscript")
    if rscript is None:
        return {}
    code = "p <- installed.packages()[, 'LibPath']; cat(paste(names(p), p, sep = '\\t'), sep = '\\n')"
    done = subprocess.run([rscript, "--vanilla", "-e", code], capture_output=True, text=True, check=True)
    return dict(line.split("\t") for line in done.stdout.splitlines())


def _required(tool: str) -> bool:
    named = {word.strip() for word in os.environ.get("RCT_REQUIRE", "").split(",")}
    return bool(named & {"all", tool} or (tool.startswith("R:") and "Rscript" in named))


def _missing(item: pytest.Item) -> list[str]:
    missing = [tool for mark in item.iter_markers("needs") for tool in mark.args if find(tool) is None]
    return ["Rscript"] if "Rscript" in missing else missing  # without R no package is worth a word


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """`tool("chromium")`: the path of a tool that the test's `needs` mark names."""

    def path(name: str) -> str:
        found = find(name)
        assert found is not None, f"{name} is not here; mark the test with needs({name!r})"
        return found

    return path


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(tool, ...): left out where a tool is missing")
    config.stash[LEFT_OUT] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = []
    for item in items:
        missing = _missing(item)
        if missing and not any(map(_required, missing)):
            left_out.append(item)
            config.stash[LEFT_OUT].setdefault(" and ".join(missing), []).append(item.nodeid)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with chances.of(item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
    if fixturedef.scope == "function":
        return (yield)
    with chances.of(
        f"{fixturedef.baseid}::{fixturedef.argname}"
    ):  # not of the test that happens to ask first
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = _missing(item)
    if missing:
        pytest.fail(f"{' and '.join(missing)} is not here, and RCT_REQUIRE asks for it", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # under pytest-xdist the workers collect
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    output = getattr(node, "workeroutput", {})
    node.config.stash[LEFT_OUT].update(output.get("left_out", {}))  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for missing, tests in sorted(config.stash[LEFT_OUT].items()):
        for test in tests:
            terminalreporter.write_line(f"left out: {test} ({missing} is not here)")

"""A trial is opened once: what a command reads of it, it reads at most once, however many ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Road, road_at

from rct.analysis import stored
from rct.definition import plan
from rct.registry import store

READS = (
    (plan, "definition_of"),
    (store, "read_frame"),
    (store, "read_arms"),
    (store, "read_known"),
    (stored, "compute"),
)
MORE: dict[str, dict[str, int]] = {
    # its bundle carries a plan too, which is read as a stranger would
    "share": {"definition_of": 1},
    "verify": {"definition_of": 1},
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of READS was called, by what it was asked for."""
    calls: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls[f"{name} {args[2]}" if name == "read_known" else name] += 1
            return function(*args, **kwargs)

        return call

    for module, name in READS:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return calls


def shared(root: Path) -> Road:
    road = road_at("reported", root)
    road.ok("share", "bills")
    return road


@pytest.mark.parametrize(
    ("stage", "command"),
    [
        ("outcomes", ("analyze", "bills")),
        ("analyzed", ("analyze", "bills")),
        ("analyzed", ("report", "bills")),
        ("reported", ("report", "bills")),
        ("reported", ("share", "bills")),
        ("shared", ("verify", "bills")),
        ("shared", ("site",)),
    ],
)
def test_each_thing_is_read_once_a_command(
    tmp_path: Path, read: Counter[str], stage: str, command: tuple[str, ...]
) -> None:
    road = shared(tmp_path) if stage == "shared" else road_at(stage, tmp_path)
    read.clear()
    road.ok(*command)
    more = MORE.get(command[0], {})
    assert {name: n for name, n in read.items() if n > 1 + more.get(name, 0)} == {}
    assert read.total() > 0  # the counters see what is read

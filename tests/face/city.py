"""A city with the canary trial at any stage, opened in Python."""

from __future__ import annotations

from pathlib import Path

from support import Road, road_at

import rct


def opened(stage: str, root: Path, *, wait: int = 0) -> tuple[Road, rct.Trial]:
    road = road_at(stage, root, wait=wait)
    return road, rct.open(road.folder)[road.name]


def refusal(call: object, *args: object, **options: object) -> rct.Problem:
    """The one problem that a call is refused with."""
    import pytest

    with pytest.raises(rct.RctError) as raised:
        call(*args, **options)  # type: ignore[operator]
    return raised.value.problems[0]

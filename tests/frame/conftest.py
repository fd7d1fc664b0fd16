from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rct.frame.read import read_wanted
from rct.frame.rows import FrameRows
from rct.frame.wanted import Wanted
from rct.tables import read_table

Frame = Callable[..., FrameRows]


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    """`frame(content, …)`: a file read as a frame with id `account`; the rest names columns as `Wanted` does."""

    def frame(content: str | bytes, file: str = "list.csv", **wanted: object) -> FrameRows:
        path = tmp_path / file
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_wanted(read_table(path), Wanted("account", **wanted))  # type: ignore[arg-type]

    return frame

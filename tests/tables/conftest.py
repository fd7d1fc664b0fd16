from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rct.errors import Problem, RctError
from rct.tables import Table, read_table

Read = Callable[..., Table]
Refused = Callable[..., Problem]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(content)`: the table of a file with these bytes, or this text in UTF-8."""

    def read(content: bytes | str, name: str = "list.csv", **options: object) -> Table:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, **options)  # type: ignore[arg-type]

    return read


@pytest.fixture
def refused(read: Read) -> Refused:
    """`refused(content)`: the one problem for which the whole file is refused, opened or read to its end."""

    def refused(content: bytes | str, name: str = "list.csv", **options: object) -> Problem:
        with pytest.raises(RctError) as error:
            for _ in read(content, name, **options):
                pass
        (problem,) = error.value.problems
        assert problem.file == name
        return problem

    return refused

"""A drawn trial of 60 accounts: two letters and a holdout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from mailed_support import ARMS, Mail, N
from support import accounts, definition


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., Mail]:
    def make(*, wait: int = 30, columns: str = "email,cell") -> Mail:
        road = Mail(tmp_path)
        road.define(
            definition(
                arms=ARMS,
                wait=wait,
                frame='id = "account"\ncontact = ["name", "email", "cell"]',
                start=date.today(),
            )
        )
        for name in ("now.md", "plain.md"):
            text = "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay by March 2. Call 555-0100.\n"
            (road.folder / "templates" / name).write_text(text, encoding="utf-8")
        people = accounts(N, columns=columns, row=lambda i: f"P{i}@example.org,(555) 010-{i:04d}")
        road.ok("frame", "bills", road.file("list.csv", people))
        road.ok("lock", "bills")
        road.ok("draw", "bills")
        return road

    return make


@pytest.fixture
def mail(drawn: Callable[..., Mail]) -> Mail:
    return drawn()

"""The keys and seeds that a test's workspaces get: the same in every run, so that what a draw brings about by chance
(an arm with few payers, a fragile group) is there each time or never.

With the environment variable RCT_CHANCES=new they come from the operating system, as in the program itself: run the
tests so a few times before a release, since a draw nobody foresaw finds faults too.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from rct.registry import keys

P = ParamSpec("P")
T = TypeVar("T")


class Chances:
    """Stands in for the module `secrets` where keys and seeds are made."""

    def __init__(self) -> None:
        self.label, self.count = "", 0

    def token_bytes(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(f"{self.label}\n{self.count}".encode()).digest(size)

    def token_hex(self, size: int) -> str:
        return self.token_bytes(size).hex()


CHANCES = Chances()


def install() -> None:
    keys.secrets = secrets if os.environ.get("RCT_CHANCES") == "new" else CHANCES  # type: ignore[attr-defined]


@contextmanager
def of(label: str) -> Iterator[None]:
    """Keys that depend on `label` alone, not on what was made before; afterwards those of before go on."""
    before = CHANCES.label, CHANCES.count
    CHANCES.label, CHANCES.count = label, 0
    try:
        yield
    finally:
        CHANCES.label, CHANCES.count = before


def alike(make: Callable[P, T]) -> Callable[P, T]:
    """For what is made once and used by many tests: its keys don't hang on which of them comes first."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        with of(f"{make.__module__}.{make.__qualname__}{args}{kwargs}"):
            return make(*args, **kwargs)

    return made

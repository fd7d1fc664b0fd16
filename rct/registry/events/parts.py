"""Shapes that several kinds of events share, and the parts that stand inside a body."""

from __future__ import annotations

from typing import Literal, TypeVar, cast

from rct.registry.events.record import OLDER, Record, field
from rct.registry.events.shapes import (
    DAY,
    FLAG,
    TEXT,
    WHOLE,
    Shape,
    by_name,
    matching,
    maybe,
    one_of,
    several,
)

R = TypeVar("R", bound=Record)

TEXTS = several(TEXT, "list of texts")
COUNTS = by_name(WHOLE, "counts by name")
COUNTS_BY_NAME = by_name(COUNTS, "counts by name, by name")
HASHES = by_name(TEXT, "SHA-256 by file")
KEY = matching("64 hex digits", "[0-9a-f]{64}")
MONEY = matching("amount as text", r"[0-9]{1,12}(\.[0-9]{1,2})?")
Verdict = Literal["adopt", "adapt", "drop"]
Adopted = Literal["yes", "partly", "no"]
VERDICT = cast("Shape[Verdict]", one_of("adopt", "adapt", "drop"))
ADOPTED = cast("Shape[Adopted]", one_of("yes", "partly", "no"))


def part(record: type[R]) -> Shape[R]:
    """A record inside a body."""
    listed = "; ".join(f"`{f.key}`: {f.meaning}" for f in record.fields.values())
    return Shape(f"object ({listed})", record.read)


class PlanEdit(Record):
    """One difference between two plans."""

    where: str = field(TEXT, "the key, letter or picture that was changed", key="field")
    old: str | None = field(maybe(TEXT), "its value before, null for none")
    new: str | None = field(maybe(TEXT), "its value after, null for none")


class Until(Record):
    """How far the records of one outcome reach, as its file tells."""

    last: str | None = field(maybe(DAY), "the last day in the file, null where it tells none")
    busy: bool = field(
        FLAG, "whether the file reaches to its last days, as one that is kept from day to day does"
    )
    loaded: str = field(DAY, "the day on which the file was loaded")


class Replay(Record):
    """What is said of a draw that was made elsewhere."""

    column: str = field(TEXT, "the file's column of arms")
    impossible: tuple[str, ...] = field(
        TEXTS, "blocks whose counts the shares could not have given, at most 100"
    )
    impossible_blocks: int = field(WHOLE, "how many these are")
    ignored: int | None = field(WHOLE, "rows of people who are not on the list", default=None, absent=OLDER)

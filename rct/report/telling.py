"""Which events may leave the office with their text, and which as a hash alone: for the appendix and for bundles.

A hash is no cover for a count. Whoever has the rest of the text that was hashed tries the counts until the hash is
met, and has it in a tenth of a second. So an event that tells of few people, or of what the results withhold, leaves
without its body: without the token too, 32 digits that nobody can try.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

KINDS = frozenset(
    "new lock amend frame draw outcomes analyze printed decide followup note registered stop forget shared".split()
)
NOT_PEOPLE = frozenset(  # whole numbers in a body that count no people
    "run draws locks freezes blocks merged_blocks small_blocks clock_back months ledger shares again bytes".split()
)
# Of several loads one tells of the other: where one of them stays, all do.
_TOGETHER = frozenset(("frame", "outcomes"))


class AnyEvent(Protocol):
    """An event of the chain, wherever it comes from."""

    @property
    def kind(self) -> str: ...
    @property
    def said(self) -> Mapping[str, Any]: ...


def withheld(events: Sequence[AnyEvent], threshold: int, stays: Collection[str] = ()) -> list[str | None]:
    """Why each event leaves as a hash alone; None: with its text. stays: kinds that tell what results withhold."""
    why = [_why(event, threshold, stays) for event in events]
    few = {e.kind for e, w in zip(events, why, strict=True) if w is not None and e.kind in _TOGETHER}
    why = [w or (_OTHER if e.kind in few else None) for e, w in zip(events, why, strict=True)]
    # The token of a change stands in all of its events: with it the text of the others could be tried.
    tokens = {e.said.get("token") for e, w in zip(events, why, strict=True) if w is not None} - {None}
    return [
        w or (_CHANGE if e.said.get("token") in tokens else None) for e, w in zip(events, why, strict=True)
    ]


_OTHER = "with it a count could be had that another event of its kind would tell"
_CHANGE = "it was written in one change with an event that stays"


def _why(event: AnyEvent, threshold: int, stays: Collection[str]) -> str | None:
    if event.kind not in KINDS:
        return "what is sent to people stays in the office"
    if event.kind in stays:
        return "a count that the results withhold could be had from it"
    if any(0 < n < threshold for n in _counts(event.said)):
        return f"it counts fewer than {threshold} people"
    if event.kind == "printed" and _threshold(event) < threshold:
        return "what was printed then withheld less than is withheld now"
    return None


def _threshold(event: AnyEvent) -> float:
    found = event.said.get("threshold")
    return float(found) if isinstance(found, int) else float("inf")


def _counts(value: Any, key: str = "") -> Iterator[int]:
    """Every whole number that may count people."""
    if isinstance(value, Mapping):
        for inner, each in value.items():
            if inner not in NOT_PEOPLE:
                yield from _counts(each, inner)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _counts(each, key)
    elif isinstance(value, int) and not isinstance(value, bool) and key != "threshold":
        yield value

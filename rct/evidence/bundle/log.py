"""The log in a bundle: every link can be checked, and no event tells of few people or of one.

An event leaves with the text that was hashed, or, where its text holds more than may leave, with its hash alone:
then its place in the chain can be checked, and its words only against the workspace.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rct.definition import canonical
from rct.errors import stop
from rct.evidence.bundle import strict
from rct.registry import chain
from rct.registry.events import Body
from rct.registry.state import State
from rct.report.telling import withheld

B = TypeVar("B", bound=Body)
VERSION = 1
FILE = "log.json"
KEYS = ("seq", "prev", "hash", "kind", "time", "person")


@dataclass(frozen=True)
class BundleLog:
    """A bundle's log. events: each with its text or None; withheld: numbers of those without."""

    events: tuple[chain.Event, ...]
    withheld: tuple[int, ...]

    @property
    def origin(self) -> str:
        """The hash of the first event: no other trial has it."""
        return self.events[0].hash

    @property
    def head(self) -> str:
        return self.events[-1].hash

    def told(self, *kinds: type[B]) -> list[chain.Event[B]]:
        """Events of these kinds whose text left."""
        return State("", [e for e in self.events if e.seq not in self.withheld]).all(*kinds)


def log_json(name: str, events: Sequence[chain.Event], threshold: int, stays: Collection[str] = ()) -> bytes:
    """The member's bytes. stays: kinds of events whose text tells what results withhold."""
    listed = []
    for event, why in zip(events, withheld(events, threshold, stays), strict=True):
        shown = {key: getattr(event, key) for key in KEYS}
        listed.append({**shown, "text": None if why else event.text, "withheld": why})
    said = {"rct_log": VERSION, "trial": name, "head": events[-1].hash, "events": listed}
    return (json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_log(data: bytes) -> BundleLog:
    """The log of a bundle. Raises RctError `bundle_log` at the first event that does not hold."""
    said = strict.loads(data, FILE)
    try:
        if said["rct_log"] != VERSION:
            raise KeyError
        listed = [({k: e[k] for k in KEYS}, e["text"], e["withheld"]) for e in said["events"]]
        events = tuple(_event(said["trial"], keys, text) for keys, text, _ in listed)
        head = said["head"]
    except (KeyError, TypeError, ValueError, AttributeError):
        stop("bundle_log", "This is no log of a bundle.", file=FILE)
    without = tuple(e.seq for e, (_, text, _) in zip(events, listed, strict=True) if text is None)
    broken = next(_broken(events, set(without)), None)
    if broken is None and (not events or events[-1].hash != head):
        broken = len(events), "the head is not the last event's"
    if broken is not None:
        stop("bundle_log", f"This does not hold: {broken[1]}.", file=FILE, field=str(broken[0]))
    return BundleLog(events, without)


def _event(trial: str, keys: Mapping[str, Any], text: str | None) -> chain.Event:
    kinds = {"seq": int, "prev": str, "hash": str, "kind": str, "time": str, "person": str}
    if any(type(keys[k]) is not kind for k, kind in kinds.items()) or not isinstance(text, str | None):
        raise TypeError
    if text is not None:
        canonical.loads(text)  # a text in another form is no event's
    return chain.of_text(chain.Stored(trial, text=text or "", **keys))


def _broken(events: Sequence[chain.Event], withheld: set[int]) -> Iterator[tuple[int, str]]:
    """The links, and of events with their text everything that `chain.failures` asks."""
    prev = chain.FIRST
    for number, event in enumerate(events, start=1):
        if event.seq != number or event.prev != prev:
            yield number, f"event {event.seq} does not follow event {number - 1}"
        if event.seq not in withheld:
            yield from chain.own_failures(event)
        prev = event.hash

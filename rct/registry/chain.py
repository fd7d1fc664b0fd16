"""The log: a hash chain that anyone can check.

Each event's hash covers the one before it, so that a changed, dropped or swapped event breaks every hash
after it. What is hashed is the stored text itself: canonical JSON of {alg, body, kind, person, prev, seq,
time}, no number with a fraction in it. One chain a trial, and one (named '') for the workspace.

What a chain cannot show alone: a cut tail, or a whole chain written anew by whoever holds the file. For that
its head is printed on paper that others hold (`rct head`, the plan, the memo).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from rct.definition import canonical
from rct.registry.events import Body, UnfitError, UnreadBody, parse

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    B = TypeVar("B", bound=Body, covariant=True, default=Body)
else:  # without a default before Python 3.13
    from typing import TypeVar

    B = TypeVar("B", bound=Body, covariant=True)

ENTERED = ("lock", "amend", "analyze")  # told in the workspace's own log too
ALGORITHM = "sha256"
FIRST = "sha256:" + "0" * 64
TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Event(Generic[B]):
    """One event. `body` is a record of its kind, or an `UnreadBody` where it is not as rct writes it."""

    trial: str
    seq: int
    hash: str
    prev: str
    time: str
    person: str
    kind: str
    body: B
    text: str

    @property
    def said(self) -> Mapping[str, Any]:
        """What its text holds as the body, for those who pass it on unread; nothing where the text is none."""
        return _said(self.text)

    @property
    def when(self) -> datetime:
        """Its time; the epoch where the text is none, which `failures` names."""
        return _time(self.time) or datetime(1970, 1, 1, tzinfo=UTC)


class Stored(NamedTuple):
    """An event as the registry has it: its columns and its text."""

    trial: str
    seq: int
    hash: str
    prev: str
    time: str
    person: str
    kind: str
    text: str


COLUMNS = ", ".join(Stored._fields)


def digest(text: str) -> str:
    return f"{ALGORITHM}:{hashlib.sha256(text.encode()).hexdigest()}"


def now() -> str:
    """This instant, UTC, as events have it."""
    return datetime.now(UTC).strftime(TIME)


def seal(trial: str, last: Event | None, person: str, kind: str, body: Mapping[str, Any]) -> Event:
    """The event that follows `last`, with its hash. Time never steps back unseen: it is written down."""
    time = now()
    if last is not None and time < last.time:
        back = last.when - datetime.strptime(time, TIME).replace(tzinfo=UTC)
        body = {**body, "clock_back": int(back.total_seconds())}
    seq, prev = (last.seq + 1, last.hash) if last else (1, FIRST)
    text = canonical.dumps(
        {
            "alg": ALGORITHM,
            "seq": seq,
            "prev": prev,
            "time": time,
            "person": person,
            "kind": kind,
            "body": body,
        }
    )
    return of_text(Stored(trial, seq, digest(text), prev, time, person, kind, text))


def append(connection: sqlite3.Connection, event: Event, *, practice: bool) -> None:
    connection.execute(
        "insert into event (trial, seq, hash, prev, time, person, kind, practice, text) values (?,?,?,?,?,?,?,?,?)",
        (
            event.trial,
            event.seq,
            event.hash,
            event.prev,
            event.time,
            event.person,
            event.kind,
            int(practice),
            event.text,
        ),
    )


def read(connection: sqlite3.Connection, trial: str) -> list[Event]:
    """The chain of `trial` as stored, oldest first, unchecked."""
    rows = connection.execute(
        f"select {COLUMNS} from event where trial = ? order by seq",
        (trial,),
    )
    return [of_text(Stored(*row)) for row in rows]


def last(connection: sqlite3.Connection, trial: str) -> Event | None:
    """The last event of `trial` as stored, unchecked."""
    row = connection.execute(
        f"select {COLUMNS} from event where trial = ? order by seq desc limit 1",
        (trial,),
    ).fetchone()
    return None if row is None else of_text(Stored(*row))


def of_text(stored: Stored) -> Event:
    """An event by its columns and its text, unchecked."""
    trial, seq, hash, prev, time, person, kind, text = stored
    try:
        body = parse(kind, _said(text))
    except UnfitError:  # `failures` names it
        body = UnreadBody()
    return Event(trial, seq, hash, prev, time, person, kind, body, text)


def _said(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text).get("body", {})
    except (ValueError, AttributeError, RecursionError):  # damaged
        return {}
    return body if isinstance(body, dict) else {}


def trials(connection: sqlite3.Connection) -> list[str]:
    """Every trial that has a chain, in order of name."""
    return [
        name
        for (name,) in connection.execute("select distinct trial from event where trial <> '' order by 1")
    ]


def failures(events: list[Event]) -> Iterator[tuple[int, str]]:
    """Each link that does not hold, as (seq, what): numbering, previous hash, own hash, columns, form."""
    prev = FIRST
    for expected, event in enumerate(events, start=1):
        if event.seq != expected:
            yield event.seq, f"event {expected} is missing: {event.seq} follows {expected - 1}"
            return
        if event.prev != prev:
            yield event.seq, f"event {event.seq} does not follow event {event.seq - 1}"
        yield from own_failures(event)
        prev = event.hash


def own_failures(event: Event) -> Iterator[tuple[int, str]]:
    """What does not hold in an event by itself: its hash, its columns, its form."""
    if event.hash != digest(event.text):
        yield event.seq, f"event {event.seq} was changed: its hash is {digest(event.text)[:23]}…"
    else:
        yield from _columns_differ(event)


def sound(events: Sequence[Event]) -> bool:
    """Whether the chain holds together."""
    return next(failures(list(events)), None) is None


def _columns_differ(event: Event) -> Iterator[tuple[int, str]]:
    try:
        said = canonical.loads(event.text)
    except canonical.NotCanonicalError as error:
        yield event.seq, f"event {event.seq} is not in canonical form: {error}"
        return
    if not isinstance(said, dict) or not isinstance(said.get("body"), dict):
        yield event.seq, f"event {event.seq} is not an event"
        return
    shown = {
        "seq": event.seq,
        "prev": event.prev,
        "time": event.time,
        "person": event.person,
        "kind": event.kind,
    }
    for key, value in shown.items():
        if said.get(key) != value:
            yield event.seq, f"event {event.seq}: the column {key} differs from the text that was hashed"
    if _time(event.time) is None:
        yield event.seq, f"event {event.seq} has no time that can be read"
    if isinstance(event.body, UnreadBody):
        try:
            parse(event.kind, said["body"])
        except UnfitError as error:
            yield event.seq, f"event {event.seq} is not written as rct writes it: {error}"
    if event.trial and said["body"].get("trial", event.trial) != event.trial:
        yield event.seq, f"event {event.seq} is of another trial's log: {said['body']['trial']}"


def _time(text: str) -> datetime | None:
    try:
        time = datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return time if 1970 < time.year < 9999 else None


def due_date(events: list[Event]) -> date:
    """Today by the machine's clock, never before the last event: turning the clock back opens nothing."""
    today = date.today()
    return max([today, *(e.when.astimezone().date() for e in events[-1:])])

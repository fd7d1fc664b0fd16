"""A clock that was wrong: an event that is dated later than what came after it, or than now.

The order of events is that of their numbers; their dates are the machine's word. A clock put forward opens results
early, and setting it right shows it: of two events that follow each other, the later one has the earlier date. Which
of the two is false the log can't say; and of a clock that was never set right it knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rct.registry import chain
from rct.registry.chain import Event
from rct.registry.events import AnalyzeBody
from rct.registry.state import State

SKEW = timedelta(minutes=10)  # clocks of two machines on one drive may be so far apart


@dataclass(frozen=True)
class Wrong:
    """`event` is dated later than what came after it. `seen_early`: results may have been opened by that date."""

    event: Event
    seen_early: bool

    @property
    def text(self) -> str:
        """A sentence or two. The same whether a later event shows it or the clock as it is now: printed, it stays."""
        event = self.event
        said = (
            f"A clock was wrong: event {event.seq} ({event.kind}) is dated {event.time[:10]} {event.time[11:16]} UTC, "
            "later than what came after it."
        )
        return f"{said} Results may have been seen before their date." if self.seen_early else said


def wrong_clocks(events: Sequence[Event], now: str | None = None) -> list[Wrong]:
    """Every event that is dated more than `SKEW` later than the next one, or, the last one, than now."""
    present = datetime.strptime(now or chain.now(), chain.TIME).replace(tzinfo=UTC)
    whens = [*(e.when for e in events), present]
    return [
        Wrong(event, _seen_early(events, i, following))
        for i, (event, following) in enumerate(zip(events, whens[1:], strict=True))
        if event.when - following > SKEW
    ]


def _seen_early(events: Sequence[Event], last: int, following: datetime) -> bool:
    """Whether a run of the analysis was due by the date of event `last` and not by that of what came after it.

    That is a run dated like it, or one that came later and leaned on it: nothing is due before the last event's date.
    """
    ahead = [e for e in events[: last + 1] if e.when > following]
    return any(_due(e) > following.astimezone().date() for e in _runs(ahead)) or any(
        _due(e) > e.when.astimezone().date() for e in _runs(events[last + 1 :])
    )


def _runs(events: Sequence[Event]) -> Iterator[Event[AnalyzeBody]]:
    """Analyses that were not said to be early."""
    return (e for e in State("", events).all(AnalyzeBody) if not e.body.early)


def _due(event: Event[AnalyzeBody]) -> date:
    return date.fromisoformat(event.body.due)

"""What became of a decision: asked 6 and 12 months after it, since few tested versions are ever used.

30 cities that ran 73 trials with one national nudge unit went on to use a tested version in 27 % of them, and
strong evidence hardly made it likelier (DellaVigna, Kim and Linos 2024). A decision is not a use; so it is asked
after, and counted as it is told.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rct.registry import chain
from rct.registry.events import DecideBody, FollowupBody
from rct.registry.state import State

LOOKS = (6, 12)  # months after a decision
FIELD = "Elsewhere: 27% of 73 trials in 30 cities (DellaVigna, Kim and Linos 2024)."


@dataclass(frozen=True)
class Adoption:
    """How many decisions led to use. Only real trials count; `asked` = yes + partly + no."""

    decided: int  # trials with a decision
    due: int  # of these, decided 6 months ago or earlier
    yes: int
    partly: int
    no: int
    dropped: int  # of yes and partly, given up since

    @property
    def asked(self) -> int:
        return self.yes + self.partly + self.no

    @property
    def waiting(self) -> int:
        """Due, and nobody has told yet."""
        return self.due - self.asked


def followups(state: State) -> list[chain.Event[FollowupBody]]:
    """What was told of the last decision, oldest first."""
    decision = state.last(DecideBody)
    return [] if decision is None else state.after(FollowupBody, event=decision)


def look_again(state: State, today: date) -> str | None:
    """The sentence that asks what became of the last decision; None when it isn't due, or was told."""
    decision = state.last(DecideBody)
    months = None if decision is None else look_due(decision, today)
    if decision is None or months is None or any(e.body.months == months for e in followups(state)):
        return None
    # Another decision of that day or later starts the months anew.
    return (
        f"decided on {day_of(decision)} ({decision.body.verdict}); the {months} months were over on "
        f"{months_later(day_of(decision), months)}: what became of it? rct followup {state.name} "
        "--adopted yes|partly|no …"
    )


def next_look(state: State) -> date | None:
    """The day of the first look at the last decision of which nothing was told; None where there is none."""
    decision = state.last(DecideBody)
    told = {e.body.months for e in followups(state)}
    left = [months for months in LOOKS if months not in told]
    return months_later(day_of(decision), left[0]) if decision is not None and left else None


def adoption(states: Iterable[State], today: date | None = None) -> Adoption | None:
    """Counted over real trials; None where none has a decision. `today` is the machine's date unless given."""
    decided = due = dropped = 0
    told = {"yes": 0, "partly": 0, "no": 0}
    for trial in states:
        decision = trial.last(DecideBody)
        if decision is None or trial.practice or trial.simulated:
            continue
        decided += 1
        due += look_due(decision, today or chain.due_date(list(trial.events))) is not None
        after = followups(trial)
        if after:
            told[after[-1].body.adopted] += 1
            dropped += after[-1].body.kept is False
    return Adoption(decided, due, told["yes"], told["partly"], told["no"], dropped) if decided else None


def adoption_sentence(counted: Adoption) -> str:
    """`Used after the decision: 2 of 3 trials asked about (1 in part), …`, the field's own share beside it."""
    if not counted.asked:
        waiting = f"; {counted.waiting} due" if counted.waiting else ""
        after = "1 decision" if counted.decided == 1 else f"{counted.decided} decisions"
        return f"Put to use after {after}: nothing is told yet{waiting}. {FIELD}"
    used = counted.yes + counted.partly
    more = [
        *([f"{counted.partly} only in part"] if counted.partly else []),
        *([f"{counted.dropped} given up since"] if counted.dropped else []),
    ]
    rest = f"; {counted.waiting} due and not told yet" if counted.waiting else ""
    among = f" ({', '.join(more)})" if more else ""
    trials = "trial" if counted.asked == 1 else "trials"
    return f"Put to use: {used} of {counted.asked} {trials} asked about{among}{rest}. {FIELD}"


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_of(event: chain.Event) -> date:
    return event.when.date()


def look_due(decision: chain.Event, today: date) -> int | None:
    """The last look that is due: 6 or 12 months, None before."""
    due = [months for months in LOOKS if months_later(day_of(decision), months) <= today]
    return due[-1] if due else None

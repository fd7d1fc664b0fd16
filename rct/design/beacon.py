"""Beacons: public randomness that did not exist when both lock and freeze were done.

A plan names a source: `none`, `drand:CHAINHASH` or `lottery:NAME`. The later of lock and freeze (the lock in
force: the last amendment, if there is one) fixes which value counts, so nobody can choose among several:

- drand: the first round published at least one hour later. A chain's rounds are at known times; rct knows the
  three public chains below (drand.love; genesis and period as each chain's `/info` gives them). For another
  chain the round could not be said in advance, so such a source is refused.
- lottery: the first drawing on a later date. Dates are compared with the UTC date of the moment. rct does not
  know a lottery's calendar, so any later date that has come is taken; the draw's record holds the date, and a
  reader can look up whether an earlier drawing was passed over.

A beacon is the text `drand:CHAINHASH:ROUND:RANDOMNESS` or `lottery:NAME:DATE:N1-N2-...` (numbers ascending),
typed by a person; no network is needed, and no signature is checked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rct.errors import stop, visible
from rct.language import tell

WAIT = timedelta(hours=1)
_SOURCE = re.compile(r"(?:none|drand:[0-9a-f]{64}|lottery:[a-z0-9][a-z0-9_-]{0,63})")
_DRAND = re.compile(r"drand:([0-9a-f]{64}):([1-9][0-9]{0,14}):([0-9a-f]{64})")
_LOTTERY = re.compile(
    r"lottery:([a-z0-9][a-z0-9_-]{0,63}):([0-9]{4}-[0-9]{2}-[0-9]{2}):"
    r"((?:0|[1-9][0-9]{0,5})(?:-(?:0|[1-9][0-9]{0,5})){1,39})"
)
FORMS = "drand:CHAINHASH:ROUND:RANDOMNESS or lottery:NAME:DATE:N1-N2-... with the numbers ascending"


@dataclass(frozen=True)
class Chain:
    """A public drand chain: round r is published at genesis + (r - 1) * period, in seconds since 1970 UTC."""

    name: str
    hash: str
    genesis: int
    period: int

    def first_round(self, moment: datetime) -> int:
        """The first round published at `moment` or later."""
        since = int(moment.timestamp()) - self.genesis
        return max(-(-since // self.period), 0) + 1

    def published(self, number: int) -> datetime:
        """When round `number` comes out."""
        return datetime.fromtimestamp(self.genesis + (number - 1) * self.period, UTC)


CHAINS = {
    c.hash: c
    for c in (
        Chain("quicknet", "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971", 1692803367, 3),
        Chain("default", "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce", 1595431050, 30),
        Chain("evmnet", "04f1e9062b8a81f848fded9c12306733282b2727ecced50032187751166ec8c3", 1727521075, 3),
    )
}


@dataclass(frozen=True)
class BeaconSource:
    """Where a beacon comes from: `kind` is none, drand or lottery; `name` the chain's hash or the lottery."""

    kind: str
    name: str = ""


@dataclass(frozen=True)
class Beacon:
    """A beacon's text, taken apart. `text` goes into K as it is; it is empty for none."""

    text: str
    source: BeaconSource
    round: int | None = None
    date: date | None = None


def parse_source(text: str) -> BeaconSource:
    """The source a plan names. RctError: `bad_beacon_source`; `unknown_chain` for a chain not in CHAINS."""
    if not _SOURCE.fullmatch(text):
        stop(
            "bad_beacon_source",
            "A beacon's source is none, drand:CHAINHASH (64 lower-case hex digits) or lottery:NAME.",
            f'The usual drand chain is "drand:{next(iter(CHAINS))}".',
            field="design.beacon",
            found=visible(text),
        )
    kind, _, name = text.partition(":")
    if kind == "drand" and name not in CHAINS:
        known = "; ".join(f"{c.name} {c.hash}" for c in CHAINS.values())
        stop(
            "unknown_chain",
            "rct does not know when this drand chain began and how often it speaks, so it could not say "
            "which round counts, and an office could pick among rounds.",
            f"Use one of the public chains: {known}.",
            field="design.beacon",
            found=visible(text),
        )
    return BeaconSource(kind, name)


def parse(text: str) -> Beacon:
    """A beacon's text taken apart and checked for form alone; empty text is none. RctError: `bad_beacon`."""
    if text == "":
        return Beacon("", BeaconSource("none"))
    if drand := _DRAND.fullmatch(text):
        return Beacon(text, BeaconSource("drand", drand[1]), round=int(drand[2]))
    if lottery := _LOTTERY.fullmatch(text):
        day = _date(lottery[2], text)
        numbers = [int(n) for n in lottery[3].split("-")]
        if numbers != sorted(numbers):
            fix = "Write them from the smallest to the largest."
            stop("bad_beacon", "The numbers of a lottery beacon are ascending.", fix, found=visible(text))
        return Beacon(text, BeaconSource("lottery", lottery[1]), date=day)
    stop("bad_beacon", f"A beacon has the form {FORMS}.", "No spaces, lower case.", found=visible(text))


def which_counts(source: BeaconSource, locked: str, frozen: str) -> str:
    """One plain sentence that says which beacon counts, given the times of the lock in force and the freeze.

    Times are as events have them, `YYYY-MM-DDTHH:MM:SSZ`.
    """
    moment = _moment(locked, frozen)
    if source.kind == "none":
        return tell("This plan uses no beacon, so nothing has to be waited for.")
    if source.kind == "drand":
        chain = CHAINS[source.name]
        number = chain.first_round(moment + WAIT)
        return tell(
            "Round {number} of drand's chain {chain} counts: the first at least one hour after plan and list were both "
            "fixed ({fixed} UTC). It comes out at {published} UTC.",
            number=number,
            chain=chain.name,
            fixed=f"{moment:%Y-%m-%d %H:%M:%S}",
            published=f"{chain.published(number):%Y-%m-%d %H:%M:%S}",
        )
    return tell(
        "The first drawing of {lottery} on a date after {day} counts: the day (UTC) on which plan and list were both "
        "fixed.",
        lottery=source.name,
        day=f"{moment:%Y-%m-%d}",
    )


def accept(text: str, source: BeaconSource, locked: str, frozen: str, now: str | None = None) -> Beacon:
    """The beacon to draw with, once it is certain that it is the one that counts.

    `text` is what was typed ('' for nothing). With `now`, a round or drawing still to come is refused.
    RctError: `bad_beacon`, `beacon_missing`, `beacon_not_planned`, `wrong_beacon`, `beacon_too_early`.
    """
    beacon = parse(text)
    if beacon.source != source:
        counts = which_counts(source, locked, frozen)
        if source.kind == "none":
            stop("beacon_not_planned", counts, "Draw without --beacon.", found=visible(text))
        if beacon.source.kind == "none":
            stop("beacon_missing", counts, f"Give it with --beacon, as {FORMS}.")
        stop("wrong_beacon", counts, "Give that one; no other counts.", found=visible(text))
    moment = _moment(locked, frozen)
    comes: datetime | None = None
    if beacon.round is not None:
        chain = CHAINS[source.name]
        comes = chain.published(beacon.round)
        right = beacon.round == chain.first_round(moment + WAIT)
    elif beacon.date is not None:
        comes = datetime(beacon.date.year, beacon.date.month, beacon.date.day, tzinfo=UTC)
        right = beacon.date > moment.date()
    else:
        right = True
    if not right:
        fix = "Give that one; no other counts."
        stop("wrong_beacon", which_counts(source, locked, frozen), fix, found=visible(text))
    if comes is not None and now is not None and comes > _time(now):
        fix = "Wait for it, then draw."
        stop("beacon_too_early", "This beacon has not come out yet.", fix, found=visible(text))
    return beacon


def _moment(locked: str, frozen: str) -> datetime:
    return max(_time(locked), _time(frozen))


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _date(text: str, beacon: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop("bad_beacon", "A lottery's date is a real day, YYYY-MM-DD.", "Mend it.", found=visible(beacon))

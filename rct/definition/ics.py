"""A trial's days as an iCalendar file (RFC 5545), for the calendar program that an office has. Pure.

An event is a whole day, busy for nobody, with a reminder on the morning before. Its identity stays when the day moves, so
that a calendar that read an earlier file moves it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from rct.errors import visible

OCTETS = 75  # of a line, without its end: RFC 5545, 3.1
MORNING = "-PT15H"  # 9 in the morning of the day before


def calendar_file(
    name: str, title: str, days: Sequence[tuple[date, str]], *, origin: str, edition: int, stamp: datetime
) -> bytes:
    """The file. `days`: (day, what happens); `origin`: what tells this trial from any other; `edition`: how often its
    plan was changed; `stamp`: when the plan was made, in UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//rct//trial calendar//EN", "CALSCALE:GREGORIAN"]
    seen: dict[str, int] = {}
    for day, what in days:
        seen[what] = seen.get(what, 0) + 1
        lines += _event(name, title, day, what, f"{origin}|{what}|{seen[what]}", edition, stamp)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line)).encode()


def _event(
    name: str, title: str, day: date, what: str, identity: str, edition: int, stamp: datetime
) -> list[str]:
    summary = escaped(f"{name}: {what}")
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@rct",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{edition}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",  # without an end it is that day
        "TRANSP:TRANSPARENT",
        f"SUMMARY:{summary}",
        f"DESCRIPTION:{escaped(title)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:{MORNING}",
        f"DESCRIPTION:{summary}",
        "END:VALARM",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A value of type TEXT: RFC 5545, 3.3.11. What can't be printed is spelled out, so that nothing ends the line."""
    one_line = visible(" ".join(text.split()))
    return "".join(f"\\{c}" if c in "\\;," else c for c in one_line)


def folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets; those after the first begin with a space. No character is cut."""
    part, size = "", 0
    for c in line:
        width = len(c.encode())
        if size + width > OCTETS:
            yield part
            part, size = " ", 1
        part += c
        size += width
    yield part

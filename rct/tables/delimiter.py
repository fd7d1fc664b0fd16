"""Which character parts the values of a CSV: decided from the header, outside quotes."""

from __future__ import annotations

from typing import TextIO

DELIMITERS = ",;\t|"
MAX_RECORD = 1 << 20  # characters of one row, and of one line


def first_record(stream: TextIO) -> str:
    """The first record, quoted line breaks included, at most about MAX_RECORD characters."""
    text = ""
    while len(text) <= MAX_RECORD:
        line = stream.readline(MAX_RECORD)
        text += line
        if not line or not _outside(text)[1]:
            break
    return text


def delimiter_of(header: str) -> str | None:
    """The candidate that stands most often outside quotes; comma if none does; None if two tie."""
    outside, _ = _outside(header)
    counts = sorted(((outside.count(d), d) for d in DELIMITERS), reverse=True)
    if counts[0][0] == 0:
        return ","
    return None if counts[0][0] == counts[1][0] else counts[0][1]


def _outside(text: str) -> tuple[str, bool]:
    """What stands outside quotes, and whether a quote is still open.

    A quote opens only at a value's start.
    """
    kept: list[str] = []
    inside, start = False, True
    for c in text:
        if c == '"' and (inside or start):
            inside = not inside
            start = not inside  # right after a closing quote another quote is a doubled one
        elif not inside:
            start = c in DELIMITERS or c in "\r\n"
            kept.append(c)
    return "".join(kept), inside

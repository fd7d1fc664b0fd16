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
    """The candidate that makes the most names, then the one that stands most often, always outside quotes.

    Comma if none stands there; None if two tie.
    """
    outside, _ = _outside(header)
    ranks = sorted(((_names(outside, d), outside.count(d), d) for d in DELIMITERS), reverse=True)
    if ranks[0][1] == 0:
        return ","
    return None if ranks[0][:2] == ranks[1][:2] else ranks[0][2]


def _names(outside: str, delimiter: str) -> int:
    return sum(1 for name in outside.split(delimiter) if name.strip())


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
            if inside:
                kept.append('"')
        elif not inside:
            start = c in DELIMITERS or c in "\r\n"
            kept.append(c)
    return "".join(kept), inside

"""Words that the documents share: names in quotes, lists, days, what a letter of this channel is called."""

from __future__ import annotations

from datetime import date

from rct.errors import visible
from rct.estimate.levels import NOT_RECORDED
from rct.language import day, t, tn

_PAIRS = (("'", "'"), ('"', '"'), ("‘", "’"), ("“", "”"))


def quoted(label: str) -> str:
    """A label from data in curly quotes, without the quotes it came with, safe to print."""
    text = visible(" ".join(line.strip() for line in label.strip().splitlines()))
    for first, last in _PAIRS:
        if len(text) > 2 and text.startswith(first) and text.endswith(last):
            text = text[1:-1].strip()
            break
    return f"“{text}”"


def level_of(level: str) -> str:
    """A subgroup's level in quotes; that of the empty cells, which has no name in the list, in the reader's language."""
    return "“" + t("(not recorded)") + "”" if level == NOT_RECORDED else quoted(level)


def unquoted(label: str) -> str:
    """A label as it stands in a table: `quoted` without the quotes."""
    return quoted(label)[1:-1]


def prose(text: str) -> str:
    """Running text from data on one line, safe to print: line breaks of a definition are only white space."""
    return visible(" ".join(text.split()))


def piece(channel: str, count: int = 1) -> str:
    """What one thing sent is called."""
    names = {
        "letter": lambda: tn("letter", "letters", count),
        "postcard": lambda: tn("postcard", "postcards", count),
        "email": lambda: tn("e-mail", "e-mails", count),
        "sms": lambda: tn("text message", "text messages", count),
    }
    return names[channel]() if channel in names else tn("piece", "pieces", count)


def number_word(count: int) -> str:
    """Small numbers as words, as in running text."""
    words = (
        *(t("no"), t("one"), t("two"), t("three"), t("four")),
        *(t("five"), t("six"), t("seven"), t("eight"), t("nine")),
    )
    return words[count] if 0 <= count < len(words) else f"{count:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 unit`, `12,345 units`: in English, for plan and appendix."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day_of(time: str) -> str:
    """The day of a time as the log keeps it."""
    return day(date.fromisoformat(time[:10]))


def moment(time: str) -> str:
    """2026-01-05T09:12:33Z as 2026-01-05 09:12 UTC."""
    return f"{time[:10]} {time[11:16]} UTC" if len(time) >= 16 else time


def sentence(text: str) -> str:
    """`text` with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text + "."

"""Letters beside each other: the same line in the same row (Needleman and Wunsch 1970, one letter after the other)."""

from __future__ import annotations

import re
from collections.abc import Sequence

Row = list[int | None]  # the number of each letter's line in this row, None where it has none

SAME = 100.0  # outweighs any likeness
LIKE = 0.3  # of words shared: less is another sentence
BESIDE = 0.01  # two lines that have nothing to do with each other share a row rather than have one each
_ITEM = re.compile(r"(?:[•☐]|[0-9]+\.) ")


def align(letters: Sequence[Sequence[str]]) -> list[Row]:
    """The rows of all letters, in order; each line stands in one row.

    The rows that the letters so far have are aligned with the next letter so that as many lines as can be are the
    same; then that as many as can be are alike; then that the rows are few.
    """
    rows: list[Row] = []
    for number, lines in enumerate(letters):
        rows = _joined(rows, letters, number, lines)
    return rows


def _joined(
    rows: list[Row], letters: Sequence[Sequence[str]], number: int, lines: Sequence[str]
) -> list[Row]:
    said = [[letters[k][at] for k, at in enumerate(row) if at is not None] for row in rows]
    scores = [[_score(texts, line) for line in lines] for texts in said]
    best = [[0.0] * (len(lines) + 1) for _ in range(len(rows) + 1)]
    for i in reversed(range(len(rows))):
        for j in reversed(range(len(lines))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], scores[i][j] + best[i + 1][j + 1])
    made: list[Row] = []
    i = j = 0
    while i < len(rows) or j < len(lines):
        if i < len(rows) and j < len(lines) and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            made.append([*rows[i], j])
            i, j = i + 1, j + 1
        elif j == len(lines) or (i < len(rows) and best[i][j] == best[i + 1][j]):
            made.append([*rows[i], None])
            i += 1
        else:
            made.append([*([None] * number), j])
            j += 1
    return made


def _score(texts: Sequence[str], line: str) -> float:
    same = sum(text == line for text in texts)
    if same:
        return SAME * same
    alike = max(_likeness(text, line) for text in texts)
    item = any(bool(_ITEM.match(text)) == bool(_ITEM.match(line)) for text in texts)
    return (alike if alike >= LIKE else 0.0) + BESIDE * (2 if item else 1)


def _likeness(one: str, other: str) -> float:
    """The share of words that both have, of all that either has (Jaccard)."""
    a, b = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0

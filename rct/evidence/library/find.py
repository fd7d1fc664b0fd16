"""Finding entries by their words. The order is how well the words match and never what was found: a null stands where
its words put it, beside the wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rct.evidence.library.entries import reading
from rct.evidence.library.index import COLUMNS, stored
from rct.evidence.record import Evidence
from rct.registry.workspace import Workspace

WORD = re.compile(r"\w+")
MOST_WORDS = 40
WEIGHTS = (6.0, 4.0, 3.0, 3.0, 3.0, 4.0, 3.0, 2.0)  # of a word in each of COLUMNS, for bm25


@dataclass(frozen=True)
class Found:
    """`total` entries match; `hits` are the first of them. `any_word`: none has all the words, these have some.

    better, unclear, worse: arms of all `total` on the first primary outcome, as `library_index.standing` counts them.
    """

    total: int
    hits: tuple[Evidence, ...]
    better: int
    unclear: int
    worse: int
    any_word: bool


def find(ws: Workspace, words: str = "", filters: Mapping[str, str] | None = None, limit: int = 20) -> Found:
    """Entries whose words match, best match first (bm25), then by title; all of them where nothing is asked.

    `filters`: words that must stand in one of COLUMNS. Words are taken as words: no operator of the search language
    reaches the index. Endings don't matter (bill, bills).
    """
    given = list(dict.fromkeys(WORD.findall(words)))[:MOST_WORDS]
    within = [
        _within(column, WORD.findall(text)[:MOST_WORDS]) for column, text in (filters or {}).items() if text
    ]
    found = _search(ws, [*within, *([_all(given)] if given else [])], limit)
    if found.total or len(given) < 2:
        return found
    return _search(ws, [*within, _any(given)], limit, any_word=True)


def _search(ws: Workspace, parts: list[str], limit: int, any_word: bool = False) -> Found:
    columns = "entry.id, entry.better, entry.unclear, entry.worse"
    with reading(ws) as db:
        if parts:
            query = " AND ".join(f"({part})" for part in parts)
            rank = f"bm25(words, {', '.join(map(str, WEIGHTS))})"
            rows = db.execute(
                f"select {columns} from words join entry on entry.id = words.rowid where words match ? "
                f"order by {rank}, entry.title, entry.digest",
                (query,),
            ).fetchall()
        else:
            rows = db.execute(f"select {columns} from entry order by title, digest").fetchall()
        hits = [
            stored(db.execute("select evidence from entry where id = ?", (row[0],)).fetchone()[0])
            for row in rows[:limit]
        ]
    better, unclear, worse = (sum(row[i] for row in rows) for i in (1, 2, 3))
    return Found(len(rows), tuple(hits), better, unclear, worse, any_word)


def _all(words: list[str]) -> str:
    return " AND ".join(f'"{word}"' for word in words)


def _any(words: list[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _within(column: str, words: list[str]) -> str:
    if column not in COLUMNS:
        raise ValueError(f"no column {column}")
    return f"{column} : ({_all(words)})" if words else f'{column} : ("")'

"""The opt-out ledger: who said in one trial that they want nothing more, honoured by every later list.

It lies in the vault, one for the workspace, and holds no id, address or number: only their keyed hashes, which
can be compared and not read. An entry is written with the change that recorded the wish and counts once that
change is committed. It outlives `rct forget` of the trial it came from: a wish weighs more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rct.registry import keys, vault
from rct.registry.workspace import Workspace

Entry = tuple[str, str]  # kind (id, email, phone), keyed hash
KEPT = ""  # the token of an entry whose trial was forgotten

_TABLE = """create table if not exists optout (
    seq integer primary key autoincrement,  -- the order in which wishes came in; never used twice
    token text not null,                    -- the change that wrote it
    kind text not null,
    hash text not null
)"""
_EMAIL = re.compile(r"e[-_ ]?mail", re.IGNORECASE)
_PHONE = re.compile(r"phone|(?:^|[^a-z])(?:tel|mobile|cell|sms)(?:$|[^a-z])", re.IGNORECASE)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


def kind_of(column: str) -> str | None:
    """Whether a contact column holds e-mail addresses or phone numbers, by its name alone: a ZIP code is no phone."""
    if _EMAIL.search(column):
        return "email"
    return "phone" if _PHONE.search(column) else None


def entry(key: bytes, kind: str, value: str) -> Entry | None:
    """The ledger's entry for an id, e-mail address or phone number; None for a text that is none.

    Addresses are compared in lower case, numbers by their digits, without the 1 of North America.
    """
    text = value.strip()
    if kind == "email":
        text = text.casefold() if "@" in text else ""
    elif kind == "phone":
        text = "".join(c for c in text if c.isascii() and c.isdigit())
        text = text[1:] if len(text) == 11 and text.startswith("1") else text
        text = text if _FEWEST_DIGITS <= len(text) <= _MOST_DIGITS else ""
    if not text:
        return None
    data = f"rct.optout.1\n{kind}\n{text}".encode()
    return kind, hmac.digest(key, data, hashlib.sha256).hex()


def entries_of(key: bytes, id: str, contact: Mapping[str, str]) -> list[Entry]:
    """All that is known of a person who wants nothing more: id, and e-mail addresses and phone numbers."""
    named = [("id", id), *((kind_of(column), value) for column, value in contact.items())]
    found = [entry(key, kind, value) for kind, value in named if kind is not None]
    return [e for e in dict.fromkeys(found) if e is not None]


@dataclass(frozen=True)
class Ledger:
    """Who wants nothing more, as keyed hashes; `last` is the number of the last entry."""

    key: bytes = field(repr=False)
    seq: Mapping[Entry, int]

    def __bool__(self) -> bool:
        return bool(self.seq)

    @property
    def last(self) -> int:
        return max(self.seq.values(), default=0)

    def holds(self, kind: str, value: str) -> bool:
        found = entry(self.key, kind, value)
        return found is not None and found in self.seq

    def until(self, last: int) -> Ledger:
        """The ledger as it was when `last` was its last entry."""
        return Ledger(self.key, {e: n for e, n in self.seq.items() if n <= last})


def read(ws: Workspace, db: sqlite3.Connection) -> Ledger:
    """The committed entries; an empty ledger where the vault isn't (a copy without private/)."""
    if not ws.vault.is_file():
        return Ledger(b"", {})
    committed = {KEPT, *(token for (token,) in db.execute("select token from batch where vault = 1"))}
    with vault.opened(ws) as opened:
        rows = entries(opened)
    first: dict[Entry, int] = {}
    for seq, token, kind, hash in rows:
        if token in committed:
            first.setdefault((kind, hash), seq)
    return Ledger(keys.read_key(ws), first)


def told(ws: Workspace, db: sqlite3.Connection, token: str) -> dict[str, Any]:
    """What the event of the change `token` says of the ledger: its last entry, and a keyed digest of all up to it.

    An entry is never taken out, so the digest holds ever after: a wish can't be struck out in silence.
    """
    committed = {KEPT, token, *(t for (t,) in db.execute("select token from batch where vault = 1"))}
    with vault.opened(ws) as opened:
        rows = [row for row in entries(opened) if row[1] in committed]
    last = max((row[0] for row in rows), default=0)
    return {"ledger": last, "ledger_digest": keyed_digest(keys.read_key(ws), rows, last)}


def keyed_digest(key: bytes, rows: Iterable[tuple[int, str, str, str]], last: int) -> str:
    """HMAC-SHA256 over number, kind and hash of the entries up to `last`, in order."""
    mac = hmac.new(key, b"rct.optout.digest.1\n", hashlib.sha256)
    for seq, _, kind, hash in rows:
        if seq <= last:
            mac.update(f"{seq}\t{kind}\t{hash}\n".encode())
    return mac.hexdigest()


def entries(opened: Any) -> list[tuple[int, str, str, str]]:
    """Every entry as (number, token, kind, hash), in order, whether its change is committed or not."""
    if not made(opened):
        return []
    return list(opened.execute("select seq, token, kind, hash from optout order by seq"))


def made(opened: Any) -> bool:
    """Whether this vault has a ledger yet."""
    return bool(opened.execute("select 1 from sqlite_master where name = 'optout'").fetchone())


def put(opened: Any, token: str, trial: str, entries: Iterable[Entry]) -> None:
    """Write entries of the batch `token`, which is pending until its change is committed."""
    opened.execute("begin immediate")
    opened.execute(_TABLE)
    opened.execute(
        "insert or ignore into batch (token, trial, state) values (?, ?, 'pending')", (token, trial)
    )
    opened.executemany(
        "insert into optout (token, kind, hash) values (?, ?, ?)",
        ((token, kind, hash) for kind, hash in entries),
    )
    opened.execute("commit")


def drop(opened: Any, tokens: Sequence[str]) -> None:
    """Delete the entries of changes that never happened."""
    if made(opened):
        opened.executemany("delete from optout where token = ?", [(t,) for t in tokens])


def release(opened: Any, tokens: Sequence[str]) -> None:
    """Keep the entries of trials whose people are deleted: they no longer belong to a batch."""
    if made(opened):
        opened.executemany("update optout set token = ? where token = ?", [(KEPT, t) for t in tokens])

"""The vault: names, addresses and the city's own ids, encrypted (SQLCipher), in private/.

Rows come in batches. A batch is written first, as `pending`; the registry's commit decides whether it counts;
then it is marked `done`. Deleted rows are overwritten (secure_delete), and the journal is a plain one that
goes away.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

import sqlcipher3

from rct import fs
from rct.errors import stop
from rct.registry import keys
from rct.registry.workspace import Workspace

Person = tuple[str, str, str, str]  # unit, the city's own id, cluster label, contact values as JSON
DAMAGED = (sqlite3.DatabaseError, sqlcipher3.DatabaseError)

TABLES = (
    "create table batch (token text primary key, trial text not null, state text not null)",
    """create table person (
        token text not null references batch (token),
        unit text not null,
        id text not null,
        cluster text not null,
        contact text not null,
        primary key (token, unit)
    ) without rowid""",
)


def create(ws: Workspace) -> None:
    """Make an empty vault, 0600 from its first instant."""
    os.close(os.open(ws.vault, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with opened(ws, write=True) as vault:
        vault.execute("begin immediate")
        for statement in TABLES:
            vault.execute(statement)
        vault.execute("commit")


@contextmanager
def opened(ws: Workspace, *, write: bool = False) -> Iterator[Any]:
    """The vault's connection (SQLCipher's classes are not sqlite3's). Wrong key or damage: an `RctError`."""
    if not ws.vault.is_file():
        stop(
            "no_vault",
            "private/vault.db is missing.",
            "Restore private/ from a copy.",
            file="private/vault.db",
        )
    key = keys.vault_key(keys.read_key(ws)).hex()
    with closing(_connect(ws, key, write=write)) as vault:
        try:
            vault.execute("pragma foreign_keys=on")
            if write:
                vault.execute("pragma secure_delete=on")
                vault.execute("pragma journal_mode=delete")
                vault.execute("pragma synchronous=extra")
            yield vault
        except sqlcipher3.OperationalError as error:
            _unusable(error)
        except sqlcipher3.DatabaseError as error:
            if type(error) is not sqlcipher3.DatabaseError:
                raise
            _closed()


def _connect(ws: Workspace, key: str, *, write: bool) -> Any:
    """A connection that can read. A journal that a dead writer left is taken back, where one may write."""
    where = ws.vault.as_uri() + ("" if write else "?mode=ro")
    for again in (False, True):
        try:
            vault = sqlcipher3.connect(where, uri=True, isolation_level=None, timeout=10.0)
        except sqlcipher3.OperationalError as error:  # no right to it, or the disk fails
            _unusable(error)
        try:
            vault.execute("pragma cipher_log_level=none")
            vault.execute(f"pragma key = \"x'{key}'\"")
            vault.execute("select count(*) from sqlite_master").fetchone()
            return vault
        except DAMAGED as error:
            vault.close()
            if "locked" in str(error):
                _unusable(error)
            half_written = ws.vault.with_name("vault.db-journal").exists() and fs.is_writable(ws.vault)
            if write or again or not half_written:
                _closed()
            _connect(ws, key, write=True).close()
    raise AssertionError("the second attempt ends above")


def _unusable(error: Exception) -> NoReturn:
    stop(
        "vault_unusable",
        f"The vault could not be used: {error}. What was not finished does not count.",
        "Close other programs that hold it, give access to it, make room on the disk; then give the same command again.",
        file="private/vault.db",
    )


def _closed() -> NoReturn:
    stop(
        "vault_closed",
        "The vault can't be opened with private/key: the key is another one, or the file is damaged.",
        "Restore vault.db and key from the same copy.",
        file="private/vault.db",
    )


def made(vault: Any) -> bool:
    """Whether the tables are there: the first command died between making the file and making them."""
    return bool(vault.execute("select 1 from sqlite_master where name = 'batch'").fetchone())


def is_whole(vault: Any) -> bool:
    """Whether every page is as it was written (each carries its own keyed digest)."""
    return not vault.execute("pragma cipher_integrity_check").fetchall()


def batches(vault: Any) -> list[tuple[str, str, str]]:
    """Every batch as (token, trial, state)."""
    return list(vault.execute("select token, trial, state from batch"))


def holders(vault: Any) -> set[str]:
    """The tokens of batches that hold people."""
    return {token for (token,) in vault.execute("select distinct token from person")}


_LATEST = "create table if not exists latest (one integer primary key check (one = 1), token text not null)"


def latest(vault: Any) -> str | None:
    """The token of the last change that was settled, whether it wrote people or not; None where none was told yet."""
    if not vault.execute("select 1 from sqlite_master where name = 'latest'").fetchone():
        return None
    row = vault.execute("select token from latest").fetchone()
    return None if row is None else str(row[0])


def remember(vault: Any, token: str) -> None:
    """Tell the vault of a change that the registry has committed: an older registry beside it is then known as one."""
    vault.execute("begin immediate")
    vault.execute(_LATEST)
    vault.execute("insert or replace into latest (one, token) values (1, ?)", (token,))
    vault.execute("commit")


def put(vault: Any, token: str, trial: str, people: Iterable[Person]) -> None:
    """Write a batch as `pending`, all or nothing."""
    vault.execute("begin immediate")
    vault.execute("insert into batch (token, trial, state) values (?, ?, 'pending')", (token, trial))
    vault.executemany(
        "insert into person (token, unit, id, cluster, contact) values (?, ?, ?, ?, ?)",
        ((token, *person) for person in people),
    )
    vault.execute("commit")


def mark_done(vault: Any, tokens: Sequence[str]) -> None:
    vault.executemany(
        "update batch set state = 'done' where token = ? and state = 'pending'", [(t,) for t in tokens]
    )


def drop(vault: Any, tokens: Sequence[str], *, vacuum: bool = False) -> None:
    """Delete batches with their people; with `vacuum`, free pages go too."""
    vault.execute("begin immediate")
    for token in tokens:
        vault.execute("delete from person where token = ?", (token,))
        vault.execute("delete from batch where token = ?", (token,))
    vault.execute("commit")
    if vacuum:
        vault.execute("vacuum")


def people(vault: Any, token: str) -> Iterator[Person]:
    """The people of a batch, in order of unit."""
    yield from vault.execute(
        "select unit, id, cluster, contact from person where token = ? order by unit", (token,)
    )


class Digest:
    """HMAC-SHA256 over a batch in order of unit: shows a changed vault without publishing a hash of names."""

    def __init__(self, key: bytes):
        self._mac = hmac.new(key, b"rct.vault.digest.1\n", hashlib.sha256)

    def over(self, people: Iterable[Person]) -> Iterator[Person]:
        """The same people, each counted in once it is asked for."""
        rest = iter(people)
        while batch := list(itertools.islice(rest, 4_096)):
            self._mac.update("".join(_lines(batch)).encode())
            yield from batch

    def hex(self) -> str:
        return self._mac.hexdigest()


def keyed_digest(key: bytes, people: Iterable[Person]) -> str:
    """The `Digest` of a batch."""
    digest = Digest(key)
    for _ in digest.over(people):
        pass
    return digest.hex()


def _lines(people: Sequence[Person]) -> Iterable[str]:
    """Each person as JSON, ASCII, without spaces, and a line end."""
    try:
        texts = [list(map(encode_basestring_ascii, column)) for column in zip(*people, strict=True)]
    except TypeError:  # a damaged row may hold something else than text
        return [json.dumps(list(p), ensure_ascii=True, separators=(",", ":")) + "\n" for p in people]
    return map("[{},{},{},{}]\n".format, *texts)

"""What a workspace holds, read without rct: what counts, and what must never be there.

`held` is the state as the protocol defines it: rows of rct.db, people whose token the registry knows, and files
under their final name, or under a temporary one whose token the registry knows. Keys, seeds, tokens and times differ
from run to run by right; `masked` takes them out, so that two runs can be compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3
from support import CANARY

from rct.registry.keys import vault_key

TEMPORARY = re.compile(r"(?P<name>.+)\.tmp-(?P<token>[0-9a-f]{32})")
JOURNALS = ("-journal", "-wal", "-shm")
NOT_STATE = ("private/writer.json",)
DATABASES = ("rct.db", "private/vault.db", "library/library.db")  # their rows count
TEXTS = (".json", ".md", ".csv", ".toml", ".html", ".txt", ".po")
_CHANCE = (
    (re.compile(r'"ledger":\d+'), '"ledger":N'),  # numbers of the ledger are never used twice: gaps are right
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\+00:00| UTC)?"), "TIME"),
    (re.compile(r"\b(?:[0-9a-f]{4}[ \u00a0]){3,}[0-9a-f]{4}\b"), "HEX"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b"), "HEX"),
)
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Held:
    """The tables of the registry, the people and wishes that count, and what is in the files that count."""

    tables: Tables
    vault: Tables
    files: dict[str, str]  # path → digest of its bytes
    texts: dict[str, str]  # path → text, of text files

    def differences(self, other: Held) -> str:
        """What differs, in a few words, for whoever reads of a violation."""
        said = []
        for kind, ours, theirs in (
            ("table", self.tables, other.tables), ("vault", self.vault, other.vault),
            ("file", self.files, other.files), ("text", self.texts, other.texts),
        ):  # fmt: skip
            for key in sorted(set(ours) | set(theirs)):
                if ours.get(key) != theirs.get(key):
                    said.append(f"{kind} {key}")
        return ", ".join(said[:6])


def masked(held: Held) -> Held:
    """The same without what differs by chance."""

    def mask(value: Any) -> Any:
        if isinstance(value, str):
            for pattern, word in _CHANCE:
                value = pattern.sub(word, value)
        return value

    def rows(tables: Tables) -> Tables:
        return {t: sorted((tuple(map(mask, row)) for row in r), key=repr) for t, r in tables.items()}

    return Held(
        rows(held.tables),
        rows(held.vault),
        dict.fromkeys(held.files, ""),
        {path: mask(text) for path, text in held.texts.items()},
    )


def held(city: Path) -> Held | None:
    """What the workspace holds; None when there is none (yet)."""
    if not (city / "rct.toml").is_file():
        return None
    with tempfile.TemporaryDirectory() as copies:
        scratch = Path(copies)
        for path in (city / "rct.db", city / "private" / "vault.db"):
            for each in (path, *(path.with_name(path.name + end) for end in JOURNALS)):
                if each.exists():
                    shutil.copy(each, scratch / each.name)
        registry = _registry(scratch / "rct.db")
        registry |= _library(city / "library", scratch)
        tokens = {row[0]: row[4] for row in registry["batch"]}
        going = tuple(row[0] for row in registry["removal"])
        vault = _vault(scratch / "vault.db", city / "private" / "key", tokens)
    files, texts = {}, {}
    added = {f"library/{file}" for _, file in registry.get("entry", ())}
    for name, path in sorted(_counting(city, set(tokens), added).items()):
        if name in NOT_STATE or name.endswith(JOURNALS) or name in DATABASES:
            continue
        if any(name == gone or name.startswith(f"{gone}/") for gone in going):
            continue
        data = path.read_bytes()
        files[name] = hashlib.sha256(data).hexdigest()
        if path.name.partition(".tmp-")[0].endswith(TEXTS):
            texts[name] = data.decode("utf-8", "replace")
    registry["removal"] = []
    return Held(registry, vault, files, texts)


def _counting(city: Path, tokens: set[str], added: set[str]) -> dict[str, Path]:
    """Name → where its bytes lie now: a temporary file of a known token stands for its final name.

    So does one of the library's where its index knows the name; and a folder under a temporary name holds nothing yet.
    """
    found, waiting = {}, {}
    for path in city.rglob("*"):
        if not path.is_file():
            continue
        match = TEMPORARY.fullmatch(path.name)
        if match is None:
            inner = path.relative_to(city)
            if not any(TEMPORARY.fullmatch(part) for part in inner.parts[:-1]):
                found[inner.as_posix()] = path
            continue
        final = path.with_name(match["name"]).relative_to(city).as_posix()
        if match["token"] in tokens or final in added:
            waiting[final] = path
    return found | waiting


def _registry(path: Path) -> Tables:
    with closing(sqlite3.connect(path)) as db:
        names = [n for (n,) in db.execute("select name from sqlite_master where type = 'table'")]
        return {
            n: db.execute(f'select * from "{n}"').fetchall()
            for n in names
            if not n.startswith(("sqlite_", "_sqlite_utils"))
        }


def _library(folder: Path, scratch: Path) -> Tables:
    """What the library's index knows; none is as one without an entry."""
    index = scratch / "library.db"
    for each in (index, *(index.with_name(index.name + end) for end in JOURNALS)):
        if (folder / each.name).exists():
            shutil.copy(folder / each.name, each)
    if not index.exists():
        return {}
    with closing(sqlite3.connect(index)) as db:
        if not db.execute("select 1 from sqlite_master where name = 'entry'").fetchall():
            return {}
        rows = db.execute("select digest, file from entry").fetchall()
    return {"entry": rows} if rows else {}


def _vault(path: Path, key: Path, tokens: dict[str, int]) -> Tables:
    """The people and wishes of committed changes, without tokens and numbers."""
    with closing(_opened(path, key)) as db:
        names = {n for (n,) in db.execute("select name from sqlite_master where type = 'table'")}
        found: Tables = {}
        for table, columns in (
            ("person", "token, unit, id, cluster, contact"),
            ("optout", "token, kind, hash"),
        ):
            rows = db.execute(f"select {columns} from {table}").fetchall() if table in names else []
            # a wish outlives its trial: its token is then empty
            found[table] = sorted(
                tuple(r[1:])
                for r in rows
                if r[0] == "" or (r[0] in tokens and (table == "optout" or not tokens[r[0]]))
            )
        return found


def _opened(path: Path, key: Path) -> Any:
    db = sqlcipher3.connect(str(path))
    db.execute(f"pragma key = \"x'{vault_key(key.read_bytes()).hex()}'\"")
    return db


# --- what must never be there


def tree(city: Path) -> dict[str, tuple[int, str]]:
    """Every file and folder with its mode and the digest of its bytes."""
    found = {}
    for path in sorted([city, *city.rglob("*")]) if city.exists() else []:
        data = path.read_bytes() if path.is_file() else b""
        found[path.relative_to(city).as_posix()] = (
            path.lstat().st_mode & 0o7777,
            hashlib.sha256(data).hexdigest(),
        )
    return found


def loose(city: Path) -> list[str]:
    """What others could write to; and what of the office's own they could read."""
    said = []
    for name, (mode, _) in tree(city).items():
        private = name.partition("/")[0] == "private" or name.startswith("rct.db")
        if mode & (0o077 if private else 0o022):
            said.append(f"{name} is {mode:04o}")
    return said


def leaks(city: Path, temporary: Path, said: str) -> list[str]:
    """Where a name, address or id of the list stands outside private/: files, temporary folders, what was printed."""
    needles = [word.encode(code) for word in (CANARY, CANARY.upper()) for code in ("utf-8", "utf-16-le")]
    found = [] if CANARY.casefold() not in said.casefold() else ["what was printed"]
    for folder in (city, temporary):
        for path in folder.rglob("*"):
            if not path.is_file() or path.is_relative_to(city / "private"):
                continue
            data = path.read_bytes()
            if any(needle in data for needle in needles):
                found.append(path.name)
    return found


def leftovers(city: Path, temporary: Path) -> list[str]:
    """What a command that ended well leaves nowhere: temporary files, journals, notes, pending people or removals."""
    found = [
        name
        for name in tree(city)
        if ".tmp-" in name or name.endswith(JOURNALS) or name in NOT_STATE or "-mj" in name
    ]
    # Python tries a temporary folder by writing this word to it; that is not ours to remove
    found += [f"temporary {path.name}" for path in temporary.iterdir() if not _probe(path)]
    with closing(sqlite3.connect(f"{(city / 'rct.db').as_uri()}?mode=ro", uri=True)) as db:
        found += [f"to remove: {path}" for (path,) in db.execute("select path from removal")]
        tokens = {token for (token,) in db.execute("select token from batch where superseded = 0")}
    with closing(_opened(city / "private" / "vault.db", city / "private" / "key")) as vault:
        for token, state in vault.execute("select token, state from batch"):
            if state != "done" or token not in tokens:
                found.append(f"vault batch {state}")
    return found


def unknown_batches(city: Path) -> bool:
    """Whether the vault holds people of a change that is done and that the registry knows nothing of."""
    with closing(sqlite3.connect(f"{(city / 'rct.db').as_uri()}?mode=ro", uri=True)) as db:
        known = {token for (token,) in db.execute("select token from batch")}
    with closing(_opened(city / "private" / "vault.db", city / "private" / "key")) as vault:
        return any(t not in known for (t,) in vault.execute("select token from batch where state = 'done'"))


def _probe(path: Path) -> bool:
    return path.is_file() and path.read_bytes() in (b"", b"blat")


def unlike_recorded(city: Path) -> list[str]:
    """Files whose bytes are not those that the last committed change recorded of them."""
    with closing(sqlite3.connect(f"{(city / 'rct.db').as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute("select files from batch order by rowid").fetchall()
    last = {path: digest for (files,) in rows for path, digest in json.loads(files)}
    wrong = []
    for path, digest in last.items():
        file = city / path
        if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            wrong.append(path)
    return wrong


def copied(source: Path, target: Path) -> Path:
    """A copy with modes; times don't matter."""
    shutil.copytree(source, target, symlinks=True)
    target.chmod(0o755)
    return target

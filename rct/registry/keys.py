"""The workspace's key, and each trial's seed until its draw.

private/key is 32 random bytes: pseudonyms are keyed with it and the vault is encrypted with a key derived from
it. Deleting it forgets every trial's people at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
from pathlib import Path

from rct.errors import stop
from rct.registry.workspace import Workspace

KEY_BYTES = 32


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def new_seed() -> str:
    """64 hex digits from the operating system."""
    return secrets.token_hex(32)


def read_key(ws: Workspace) -> bytes:
    """The key, or an `RctError` that says what a lost one means."""
    try:
        mode = ws.key_file.lstat().st_mode
        key = ws.key_file.read_bytes()
    except FileNotFoundError:
        stop(
            "no_key",
            "private/key is missing: without it no id can be matched and the vault can't be opened.",
            "Put the copy of the key back that you keep elsewhere.",
            file="private/key",
        )
    if len(key) != KEY_BYTES or not stat.S_ISREG(mode):
        stop(
            "bad_key",
            "private/key must be a file of 32 bytes.",
            "Restore it from a copy.",
            file="private/key",
        )
    return key


def vault_key(key: bytes) -> bytes:
    """The vault's own 32 bytes, derived from the workspace's key."""
    return hmac.new(key, b"rct.vault.1", hashlib.sha256).digest()


def seed_file(ws: Workspace, name: str) -> Path:
    return ws.private_trial(name) / "seed"


def read_seed(ws: Workspace, name: str, where: Path | None = None) -> str:
    """The trial's seed; `where` it lies now, if a command died before it put it in its place."""
    path = seed_file(ws, name)
    try:
        return (where or path).read_text("ascii").strip()
    except FileNotFoundError:
        stop(
            "no_seed",
            "The seed made at the lock is missing, so the committed draw can't be made.",
            "Restore private/ from a copy; if there is none, start another trial.",
            file=ws.shown(path),
        )

"""Whose bundle is it: the city's Ed25519 key, and the keys of others that were trusted by name.

The private half lies in private/signing.pem (0600, PKCS 8, readable by openssl). Which keys are ours and whom we
trust is read off the workspace's own log (events `key`, `trust`, `distrust`), so that nobody is trusted unseen.
A fingerprint is the sha256 of the public key's 32 bytes; its first 32 digits are what people compare.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rct.errors import stop
from rct.registry import state
from rct.registry.events import DistrustBody, KeyBody, TrustBody
from rct.registry.workspace import Workspace

ALGORITHM = "ed25519"
HEX_KEY = re.compile(r"[0-9a-f]{64}")
HEX_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def key_file(ws: Workspace) -> Path:
    return ws.private / "signing.pem"


def fingerprint(public: str) -> str:
    """The fingerprint of a public key (64 hex digits), for eyes: 32 hex digits in groups of four."""
    digits = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    return " ".join(digits[i : i + 4] for i in range(0, 32, 4))


def same_fingerprint(public: str, given: str) -> bool:
    """Whether a fingerprint as a person typed it (spaces, colons, case) is this key's: 32 digits or all 64."""
    digits = re.sub(r"[\s:]", "", given.lower().removeprefix("sha256:"))
    whole = hashlib.sha256(bytes.fromhex(public)).hexdigest()
    return len(digits) in (32, 64) and whole.startswith(digits)


def read_key(ws: Workspace, path: Path) -> Ed25519PrivateKey:
    """The city's private key; refused where the file holds none."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        stop(
            "signing_key",
            "private/signing.pem is no Ed25519 key.",
            "Restore it from a copy. If there is none: rct key --new",
            file=ws.shown(path),
        )
    return key


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half: 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


# --- signatures


def sign(key: Ed25519PrivateKey, data: bytes) -> bytes:
    """signature.json for these bytes."""
    return _document({"alg": ALGORITHM, "key": public_of(key), "signature": key.sign(data).hex()})


def _document(said: dict[str, Any]) -> bytes:
    return (json.dumps({"rct_signature": 1, **said}, indent=1, sort_keys=True) + "\n").encode()


def signer(document: bytes, data: bytes) -> str | None:
    """The public key that signed these bytes; None where the document is no signature of them.

    The document's own bytes must be those that `sign` writes: nothing in it can be changed unseen.
    """
    try:
        said = json.loads(document)
        key, signature = said["key"], said["signature"]
        if not HEX_KEY.fullmatch(key) or not HEX_SIGNATURE.fullmatch(signature):
            return None
        if _document({"alg": ALGORITHM, "key": key, "signature": signature}) != document:
            return None
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), data)
    except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature):
        return None
    return str(key)


# --- trust


def own_keys(ws: Workspace) -> list[str]:
    """Every public key of this city, the one in use last."""
    return [e.body.public for e in workspace_log(ws).all(KeyBody)]


def trusted(ws: Workspace) -> dict[str, str]:
    """Public key -> the name it is trusted under; our own keys under the city's name."""
    names = dict.fromkeys(own_keys(ws), ws.settings.city or "this workspace")
    for event in workspace_log(ws).events:
        if isinstance(event.body, TrustBody):
            names[event.body.public] = event.body.name
        elif isinstance(event.body, DistrustBody):
            names.pop(event.body.public, None)
    return names


def workspace_log(ws: Workspace) -> state.State:
    """The workspace's own log: which keys are ours, and whom we trust."""
    with state.reading(ws) as db:
        return state.read_state(db, "")

"""Whose bundle is it: the city's Ed25519 key, and the keys of others that were trusted by name.

The private half lies in private/signing.pem (0600, PKCS 8, readable by openssl). Which keys are ours and whom we
trust is read off the workspace's own log (events `key`, `trust`, `distrust`), so that nobody is trusted unseen.
A fingerprint is the sha256 of the public key's 32 bytes; its first 32 digits are what people compare.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rct.errors import stop
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import DistrustBody, KeyBody, TrustBody
from rct.registry.workspace import Workspace

ALGORITHM = "ed25519"
HEX_KEY = re.compile(r"[0-9a-f]{64}")
HEX_SIGNATURE = re.compile(r"[0-9a-f]{128}")
LONGEST_NAME = 100


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


def city_key(ws: Workspace, person: str, *, fresh: bool = False) -> Ed25519PrivateKey:
    """The city's key, made and logged where there is none yet; `fresh` makes another in its place.

    Raises RctError `signing_key` where the log knows of a key and its file is gone or can't be read.
    """
    tidy(ws)  # a command that died between its commit and the last renaming: the key lies under another name
    path = key_file(ws)
    if path.exists() and not fresh:
        return _read(ws, path)
    with changing(ws, "", person) as change:
        if fresh or all(event.kind != "key" for event in chain.read(change.db, "")):
            key = Ed25519PrivateKey.generate()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            change.write(path, pem, private=True)
            change.event(KeyBody(alg=ALGORITHM, public=public_of(key)))
            return key
    if not path.exists():  # else another command made it while this one waited
        stop(
            "signing_key",
            "The city's signing key is missing.",
            "Restore private/signing.pem from a copy. If there is none: rct key --new",
            file=ws.shown(path),
        )
    return _read(ws, path)


def _read(ws: Workspace, path: Path) -> Ed25519PrivateKey:
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
    return [e.body.public for e in _log(ws).all(KeyBody)]


def trusted(ws: Workspace) -> dict[str, str]:
    """Public key -> the name it is trusted under; our own keys under the city's name."""
    names = dict.fromkeys(own_keys(ws), ws.settings.city or "this workspace")
    for event in _log(ws).events:
        if isinstance(event.body, TrustBody):
            names[event.body.public] = event.body.name
        elif isinstance(event.body, DistrustBody):
            names.pop(event.body.public, None)
    return names


def _log(ws: Workspace) -> state.State:
    with state.reading(ws) as db:
        return state.read_state(db, "")


def trust(ws: Workspace, person: str, public: str, name: str) -> bool:
    """Trust a key under a name; False when it is so already. One name is one key."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        stop("bad_trust_name", "The name is 1 to 100 printable characters.", field="--as", found=name)
    tidy(ws)
    seen, known = len(_log(ws).events), trusted(ws)
    if known.get(public) == name:
        return False
    taken = next((key for key, other in known.items() if other.casefold() == name.casefold()), None)
    if taken is not None and taken != public:
        stop(
            "trust_name_taken",
            f"Another key is trusted under this name (fingerprint {fingerprint(taken)}).",
            "If they have a new key, ask them for its fingerprint by phone, then: rct trust --forget NAME",
            field="--as",
            found=name,
        )
    with changing(ws, "", person, seen=seen) as change:
        change.event(TrustBody(public=public, name=name))
    return True


def distrust(ws: Workspace, person: str, name: str) -> bool:
    """No longer trust the key of this name; False where nobody of this name ever was trusted."""
    tidy(ws)
    seen, own = len(_log(ws).events), own_keys(ws)
    public = next(
        (k for k, n in trusted(ws).items() if n.casefold() == name.casefold() and k not in own), None
    )
    if public is None:
        return any(e.body.name.casefold() == name.casefold() for e in _log(ws).all(DistrustBody))
    with changing(ws, "", person, seen=seen) as change:
        change.event(DistrustBody(public=public, name=name))
    return True

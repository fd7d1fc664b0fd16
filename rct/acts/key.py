"""`rct key`: the city's key, made and logged where there is none, or in another's place."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rct.errors import stop
from rct.evidence.bundle.signing import ALGORITHM, key_file, public_of, read_key
from rct.registry import chain
from rct.registry.change import changing, tidy
from rct.registry.events import KeyBody
from rct.registry.workspace import Workspace


def city_key(ws: Workspace, person: str, *, fresh: bool = False) -> Ed25519PrivateKey:
    """The city's key, made and logged where there is none yet; `fresh` makes another in its place.

    Raises RctError `signing_key` where the log knows of a key and its file is gone or can't be read.
    """
    tidy(ws)  # a command that died between its commit and the last renaming: the key lies under another name
    path = key_file(ws)
    if path.exists() and not fresh:
        return read_key(ws, path)
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
    return read_key(ws, path)

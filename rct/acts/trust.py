"""`rct trust`: whose bundles this city believes, by name."""

from __future__ import annotations

import unicodedata

from rct.errors import stop
from rct.evidence.bundle.signing import fingerprint, own_keys, trusted, workspace_log
from rct.registry.change import changing, tidy
from rct.registry.events import DistrustBody, TrustBody
from rct.registry.workspace import Workspace

LONGEST_NAME = 100


def trust(ws: Workspace, person: str, public: str, name: str) -> bool:
    """Trust a key under a name; False when it is so already. One name is one key."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        stop("bad_trust_name", "The name is 1 to 100 printable characters.", field="--as", found=name)
    tidy(ws)
    seen, known = len(workspace_log(ws).events), trusted(ws)
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
    seen, own = len(workspace_log(ws).events), own_keys(ws)
    public = next(
        (k for k, n in trusted(ws).items() if n.casefold() == name.casefold() and k not in own), None
    )
    if public is None:
        return any(e.body.name.casefold() == name.casefold() for e in workspace_log(ws).all(DistrustBody))
    with changing(ws, "", person, seen=seen) as change:
        change.event(DistrustBody(public=public, name=name))
    return True

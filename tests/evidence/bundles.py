"""A trial that was shared, made once and copied; and ways to spoil its bundle as someone else would."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from chances import alike
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support import Road, road_at

from rct.evidence.bundle.container import pack, unpack
from rct.evidence.bundle.opening import OpenedBundle, read_bundle
from rct.evidence.bundle.signing import sign, trusted
from rct.registry.workspace import find

STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def shared_road(root: Path) -> Road:
    """A copy in `root` of the canary trial, reported, its proofs made, and shared."""
    shutil.copytree(_made(), root, dirs_exist_ok=True)
    return Road(root, init=False)


@cache
@alike
def _made() -> Path:
    root = Path(tempfile.mkdtemp(prefix="rct-shared-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    road = road_at("reported", root)
    road.ok("proof", road.name)
    road.ok("share", road.name)
    return root


def walk(road: Road, people: str, paid: str) -> Road:
    """From a definition to a bundle: lock, list, draw, outcomes, analysis, memo, share."""
    road.file("people.csv", people)
    road.file("paid.csv", paid)
    for command in (
        ("lock", road.name),
        ("frame", road.name, road.root / "people.csv"),
        ("draw", road.name),
        ("outcomes", road.name, road.root / "paid.csv"),
        ("analyze", road.name),
        ("report", road.name),
        ("share", road.name),
    ):
        road.ok(*command)
    return road


def payments(paid: Iterable[bool]) -> str:
    return "account,paid\n" + "".join(f"{i:05d},{int(p)}\n" for i, p in enumerate(paid))


def bundle_of(road: Road) -> Path:
    return road.out / "bundle.zip"


def members_of(path: Path) -> dict[str, bytes]:
    return unpack(path.read_bytes(), path.name).members


def read(road: Road, path: Path) -> OpenedBundle:
    return read_bundle(path, trusted(find(road.folder)))


def forge(
    path: Path,
    to: Path,
    change: Callable[[dict[str, bytes]], Any],
    *,
    key: Ed25519PrivateKey | None = STRANGER,
) -> Path:
    """The bundle with its members changed, its list made to fit, and signed by a stranger (None: not signed)."""
    members = members_of(path)
    change(members)
    listing = json.loads(members["datapackage.json"])
    for resource in listing["resources"]:
        data = members.get(resource["path"])
        if data is not None:
            resource |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    members["datapackage.json"] = (json.dumps(listing, indent=1, ensure_ascii=False) + "\n").encode()
    del members["signature.json"]
    if key is not None:
        members["signature.json"] = sign(key, members["datapackage.json"])
    to.write_bytes(pack(members))
    return to


def edit(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, bytes]], None]:
    """A change of one JSON member."""

    def run(members: dict[str, bytes]) -> None:
        said = json.loads(members[name])
        change(said)
        members[name] = (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()

    return run


def replace(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def run(members: dict[str, bytes]) -> None:
        assert old in members[name], (name, old)
        members[name] = members[name].replace(old, new, 1)

    return run

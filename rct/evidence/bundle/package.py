"""datapackage.json: the list of everything in a bundle, a Data Package (version 2) that other tools read too.

https://datapackage.org/standard/data-package/ names the keys; what is rct's own begins with `rct_`. Every member but
this one and the signature stands in it with its size and sha256, so that a signature of this file is one of all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rct import __version__
from rct.errors import stop
from rct.evidence.bundle import strict
from rct.evidence.bundle.container import NAME
from rct.evidence.bundle.tables_file import CELL_COLUMNS
from rct.evidence.record import Evidence
from rct.registry.results import COLUMNS

VERSION = 1
_TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number"}
FILE, SIGNATURE = "datapackage.json", "signature.json"
SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA = {
    "json": "application/json",
    "csv": "text/csv",
    "toml": "application/toml",
    "md": "text/markdown",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Member:
    """A file of the bundle: what it is in a few words, and where it came from (a template's path, an arm)."""

    data: bytes
    title: str
    about: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Package:
    """What a reader needs of a datapackage.json."""

    trial: str
    threshold: int
    head: str
    resources: tuple[Mapping[str, Any], ...]

    def of(self, kind: str) -> list[tuple[str, str]]:
        """(member, what it is of) of every member that says so: kind is `rct_arm`, `rct_template`."""
        return [(str(r["path"]), str(r[kind])) for r in self.resources if kind in r]


def package_json(
    evidence: Evidence,
    members: Mapping[str, Member],
    *,
    created: str,
    head: str,
    plan_hash: str,
    threshold: int,
) -> bytes:
    """The bytes of datapackage.json."""
    said = {
        "$schema": SCHEMA,
        "name": evidence.name,
        "title": evidence.title,
        "description": f"A trial of {evidence.city or 'a city'}: plan, log, results and letters, without "
        "anything of a person. readme.md says what each file is.",
        "version": "1.0.0",
        "created": created,
        "keywords": list(evidence.keywords) or ["randomized trial"],
        "contributors": [{"title": evidence.city or "A city", "roles": ["publisher"]}],
        "rct_bundle": VERSION,
        "rct_version": __version__,
        "rct_trial": evidence.name,
        "rct_head": head,
        "rct_plan_hash": plan_hash,
        "rct_threshold": threshold,
        "resources": [_resource(name, members[name]) for name in sorted(members)],
    }
    return (json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _resource(name: str, member: Member) -> dict[str, Any]:
    stem, ending = name.split(".")
    said: dict[str, Any] = {
        "name": f"{stem}-{ending}" if ending in ("html", "pdf") else stem,
        "title": member.title,
        "path": name,
        "format": ending,
        "mediatype": MEDIA[ending],
        "bytes": len(member.data),
        "hash": f"sha256:{hashlib.sha256(member.data).hexdigest()}",
        **(member.about or {}),
    }
    if ending == "csv":
        said |= {"type": "table", "encoding": "utf-8", "schema": _schema(name)}
    return said


def _schema(name: str) -> dict[str, Any]:
    types = {c.name: c.type for c in COLUMNS} if name == "results.csv" else CELL_COLUMNS
    fields = [{"name": column, "type": _TYPES[kind]} for column, kind in types.items()]
    return {"fields": fields, "missingValues": [""]}


def read_package(members: Mapping[str, bytes], file: str) -> Package:
    """The list in a bundle. Raises RctError: no list, a later version, or a list that is not of these members."""
    if FILE not in members:
        stop("not_a_bundle", "This is no bundle: it has no datapackage.json.", file=file)
    said = strict.loads(members[FILE], FILE)
    if not isinstance(said, dict) or type(said.get("rct_bundle")) is not int:
        stop("not_a_bundle", "This is no bundle: datapackage.json is none of rct's.", file=file)
    if said["rct_bundle"] > VERSION:
        stop(
            "future_version",
            f"This bundle was written by a later rct (rct_bundle {said['rct_bundle']}); this one reads {VERSION}.",
            "Install a newer rct.",
            file=file,
            field="rct_bundle",
            found=str(said["rct_bundle"]),
        )
    try:
        resources = tuple(dict(r) for r in said["resources"])
        listed = {(str(r["path"]), int(r["bytes"]), str(r["hash"])) for r in resources}
        kept = said["rct_trial"], said["rct_threshold"], said["rct_head"]
        if tuple(map(type, kept)) != (str, int, str) or said["rct_bundle"] != VERSION:
            raise TypeError
    except (KeyError, TypeError, ValueError):
        stop("not_a_bundle", "This is no bundle: datapackage.json lacks what a bundle has.", file=file)
    if len(listed) != len(resources) or not all(NAME.fullmatch(path) for path, _, _ in listed):
        stop(
            "not_a_bundle",
            "This is no bundle: datapackage.json lists a member twice or by no name.",
            file=file,
        )
    return Package(*kept, resources)


def unlike(package: Package, members: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """(member, what) of every member that is not the one that was listed."""
    wrong = []
    listed = {str(r["path"]): r for r in package.resources}
    for name in sorted((set(members) | set(listed)) - {FILE, SIGNATURE}):
        if name not in members:
            wrong.append((name, "it is missing"))
        elif name not in listed:
            wrong.append((name, "it is not in the list of members"))
        elif len(members[name]) != listed[name]["bytes"]:
            wrong.append((name, f"it has {len(members[name]):,} bytes, listed are {listed[name]['bytes']:,}"))
        elif f"sha256:{hashlib.sha256(members[name]).hexdigest()}" != listed[name]["hash"]:
            wrong.append((name, "its bytes are not those that were listed (sha256)"))
    return wrong

"""Files that hold evidence: bundles and papers, read once and never extracted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rct.errors import stop, visible
from rct.evidence.gathering import from_bundle
from rct.evidence.library.paper import from_paper
from rct.evidence.record import Evidence

KINDS = (".zip", ".toml")
LARGEST = 64 << 20


@dataclass(frozen=True)
class ReadEvidence:
    """A file, the evidence in it, and the bytes that the evidence was read from."""

    path: Path
    evidence: Evidence
    data: bytes
    digest: str

    @property
    def kept_as(self) -> str:
        """The file's name in the library."""
        return f"{self.evidence.name}-{self.digest[:12]}{self.path.suffix.lower()}"


def read_file(
    path: Path, named: str | None = None, *, trusted: Mapping[str, str] | None = None
) -> ReadEvidence:
    """A bundle or a paper. RctError where it is neither, or can't be read as what it is, or a key signed it that is
    not among `trusted` (public key -> name). `named`: see `from_paper`."""
    shown = visible(path.name)
    if not path.is_file():
        stop("no_evidence_file", "There is no such file.", "Check the path.", file=shown, found=str(path))
    if path.suffix.lower() not in KINDS:
        stop(
            "no_evidence_file",
            "This is neither a bundle (.zip) nor a paper (.toml).",
            "Make a bundle with rct share; docs/papers.md tells how a paper is entered.",
            file=shown,
        )
    if path.stat().st_size > LARGEST:
        stop("no_evidence_file", "The file is larger than 64 MiB.", "Is this the right file?", file=shown)
    data = path.read_bytes()
    evidence = from_paper(path, named) if path.suffix.lower() == ".toml" else from_bundle(path, trusted or {})
    digest = hashlib.sha256(data).hexdigest()
    if evidence.digest != digest:
        stop("no_evidence_file", "The file changed while it was read.", "Give the command again.", file=shown)
    return ReadEvidence(path, evidence, data, digest)


def within_folder(path: Path) -> Iterator[Path]:
    """The file itself, or every bundle and paper in a folder, by name."""
    if not path.is_dir():
        yield path
        return
    paths = sorted(p for p in path.iterdir() if p.suffix.lower() in KINDS)
    if not paths:
        stop(
            "no_evidence_file", "The folder holds no bundle and no paper.", "Check the path.", file=path.name
        )
    yield from paths


def digest_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

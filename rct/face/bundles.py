"""A bundle from elsewhere, checked before anything of it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rct.evidence.bundle import signing
from rct.evidence.bundle.opening import read_bundle as read
from rct.evidence.bundle.opening import require_sound
from rct.evidence.record import Evidence
from rct.face import shown, tables
from rct.face.city import City
from rct.face.refusing import refusing
from rct.registry.results import Result


@dataclass(frozen=True, repr=False)
class Bundle:
    """Another city's evidence: published figures alone. signed_by: the name under which its key is trusted, or None."""

    file: str
    sha256: str
    signed_by: str | None
    fingerprint: str | None
    evidence: Evidence = field(repr=False)
    rows: tuple[Result, ...] = field(repr=False)

    @property
    def name(self) -> str:
        return self.evidence.name

    def results(self) -> pd.DataFrame:
        """The rows of its results.csv; a figure that was withheld is missing."""
        return tables.result_table(self.rows)

    def _parts(self) -> tuple[str, pd.DataFrame, list[str]]:
        who = self.signed_by or ("an unknown key" if self.fingerprint else "nobody")
        title = f"{self.evidence.title} ({self.evidence.city or 'no city named'}), signed by {who}"
        columns = ["outcome", "arm", "estimate", "conf_low", "conf_high", "n", "role"]
        main = self.results().query("term == 'arm' and subgroup.isna()")
        return title, main[columns], list(self.evidence.notes)

    def __repr__(self) -> str:
        return shown.text(*self._parts())

    def _repr_html_(self) -> str:
        return shown.html(*self._parts())


@refusing
def read_bundle(
    path: str | Path,
    *,
    city: City | None = None,
    fingerprint: str | None = None,
    unsigned: bool = False,
) -> Bundle:
    """A bundle that holds in every part, as `rct verify BUNDLE` checks it.

    city         whose trusted keys count; fingerprint: take this key for now, as its city told it by another way;
    unsigned     take one that nobody signed

    RctError with everything that does not hold, or where it is signed by a stranger.
    """
    trusted = {} if city is None else signing.trusted(city.workspace)
    bundle = read(Path(path), trusted)
    evidence = require_sound(bundle, unsigned=unsigned, fingerprint=fingerprint)
    return Bundle(
        file=bundle.file,
        sha256=bundle.digest,
        signed_by=bundle.signed_by,
        fingerprint=None if bundle.key is None else signing.fingerprint(bundle.key),
        evidence=evidence,
        rows=tuple(bundle.rows),
    )

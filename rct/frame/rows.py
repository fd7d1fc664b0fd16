"""What reading a frame gives: units in the file's order, column by column, and an account of every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rct.definition.listed import LoadedList, loaded_from
from rct.errors import Problem, stop
from rct.tables import Counts, Refusals
from rct.tables.packed import Floats, Rising, Same, Texts


@dataclass(frozen=True)
class FrameRows:
    """The kept units of a frame and what became of all rows. Columns and arrays run over the n kept units.

    `ids` are the city's own; they, `clusters` and `contact` belong in the vault only.
    """

    file: str
    sha256: str
    encoding: str | None
    delimiter: str | None
    ids: Texts
    number: Rising  # data row of each unit
    line: Rising
    clusters: Texts | None  # None where the design has none
    blocks: Texts | None  # the block columns joined by U+001F
    block_values: dict[str, Texts]
    covariates: dict[str, Floats]  # an imputed value is already in its place
    missing: dict[str, NDArray[np.bool_]]  # only columns in which something was imputed
    means: dict[str, float]  # what was imputed
    categories: dict[str, Texts]
    contact: dict[str, Texts]
    excluded_ids: dict[str, str]  # id → not_eligible or opted_out; never an id that was kept
    refused_ids: list[str]  # ids of refused rows, where they could be read and were not kept
    counts: Counts
    refusals: Refusals
    warnings: list[Problem]
    ignored: list[str]  # columns of the file that the definition doesn't name

    def facts(self) -> LoadedList:
        """What the list says of the draw to come: for power, and for what the planned test can bear."""
        blocks = self.blocks if self.blocks is not None else Same("", len(self.ids))
        levels = [len(set(values)) for values in self.categories.values()]
        return loaded_from(blocks, self.clusters, len(self.covariates) + len(self.missing), levels)

    def settle(self, *, refuse_bad_rows: bool) -> None:
        """Raise `RctError` if the frame can't be stored: defects not waved through, or no unit left."""
        if self.refusals and not refuse_bad_rows:
            raise self.refusals.error()
        if not self.ids:
            reasons = ", ".join(f"{n:,} {code}" for code, n in self.counts.reasons.items())
            stop(
                "no_units",
                f"No unit is left: of {self.counts.rows:,} rows all are excluded or refused ({reasons}).",
                "Check the eligibility rule and the opt-out column against the file.",
                file=self.file,
            )

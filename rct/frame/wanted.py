"""Which columns of a file a definition asks for, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rct.definition.links import Linked

if TYPE_CHECKING:
    from rct.definition import Definition


@dataclass(frozen=True)
class Wanted:
    """The columns of a frame, by what they are for. Names are those of the definition."""

    id: str
    covariates: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    clusters: str | None = None
    opt_out: str | None = None
    eligible: str | None = None
    impute: bool = False
    links: tuple[Linked, ...] = ()  # columns that letters have as whole addresses

    @classmethod
    def of(cls, definition: Definition, links: Sequence[Linked] = ()) -> Wanted:
        frame, design = definition.frame, definition.design
        return cls(
            id=frame.id,
            covariates=tuple(frame.covariates),
            categories=tuple(frame.categories),
            contact=tuple(frame.contact),
            blocks=tuple(design.blocks),
            clusters=design.clusters,
            opt_out=frame.opt_out,
            eligible=frame.eligible,
            impute=frame.missing_covariates == "impute",
            links=tuple(links),
        )

    def names(self) -> list[str]:
        """Every column but those that only the eligibility rule reads, each once."""
        single = [self.id, self.opt_out, self.clusters]
        several = [*self.blocks, *self.covariates, *self.categories, *self.contact]
        return list(dict.fromkeys([n for n in single if n] + several))

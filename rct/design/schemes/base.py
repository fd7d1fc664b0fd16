"""What a scheme is: every question that is asked of one, with the answer of a single stage of dealing.

Nothing here imports numpy before it is called: a list of trials asks schemes what they need, and must not wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from rct.design import probabilities
from rct.errors import stop
from rct.language import phrase, t

if TYPE_CHECKING:
    import numpy as np

    from rct.design.deal import Ints
    from rct.design.model import DeclaredDesign, Draw
    from rct.design.strata import BlockPooling, Foreseen, Strata

Labels = Sequence[str]


@dataclass(frozen=True)
class RecipeStep:
    """One paragraph of a recipe, or a formula that is set as it is."""

    text: str
    formula: bool = False


class Scheme:
    """A way to draw. What is not overridden is that of one stage of dealing: units, or whole clusters, are dealt to the
    arms within each block (docs/draw.md).

    Whatever it does, every arm of a block of n gets n w_i / W, rounded down or up: strata, `check --frame` and replays
    rest on that, and the estimators on probabilities that are alike in all blocks. Their standard errors take a block
    as completely randomized: where `permitted` names smaller sets, simulation has to show that they don't err.

    name      as in trial.toml, plan.json and the log
    pot       what is drawn from, in a few words: the meaning of `scheme` lists them
    summary   one plain line for staff, where `rct new` asks
    method    the sentence of plan, appendix and registries
    """

    name: ClassVar[str]
    needs_blocks: ClassVar[bool] = False
    needs_clusters: ClassVar[bool] = False
    pot: ClassVar[str]
    summary: ClassVar[str]
    method: ClassVar[str]

    @property
    def standard_errors(self) -> Literal["HC2", "CR2"]:
        """docs/methods.md, section 3: CR2 where clusters are drawn, else HC2."""
        return "CR2" if self.needs_clusters else "HC2"

    def conduct(
        self, design: DeclaredDesign, key: str, units: Labels, blocks: Labels | None, clusters: Labels | None
    ) -> Draw:
        """Refuse a frame that does not fit, then `deal`. Arguments as of `rct.design.schemes.conduct`."""
        self._refuse_unfit(units, blocks, clusters)
        return self.deal(
            design,
            key,
            units,
            blocks if self.needs_blocks else None,
            clusters if self.needs_clusters else None,
        )

    def deal(
        self, design: DeclaredDesign, key: str, units: Labels, blocks: Labels | None, clusters: Labels | None
    ) -> Draw:
        """The lots of a frame that fits; blocks and clusters are None where the scheme has none."""
        from rct.design.schemes.dealing import deal_clusters, deal_units

        if clusters is None:
            return deal_units(design, key, units, blocks)
        return deal_clusters(design, key, clusters, blocks)

    def probabilities(self, shares: Sequence[int]) -> tuple[Fraction, ...]:
        """Each unit's exact probability of each arm, in the order of `shares`, in every block."""
        return probabilities.exact(shares)

    def permitted(self, units: Labels, blocks: Labels | None, clusters: Labels | None) -> Labels | None:
        """(n,) labels of sets, each within one block, whose units (clusters, where these are drawn) could have swapped
        lots: given how many of each set every arm got, every arrangement was equally likely. None: one set of all.

        Randomization inference lists these arrangements where they are few and draws from them where they are many.
        """
        return blocks if self.needs_blocks else None

    @property
    def permitted_within(self) -> str:
        """What the sets of `permitted` are called, a `phrase` of plan and appendix; empty for one set of all."""
        return phrase("blocks") if self.needs_blocks else ""

    def recipe(self, arms: Mapping[str, int]) -> tuple[RecipeStep, ...]:
        """How an outsider deals with the key K, byte for byte: the end of the plan's account of the draw, in the language
        spoken. arms: their shares, in the plan's order."""
        values = {
            "dealt": t("clusters") if self.needs_clusters else t("units"),
            "shares": ", ".join(f"{arm}: {share}" for arm, share in arms.items()),
            "whole": sum(arms.values()),
        }
        return (
            RecipeStep(
                t(
                    "In a block of n {dealt} (without blocks, one block with an empty label) with the weights w of the arms "
                    "({shares}; W = {whole}), arm i gets ⌊n·w_i/W⌋ {dealt}, and one more where",
                    **values,
                )
            ),
            RecipeStep(
                t(
                    "⌊(F_i + u)/W⌋ > ⌊(F_(i−1) + u)/W⌋,   F_i = running sum of (n·w_j mod W) over the arms in order of"
                    "\nsha256( K|arm|BLOCK LABEL|ARM ),   u = ticket(block, label) as an integer, mod W"
                ),
                formula=True,
            ),
            RecipeStep(
                t(
                    "So each arm's probability is exactly w_i/W, and leftovers favor nobody. The {dealt} of the block, in "
                    "order of their tickets, are dealt to the arms in the order of the plan, by these counts.",
                    **values,
                )
            ),
        )

    def redraw(self, rng: np.random.Generator, home: Ints, blocks: int, shares: Sequence[int]) -> Ints:
        """(m,) codes of arms, as a draw could give them to m drawn things; without a key, for foreseeing a test.

        home  (m,) codes into `blocks` blocks
        """
        from rct.design.schemes.dealing import redraw

        return redraw(rng, home, blocks, shares)

    def strata(self, labels: Labels, counts: Ints, shares: Sequence[int], estimator: BlockPooling) -> Strata:
        """The strata of the analysis, from a draw's counts: arguments as of `rct.design.strata.sort_blocks`."""
        from rct.design.strata import sort_blocks

        return sort_blocks(labels, counts, shares, estimator, clustered=self.needs_clusters)

    def foresee(self, sizes: Mapping[str, int], shares: Sequence[int], estimator: BlockPooling) -> Foreseen:
        """What block sizes say of the strata before a draw: arguments as of `rct.design.strata.foresee`."""
        from rct.design.strata import foresee

        return foresee(sizes, shares, estimator, clustered=self.needs_clusters)

    def _refuse_unfit(self, units: Labels, blocks: Labels | None, clusters: Labels | None) -> None:
        """Refuse a frame without units, or with blocks or clusters that do not fit the scheme."""
        if not units:
            rule = "Nobody is in the list, so there is nothing to draw."
            stop("no_units", rule, "Load a list with at least one unit.")
        for what, values, needed in (
            ("blocks", blocks, self.needs_blocks),
            ("clusters", clusters, self.needs_clusters),
        ):
            if values is not None and len(values) != len(units):
                raise ValueError(f"{what} has {len(values)} entries for {len(units)} units")
            if needed and values is None:
                fix = f"Name {what} under [design]."
                stop("scheme_needs", f"The scheme {self.name} needs {what}.", fix, field=f"design.{what}")
            if not needed and values is not None and any(values):
                stop(
                    "scheme_refuses",
                    f"The scheme {self.name} draws without {what}.",
                    f"Remove {what} under [design], or choose a scheme that uses them.",
                    field=f"design.{what}",
                )
        if self.needs_clusters and clusters is not None and not all(clusters):
            row = list(clusters).index("") + 1
            stop("empty_cluster", "Every unit must have a cluster.", "Fill in the cluster.", row=row)

"""The definition as the rest of rct uses it: checked, with every default filled in."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from pydantic import Field

from rct.definition.model import Arm, Outcome, TrialFile
from rct.design.schemes import SCHEMES, Scheme
from rct.estimate.estimators import ESTIMATORS, Estimator, estimator_of, usual
from rct.kinds import kind_of
from rct.tables.formats import FileFormats, Layout


class Definition(TrialFile):
    """A checked trial.toml. Made by `load`, `check_text` or `from_plan`, never by hand.

    Filled in: `analysis.estimator` and `standard_errors` (docs/methods.md), each outcome's `column` (its name)
    and, where rows are events, `aggregate`.
    """

    name: str = Field(description="The trial's name: that of its folder.")
    path: Path | None = Field(None, description="The file it was read from; None when read from a plan.")

    @property
    def control(self) -> str:
        """The name of the control arm."""
        return next(name for name, arm in self.arms.items() if arm.control)

    @property
    def shares(self) -> list[int]:
        """The arms' weights, in the definition's order."""
        return [arm.share for arm in self.arms.values()]

    @property
    def primary(self) -> list[str]:
        """The names of the primary outcomes, in the definition's order; the first decides."""
        return [name for name, outcome in self.outcomes.items() if outcome.primary]

    @property
    def scheme(self) -> Scheme:
        """How lots are drawn."""
        return SCHEMES[self.design.scheme]

    @property
    def estimator(self) -> Estimator:
        """How arms are compared."""
        return estimator_of(self.analysis.estimator)

    @property
    def clustered(self) -> bool:
        return self.scheme.needs_clusters

    @property
    def blocked(self) -> bool:
        return self.scheme.needs_blocks

    @property
    def registry_columns(self) -> list[str]:
        """Columns of the frame that the registry keeps: blocks, covariates, categories; each once."""
        named = [*self.design.blocks, *self.frame.covariates, *self.frame.categories]
        return list(dict.fromkeys(named))

    @property
    def letter_columns(self) -> list[str]:
        """Columns that a letter may use: every named one but `id` and `clusters`."""
        opt_out = [self.frame.opt_out] if self.frame.opt_out else []
        return list(dict.fromkeys([*self.frame.contact, *self.registry_columns, *opt_out]))

    @property
    def frame_columns(self) -> list[str]:
        """Every column that the frame file must have (those of `eligible` aside), each once."""
        clusters = [self.design.clusters] if self.design.clusters else []
        return list(dict.fromkeys([self.frame.id, *clusters, *self.letter_columns]))

    @property
    def layout(self) -> Layout:
        """How the office's own files are laid out."""
        declared = self.formats
        formats = (
            FileFormats() if declared is None else FileFormats.of(**declared.model_dump(exclude_none=True))
        )
        return Layout(self.columns or {}, formats)

    @property
    def template_paths(self) -> list[str]:
        """Every letter that the arms name, in the arms' order, then the survey's page; relative to templates/."""
        letters = [path for arm in self.arms.values() for path in arm_templates(arm)]
        return list(dict.fromkeys([*letters, *([self.survey.template] if self.survey else [])]))

    @property
    def practice(self) -> bool:
        """True for a practice trial (`rct new --practice`): the keyword `practice`."""
        return "practice" in (self.trial.keywords or [])

    @property
    def simulated(self) -> bool:
        """True where the people are invented: the keyword `simulated`."""
        return "simulated" in (self.trial.keywords or [])

    def window_end(self, outcome: str) -> date | None:
        """The last day that counts for `outcome` (start + window_days); None when the value is final."""
        days = self.outcomes[outcome].window_days
        return None if days is None else self.trial.start + timedelta(days=days)


def arm_templates(arm: Arm) -> list[str]:
    """The letters of one arm: none, one, or one a language."""
    return [arm.template] if arm.template is not None else list((arm.templates or {}).values())


def resolve(file: TrialFile, name: str, path: Path | None) -> Definition:
    """`file` with the defaults that hang on other keys, and its name."""
    analysis = file.analysis
    filled: dict[str, str] = {}
    if "estimator" not in analysis.model_fields_set:
        filled["estimator"] = usual(adjusting=bool(file.frame.covariates or file.frame.categories)).name
    if "standard_errors" not in analysis.model_fields_set:
        chosen = ESTIMATORS[filled.get("estimator", analysis.estimator)]
        filled["standard_errors"] = chosen.standard_error(SCHEMES[file.design.scheme].standard_errors)
    return Definition(
        name=name,
        path=path,
        trial=file.trial,
        arms=file.arms,
        frame=file.frame,
        design=file.design,
        outcomes={key: _outcome(key, outcome) for key, outcome in file.outcomes.items()},
        analysis=analysis.model_copy(update=filled),
        power=file.power,
        decision=file.decision,
        survey=file.survey,
        adapted=file.adapted,
        columns=file.columns,
        formats=file.formats,
    )


def _outcome(name: str, outcome: Outcome) -> Outcome:
    filled: dict[str, str] = {}
    if not outcome.column:
        filled["column"] = name
    if outcome.rows == "event" and outcome.aggregate is None:
        filled["aggregate"] = kind_of(outcome.kind).aggregates[0]
    return outcome.model_copy(update=filled)

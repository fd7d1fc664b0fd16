"""The survey's pages: one for everyone drawn, the same words in every arm, with the code that answers come back by.

The page is a template like a letter's, printed by the same machinery; its QR code holds the survey's address. Nothing
on it tells an arm, and answers are read back with `rct outcomes NAME FILE --by-reference`.
"""

from __future__ import annotations

from dataclasses import replace

from rct.definition import Definition, plan
from rct.errors import stop
from rct.letters.letterhead import Letterhead
from rct.registry.trial import Locked

FOLDER = "survey"


def as_asked(trial: Locked) -> Definition:
    """The trial with the survey's page in place of every arm's letter; refused where the page was edited."""
    definition = trial.definition
    survey = definition.survey
    if survey is None:
        stop(
            "no_survey",
            f"The plan of {definition.name} has no survey.",
            "Add [survey] to trial.toml before the lock; see docs/survey.md.",
        )
    page = plan.template_hashes(definition, trial.ws.templates).get(survey.template)
    if page != trial.templates.get(survey.template):
        stop(
            "edited_after_lock",
            "The survey's page was edited after the lock.",
            f'Undo the edit, or change the plan in the open: rct amend {definition.name} --reason "…"',
            file=f"templates/{survey.template}",
        )
    same = {"template": survey.template, "templates": None, "language": None}
    arms = {name: arm.model_copy(update=same) for name, arm in definition.arms.items()}
    return definition.model_copy(
        update={"arms": arms, "trial": definition.trial.model_copy(update={"channel": "letter"})}
    )


def head_of(head: Letterhead, definition: Definition) -> Letterhead:
    """The letterhead, its QR code leading to the survey: in every language, or holding the code alone."""
    address = definition.survey.address if definition.survey else None
    languages = {key: {k: v for k, v in texts.items() if k != "qr"} for key, texts in head.languages.items()}
    return replace(head, texts={**head.texts, "qr": address or ""}, languages=languages)

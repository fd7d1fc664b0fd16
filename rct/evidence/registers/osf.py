"""OSF Preregistration, version 3: its fields q2 to q23; some are objects {question, uploader}."""

from __future__ import annotations

from typing import Any

from rct.audit.known import LEVELS
from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material

EXPERIMENT = (
    "Experiment - A researcher randomly assigns treatments to study subjects, this includes field or lab experiments. "
    "This is also known as an intervention experiment and includes randomized controlled trials."
)
UNAWARE = "For studies that involve human subjects, they will not know the treatment group to which they have been assigned."


UNPLANNED = "Whatever the plan does not name is called exploratory wherever it is printed."


def form(made: Material) -> Form:
    """The form, by the registry's question ids."""
    definition = made.definition
    exists = LEVELS[made.known][0] if made.known in LEVELS else None
    secondary = say.outcomes(definition, primary=False) or []
    measured = [*(say.outcomes(definition, primary=True) or []), *secondary, *_covariates(made)]
    fields = (
        FormField("q2", "Hypotheses", say.hypotheses(made), True),
        FormField("q3", "Study type", EXPERIMENT, True),
        FormField("q4", "Blinding", [UNAWARE], True, assumed=True),
        FormField("q5", "Other blinding", _blinding(made)),
        FormField("q6", "Study design", _object(say.design(made)), True),
        FormField("q7", "Randomization", say.randomization(made)),
        FormField("q8", "Existing data", exists, True),
        FormField("q9", "Explanation of existing data", None),
        FormField("q10", "Data collection procedures", _object(_collection(made)), True),
        FormField("q11", "Sample size", say.sample(made), True),
        FormField("q12", "Sample size rationale", " ".join(made.power) or None),
        FormField("q13", "Stopping rule", _stopping(made)),
        FormField("q14", "Manipulated variables", _object("\n".join(say.arms(made)))),
        FormField("q15", "Measured variables", _object("\n".join(measured)), True),
        FormField("q16", "Indices", _object("None."), assumed=True),
        FormField("q17", "Statistical models", _object(say.analysis(made)), True),
        FormField(
            "q18",
            "Transformations",
            "None of the outcomes. Covariates are centered where the estimator says so.",
        ),
        FormField("q19", "Inference criteria", say.inference(made)),
        FormField("q20", "Data exclusion", say.exclusions(made)),
        FormField("q21", "Missing data", say.missing(made)),
        FormField(
            "q22",
            "Exploratory analysis",
            UNPLANNED,
        ),
        FormField("q23", "Other", say.plan_note(made)),
    )
    return Form(
        "osf", "OSF Preregistration", "OSF Preregistration, version 3, question ids q2 to q23", fields
    )


def _object(text: str) -> dict[str, Any]:
    return {"question": text, "uploader": None}


def _blinding(made: Material) -> str:
    day = made.definition.analysis.date.isoformat()
    before = (
        "The draw was made elsewhere: write who could know the arms, and when."
        if made.replayed
        else "Nobody can know an arm before the draw."
    )
    return (
        f"{before} rct shows no outcome by arm before {day}; a person who holds the "
        "assignment and the outcome files could join them by hand."
    )


def _collection(made: Material) -> str:
    trial = made.definition.trial
    who = f"People: {trial.population}. " if trial.population else ""
    return (
        f"{who}All rows of the office's list that are eligible. {say.exclusions(made)} Pieces go out from "
        f"{trial.start.isoformat()}; outcomes are read from administrative records; results are computed from "
        f"{made.definition.analysis.date.isoformat()} on."
    )


def _stopping(made: Material) -> str:
    then = "the groups were read in" if made.replayed else "the draw"
    return (
        f"The list is fixed before {then}, so the sample does not grow. There is no look at results by arm before "
        f"{made.definition.analysis.date.isoformat()}."
    )


def _covariates(made: Material) -> list[str]:
    frame = made.definition.frame
    return [f"Covariate, measured before the draw: {c}" for c in (*frame.covariates, *frame.categories)]

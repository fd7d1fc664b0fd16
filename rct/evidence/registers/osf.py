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


def form(material: Material) -> Form:
    """The form, by the registry's question ids."""
    definition = material.definition
    exists = LEVELS[material.known][0] if material.known in LEVELS else None
    secondary = say.outcomes(definition, primary=False) or []
    measured = [*(say.outcomes(definition, primary=True) or []), *secondary, *_covariates(material)]
    fields = (
        FormField("q2", "Hypotheses", say.hypotheses(material), True),
        FormField("q3", "Study type", EXPERIMENT, True),
        FormField("q4", "Blinding", [UNAWARE], True, assumed=True),
        FormField("q5", "Other blinding", _blinding(material)),
        FormField("q6", "Study design", _object(say.design(material)), True),
        FormField("q7", "Randomization", say.randomization(material)),
        FormField("q8", "Existing data", exists, True),
        FormField("q9", "Explanation of existing data", None),
        FormField("q10", "Data collection procedures", _object(_collection(material)), True),
        FormField("q11", "Sample size", say.sample(material), True),
        FormField("q12", "Sample size rationale", " ".join(material.power) or None),
        FormField("q13", "Stopping rule", _stopping(material)),
        FormField("q14", "Manipulated variables", _object("\n".join(say.arms(material)))),
        FormField("q15", "Measured variables", _object("\n".join(measured)), True),
        FormField("q16", "Indices", _object("None."), assumed=True),
        FormField("q17", "Statistical models", _object(say.analysis(material)), True),
        FormField(
            "q18",
            "Transformations",
            "None of the outcomes. Covariates are centered where the estimator says so.",
        ),
        FormField("q19", "Inference criteria", say.inference(material)),
        FormField("q20", "Data exclusion", say.exclusions(material)),
        FormField("q21", "Missing data", say.missing(material)),
        FormField(
            "q22",
            "Exploratory analysis",
            UNPLANNED,
        ),
        FormField("q23", "Other", say.plan_note(material)),
    )
    return Form(
        "osf", "OSF Preregistration", "OSF Preregistration, version 3, question ids q2 to q23", fields
    )


def _object(text: str) -> dict[str, Any]:
    return {"question": text, "uploader": None}


def _blinding(material: Material) -> str:
    day = material.definition.analysis.date.isoformat()
    before = (
        "The draw was made elsewhere: write who could know the arms, and when."
        if material.replayed
        else "Nobody can know an arm before the draw."
    )
    return (
        f"{before} rct shows no outcome by arm before {day}; a person who holds the "
        "assignment and the outcome files could join them by hand."
    )


def _collection(material: Material) -> str:
    trial = material.definition.trial
    who = f"People: {trial.population}. " if trial.population else ""
    return (
        f"{who}All rows of the office's list that are eligible. {say.exclusions(material)} Pieces go out from "
        f"{trial.start.isoformat()}; outcomes are read from administrative records; results are computed from "
        f"{material.definition.analysis.date.isoformat()} on."
    )


def _stopping(material: Material) -> str:
    then = "the groups were read in" if material.replayed else "the draw"
    return (
        f"The list is fixed before {then}, so the sample does not grow. There is no look at results by arm before "
        f"{material.definition.analysis.date.isoformat()}."
    )


def _covariates(material: Material) -> list[str]:
    frame = material.definition.frame
    return [f"Covariate, measured before the draw: {c}" for c in (*frame.covariates, *frame.categories)]

"""AsPredicted (aspredicted.org): its nine questions, by the ids of the Open Science Framework's copy of the form."""

from __future__ import annotations

from rct.audit.known import LEVELS
from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose

NONE_YET = "No, no data have been collected for this study yet."
COMPLICATED = (
    "It's complicated. We have already collected some data but explain in Question 8 why readers may consider this a "
    "valid pre-registration nevertheless."
)


def form(material: Material) -> Form:
    """The nine questions."""
    definition = material.definition
    collected = {"before-data": NONE_YET, "not-stated": None}.get(material.known, COMPLICATED)
    other = [*(say.outcomes(definition, primary=False) or ()), say.plan_note(material)]
    if material.known_at_lock in LEVELS:
        other.append(f"When the plan was locked, {LEVELS[material.known_at_lock][1]}.")
    fields = (
        FormField("data", "1) Have any data been collected for this study already?", collected, True),
        FormField(
            "hypothesis", "2) What is the main question or hypothesis?", say.hypotheses(material), True
        ),
        FormField(
            "dependent", "3) The key dependent variables", say.outcomes(definition, primary=True), True
        ),
        FormField("conditions", "4) How many and which conditions?", say.arms(material), True),
        FormField("analyses", "5) Exactly which analyses?", say.analysis(material), True),
        FormField(
            "outliers",
            "6) Outliers and exclusions",
            f"{say.exclusions(material)} {say.missing(material)}",
            True,
        ),
        FormField("sample", "7) How many observations, or what determines it?", say.sample(material), True),
        FormField("other", "8) Anything else?", other),
        FormField("name", "9) Title", prose(definition.trial.title), True),
        FormField("study_type", "Type of study", "Experiment", True),
        FormField("authors", "Authors (names and e-mail)", None, True),
    )
    source = "AsPredicted, questions by the ids of the OSF's template, version 3"
    return Form("aspredicted", "AsPredicted", source, fields)

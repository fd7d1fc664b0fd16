"""The EGAP registry's form, version 4, as the Open Science Framework keeps it: fields q1 to q38."""

from __future__ import annotations

from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose

# What is known of the data, in this form's words. Between the first and the next stands the draw.
DRAWN = "Registration prior to realization of outcomes"
TIMING = {
    "before-data": "Registration prior to assignment of treatment",
    "before-observation": "Registration prior to researcher access to outcome data",
    "before-access": "Registration prior to researcher access to outcome data",
    "before-analysis": "Registration prior to researcher analysis of outcome data",
    "after-analysis": "Registration after researcher analysis of outcome data",
}


def form(material: Material) -> Form:
    """The form, by its question ids."""
    trial = material.definition.trial
    planned = material.plan_hash is not None
    timing = DRAWN if material.drawn and material.known == "before-data" else TIMING.get(material.known)
    fields = (
        FormField("q1", "Title of Study", prose(trial.title), True),
        FormField("q5", "Acknowledgements", None),
        FormField("q6", "Is one of the study authors a university faculty member?", None),
        FormField("q8", "Is this Registration Prospective or Retrospective?", timing),
        FormField("q10", "Is this an experimental study?", "Yes"),
        FormField("q11", "Date of start of study", f"{trial.start:%m/%d/%Y}"),
        FormField("q13", "Was this design presented at an EGAP meeting?", None),
        FormField(
            "q14",
            "Is there a pre-analysis plan associated with this registration?",
            "Yes" if planned else None,
        ),
        FormField("q15", "Background and explanation of rationale", say.summary(material), True),
        FormField("q16", "What are the hypotheses to be tested?", say.hypotheses(material), True),
        FormField(
            "q17",
            "How will these hypotheses be tested?",
            f"{say.design(material)} {say.analysis(material)}",
            True,
        ),
        FormField("q18", "Country", None),
        FormField(
            "q19", "Sample Size (# of Units)", None if material.units is None else f"{material.units:,}"
        ),
        FormField(
            "q20",
            "Was a power analysis conducted prior to data collection?",
            "Yes" if material.powered else "No",
        ),
        FormField("q21", "Other power analysis information", " ".join(material.power) or None),
        FormField(
            "q22",
            "Has this research received IRB or ethics committee approval?",
            "Other (describe in text box below)",
        ),
        FormField("q23", "Other IRB information", prose(trial.ethics)),
        FormField("q24", "IRB Number", None),
        FormField("q25", "Date of IRB Approval", None),
        FormField(
            "q26",
            "Will the intervention be implemented by the researcher or a third party?",
            ["Researchers"],
            assumed=True,
        ),
        FormField("q27", "Third party implementer information", None),
        FormField("q28", "Did any of the team receive remuneration from the implementing agency?", None),
        FormField("q30", "Is there an advance agreement that all results can be published?", None),
        FormField("q32", "JEL classification(s)", "C93, D91, H70", assumed=True),
        FormField("q33", "Keywords for Methodology", ["Experimental Design", "Field Experiments"]),
        FormField("q34", "Keywords for Policy", ["Governance"], assumed=True),
        FormField("q35", "Certification", None, True),
        FormField("q36", "Confirmation", None, True),
        FormField("q37", "Additional documentation", "plan.pdf and plan.json" if planned else None),
    )
    return Form(
        "egap", "EGAP Registration", "EGAP Registration, version 4, question ids of the OSF's form", fields
    )

"""The AEA RCT Registry (socialscienceregistry.org): its fields, and which of them a later change makes major.

Field ids follow the Open Science Framework's copy of the form; major and minor the registry's own page on versions.
"""

from __future__ import annotations

from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Field, Form
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose

STATUS = {
    "new": "In Development",
    "locked": "In Development",
    "framed": "In Development",
    "ready": "In Development",
}


def form(made: Material) -> Form:
    """The form, in the registry's order."""
    definition = made.definition
    trial = definition.trial
    clustered = definition.clustered
    fields = (
        Field("title", "Trial Title", prose(trial.title), True, "major"),
        Field("country", "Country", None, True, "major"),
        Field("region", "Region", made.city or None, False, "major"),
        Field("primary_investigator", "Primary Investigator", prose(trial.owner), True, "major"),
        Field("email", "Email of the Primary Investigator", None, True, "minor"),
        Field("other_investigators", "Other Primary Investigator(s)", prose(trial.analyst), False, "major"),
        Field("status", "Study Status", _status(made), True, "minor"),
        Field("keyword", "Keyword(s)", "Governance", True, "minor", assumed=True),
        Field("additional_keywords", "Additional Keyword(s)", _keywords(made), False, "minor"),
        Field("JEL", "JEL Code(s)", "C93, D91, H70", False, "minor", assumed=True),
        Field("secondary_ID", "Secondary Identifying Number(s)", made.plan_hash, False, "minor"),
        Field("abstract", "Abstract", say.summary(made), True, "major"),
        Field("trial_start", "Trial Start Date", trial.start.isoformat(), True, "major"),
        Field("intervention_start", "Intervention Start Date", trial.start.isoformat(), True, "major"),
        Field(
            "intervention_end", "Intervention End Date", (trial.end or trial.start).isoformat(), True, "major"
        ),
        Field("trial_end", "Trial End Date", say.last_day(definition), True, "major"),
        Field("sponsors", "Sponsor Name", None, False, "major"),
        Field("partner_name", "Partner Name", made.city or None, False, "major"),
        Field(
            "partner_type",
            "Partner Type",
            "Municipality" if made.city else None,
            False,
            "major",
            assumed=True,
        ),
        Field("intervention_public", "Intervention (Public)", say.arms(made), True, "major"),
        Field("intervention_hidden", "Intervention (Hidden)", None, False, "major"),
        Field(
            "end_points",
            "Primary Outcomes (End Points)",
            say.outcomes(definition, primary=True),
            True,
            "major",
        ),
        Field("explanation", "Primary Outcomes (Explanation)", say.missing(made), False, "major"),
        Field(
            "secondary_end_points",
            "Secondary Outcomes",
            say.outcomes(definition, primary=False),
            False,
            "major",
        ),
        Field("design_public", "Experimental Design (Public)", say.design(made), True, "major"),
        Field("design_hidden", "Experimental Design (Hidden)", None, False, "major"),
        Field("randomization_method", "Randomization Method", say.randomization(made), True, "major"),
        Field("randomization_unit", "Randomization Unit", say.unit(definition), True, "major"),
        Field("clustered", "Was the treatment clustered?", clustered, True, "major"),
        Field("clusters", "Planned Number of Clusters", _clusters(made), True, "major"),
        Field("observations", "Planned Number of Observations", say.sample(made), True, "major"),
        Field("sample_size", "Sample size by treatment arms", say.by_arm(made), True, "major"),
        Field("power_calculation", "Power calculation", list(made.power) or None, False, "major"),
        Field("approval", "Did you obtain IRB approval for this study?", None, True, "major"),
        Field("irb_info", "What is known of the review", prose(trial.ethics), False, "minor"),
        Field(
            "analysis_plan", "Analysis Plan", f"{say.plan_note(made)} {say.analysis(made)}", False, "major"
        ),
    )
    source = "AEA RCT Registry, fields as on socialscienceregistry.org/site/version and in the OSF's copy of the form"
    return Form("aea", "AEA RCT Registry", source, fields)


def _status(made: Material) -> str:
    if made.stage == "stopped":
        return "Withdrawn"
    if made.stage in ("analyzed", "reported"):
        return "Completed"
    return STATUS.get(made.stage, "On-going")


def _keywords(made: Material) -> list[str] | None:
    trial = made.definition.trial
    nudges = [word for arm in made.definition.arms.values() for word in arm.nudge or ()]
    words = [*(trial.keywords or ()), *([trial.department] if trial.department else ()), *nudges]
    return list(dict.fromkeys(prose(w) for w in words)) or None


def _clusters(made: Material) -> str | None:
    if not made.definition.clustered:
        return say.sample(made)  # the form asks for the same number again where nothing is clustered
    return f"{made.clusters:,} clusters" if made.clusters else None

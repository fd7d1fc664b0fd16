"""The AEA RCT Registry (socialscienceregistry.org): its fields, and which of them a later change makes major.

Field ids follow the Open Science Framework's copy of the form; major and minor the registry's own page on versions.
"""

from __future__ import annotations

from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose

STATUS = {
    "new": "In Development",
    "locked": "In Development",
    "framed": "In Development",
    "ready": "In Development",
}


def form(material: Material) -> Form:
    """The form, in the registry's order."""
    definition = material.definition
    trial = definition.trial
    clustered = definition.clustered
    fields = (
        FormField("title", "Trial Title", prose(trial.title), True, "major"),
        FormField("country", "Country", None, True, "major"),
        FormField("region", "Region", material.city or None, False, "major"),
        FormField("primary_investigator", "Primary Investigator", prose(trial.owner), True, "major"),
        FormField("email", "Email of the Primary Investigator", None, True, "minor"),
        FormField(
            "other_investigators", "Other Primary Investigator(s)", prose(trial.analyst), False, "major"
        ),
        FormField("status", "Study Status", _status(material), True, "minor"),
        FormField("keyword", "Keyword(s)", "Governance", True, "minor", assumed=True),
        FormField("additional_keywords", "Additional Keyword(s)", _keywords(material), False, "minor"),
        FormField("JEL", "JEL Code(s)", "C93, D91, H70", False, "minor", assumed=True),
        FormField("secondary_ID", "Secondary Identifying Number(s)", material.plan_hash, False, "minor"),
        FormField("abstract", "Abstract", say.summary(material), True, "major"),
        FormField("trial_start", "Trial Start Date", trial.start.isoformat(), True, "major"),
        FormField("intervention_start", "Intervention Start Date", trial.start.isoformat(), True, "major"),
        FormField(
            "intervention_end", "Intervention End Date", (trial.end or trial.start).isoformat(), True, "major"
        ),
        FormField("trial_end", "Trial End Date", say.last_day(definition), True, "major"),
        FormField("sponsors", "Sponsor Name", None, False, "major"),
        FormField("partner_name", "Partner Name", material.city or None, False, "major"),
        FormField(
            "partner_type",
            "Partner Type",
            "Municipality" if material.city else None,
            False,
            "major",
            assumed=True,
        ),
        FormField("intervention_public", "Intervention (Public)", say.arms(material), True, "major"),
        FormField("intervention_hidden", "Intervention (Hidden)", None, False, "major"),
        FormField(
            "end_points",
            "Primary Outcomes (End Points)",
            say.outcomes(definition, primary=True),
            True,
            "major",
        ),
        FormField("explanation", "Primary Outcomes (Explanation)", say.missing(material), False, "major"),
        FormField(
            "secondary_end_points",
            "Secondary Outcomes",
            say.outcomes(definition, primary=False),
            False,
            "major",
        ),
        FormField("design_public", "Experimental Design (Public)", say.design(material), True, "major"),
        FormField("design_hidden", "Experimental Design (Hidden)", None, False, "major"),
        FormField("randomization_method", "Randomization Method", say.randomization(material), True, "major"),
        FormField("randomization_unit", "Randomization Unit", say.unit(definition), True, "major"),
        FormField("clustered", "Was the treatment clustered?", clustered, True, "major"),
        FormField("clusters", "Planned Number of Clusters", _clusters(material), True, "major"),
        FormField("observations", "Planned Number of Observations", say.sample(material), True, "major"),
        FormField("sample_size", "Sample size by treatment arms", say.by_arm(material), True, "major"),
        FormField("power_calculation", "Power calculation", list(material.power) or None, False, "major"),
        FormField("approval", "Did you obtain IRB approval for this study?", None, True, "major"),
        FormField("irb_info", "What is known of the review", prose(trial.ethics), False, "minor"),
        FormField(
            "analysis_plan",
            "Analysis Plan",
            f"{say.plan_note(material)} {say.analysis(material)}",
            False,
            "major",
        ),
    )
    source = "AEA RCT Registry, fields as on socialscienceregistry.org/site/version and in the OSF's copy of the form"
    return Form("aea", "AEA RCT Registry", source, fields)


def _status(material: Material) -> str:
    if material.stage == "stopped":
        return "Withdrawn"
    if material.stage in ("analyzed", "reported"):
        return "Completed"
    return STATUS.get(material.stage, "On-going")


def _keywords(material: Material) -> list[str] | None:
    trial = material.definition.trial
    nudges = [word for arm in material.definition.arms.values() for word in arm.nudge or ()]
    words = [*(trial.keywords or ()), *([trial.department] if trial.department else ()), *nudges]
    return list(dict.fromkeys(prose(w) for w in words)) or None


def _clusters(material: Material) -> str | None:
    if not material.definition.clustered:
        return say.sample(material)  # the form asks for the same number again where nothing is clustered
    return f"{material.clusters:,} clusters" if material.clusters else None

"""ClinicalTrials.gov: the protocol section's data elements, by the names of its interface (version 2)."""

from __future__ import annotations

from typing import Any

from rct.definition.sending import sending
from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose, unquoted

BRIEF_TITLE, OFFICIAL_TITLE, BRIEF_SUMMARY, DETAILED = 300, 600, 5_000, 32_000


def form(material: Material) -> Form:
    """The protocol section. Most city trials need not register here; some health departments must."""
    definition = material.definition
    trial = definition.trial
    start, end = trial.start.isoformat(), say.last_day(definition)
    fields = (
        FormField("identificationModule.orgStudyIdInfo.id", "Unique Protocol ID", material.name, True),
        FormField(
            "identificationModule.briefTitle", "Brief Title", prose(trial.title), True, limit=BRIEF_TITLE
        ),
        FormField(
            "identificationModule.officialTitle",
            "Official Title",
            f"{prose(trial.title)} A {'' if material.replayed else 'randomized '}trial",
            True,
            limit=OFFICIAL_TITLE,
        ),
        FormField("statusModule.overallStatus", "Overall Recruitment Status", _status(material), True),
        FormField("statusModule.startDateStruct.date", "Study Start Date", start, True),
        FormField(
            "statusModule.primaryCompletionDateStruct.date",
            "Primary Completion Date",
            _primary_end(material),
            True,
        ),
        FormField("statusModule.completionDateStruct.date", "Study Completion Date", end, True),
        FormField("sponsorCollaboratorsModule.leadSponsor.name", "Sponsor", material.city or None, True),
        FormField(
            "sponsorCollaboratorsModule.responsibleParty",
            "Responsible Party",
            {"type": "SPONSOR"},
            True,
            assumed=True,
        ),
        FormField(
            "oversightModule.isFdaRegulatedDrug",
            "Studies a U.S. FDA-regulated Drug Product",
            False,
            True,
            assumed=True,
        ),
        FormField(
            "oversightModule.isFdaRegulatedDevice",
            "Studies a U.S. FDA-regulated Device Product",
            False,
            True,
            assumed=True,
        ),
        FormField("oversightModule.review", "Human Subjects Protection Review", None, True),
        FormField(
            "descriptionModule.briefSummary",
            "Brief Summary",
            say.summary(material),
            True,
            limit=BRIEF_SUMMARY,
        ),
        FormField(
            "descriptionModule.detailedDescription",
            "Detailed Description",
            _detailed(material),
            limit=DETAILED,
        ),
        FormField(
            "conditionsModule.conditions", "Primary Disease or Condition Being Studied, or Focus", None, True
        ),
        FormField("conditionsModule.keywords", "Keywords", [prose(k) for k in trial.keywords or ()] or None),
        FormField("designModule.studyType", "Study Type", "INTERVENTIONAL", True),
        FormField("designModule.phases", "Study Phase", ["NA"], True),
        FormField("designModule.designInfo", "Design", _design(material), True, assumed=True),
        FormField("designModule.enrollmentInfo", "Enrollment", _enrollment(material), True),
        FormField("armsInterventionsModule.armGroups", "Arms", _groups(material), True),
        FormField("armsInterventionsModule.interventions", "Interventions", _interventions(material), True),
        FormField(
            "outcomesModule.primaryOutcomes",
            "Primary Outcome Measures",
            _outcomes(material, primary=True),
            True,
        ),
        FormField(
            "outcomesModule.secondaryOutcomes",
            "Secondary Outcome Measures",
            _outcomes(material, primary=False),
        ),
        FormField(
            "eligibilityModule.eligibilityCriteria", "Eligibility Criteria", say.exclusions(material), True
        ),
        FormField("eligibilityModule.sex", "Sex", "ALL", True, assumed=True),
        FormField("eligibilityModule.minimumAge", "Minimum Age", None, True),
        FormField(
            "eligibilityModule.healthyVolunteers", "Accepts Healthy Volunteers", True, True, assumed=True
        ),
        FormField("contactsLocationsModule.centralContacts", "Central Contact", None, True),
        FormField(
            "contactsLocationsModule.overallOfficials", "Overall Study Officials", [prose(trial.owner)]
        ),
        FormField(
            "contactsLocationsModule.locations",
            "Locations",
            [{"city": material.city}] if material.city else None,
            True,
        ),
        FormField(
            "ipdSharingStatementModule.ipdSharing",
            "Plan to Share Individual Participant Data",
            "NO",
            assumed=True,
        ),
    )
    source = "ClinicalTrials.gov protocol registration data elements, names of the interface's version 2"
    return Form("ctgov", "ClinicalTrials.gov", source, fields)


def _status(material: Material) -> str:
    if material.stage == "stopped":
        return "TERMINATED"
    if material.stage in ("analyzed", "reported"):
        return "COMPLETED"
    return "ACTIVE_NOT_RECRUITING" if material.drawn else "NOT_YET_RECRUITING"


def _primary_end(material: Material) -> str:
    ends = [end for name in material.definition.primary if (end := material.definition.window_end(name))]
    return max(ends, default=material.definition.analysis.date).isoformat()


def _detailed(material: Material) -> str:
    return "\n".join(
        [say.hypotheses(material), say.design(material), say.analysis(material), say.plan_note(material)]
    )


def _design(material: Material) -> dict[str, Any]:
    return {
        "allocation": "RANDOMIZED",
        "interventionModel": "PARALLEL",
        "interventionModelDescription": say.design(material),
        "primaryPurpose": "OTHER",
        "maskingInfo": {"masking": "SINGLE", "whoMasked": ["PARTICIPANT"]},
    }


def _enrollment(material: Material) -> dict[str, Any] | None:
    if material.units is None:
        return None
    return {"count": material.units, "type": "ACTUAL" if material.drawn else "ESTIMATED"}


def _groups(material: Material) -> list[dict[str, Any]]:
    groups = []
    senders = sending(material.definition, replayed=material.replayed)
    for (name, arm), line in zip(material.definition.arms.items(), say.arms(material), strict=True):
        sent = senders[name] in ("rct", "elsewhere")
        kind = "EXPERIMENTAL" if not arm.control else "ACTIVE_COMPARATOR" if sent else "NO_INTERVENTION"
        groups.append(
            {
                "label": unquoted(arm.label),
                "type": kind,
                "description": line,
                "interventionNames": [f"Behavioral: {name}"] if sent else [],
            }
        )
    return groups


def _interventions(material: Material) -> list[dict[str, Any]] | None:
    return [
        {
            "type": "BEHAVIORAL",
            "name": name,
            "description": unquoted(arm.label),
            "armGroupLabels": [unquoted(arm.label)],
        }
        for name, arm in material.definition.arms.items()
        if sending(material.definition, replayed=material.replayed)[name] in ("rct", "elsewhere")
    ] or None


def _outcomes(material: Material, *, primary: bool) -> list[dict[str, str]] | None:
    definition = material.definition
    return [
        {
            "measure": unquoted(what.label),
            "description": say.outcome(definition, name),
            "timeFrame": f"{what.window_days} days from the day of mailing"
            if what.window_days is not None
            else "final value",
        }
        for name, what in definition.outcomes.items()
        if what.primary is primary
    ] or None

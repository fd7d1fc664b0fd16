"""ClinicalTrials.gov: the protocol section's data elements, by the names of its interface (version 2)."""

from __future__ import annotations

from typing import Any

from rct.definition.sending import sending
from rct.evidence.registers import describe as say
from rct.evidence.registers.form import Form, FormField
from rct.evidence.registers.material import Material
from rct.report.words.phrases import prose, unquoted

BRIEF_TITLE, OFFICIAL_TITLE, BRIEF_SUMMARY, DETAILED = 300, 600, 5_000, 32_000


def form(made: Material) -> Form:
    """The protocol section. Most city trials need not register here; some health departments must."""
    definition = made.definition
    trial = definition.trial
    start, end = trial.start.isoformat(), say.last_day(definition)
    fields = (
        FormField("identificationModule.orgStudyIdInfo.id", "Unique Protocol ID", made.name, True),
        FormField(
            "identificationModule.briefTitle", "Brief Title", prose(trial.title), True, limit=BRIEF_TITLE
        ),
        FormField(
            "identificationModule.officialTitle",
            "Official Title",
            f"{prose(trial.title)} A {'' if made.replayed else 'randomized '}trial",
            True,
            limit=OFFICIAL_TITLE,
        ),
        FormField("statusModule.overallStatus", "Overall Recruitment Status", _status(made), True),
        FormField("statusModule.startDateStruct.date", "Study Start Date", start, True),
        FormField(
            "statusModule.primaryCompletionDateStruct.date",
            "Primary Completion Date",
            _primary_end(made),
            True,
        ),
        FormField("statusModule.completionDateStruct.date", "Study Completion Date", end, True),
        FormField("sponsorCollaboratorsModule.leadSponsor.name", "Sponsor", made.city or None, True),
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
            "descriptionModule.briefSummary", "Brief Summary", say.summary(made), True, limit=BRIEF_SUMMARY
        ),
        FormField(
            "descriptionModule.detailedDescription", "Detailed Description", _detailed(made), limit=DETAILED
        ),
        FormField(
            "conditionsModule.conditions", "Primary Disease or Condition Being Studied, or Focus", None, True
        ),
        FormField("conditionsModule.keywords", "Keywords", [prose(k) for k in trial.keywords or ()] or None),
        FormField("designModule.studyType", "Study Type", "INTERVENTIONAL", True),
        FormField("designModule.phases", "Study Phase", ["NA"], True),
        FormField("designModule.designInfo", "Design", _design(made), True, assumed=True),
        FormField("designModule.enrollmentInfo", "Enrollment", _enrollment(made), True),
        FormField("armsInterventionsModule.armGroups", "Arms", _groups(made), True),
        FormField("armsInterventionsModule.interventions", "Interventions", _interventions(made), True),
        FormField(
            "outcomesModule.primaryOutcomes", "Primary Outcome Measures", _outcomes(made, primary=True), True
        ),
        FormField(
            "outcomesModule.secondaryOutcomes", "Secondary Outcome Measures", _outcomes(made, primary=False)
        ),
        FormField(
            "eligibilityModule.eligibilityCriteria", "Eligibility Criteria", say.exclusions(made), True
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
            [{"city": made.city}] if made.city else None,
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


def _status(made: Material) -> str:
    if made.stage == "stopped":
        return "TERMINATED"
    if made.stage in ("analyzed", "reported"):
        return "COMPLETED"
    return "ACTIVE_NOT_RECRUITING" if made.drawn else "NOT_YET_RECRUITING"


def _primary_end(made: Material) -> str:
    ends = [end for name in made.definition.primary if (end := made.definition.window_end(name))]
    return max(ends, default=made.definition.analysis.date).isoformat()


def _detailed(made: Material) -> str:
    return "\n".join([say.hypotheses(made), say.design(made), say.analysis(made), say.plan_note(made)])


def _design(made: Material) -> dict[str, Any]:
    return {
        "allocation": "RANDOMIZED",
        "interventionModel": "PARALLEL",
        "interventionModelDescription": say.design(made),
        "primaryPurpose": "OTHER",
        "maskingInfo": {"masking": "SINGLE", "whoMasked": ["PARTICIPANT"]},
    }


def _enrollment(made: Material) -> dict[str, Any] | None:
    if made.units is None:
        return None
    return {"count": made.units, "type": "ACTUAL" if made.drawn else "ESTIMATED"}


def _groups(made: Material) -> list[dict[str, Any]]:
    groups = []
    senders = sending(made.definition, replayed=made.replayed)
    for (name, arm), line in zip(made.definition.arms.items(), say.arms(made), strict=True):
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


def _interventions(made: Material) -> list[dict[str, Any]] | None:
    return [
        {
            "type": "BEHAVIORAL",
            "name": name,
            "description": unquoted(arm.label),
            "armGroupLabels": [unquoted(arm.label)],
        }
        for name, arm in made.definition.arms.items()
        if sending(made.definition, replayed=made.replayed)[name] in ("rct", "elsewhere")
    ] or None


def _outcomes(made: Material, *, primary: bool) -> list[dict[str, str]] | None:
    definition = made.definition
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

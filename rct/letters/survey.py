"""The survey's pages: one for everyone drawn, the same words in every arm, with the code that answers come back by.

The page is a template like a letter's, printed by the same machinery; its QR code holds the survey's address. Nothing
on it tells an arm, and answers are read back with `rct outcomes NAME FILE --by-reference`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rct.definition import Definition, plan
from rct.errors import stop
from rct.letters.compose import Composer
from rct.letters.letterhead import Letterhead, Paper, read_letterhead
from rct.letters.mailed import letters_of, order_key
from rct.letters.make import are_there, draw_time, input_digest, print_files
from rct.letters.prepare import Prepared, prepare, problems
from rct.letters.recipients import read_recipients
from rct.letters.unfit import refuse
from rct.registry import keys, state
from rct.registry.change import Change, changing, tidy
from rct.registry.events import SurveyBody
from rct.registry.workspace import Workspace

FOLDER = "survey"


@dataclass(frozen=True)
class MadeSurvey:
    """What lies in private/NAME/survey/. `left_out`: who opted out since the draw, and who can't be printed."""

    pages: int
    files: Mapping[str, str]
    opted_out: int
    by_hand: int
    path: str
    fresh: bool


def make_survey(ws: Workspace, name: str, person: str, *, by_hand: bool, paper: Paper | None) -> MadeSurvey:
    """Make the pages of everyone drawn. Raises `RctError` where the plan has no survey, or a page can't be printed."""
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found, drawn=True)
        locked = state.read_plan(ws, db, found)
        definition = plan.from_plan(locked)
        asked = _as_asked(ws, definition, locked)
        composer = Composer(ws, asked, _head(read_letterhead(ws).on(paper, None), asked))
        recipients = read_recipients(ws, db, found, asked, composer.arms)
    if found.draw is None:
        raise AssertionError("required above")
    key = keys.read_key(ws)
    versions = letters_of(definition, found.draw)
    prepared = prepare(composer, key, order_key(found.draw), versions, recipients, [])
    if prepared.by_hand and not by_hand:
        refuse(ws, name, problems(prepared.by_hand))
    if not prepared.pieces:
        stop("nobody_to_send_to", f"Nobody of {name} is to be asked.", "See: rct status")
    folder = ws.private_trial(name) / FOLDER
    digest = input_digest(ws, key, composer, found, prepared)
    last = found.last(SurveyBody)
    if last is not None and last.body.input == digest and are_there(ws, folder, last.body.files):
        return _made(ws, prepared, last.body.files, name, fresh=False)
    with changing(ws, name, person, seen=len(found.events)) as change:
        files = _write(change, composer, prepared, name, draw_time(found))
        for old in last.body.files if last is not None else ():
            if old not in files:
                change.remove(folder / old)
        change.event(SurveyBody(pieces=len(prepared.pieces), files=files, input=digest))
    return _made(ws, prepared, files, name, fresh=True)


def _as_asked(ws: Workspace, definition: Definition, locked: bytes) -> Definition:
    """The trial with the survey's page in place of every arm's letter; refused where the page was edited."""
    survey = definition.survey
    if survey is None:
        stop(
            "no_survey",
            f"The plan of {definition.name} has no survey.",
            "Add [survey] to trial.toml before the lock; see docs/survey.md.",
        )
    hashes = plan.read_plan(locked)["templates"]
    page = plan.template_hashes(definition, ws.templates).get(survey.template)
    if page != hashes.get(survey.template):
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


def _head(head: Letterhead, definition: Definition) -> Letterhead:
    """The letterhead, its QR code leading to the survey: in every language, or holding the code alone."""
    address = definition.survey.address if definition.survey else None
    languages = {key: {k: v for k, v in texts.items() if k != "qr"} for key, texts in head.languages.items()}
    return replace(head, texts={**head.texts, "qr": address or ""}, languages=languages)


def _write(change: Change, composer: Composer, prepared: Prepared, name: str, time: int) -> dict[str, str]:
    folder = change.ws.private_trial(name) / FOLDER
    return {
        file: change.write(folder / file, data, private=True)
        for file, data, _ in print_files(composer, prepared.pieces, time, "survey")
    }


def _made(
    ws: Workspace, prepared: Prepared, files: Mapping[str, str], name: str, *, fresh: bool
) -> MadeSurvey:
    folder = ws.shown(ws.private_trial(name) / FOLDER)
    gone = sum(prepared.opted_out.values())
    return MadeSurvey(len(prepared.pieces), files, gone, len(prepared.by_hand), folder, fresh)

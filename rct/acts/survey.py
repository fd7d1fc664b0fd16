"""`rct survey`: the survey's pages for everyone drawn, made in one change (`rct.letters.survey` says what they are)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rct.errors import stop
from rct.letters.compose import Composer
from rct.letters.letterhead import Paper, read_letterhead
from rct.letters.make import are_there, draw_time, input_digest, print_files
from rct.letters.prepare import Prepared, prepare, problems
from rct.letters.recipients import read_recipients
from rct.letters.survey import FOLDER, as_asked, head_of
from rct.letters.unfit import refuse
from rct.letters.versions import letters_of, order_key
from rct.registry import keys
from rct.registry.change import Change, changing, tidy
from rct.registry.events import SurveyBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace


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
    with opened(ws, name) as trial:
        drawn = trial.drawn(open=True, people=True)
        asked = as_asked(drawn)
        composer = Composer(ws, asked, head_of(read_letterhead(ws).on(paper, None), asked))
        recipients = read_recipients(drawn, composer.arms)
    key = keys.read_key(ws)
    versions = letters_of(drawn.definition, drawn.draw)
    prepared = prepare(composer, key, order_key(drawn.draw), versions, recipients, [])
    if prepared.by_hand and not by_hand:
        refuse(ws, name, problems(prepared.by_hand))
    if not prepared.pieces:
        stop("nobody_to_send_to", f"Nobody of {name} is to be asked.", "See: rct status")
    folder = ws.private_trial(name) / FOLDER
    digest = input_digest(drawn, key, composer, prepared)
    last = drawn.state.last(SurveyBody)
    if last is not None and last.body.input == digest and are_there(ws, folder, last.body.files):
        return _made(ws, prepared, last.body.files, name, fresh=False)
    with changing(ws, name, person, seen=len(drawn.state.events)) as change:
        files = _write(change, composer, prepared, name, draw_time(drawn.draw))
        for old in last.body.files if last is not None else ():
            if old not in files:
                change.remove(folder / old)
        change.event(SurveyBody(pieces=len(prepared.pieces), files=files, input=digest))
    return _made(ws, prepared, files, name, fresh=True)


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

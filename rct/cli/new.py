"""new: a trial by plain questions, or from a shipped example."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.errors import stop, visible

if TYPE_CHECKING:
    from rct.registry.workspace import Workspace

HEAD = "letterhead.toml"  # rct.letters.letterhead.FILE, which help must not import
PRINTED = ("letter", "postcard")


@dataclass(frozen=True)
class Draft:
    """trial.toml and the letters of a trial that isn't written yet."""

    toml: str
    letters: Mapping[str, bytes]
    source: str
    marks: int
    printed: bool  # letters or postcards, which a letterhead goes with


@click.command(
    epilog="Example:  rct new water-bills\n\n\b\nFrom an example:  rct new our-bills --from water-bills --start 2026-01-12\n"
    "Only to practice: rct new try-it --yes --practice"
)
@click.argument("name")
@click.option(
    "--from", "source", metavar="EXAMPLE", help="Start from a shipped trial (a wrong name lists them)."
)
@click.option("--start", metavar="DAY", help="The day the letters go out, such as 2026-01-12.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--practice", is_flag=True, help="Marked PRACTICE everywhere; forget removes it wholly.")
@click.option("--simulated", is_flag=True, help="The people are invented; marked so everywhere.")
@talks
def new(
    talk: Talk, name: str, source: str | None, start: str | None, yes: bool, practice: bool, simulated: bool
) -> None:
    """Start a trial by answering plain questions.

    Each question says why it is asked and has a default. It writes a commented trial.toml that you can edit,
    and a first draft of each letter.
    """
    from rct.acts.new import Beginning, create_trial, is_made
    from rct.definition.loading import check_text, read_text
    from rct.definition.rewrite import unmarked
    from rct.definition.schema import FILE, schema_text

    ws = talk.workspace
    fresh = not is_made(ws, name)
    path = ws.definition_file(name)
    marks = 0
    if fresh:
        words = [w for w, said in (("practice", practice), ("simulated", simulated)) if said]
        first = day_of(start)
        draft = _example(source, name, first, words) if source else _interview(talk, name, first, words, yes)
        files = {"trial.toml": draft.toml.encode(), FILE: schema_text().encode()}
        letters = dict(draft.letters) if words else _with_letterhead(ws, draft)
        begins = Beginning(files, letters, draft.source, practice, simulated)
        fresh = create_trial(ws, name, talk.person, begins) is not None
        marks = draft.marks
    shown = ws.shown(path)
    definition = check_text(unmarked(read_text(path, shown)), name, file=shown, path=path)
    if fresh:
        talk.say(f"\nMade {ws.shown(path)}" + (" (PRACTICE)" if practice else ""))
        for letter in definition.template_paths:
            talk.say(f"Made templates/{letter}")
        if HEAD in letters:
            talk.say(f"Made templates/{HEAD}")
        talk.wrap("Read them, change what you like, then check: every line says why it is there.")
        if marks:
            talk.wrap(
                f"{count(marks, 'place')} marked REWRITE: nobody of your office has written or confirmed what stands there. "
                "rct check lists them, and the plan can't be locked before."
            )
        if source and marks:
            talk.wrap(
                "The figures under [power] and [decision] are the example's: put in your own, and what a letter costs."
            )
    else:
        talk.say(f"There is a trial {name} already; nothing was changed.")
    talk.say()
    talk.calendar(definition)
    talk.done(
        {"ok": True, "path": shown, "fresh": fresh, "marks": marks},
        next=f"edit {shown}, then: rct check {name}",
    )


def _with_letterhead(ws: Workspace, draft: Draft) -> dict[str, bytes]:
    """The draft's letters, and a letterhead to be written where there is none yet and letters are printed."""
    from rct.letters.letterhead import STARTER

    if not draft.printed or (ws.templates / HEAD).exists():
        return dict(draft.letters)
    return {**draft.letters, HEAD: STARTER.encode()}


def day_of(text: str | None) -> date | None:
    from rct.tables.values import parse_date

    if text is None:
        return None
    day = parse_date(text)
    if day is None:
        stop(
            "bad_date", "A day is written YYYY-MM-DD.", "For example: 2026-01-12", field="--start", found=text
        )
    return day


def _example(source: str, name: str, start: date | None, words: list[str]) -> Draft:
    from rct.definition.dates import usual_start
    from rct.definition.shipped import example

    made = example(source, name, start or usual_start(date.today()), *words)
    return Draft(made.toml, made.letters, f"example {source}", made.marks, made.printed)


def _interview(talk: Talk, name: str, start: date | None, words: list[str], yes: bool) -> Draft:
    from rct.definition.interview import defaults, next_question, unwritten
    from rct.definition.rewrite import MARK
    from rct.definition.scaffold import starter_letters, write_trial_toml
    from rct.definition.shipped import add_keywords

    if not yes and not sys.stdin.isatty():
        stop(
            "nobody_to_ask",
            "rct new asks questions, and nobody is at this terminal.",
            "Take the defaults with --yes, or start from an example with --from water-bills.",
        )
    asked: set[str] = set()
    answers: dict[str, str] = {} if start is None else {"start": start.isoformat()}
    if yes:
        answers = defaults(date.today(), talk.person, answers)
    else:
        talk.wrap(
            "A few questions. Enter takes the answer in brackets; everything can be changed later in the file."
        )
    while (question := next_question(answers, date.today(), talk.person)) is not None:
        answers[question.key] = _ask(talk, question, answers)
        asked.add(question.key)
    real = not words
    left = unwritten(answers, asked, date.today(), talk.person) if real else frozenset()
    drafts = starter_letters(name, answers, marks=real)
    letters = {path: text.encode() for path, text in drafts.items()}
    toml = add_keywords(write_trial_toml(name, answers, left), *words)
    marks = sum(text.count(MARK) for text in (toml, *drafts.values()))
    return Draft(toml, letters, "questions", marks, bool(drafts) and answers["channel"] in PRINTED)


def _ask(talk: Talk, question: object, answers: Mapping[str, str]) -> str:
    from rct.definition.answers import Question

    if not isinstance(question, Question):
        raise TypeError("a question is asked")
    talk.say()
    talk.wrap(question.ask)
    talk.wrap(question.why, "    ")
    if question.choices:
        for value, meaning in question.choices:
            talk.say(f"    {value:<12} {meaning}")
    elif question.example:
        talk.wrap(f"Example: {question.example}", "    ")
    while True:
        given = click.prompt(
            ">", default=question.default, show_default=bool(question.default), prompt_suffix=" "
        )
        problem = question.problem(given, answers)
        if problem is None:
            return str(given)
        talk.wrap(visible(problem), "    ")

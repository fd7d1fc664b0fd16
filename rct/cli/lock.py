"""lock and amend: fix the plan, and change it only in the open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.errors import visible
from rct.language import SOURCE, codes, others

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.definition.listed import LoadedList

# The names of rct.audit.known.LEVELS, which a test holds to this list: help must not import them.
KNOWN = ("before-data", "before-observation", "before-access", "before-analysis", "after-analysis")


@click.command(epilog='Example:  rct lock water-bills --approved-by "Kim Lee, City Clerk"')
@click.argument("name")
@click.option("--approved-by", metavar="PERSON", help="A second person who has read the plan.")
@click.option(
    "--known",
    metavar="LEVEL",
    type=click.Choice(KNOWN),
    help=f"What was known of the data: {', '.join(KNOWN)}.",
)
@click.option(
    "--lang",
    "language",
    default=SOURCE.code,
    show_default=True,
    help=f"Print the plan in this language too: {', '.join(others(*codes()))}.",
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
def lock(talk: Talk, name: str, approved_by: str | None, known: str | None, language: str, yes: bool) -> None:
    """Fix the plan before anyone is drawn.

    It writes the pre-analysis plan (plan.md, plan.html, plan.pdf) and plan.json, and commits to the draw's
    seed. From then on the plan can't change unseen: every change needs rct amend and a reason. With --lang es a
    plan.es.html, plan.es.pdf and plan.es.md stand beside them, and rct report writes memo and appendix in that
    language too; a locked plan can be printed so later.
    """
    from rct.acts.lock import lock as lock_plan
    from rct.audit.lockable import late
    from rct.cli.opening import announce, load_definition, next_step, require_printable
    from rct.definition.expectations import design_warnings, told
    from rct.registry import chain
    from rct.report.gather import list_facts, power_sentences

    ws = talk.workspace
    definition = load_definition(ws, name)
    require_printable(talk, definition)
    announce(talk, name)
    facts = list_facts(ws, definition)
    _say_proposal(talk, definition, facts)
    for sentence in late(definition, chain.due_date([])):
        talk.wrap(sentence)
    for sentence in power_sentences(definition, facts):
        talk.wrap(visible(sentence))
    talk.confirm(f"Lock the plan of {name}? It can only be amended afterwards.", yes=yes)
    with talk.working("Writing the plan"):
        locked = lock_plan(
            ws, definition, talk.person, approved_by=approved_by, known=known, language=language
        )
    if locked.fresh:
        talk.say(f"\nThe plan of {name} is locked.")
    else:
        talk.say(f"\nThe plan of {name} is locked already, just as it stands; nothing was changed.")
    for path in locked.paths:
        talk.say(f"  wrote       {path}")
    talk.say()
    talk.calendar(definition)
    result = {
        "ok": True,
        "plan_hash": locked.plan_hash,
        "seed_commitment": locked.seed_commitment,
        "head": locked.event.hash,
        "paths": list(locked.paths),
        "fresh": locked.fresh,
        "warnings": [*locked.warnings, *(told(w) for w in design_warnings(definition, facts))],
    }
    then = next_step(ws, name)
    witness = f"rct head {name} (send its line to a witness), then " if locked.fresh else ""
    talk.done(result, next=witness + then)


def _say_proposal(talk: Talk, definition: Definition, facts: LoadedList | None) -> None:
    """What is locked, in words, as the plan's first page has it."""
    from rct.letters.linting import lint_letters
    from rct.report.plan.asked import proposed
    from rct.report.plan.method import decision

    languages = [each.lint.language for each in lint_letters(talk.workspace, definition)]
    units = None if facts is None else facts.units
    proposal = proposed(definition, units, languages, talk.workspace.settings.currency)
    talk.say("What is locked:")
    talk.facts([*proposal.rows(), ("The rule", " ".join(decision(definition)[:3]))])
    talk.say()


@click.command(epilog='Example:  rct amend water-bills --reason "The vendor needs a shorter letter"')
@click.argument("name")
@click.option("--reason", help="Why: it goes into log, plan and memo. A minor change needs none.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
def amend(talk: Talk, name: str, reason: str | None, yes: bool) -> None:
    """Change a locked plan in the open, with a reason.

    Edit trial.toml or a letter first. Before the draw the change is listed in log and plan; after it, it is a
    deviation that the memo lists. Keywords, department, population and kinds of nudge are minor: a change of
    these alone needs no reason.
    """
    from rct.acts.amend import amend as amend_plan
    from rct.audit.lockable import preview
    from rct.cli.opening import load_definition, next_step, require_printable

    ws = talk.workspace
    definition = load_definition(ws, name)
    require_printable(talk, definition)
    changes = preview(ws, definition)
    for change in changes:
        talk.say(f"  {visible(str(change))}")
    if changes:
        talk.confirm(f"Amend the plan of {name}?", yes=yes)
    with talk.working("Writing the plan"):
        amended = amend_plan(ws, definition, talk.person, reason=reason)
    if not amended.fresh:
        talk.say(f"The definition and letters of {name} are as the plan has them; nothing was changed.")
    else:
        kind = (
            "It comes after the draw: a deviation, which the memo lists."
            if amended.deviation
            else "Listed in log and plan."
        )
        talk.say(f"The plan of {name} is amended ({count(len(amended.changes), 'change')}). {kind}")
    result = {
        "ok": True,
        "plan_hash": amended.plan_hash,
        "head": amended.event.hash,
        "paths": list(amended.paths),
        "fresh": amended.fresh,
        "deviation": amended.deviation,
        "changes": [{"field": c.field, "old": c.old, "new": c.new} for c in amended.changes],
    }
    talk.done(result, next=next_step(ws, name))

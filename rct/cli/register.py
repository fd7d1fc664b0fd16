"""register: the trial in the fields of a public registry."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, talks
from rct.errors import visible

# The names of rct.evidence.registers.REGISTERS, which a test holds to this list: help must not import them.
NAMES = ("aea", "aspredicted", "osf", "egap", "ctgov")


@click.command(epilog="Example:  rct register water-bills --format aea")
@click.argument("name")
@click.option(
    "--format",
    "register_name",
    metavar="REGISTRY",
    type=click.Choice(NAMES),
    required=True,
    help=f"Which registry: {', '.join(NAMES)}.",
)
@click.option("--number", help="The number or address that the registry gave: goes into the log.")
@click.option("--to", metavar="DIR", type=click.Path(path_type=Path), help="Write only there, not into out/.")
@talks
def register(talk: Talk, name: str, register_name: str, number: str | None, to: Path | None) -> None:
    """Put the plan into the fields of a public registry, to paste or upload.

    Markdown for people, JSON with the registry's own field names for programs, and a list of what is still
    empty. Nothing is sent anywhere. Before the lock it is a draft, and needs --to.
    """
    from rct.acts.register import record_number, write
    from rct.cli.opening import announce, plan_or_definition
    from rct.evidence.registers.registration import registration, write_into

    ws = talk.workspace
    definition = plan_or_definition(ws, name, ())
    announce(talk, name)
    made = registration(ws, definition, register_name)
    paths, fresh = (write_into(made, to), True) if to is not None else write(ws, made, talk.person)
    form = made.form
    needed = [f for f in form.empty if f.required]
    talk.say(
        f"{form.title}: {len(form.fields) - len(form.empty)} of {count(len(form.fields), 'field')} filled."
    )
    if needed:
        talk.say("  Only a person can write, and the registry demands:")
        for field in needed:
            talk.say(f"    {visible(field.label)}")
    for path in paths:
        talk.say(f"  {'wrote' if fresh else 'is there, unchanged:'} {visible(path)}")
    if number is not None:
        event, new = record_number(ws, name, talk.person, register_name, number)
        talk.wrap(f"{'Recorded' if new else 'Recorded already'}: {visible(event.body.number)}", "  ")
    result = {
        "ok": True,
        "registry": register_name,
        "paths": list(paths),
        "fresh": fresh,
        "empty": [f.key for f in form.empty],
        "required_and_empty": [f.key for f in needed],
        "assumed": [f.key for f in form.fields if f.assumed and f.value is not None],
        "fields": {f.key: f.value for f in form.fields},
    }
    talk.done(result, next=f"rct register {name} --format {register_name} --number … (once it is registered)")

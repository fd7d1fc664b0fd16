"""adapt: start a local replication of another city's trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, count, talks
from rct.errors import stop, visible

if TYPE_CHECKING:
    from rct.evidence.adapting import Start


@click.command(epilog="Example:  rct adapt bundle.zip our-bills --start 2027-01-11")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("name")
@click.option("--start", metavar="DAY", help="The day your letters go out, such as 2027-01-11.")
@click.option("--field-mean", type=float, help="What such trials find on average, as a share (else 0.014).")
@click.option("--field-sd", type=float, help="How far they lie apart, as a share (else 0.03).")
@click.option("--unsigned", is_flag=True, help="Take a bundle that nobody signed.")
@click.option("--fingerprint", metavar="TEXT", help="Take one signed by this stranger's key.")
@talks
def adapt(
    talk: Talk,
    bundle: Path,
    name: str,
    start: str | None,
    field_mean: float | None,
    field_sd: float | None,
    **accepted: Any,
) -> None:
    """Start a local replication of another city's trial.

    Its definition and letters are copied, and each place that is the other city's is marked REWRITE; rct check
    lists what is left. The effect to expect is theirs, shrunk toward what such trials find.
    """
    from datetime import date

    from rct import fs
    from rct.acts.new import Beginning, create_trial
    from rct.cli.new import day_of
    from rct.definition.dates import usual_start
    from rct.definition.schema import FILE, schema_text
    from rct.evidence.adapting import EffectPrior, start_from
    from rct.evidence.bundle import signing
    from rct.evidence.bundle.opening import read_bundle, require_sound
    from rct.evidence.library.entries import later_in_library
    from rct.power.shrink import FIELD_MEAN, FIELD_SD

    ws = talk.workspace
    fs.require_name(name, "trial")
    field = EffectPrior(
        FIELD_MEAN if field_mean is None else field_mean, FIELD_SD if field_sd is None else field_sd
    )
    if not (-1 < field.mean < 1 and 0 < field.sd < 1):
        stop(
            "bad_field", "The field's mean and spread are shares: 0.014 is 1.4 points.", "Give such numbers."
        )
    opened = read_bundle(bundle, signing.trusted(ws))
    evidence = require_sound(opened, **accepted)
    later = later_in_library(ws, evidence)
    made = start_from(opened, evidence, name, day_of(start) or usual_start(date.today()), field)
    files = {"trial.toml": made.toml.encode(), FILE: schema_text().encode(), **made.files}
    begins = Beginning(files, made.letters, f"bundle {opened.digest}")
    event = create_trial(ws, name, talk.person, begins)
    if event is None:
        talk.say(f"There is a trial {name} already; nothing was changed.")
    else:
        _tell(talk, name, made, evidence.place)
        if later is not None:
            talk.wrap(visible(later))
    result = {
        "ok": True,
        "path": ws.shown(ws.definition_file(name)),
        "letters": sorted(made.letters),
        "marks": made.marks,
        "expected": made.expected,
        "theirs": None if made.theirs is None else made.theirs.estimate,
        "fresh": event is not None,
        "city": evidence.city,
        "signed_by": evidence.signed_by,
        "later": later,
    }
    talk.done(result, next=f"rct check {name} (it lists what to rewrite)")


def _tell(talk: Talk, name: str, start: Start, city: str) -> None:
    talk.say(f"Made trials/{name}/trial.toml from the trial of {visible(city) or 'another city'}.")
    for letter in start.letters:
        talk.say(f"Made templates/{visible(letter)}")
    talk.wrap(
        f"In the letters {count(start.marks, 'place')} are marked REWRITE. Read them all the same: rct can't know every "
        "place that is theirs."
    )
    theirs = None if start.theirs is None else start.theirs.estimate
    if start.expected is None or theirs is None:
        talk.wrap("The effect to expect is set to the least worthwhile one: the field tells of shares only.")
    else:
        talk.wrap(
            f"They found {abs(100 * theirs):.1f} points; expect {100 * start.expected:.1f}: a figure that was chosen for "
            "its size leans high, so it is shrunk toward what such trials find."
        )
    talk.wrap("The least worthwhile effect is theirs: decide your own before the lock.")

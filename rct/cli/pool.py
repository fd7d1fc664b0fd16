"""pool: several trials of one question together."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, talks
from rct.errors import stop, visible

if TYPE_CHECKING:
    from rct.evidence.pool.choosing import Wish
    from rct.evidence.pool.pooling import Pooling

PLOTS = (".svg", ".png")
PAGES = (".html", ".md")


@click.command(epilog="Example:  rct pool paid_30 water-bills old-town ~/bundles/riverside.zip")
@click.argument("outcome")
@click.argument("trials", nargs=-1, required=True, metavar="TRIAL...")
@click.option(
    "--arm", "arms", multiple=True, metavar="[TRIAL:]ARM", help="Only this arm; as often as needed."
)
@click.option(
    "--nudge", "nudges", multiple=True, metavar="KIND", help="Only arms of this kind, e.g. 'social norm'."
)
@click.option(
    "--outcome",
    "others",
    multiple=True,
    metavar="TRIAL:NAME",
    help="In this trial the outcome is called NAME.",
)
@click.option("--unit", metavar="UNIT", help="What one unit of the outcome is, where a trial doesn't say.")
@click.option("--worthwhile", type=float, help="The least effect worth adopting (0.01 is one point).")
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="FILE", help="Write it as a page: .html or .md."
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Write the plot: .svg or .png.")
@talks
def pool(
    talk: Talk, outcome: str, trials: tuple[str, ...], page: Path | None, plot: Path | None, **wished: Any
) -> None:
    """Pool OUTCOME over several trials: how large is the effect, and in the next city?

    A TRIAL is one of this workspace, the path of a bundle or paper, or an entry of the library by name or digest. Each
    counts once, however many arms it had. Outcomes of different kinds, units or directions are refused.
    """
    from rct.evidence.library.sources import evidence_of
    from rct.evidence.pool.as_json import pool_json
    from rct.evidence.pool.page import METHODS_HEAD, TRIALS_HEAD
    from rct.evidence.pool.pooling import pool_evidence
    from rct.evidence.pool.words import method_rows, own_notes, plain_words, trial_rows

    _suffix(page, PAGES, "--page")
    _suffix(plot, PLOTS, "--plot")
    wish = _wish(outcome, **wished)
    with talk.working("Pooling"):
        pooling = pool_evidence(wish, evidence_of(talk.workspace, trials))
    if pooling.marks:
        talk.say(f"{' and '.join(pooling.marks)}: not all of these are real trials")
    for sentence in plain_words(pooling):
        talk.wrap(visible(sentence))
    if pooling.notes:
        talk.say("\nWhat to know first:")
        for note in pooling.notes:
            talk.wrap(visible(f"- {note}"), "  ")
    talk.say(f"\nEach trial, in the order named ({_unit(pooling)})")
    talk.table(TRIALS_HEAD, trial_rows(pooling, short=True))
    told = own_notes(pooling)
    if told:
        talk.say("\nWhat the trials' own records say")
        for note, labels in told:
            talk.wrap(visible(f"- {note} ({'; '.join(labels)})"), "  ")
    talk.say("\nThe answer above, and each method's own as R's metafor gives it")
    rows = method_rows(pooling, short=True)
    bare = not any(row[-1] for row in rows)
    talk.table(METHODS_HEAD[:-1] if bare else METHODS_HEAD, [row[:-1] if bare else row for row in rows])
    for what, why in pooling.not_shown:
        talk.wrap(visible(f"Not shown: {what} ({why})."), "  ")
    paths = [_written(pooling, path) for path in (page, plot) if path is not None]
    for path in paths:
        talk.say(f"Wrote {visible(path)}")
    talk.done({"ok": True, **pool_json(pooling), "paths": paths}, next="rct library find WORDS")


def _wish(
    outcome: str,
    arms: tuple[str, ...],
    nudges: tuple[str, ...],
    others: tuple[str, ...],
    unit: str | None,
    worthwhile: float | None,
) -> Wish:
    from rct.evidence.pool.choosing import Wish

    if worthwhile is not None and not 0 < worthwhile < math.inf:
        stop("usage", "--worthwhile is a size, above 0.", "Write 0.01 for one point.", field="--worthwhile")
    chosen = tuple((trial or None, arm) for trial, _, arm in (a.rpartition(":") for a in arms))
    return Wish(outcome, tuple(_pair(o) for o in others), chosen, nudges, unit, worthwhile)


def _unit(pooling: Pooling) -> str:
    from rct.kinds import kind_of

    return kind_of(pooling.outcome.kind).unit or pooling.unit or "in its own unit"


def _pair(text: str) -> tuple[str, str]:
    trial, colon, name = text.rpartition(":")
    if not colon or not trial or not name:
        stop("usage", "--outcome takes TRIAL:NAME.", "For example: --outcome old-town:paid_60", found=text)
    return trial, name


def _suffix(path: Path | None, known: tuple[str, ...], option: str) -> None:
    if path is not None and path.suffix.lower() not in known:
        stop("usage", f"{option} writes {' or '.join(known)}.", field=option, found=str(path))


def _written(pooling: Pooling, path: Path) -> str:
    from rct.evidence.pool.page import write

    write(pooling, path)
    return str(path)

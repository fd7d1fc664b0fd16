"""draw: decide by lot who gets which letter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.cli.loading import how_read
from rct.errors import visible

if TYPE_CHECKING:
    from rct.design.balance import Balance
    from rct.tables.options import FileOptions

SHOWN_BLOCKS = 30


@click.command(
    epilog="Example:  rct draw water-bills\n\n\b\n"
    "With a beacon:   rct draw water-bills --beacon lottery:pick6:2026-01-05:4-9-17\n"
    "Made elsewhere:  rct draw legislators --replay sent.csv --column treat"
)
@click.argument("name")
@click.option("--beacon", default="", metavar="TEXT", help="Public randomness, if the plan names a source.")
@click.option(
    "--replay", type=click.Path(path_type=Path), metavar="FILE", help="Take over a draw made elsewhere."
)
@click.option("--column", metavar="C", help="The column of FILE that holds the arms.")
@click.option("--encoding", metavar="NAME", help="The encoding of FILE, if it is not UTF-8.")
@click.option("--rename", multiple=True, metavar="A=B", help="FILE's column A is the definition's B.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@talks
@how_read
def draw(
    talk: Talk,
    name: str,
    beacon: str,
    replay: Path | None,
    column: str | None,
    how: FileOptions,
    yes: bool,
) -> None:
    """Decide by lot who gets which letter.

    A trial is drawn once, from the locked plan and the loaded list. Anyone who has both can re-derive it.
    """
    from rct.acts.draw import draw as draw_trial
    from rct.analysis.balance import balance_of_draw
    from rct.audit.deviations import DRAWN_ELSEWHERE, impossible_counts
    from rct.cli.opening import announce, load_definition, next_step
    from rct.draw.request import DrawRequest

    ws = talk.workspace
    definition = load_definition(ws, name)
    announce(talk, name)
    talk.confirm(f"Draw {name}? A trial is drawn once.", yes=yes)
    with talk.working("Drawing"):
        request = DrawRequest(beacon, replay, column, how)
        drawn = draw_trial(ws, definition, talk.person, request)
        shown = balance_of_draw(ws, name)
    body = drawn.body
    if not drawn.fresh:
        talk.say(f"{name} is drawn already, by this very draw; nothing was changed.")
    kind = "as they were drawn elsewhere" if body.replay else f"draw {body.draws} of 1"
    total = sum(body.units.values())
    locks, lists = count(body.locks, "lock"), count(body.freezes, "list")
    talk.say(f"{name}: {total:,} units, {kind} ({locks}, {lists} loaded)\n")
    arms = list(definition.arms)
    rows = [(_label(b), *counts) for b, counts in list(shown.counts.items())[:SHOWN_BLOCKS]]
    talk.table(
        ("block" if body.blocks > 1 else "", *arms),
        [*rows, ("all", *(f"{body.units[a]:,}" for a in arms))],
    )
    if len(shown.counts) > SHOWN_BLOCKS:
        talk.say(f"  … and {len(shown.counts) - SHOWN_BLOCKS:,} more blocks, in {drawn.path}")
    if body.merged_blocks:
        talk.wrap(f"{body.merged_blocks:,} small blocks are analyzed together with others, as the plan says.")
    _show_balance(talk, shown.balance, definition.control)
    if body.replay and body.replay.ignored:
        ignored = count(body.replay.ignored, "row")
        talk.wrap(
            f"{ignored} of the file are of no unit in the list; they were left out, and the log says so."
        )
    if body.replay and body.replay.impossible_blocks:
        talk.say()
        talk.wrap(
            f"{impossible_counts(body, body.replay)} A deviation, listed in the memo. docs/replay.md says how a toss of "
            "coins is entered."
        )
    if body.replay:
        talk.say()
        talk.wrap(f"{DRAWN_ELSEWHERE} A deviation, listed in the memo.")
    talk.say(f"\nWho gets what is in {drawn.path} (pseudonyms only).")
    talk.wrap("Send this line to someone outside the team now: rct head " + name)
    result = {
        "ok": True,
        "units": total,
        "clusters": sum(body.clusters.values()) or None,
        "arms": body.units,
        "frame_hash": body.frame_hash,
        "key": body.key,
        "path": drawn.path,
        "ignored": body.replay.ignored if body.replay else 0,
        "fresh": drawn.fresh,
    }
    talk.done(result, next=next_step(ws, name))


def _label(block: str) -> str:
    return visible(" / ".join(block.split("\x1f"))) if block else "(all)"


def _show_balance(talk: Talk, balance: Balance | None, control: str) -> None:
    if balance is None:
        return
    talk.say("\nBalance on what was known before (means by arm, normalized differences):\n")
    head = ("", *balance.arms, *(f"Δ {a}" for a in balance.arms if a != control))
    rows = []
    for row in balance.rows:
        gaps = [
            "-" if d is None else f"{d:+.3f}"
            for a, d in zip(balance.arms, row.differences, strict=True)
            if a != control
        ]
        rows.append((row.name, *(f"{m:.4g}" for m in row.means), *gaps))
    talk.table(head, rows)
    if balance.p_value is not None:
        talk.say()
        talk.wrap(
            f"All together: d² = {balance.d2:.2f} on {balance.df} df, p = {balance.p_value:.3f}. "
            + ("The arms differ more than lots usually do." if balance.p_value < 0.001 else "As lots do.")
            + " Whatever it says, there is no other draw."
        )

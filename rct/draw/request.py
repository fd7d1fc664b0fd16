"""What a draw was asked for, and an assignment made elsewhere as its lots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct.draw.lots import Lots
from rct.draw.replay import read_replay
from rct.errors import stop
from rct.registry import vault
from rct.registry.trial import Framed
from rct.tables.options import FileOptions


@dataclass(frozen=True)
class DrawRequest:
    """What was asked for: a beacon's text, or a file that holds an assignment made elsewhere."""

    beacon: str
    replay: Path | None
    column: str | None
    how: FileOptions


def replayed_lots(framed: Framed, request: DrawRequest) -> Lots:
    """The lots of the file that was given; its arms are of the units of the frame."""
    if request.beacon:
        stop(
            "usage",
            "--beacon goes with a draw, not with --replay.",
            "Leave one of them out.",
            field="--beacon",
        )
    if request.replay is None or request.column is None:
        stop("usage", "--replay FILE needs --column C, the column that holds the arms.", "Name the column.")
    with vault.opened(framed.ws) as opened:
        unit_of = {id: unit for unit, id, _, _ in vault.people(opened, framed.load.body.token)}
    table = request.how.read(request.replay, framed.definition.layout)
    replay = read_replay(table, request.column, framed.definition, framed.units, unit_of)
    return Lots(
        replay.arms,
        [""] * len(framed.units.units),
        replay.counts,
        replay.probabilities,
        None,
        replay.impossible,
        replay.ignored,
    )


def refuse_unused(request: DrawRequest) -> None:
    """Options that only a replay takes are not passed over in silence."""
    if request.column is not None or request.how != FileOptions():
        stop(
            "usage",
            "--column, --encoding and --rename go with --replay FILE.",
            "Name the file, or leave them out.",
        )

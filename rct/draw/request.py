"""What a draw was asked for, and an assignment made elsewhere as its lots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition
from rct.draw.lots import Lots
from rct.draw.replay import Replayed, read_replay
from rct.errors import stop
from rct.registry import chain, vault
from rct.registry.store import Frame
from rct.registry.workspace import Workspace
from rct.tables.options import FileOptions


@dataclass(frozen=True)
class Request:
    """What was asked for: a beacon's text, or a file that holds an assignment made elsewhere."""

    beacon: str
    replay: Path | None
    column: str | None
    how: FileOptions


def replayed_lots(
    ws: Workspace, definition: Definition, frame_event: chain.Event, frame: Frame, request: Request
) -> Lots:
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
    with vault.opened(ws) as opened:
        unit_of = {id: unit for unit, id, _, _ in vault.people(opened, frame_event.body.token)}
    found: Replayed = read_replay(
        request.how.read(request.replay, definition.layout), request.column, definition, frame, unit_of
    )
    return Lots(
        found.arms,
        [""] * len(frame.units),
        found.counts,
        found.probabilities,
        None,
        found.impossible,
        found.ignored,
    )


def refuse_unused(request: Request) -> None:
    """Options that only a replay takes are not passed over in silence."""
    if request.column is not None or request.how != FileOptions():
        stop(
            "usage",
            "--column, --encoding and --rename go with --replay FILE.",
            "Name the file, or leave them out.",
        )

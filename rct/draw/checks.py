"""What a draw rests on: the locked plan as it stands on disk, the list that it reads, and its rows as they were frozen."""

from __future__ import annotations

from rct.definition import Definition, plan
from rct.design import tickets
from rct.errors import stop
from rct.registry import chain
from rct.registry.events import FrameBody
from rct.registry.store import Frame
from rct.registry.workspace import Workspace


def refuse_edited(ws: Workspace, definition: Definition, locked: bytes) -> None:
    """Refuse a definition that is no longer what was locked."""
    changes = plan.difference(locked, plan.plan_json(definition, ws.templates))
    if changes:
        stop(
            "edited_after_lock",
            "The definition or a letter differs from the locked plan: "
            + "; ".join(str(c) for c in changes[:10]),
            f'Undo the edit, or change the plan in the open: rct amend {definition.name} --reason "…"',
            file="trial.toml",
        )


def refuse_other_frame(definition: Definition, frame: chain.Event[FrameBody]) -> None:
    """Refuse a list that was read by another [frame] or [design]."""
    if frame.body.reads != plan.frame_design_hash(definition):
        stop(
            "frame_stale",
            "[frame] or [design] changed since the list was loaded, so the list must be read again.",
            f"Load it again with: rct frame {definition.name} FILE",
        )


def check_frame_hash(frame: Frame, event: chain.Event[FrameBody]) -> None:
    """Refuse stored rows other than those that were frozen."""
    if tickets.frame_hash(frame.units, frame.blocks, frame.clusters) != event.body.frame_hash:
        stop(
            "frame_changed",
            "The stored frame is not the one that was frozen.",
            "Restore rct.db from a copy.",
            file="rct.db",
        )

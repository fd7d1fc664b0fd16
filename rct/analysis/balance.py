"""Balance of a stored draw, with the counts by block: read from the registry, nothing of outcomes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rct.analysis.data import arm_codes, arm_order, block_codes, cluster_codes, covariate_columns
from rct.definition import Definition
from rct.design.balance import Balance, balance
from rct.registry import store
from rct.registry.store import Frame
from rct.registry.trial import opened
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class ShownBalance:
    """Units by block and arm (arms in the definition's order), and the balance where anything was known."""

    counts: dict[str, tuple[int, ...]]
    balance: Balance | None


def balance_of(definition: Definition, frame: Frame, arms: Sequence[str]) -> Balance | None:
    """Means, normalized differences and the omnibus test; None without covariates and categories."""
    names, x = covariate_columns(frame, every_level=True)
    if not names:
        return None
    return balance(
        x,
        names,
        arm_codes(definition, arms),
        arm_order(definition),
        control=0,
        block=block_codes(definition, frame)[0],
        cluster=cluster_codes(definition, frame),
    )


def balance_of_draw(ws: Workspace, name: str) -> ShownBalance:
    with opened(ws, name) as trial:
        definition, db = trial.definition, trial.db
        known = [column for column, _, kind in store.frame_columns(db, name) if kind != "block"]
        frame = trial.once("units", lambda: store.read_frame(db, name, only=known))
        arms = trial.arms
    place = {a: i for i, a in enumerate(definition.arms)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(place))
    for block, arm in zip(frame.blocks, arms, strict=True):
        counts[block][place[arm]] += 1
    return ShownBalance({b: tuple(counts[b]) for b in sorted(counts)}, balance_of(definition, frame, arms))

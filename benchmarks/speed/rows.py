"""What a row of docs/speed.md is: what was done, beside what, the ratio, the aim, and whether it is held."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.speed.measure import Spent


@dataclass(frozen=True)
class Aim:
    """One figure that was aimed for: `reached` and `aim` in the same unit; held where reached ≤ aim, or with
    `at_least` where reached ≥ aim."""

    name: str
    reached: float
    aim: float
    unit: str
    at_least: bool = False

    @property
    def held(self) -> bool:
        return self.reached >= self.aim if self.at_least else self.reached <= self.aim


@dataclass(frozen=True)
class Row:
    """`figures`: (side, what was spent) in the order of the run; `notes`: sentences for readers; `tried`: where an
    aim is missed, what was tried."""

    key: str
    what: str
    beside: str
    aims: list[Aim]
    figures: list[tuple[str, Spent]]
    notes: list[str] = field(default_factory=list)
    tried: str = ""

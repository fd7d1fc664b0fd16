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
    aims: list[Aim]
    figures: list[tuple[str, Spent]]
    notes: list[str] = field(default_factory=list)
    tried: str = ""

    @property
    def what(self) -> str:
        return TABLE[self.key][0]

    @property
    def beside(self) -> str:
        return TABLE[self.key][1]


# key: (what, beside it, what is aimed for); a page that was not given every row says so
TABLE = {
    "draw": (
        "a draw of 1,000,000 units, 10,000 blocks, 4 arms",
        "stochatreat; DuckDB (sha256 and a window)",
        "within 1.3 times the fastest",
    ),
    "lin": (
        "Lin with HC2, 1,000,000 rows, 10 covariates",
        "statsmodels",
        "8 times faster; peak within 1.3 times the data",
    ),
    "cr2": (
        "CR2 with Satterthwaite, 100,000 rows, 10,000 clusters",
        "estimatr (R)",
        "100 times faster, under 200 MiB",
    ),
    "published": (
        "a published trial's shape: 344,084 people, 180,002 households as clusters, 10,000 blocks, 5 arms, block "
        "effects and 5 covariates",
        "estimatr stops: it asks for 25.6 GB",
        "under 10 s, under 1 GiB",
    ),
    "frame": (
        "frame: 1,000,000 rows × 12 columns to registry and vault",
        "sqlite-utils insert_all",
        "2 times faster; peak within 50 MiB of that at 100,000 rows",
    ),
    "letters": (
        "10,000 one-page letters, tagged PDF/UA-1",
        "WeasyPrint (200, extrapolated)",
        "20 times faster, under 0.5 GiB a process",
    ),
    "road": (
        "the whole road at 10,000, 100,000, 1,000,000 recipients (letters aside)",
        "itself at 100,000",
        "time at 1,000,000 at most 12 times, peak under 2 GiB",
    ),
    "floors": (
        "frame, draw, analyze, report and verify of 1,000,000 recipients, in processor time",
        "sqlite3 and csv alone, the same rows once; tag 0.1.0's code",
        "4, 2.5, 3, 3 and 4 times their floors; the road 0.45 of 0.1.0's; peak under 1 GiB",
    ),
    "start": ("`rct --help`; `rct status` with 100 trials", "bare python", "0.15 s; 0.3 s"),
}

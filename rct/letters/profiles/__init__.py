"""What the reports of vendors look like: a TOML file each, with columns, words and dates. A new vendor is one more file.

`rct mailed NAME FILE --kind twilio` reads the profile of that name here; `--kind path/to/ours.toml` one of the city's own.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from rct.errors import stop

HERE = Path(__file__).parent
Status = Annotated[
    str,
    StringConstraints(
        pattern="^(mailed|delivered|returned|forwarded|other_version|opened|clicked|replied|stopped|opted_out)$"
    ),
]
Reason = Annotated[
    str, StringConstraints(pattern="^(moved|vacant|insufficient_address|refused|deceased|other)$")
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportRows(_Strict):
    """ReportRows of one kind in a report. Of several column names the first that the file has is taken, in any case."""

    where: dict[str, list[str]] = {}  # column → its values in rows of this kind; none: all rows
    email: list[str] = []  # columns that name a person, each by what it holds; `contact` holds either
    phone: list[str] = []
    contact: list[str] = []
    date: list[str] = []
    reason: list[str] = []
    status: list[str] = []
    statuses: dict[str, list[Status]] = {}  # word of the status column → what it says; [] for nothing yet
    otherwise: list[Status] | None = None  # what any other word says; none: it is a defect
    always: list[Status] = []  # what every row says, whatever stands in it
    counts: dict[str, Status] = {}  # column → what a number above 0, or a yes, in it says
    filled: dict[str, Status] = {}  # column → what any text in it says


class Profile(_Strict):
    """One vendor's report. `dates`: formats of strptime beside YYYY-MM-DD; `repeats`: whether a piece may have a status
    several times, so that the first counts; `phrases`: whether a reason is looked for within a longer text."""

    title: str
    rows: list[ReportRows] = Field(min_length=1)
    dates: list[str] = []
    reasons: dict[str, Reason] = {}
    repeats: bool = False
    phrases: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Profile:
        for rows in self.rows:
            if not (rows.status or rows.always or rows.counts or rows.filled):
                raise ValueError("rows without status, always, counts or filled say nothing")
            if bool(rows.status) != bool(rows.statuses):
                raise ValueError("status and statuses go together")
        return self


@dataclass(frozen=True)
class Named:
    """A profile and the name that the log has of it."""

    name: str
    profile: Profile


def kinds() -> list[str]:
    """The profiles that come with the program, by name."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def read_profile(kind: str) -> Named:
    """The profile of a vendor by name, or by the path of a file. Raises `RctError`."""
    if kind in kinds():
        return Named(kind, _parsed(HERE / f"{kind}.toml"))
    if not kind.endswith(".toml"):
        stop(
            "unknown_profile",
            f"There is no report of this kind. There are: {', '.join(kinds())}.",
            "Give one of them, or the path of a profile of your own that ends in .toml (docs/mailed.md).",
            field="--kind",
            found=kind,
        )
    return Named(Path(kind).stem, _parsed(Path(kind)))


def _parsed(path: Path) -> Profile:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Profile.model_validate(data)
    except OSError as error:
        what = error.strerror or "unknown reason"
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
    except ValueError as error:  # TOML and UTF-8 alike
        what = str(error)
    stop(
        "bad_profile",
        f"The profile can't be read: {what}.",
        "Compare it with those of the program, in rct/letters/profiles/.",
        file=path.name,
    )

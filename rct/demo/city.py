"""Springfield's overdue water bills, invented: who owes what, and who pays after which letter.

Everything here is drawn from a seeded generator; nobody in it exists. The chance that an account pays in full
within 30 days is

    p = base + effect(arm),    base = 0.44 - 0.0006 * (balance - 120) - 0.06 * late_last_year + d(district),

kept inside 0.02 and 0.97, with effects of 0, 1.5, 5.0 and 3.0 percentage points for no letter, today's
letter, the letter on neighbors and the letter on paying in parts. Some pay part of the bill in time, some
pay after day 30. So the true effects are known (`EFFECTS`), and a reader can see whether the memo's
intervals hold them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

SEED = 20_260_112
HOUSEHOLDS = 21_400
EFFECTS: Mapping[str, float] = {"holdout": 0.0, "current": 0.015, "social": 0.05, "parts": 0.03}
BANDS = ((0.0, "under 75"), (75.0, "75 to 150"), (150.0, "over 150"))
DISTRICTS = ("Eastside", "Harbor", "Midtown", "North Hill", "Old Mill", "Riverview", "South Park", "Westgate")
FIRST = tuple(
    (
        "Ana Ben Carla David Elena Frank Grace Hugo Irene James Karim Laura Marco Nadia Omar Paula Quinn "
        "Rosa Samuel Tanya Umar Vera Walter Ximena Yusuf Zoe Null José Núñez"
    ).split()
)
LAST = tuple(
    (
        "Abbott Brooks Castillo Dunn Espinosa Foster García Hughes Ibarra Jensen Kowalski López Meyer "
        "Nguyen O'Brien Park Quintero Ramírez Santos Turner Underwood Vargas Wong Young Zapata Null"
    ).split()
)
STREETS = (
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Grove",
    "Hickory",
    "Juniper",
    "Linden",
    "Maple",
    "Oak",
)
HEADER = (
    "account", "name", "street", "city", "postcode", "district", "language", "balance", "balance_band", "late_last_year",
    "status", "do_not_mail",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A row of the city's list, and the chance (without a letter) that it pays within 30 days."""

    row: tuple[str, ...]
    base: float

    @property
    def id(self) -> str:
        return self.row[0]


def accounts(seed: int = SEED, households: int = HOUSEHOLDS) -> list[Account]:
    """The city's overdue accounts, some closed, some under $25, some that asked for no mail."""
    random = np.random.default_rng(seed)
    district = random.integers(len(DISTRICTS), size=households)
    balance = np.round(np.exp(random.normal(4.55, 0.55, households)), 2)
    late = random.random(households) < 0.3
    spanish = random.random(households) < np.where(district % 3 == 0, 0.35, 0.1)
    closed = random.random(households) < 0.03
    no_mail = random.random(households) < 0.012
    first, last = random.integers(len(FIRST), size=households), random.integers(len(LAST), size=households)
    number, street = random.integers(1, 4000, households), random.integers(len(STREETS), size=households)
    shift = random.normal(0, 0.03, len(DISTRICTS))
    base = 0.44 - 0.0006 * (balance - 120) - 0.06 * late + shift[district]
    made = []
    for i in range(households):
        row = (
            f"{i * 37 % 100_000:05d}-{i % 7}",
            f"{FIRST[first[i]]} {LAST[last[i]]}",
            f"{number[i]} {STREETS[street[i]]} Street",
            "Springfield",
            f"{62_701 + district[i]:05d}",
            DISTRICTS[district[i]],
            "es" if spanish[i] else "en",
            f"{balance[i]:.2f}",
            [name for least, name in BANDS if balance[i] >= least][-1],
            "1" if late[i] else "0",
            "closed" if closed[i] else "open",
            "yes" if no_mail[i] else "",
        )
        made.append(Account(row, float(base[i])))
    return made


def accounts_csv(listed: Sequence[Account]) -> bytes:
    return _csv(HEADER, (a.row for a in listed))


def payments_csv(
    listed: Iterable[Account], arm_of: Mapping[str, str], start: date, seed: int = SEED + 1
) -> bytes:
    """What the billing system exports seven weeks after `start`: one row a payment, by account.

    `arm_of` maps account numbers to arms; accounts that were not drawn pay as if nothing was sent.
    """
    random = np.random.default_rng(seed)
    rows = []
    for account in listed:
        chance = min(max(account.base + EFFECTS.get(arm_of.get(account.id, "holdout"), 0.0), 0.02), 0.97)
        luck, day, late_day = random.random(), int(random.integers(1, 31)), int(random.integers(31, 46))
        balance = float(account.row[HEADER.index("balance")])
        if luck < chance:
            rows.append((account.id, "1", _day(start, day), f"{balance:.2f}"))
        elif luck < chance + 0.06:
            rows.append((account.id, "0", _day(start, day), f"{balance / 3:.2f}"))
        elif luck < chance + 0.11:
            rows.append((account.id, "1", _day(start, late_day), f"{balance:.2f}"))
    rows.sort(key=lambda r: (r[2], r[0]))
    return _csv(("account", "paid_in_full", "paid_on", "amount"), rows)


def _day(start: date, days: int) -> str:
    return (start + timedelta(days=days)).isoformat()


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()

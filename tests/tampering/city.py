"""A small workspace in which everything has happened that rct stores: made once, copied as often as wanted.

`bills` went the whole road (letters, counts and pieces told, opt-outs, handover, outcomes, memo, decision),
`fines` took over an assignment made elsewhere, `fees` waits for its draw, and a practice trial was removed again.
"""

from __future__ import annotations

import atexit
import csv
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from chances import alike
from mailed_support import Mail
from support import Road, accounts, canary_accounts, canary_definition, canary_payments, definition

from rct.audit.overview import states
from rct.audit.verify import verify
from rct.errors import Problem, RctError
from rct.registry.workspace import find

N = 48


def city(root: Path) -> Road:
    """A copy of it in `root`."""
    shutil.copytree(_made(), root, dirs_exist_ok=True)
    return Road(root, init=False)


@cache
@alike
def _made() -> Path:
    root = Path(tempfile.mkdtemp(prefix="rct-city-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    road = Mail(root)
    _bills(road)
    _fines(Road(root, "fines", init=False))
    _fees(Road(root, "fees", init=False))
    road.ok("new", "plain", "--yes")
    _practice(Road(root, "try-it", init=False))
    assert road.ok("verify")["failures"] == []
    return root


def _bills(road: Mail) -> None:
    """Two letters and a holdout, blocks, clusters, a subgroup; to its memo, and what was decided on it."""
    road.define(canary_definition())
    letters = road.folder / "templates" / "bills"
    letters.mkdir()
    for letter in ("plain", "social"):
        (letters / f"{letter}.md").write_text(
            "{{ name }}\n{{ street }}\n\nDear {{ name }},\n\nThis is the " + letter + " letter.\n"
        )
    people = road.file("accounts.csv", canary_accounts(N))
    payments = road.file("payments.csv", canary_payments(N))
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    road.ok("proof", "bills")
    road.ok("lock", "bills", "--yes")
    road.ok("frame", "bills", people)
    road.ok("draw", "bills", "--yes")
    made = {v: n["units"] for v, n in road.ok("letters", "bills")["versions"].items()}
    road.ok("handover", "bills")
    road.ok("mailed", "bills", road.counts(*(f"{v},{n},{n},{n},0" for v, n in made.items())))
    with (road.private / "bills" / "handover.csv").open(encoding="utf-8", newline="") as listed:
        mailed = sorted(row["reference"] for row in csv.DictReader(listed))
    told = [(code, "mailed", "", yesterday) for code in mailed]
    told += [(mailed[0], "returned", "moved", yesterday), (mailed[1], "opted_out", "", yesterday)]
    told += [(mailed[2], "stopped", "", yesterday)]
    lines = ["reference,status,reason,date", *(",".join(row) for row in told)]
    road.ok("mailed", "bills", road.file("pieces.csv", "\n".join(lines) + "\n"))
    remarks = [f"{mailed[3]},asked,how to pay online", f"{mailed[4]},objected,too many letters"]
    road.ok("remarks", "bills", road.file("calls.csv", "\n".join(["reference,kind,theme", *remarks]) + "\n"))
    road.ok("outcomes", "bills", payments)
    road.ok("analyze", "bills")
    road.ok("report", "bills")
    road.ok("decide", "bills", "adapt", "--note", "Shorten the letter first")


def _fines(road: Road) -> None:
    """An assignment made elsewhere, in which one block has counts that its shares could not have given."""
    arms = [("control", "letter")[i % 2] if i < 12 else "letter" for i in range(N // 2)]
    text = "account,name,district,arm\n"
    text += "".join(f"F{i:04d},Person {i},D{i // 12},{arm}\n" for i, arm in enumerate(arms))
    road.define(
        definition(
            design='scheme = "blocked"\nblocks = ["district"]', frame='id = "account"\ncontact = ["name"]'
        )
    )
    file = road.file("fines.csv", text.replace("letter\n", "control\n", 3))
    road.ok("frame", road.name, file)
    road.ok("lock", road.name, "--yes")
    road.ok("draw", road.name, "--replay", file, "--column", "arm", "--yes")


def _fees(road: Road) -> None:
    """Locked and framed, its seed still in private/."""
    road.define(definition())
    road.ok("frame", road.name, road.file("fees.csv", accounts(N)))
    road.ok("lock", road.name, "--yes")


def _practice(road: Road) -> None:
    road.define(definition().replace("[trial]", '[trial]\nkeywords = ["practice"]', 1))
    road.toml.rename(road.root / "definition.toml")
    road.toml.parent.rmdir()
    road.ok("new", road.name, "--yes", "--practice")
    shutil.copyfile(road.root / "definition.toml", road.toml)
    road.ok("frame", road.name, road.file("practice.csv", accounts(N)))
    road.ok("forget", road.name, "--yes")


@contextmanager
def unlocked(road: Road) -> Iterator[sqlite3.Connection]:
    """rct.db as a patient forger opens it: the triggers are out of the way, and in place again afterwards."""
    with closing(sqlite3.connect(road.folder / "rct.db", isolation_level=None)) as db:
        triggers = db.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"drop trigger {name}")
        yield db
        for _, sql in triggers:
            db.execute(sql)


def first_failure(road: Road) -> Problem | None:
    """What `rct verify` names first; every trial with a log or a folder is verified."""
    ws = find(road.folder)
    try:
        return next(iter(verify(ws, [s.name for s in states(ws, None, checked=False)])), None)
    except RctError as error:
        return error.problems[0]
    except sqlite3.DatabaseError as error:
        if type(error) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
            raise  # the command line has no sentence for these
        return Problem("registry_damaged", str(error))

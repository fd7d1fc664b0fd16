"""A city with trials of every kind, made once through the commands and copied as often as wanted."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from chances import alike
from support import Road, accounts, definition, road_at

ONE_LETTER = """[arms.control]
label = "Today's letter"
control = true
template = "{name}/today.md"
unit_cost = 0.6

[arms.letter]
label = "<b>Plain</b> & short"
template = "{name}/plain.md"
unit_cost = 0.7
"""


def city(root: Path) -> Road:
    """bills (three arms, decided); alike and again, of one outcome with bills; dry-run (practice).

    Besides, zebra-run is under way and overdue is due without a memo. alike has its letters as pictures.
    """
    shutil.copytree(_made(), root, dirs_exist_ok=True)
    return Road(root, init=False)


@cache
@alike
def _made() -> Path:
    root = Path(tempfile.mkdtemp(prefix="rct-city-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    road = road_at("reported", root)
    road.ok("decide", "bills", "drop", "--note", "Too dear <for> us", "--by", "Mayor Lee")
    reported(road, "alike", paid=lambda i: i % 3 == 0)
    reported(road, "again", paid=lambda i: i % 4 == 0)
    road.ok("share", "again")
    reported(road, "dry-run", paid=lambda i: i % 2 == 0, keywords='"practice"')
    started(road, "zebra-run", wait=30)
    started(road, "overdue", wait=0)
    return root


def started(road: Road, name: str, *, wait: int, keywords: str = '"mail"', proofs: bool = False) -> None:
    """A trial up to its draw."""
    road.name = name
    letters = road.folder / "templates" / name
    letters.mkdir()
    for letter in ("today", "plain"):
        (letters / f"{letter}.md").write_text(
            f"{{{{ name }}}}\n1 Main Street\n\nDear {{{{ name }}}},\n\nThe {letter} letter.\n"
        )
    text = definition(start=date.today() - timedelta(days=9), wait=wait, arms=ONE_LETTER.format(name=name))
    text = text.replace(
        'channel = "letter"', f'channel = "letter"\nkeywords = [{keywords}]\ndepartment = "water"'
    )
    road.define(text.replace("Does a letter get bills paid?", f"Does {name} <i>get</i> bills & fees paid?"))
    if proofs:
        road.ok("proof", name)
    road.ok("lock", name, "--yes")
    road.ok("frame", name, road.file("list.csv", accounts(200)))
    road.ok("draw", name, "--yes")


def reported(road: Road, name: str, *, paid, keywords: str = '"mail"') -> None:  # type: ignore[no-untyped-def]
    """A trial up to its memo."""
    started(road, name, wait=0, keywords=keywords, proofs=name == "alike")
    rows = "account,paid\n" + "".join(f"{i:05d},{'yes' if paid(i) else 'no'}\n" for i in range(200))
    road.ok("outcomes", name, road.file("paid.csv", rows))
    road.ok("analyze", name)
    road.ok("report", name)

"""Every command of the page on what to do when something goes wrong is taken as it stands there."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from mailed_support import ARMS, Mail
from support import LETTERHEAD, accounts, definition

PAGE = Path(__file__).parents[2] / "docs" / "wrong.md"
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.removeprefix("$ ").startswith("rct ")
]


@pytest.fixture
def mail(tmp_path: Path) -> Mail:
    road = Mail(tmp_path, name="our-bills")
    road.define(definition(arms=ARMS, frame='id = "account"\ncontact = ["name"]'))
    (road.folder / "templates" / "letterhead.toml").write_text(LETTERHEAD)
    for name in ("now.md", "plain.md"):
        text = "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay by March 2. Call 555-0100.\n"
        (road.folder / "templates" / name).write_text(text)
    road.ok("frame", "our-bills", road.file("list.csv", accounts(60)))
    road.ok("lock", "our-bills", "--yes")
    road.ok("draw", "our-bills", "--yes")
    return road


def test_the_commands_of_the_page_do_what_it_says(mail: Mail) -> None:
    assert len(COMMANDS) == 7
    mail.ok("handover", "our-bills", "--for", "mail")
    handed = (mail.private / "our-bills" / "handover.csv").read_text()
    codes = [(row["version"], row["reference"]) for row in csv.DictReader(handed.splitlines())]
    versions = sorted({version for version, _ in codes})
    counts = "".join(f"{v},20,20,20,0\n" for v in versions)
    files = {
        "vendor-counts.csv": f"version,file,printed,mailed,spoilage\n{counts}",
        "yellow-labels.csv": f"reference,Endorsement\n{codes[0][1]},MLNA\n",
        "returned-codes.csv": f"reference\n{codes[1][1]}\n",
        "swapped-codes.csv": f"reference\n{codes[2][1]}\n{codes[3][1]}\n",
    }
    for name, text in files.items():
        mail.file(name, text)
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        if words[0] == "amend":
            letter = mail.folder / "templates" / "plain.md"
            letter.write_text(letter.read_text().replace("March 2", "March 9"))
        mail.ok(*(str(mail.root / word) if word in files else word for word in words))
    assert mail.sql("select status, count(*) from \"dose_our-bills\" group by status order by status") == [
        ("other_version", 2), ("returned", 2)
    ]  # fmt: skip
    assert mail.ok("verify", "our-bills")["ok"]

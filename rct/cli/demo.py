"""demo: a whole simulated trial, each command shown before it runs."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import click

from rct import fs
from rct.errors import stop

MARK = "SIMULATED.txt"
NAME = "water-bills"
LETTERHEAD = """\
# Invented, as everything here: what stands around the letters' words.
department = "Water Department"
city = "City of Springfield (simulated)"
address = ["100 Main Street", "Springfield, IL 62701"]
phone = "(555) 010-0100"
web = "springfield.example/water"
signer = "Dana Reyes"
signer_title = "Head of Billing"
"""
DAYS = 49  # the letters went out this long ago, so that results are due today


@click.command(epilog="Example:  rct demo demo")
@click.argument("directory", metavar="[DIR]", default="demo", type=click.Path(path_type=Path))
def demo(directory: Path) -> None:
    """Play a whole simulated trial, from definition to memo.

    An invented city, overdue water bills, four arms (one gets no letter), about 20,000 households. Nothing in
    it is real, and everything says so. It plays seven weeks in a minute; so its plan is locked after its start:
    the memo lists that as a deviation, as it would in earnest.
    """
    from rct.demo import city

    began = time.monotonic()
    root = _fresh(directory.resolve())
    start = date.today() - timedelta(days=DAYS)
    listed = city.accounts()
    (root / "accounts.csv").write_bytes(city.accounts_csv(listed))
    click.echo(f"Playing a simulated trial in {root}\n")
    _run(root, "init", ".", "--city", "Springfield (simulated)", "--by", "Demo")
    _run(root, "new", NAME, "--from", NAME, "--start", start.isoformat(), "--simulated", "--yes")
    (root / "templates" / "letterhead.toml").write_text(LETTERHEAD, encoding="utf-8")
    _run(root, "check", NAME, "--frame", "accounts.csv")
    _run(root, "power", NAME)
    _run(root, "proof", NAME)
    _run(root, "lock", NAME, "--approved-by", "Kim Lee, City Clerk", "--yes")
    _run(root, "frame", NAME, "accounts.csv")
    _run(root, "draw", NAME, "--yes")
    click.echo(
        "\n(49 invented days pass: letters arrive, residents pay or don't; billing exports payments.csv)\n"
    )
    (root / "payments.csv").write_bytes(city.payments_csv(listed, _arms(root), start))
    _run(root, "outcomes", NAME, "payments.csv")
    _run(root, "analyze", NAME)
    _run(root, "report", NAME)
    _run(root, "verify", NAME)
    memo = root / "trials" / NAME / "out" / "memo.html"
    click.echo(f"\nDone in {time.monotonic() - began:.0f} s. The true effects were: {_truth(root)}.")
    click.echo(f"The memo (also as .pdf and .md):\n{memo}")


def _fresh(root: Path) -> Path:
    """An empty folder: a new one, or an earlier demo's, which is thrown away."""
    if root.is_dir() and any(root.iterdir()):
        if not (root / MARK).is_file():
            stop(
                "demo_folder",
                "The demo wants a folder of its own, and this one holds something else.",
                "Give another: rct demo DIR",
                found=str(root),
            )
        for path in root.iterdir():
            if path.name != MARK:
                fs.remove(path)
    fs.make_dir(root, private=False)
    (root / MARK).write_text(
        "Everything in this folder is simulated: `rct demo` made it and may delete it.\n"
    )
    return root


def _run(root: Path, *args: str) -> None:
    """Show a command, run it as a person would, and stop where it stops."""
    click.echo(f"$ rct {shlex.join(args)}")
    sys.stdout.flush()
    process = subprocess.run(
        [sys.executable, "-m", "rct", *args], cwd=root, stdin=subprocess.DEVNULL, check=False
    )
    click.echo()
    if process.returncode:
        stop("demo_failed", f"The command above ended with code {process.returncode}.", "Please report it.")


def _arms(root: Path) -> dict[str, str]:
    """Account → arm: the demo plays the residents too, and so has to know who got which letter."""
    import csv

    from rct.design.tickets import unit_id
    from rct.registry import keys
    from rct.registry.workspace import find

    ws = find(root)
    key = keys.read_key(ws)
    with (ws.out(NAME) / "assignment.csv").open(encoding="utf-8", newline="") as file:
        arms = {row["unit"]: row["arm"] for row in csv.DictReader(file)}
    with (root / "accounts.csv").open(encoding="utf-8", newline="") as file:
        units = {row["account"]: unit_id(key, NAME, row["account"]) for row in csv.DictReader(file)}
    return {account: arms[unit] for account, unit in units.items() if unit in arms}


def _truth(root: Path) -> str:
    """The effects that the city was invented with, each beside the memo's interval."""
    from rct.demo.city import EFFECTS

    rows = json.loads((root / "trials" / NAME / "out" / "results.json").read_text("utf-8"))["results"]
    first = rows[0]["outcome"]  # the outcome that decides
    found = {r["arm"]: r for r in rows if r["outcome"] == first and r["term"] == "arm" and not r["subgroup"]}
    sentences = []
    for arm, effect in EFFECTS.items():
        if effect:
            low, high = found[arm]["conf_low"], found[arm]["conf_high"]
            holds = "holds it" if low <= effect <= high else "misses it"
            memo = f"the memo: {100 * low:+.1f} to {100 * high:+.1f}, {holds}"
            sentences.append(f"{arm} {100 * effect:+.1f} points ({memo})")
    return ", ".join(sentences)

"""Ten thousand one-page letters, tagged PDF/UA-1, beside WeasyPrint on the same machine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.measure import RCT, Spent, median, run, side
from benchmarks.speed.road import DAYS, TRIAL, make_accounts
from benchmarks.speed.rows import Aim, Row

RECIPIENTS = 13_334  # three of the trial's four arms get a letter
SAMPLE = 200
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Letters</title><style>
@page {{ size: letter; margin: 1in }} section {{ break-after: page }} body {{ font: 11pt serif }}
td, th {{ border: 1px solid; padding: 3pt }}</style></head><body>{body}</body></html>"""
LETTER = """<section><p>{name}<br>{street}<br>Springfield 45500</p><h1>Your water bill</h1>
<p>Dear {name}, our records show that your water bill of ${owed} is past due. Most of your neighbors have paid theirs. If
you have paid in the last few days, thank you, and please set this letter aside.</p>
<p>You can pay in three ways. Please have your account number at hand: it stands above your name on each bill.</p>
<ul><li>online, at any hour</li><li>by phone, with a card</li><li>at the counter, on workdays</li></ul>
<table><tr><th>Account</th><th>Due</th></tr><tr><td>{account}</td><td>${owed}</td></tr></table></section>"""


def of_weasyprint() -> tuple[Callable[[], object], float]:
    from weasyprint import HTML

    letters = "".join(
        LETTER.format(name=f"Resident {i}", street=f"{i} Elm Street", owed=f"{25 + i}.00", account=f"{i:08d}")
        for i in range(SAMPLE)
    )
    html = PAGE.format(body=letters)
    return (lambda: len(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1") or b"")), 0.0


SIDES = {"weasyprint": of_weasyprint}


def of_rct(folder: Path) -> Spent:
    """`rct letters` alone; its children are counted in the peak, one process at a time."""
    ws, accounts = folder / "ws", folder / "accounts.csv"
    ws.mkdir()
    make_accounts(RECIPIENTS, accounts)
    start = (date.today() - timedelta(days=DAYS)).isoformat()
    for args in (
        ("init", ".", "--city", "Springfield (simulated)", "--by", "Bench"),
        ("new", TRIAL, "--from", TRIAL, "--start", start, "--simulated", "--yes"),
        ("lock", TRIAL, "--approved-by", "Kim Lee", "--yes"),
        ("frame", TRIAL, str(accounts)),
        ("draw", TRIAL, "--yes"),
    ):
        run([*RCT, *args], cwd=ws)
    done = run([*RCT, "letters", TRIAL, "--json"], cwd=ws)
    return Spent(done.wall, done.cpu, done.peak, answer=json.loads(str(done.answer)))


def measured() -> Row:
    with tempfile.TemporaryDirectory() as where:
        ours = of_rct(Path(where))
    peer = median([side("letters", "weasyprint", 1) for _ in range(2)])
    letters = int(dict(ours.answer)["pieces"])  # type: ignore[call-overload]
    name = f"WeasyPrint {version('weasyprint')}"
    return Row(
        "letters",
        [
            Aim(
                "times faster than WeasyPrint",
                peer.wall / SAMPLE * letters / ours.wall,
                20,
                "times",
                at_least=True,
            ),
            Aim("peak of the largest process", ours.peak, 512, "MiB"),
        ],
        [(f"rct letters, {letters:,} letters", ours), (f"{name}, {SAMPLE} letters", peer)],
        [
            "rct's time is that of the whole command: people read from the vault, letters filled and checked, typst in "
            "child processes, the vendor's files, everything synced and logged. WeasyPrint's is from HTML to PDF alone; the "
            "layouts are alike, not equal."
        ],
        "nothing beside what stands (up to 1,000 letters a child process, children side by side): typst sets the pace.",
    )

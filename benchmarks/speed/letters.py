"""Ten thousand one-page letters, tagged PDF/UA-1, beside the same letters by WeasyPrint on the same machine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.measure import RCT, ROOT, Spent, median, run, side
from benchmarks.speed.road import DAYS, TRIAL, make_accounts
from benchmarks.speed.rows import Aim, Row

RECIPIENTS = 13_334  # three of the trial's four arms get a letter
SAMPLE = 200
VERSIONS = ("current", "social", "parts")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Letters</title><style>
@page {{ size: letter; margin: 0.6in 1in 0.9in }}
section {{ break-before: right; font: 11.5pt serif }} h1 {{ font: bold 15pt sans-serif }}
header {{ position: relative; height: 3in; font: 8pt sans-serif }}
.from {{ border-bottom: 0.8pt solid; padding-bottom: 6pt }} .from b {{ font-size: 12pt }}
.to {{ position: absolute; left: 0; top: 1.65in; font-size: 10pt; line-height: 1.2 }} .to small {{ font-size: 7pt }}
.code {{ position: absolute; right: 0; top: 1.2in; text-align: right }} .code img {{ width: 0.8in; height: 0.8in }}
</style></head><body>{body}</body></html>"""
LETTER = """<section><header><div class="from"><b>{office}</b><br>Springfield (simulated)</div>
<div class="to"><small>{reference}</small><br>{address}</div>
<div class="code">{day}<br><img alt="QR code: {reference}" src="{code}"><br>For office use</div></header>{words}</section>"""


def of_weasyprint() -> tuple[Callable[[], object], float]:
    """The same words, letterhead, address, reference and code, blank backs too; all of it HTML before the clock starts."""
    import jinja2
    import segno
    from markdown_it import MarkdownIt
    from weasyprint import HTML

    environment = jinja2.Environment(autoescape=True)
    environment.filters["money"] = lambda owed: f"${owed:,.2f}"
    texts = [(ROOT / "templates" / "water-bills" / f"{v}.md").read_text(encoding="utf-8") for v in VERSIONS]
    templates = [environment.from_string(text) for text in texts]
    letters = []
    for i in range(SAMPLE):
        filled = templates[i % len(templates)].render(
            name=f"Resident {i}",
            street=f"{i} Elm Street",
            city="Springfield",
            postcode=f"62{i % 1000:03d}",
            balance=25 + i * 0.75,
            late_last_year=i % 2,
        )
        address, _, words = filled.partition("\n\n")
        reference = f"7K3M-Q9TX-{i:04d}"
        letters.append(
            LETTER.format(
                office="Head of billing, Water Department",
                reference=reference,
                address=address.replace("\n", "<br>"),
                day="October 8, 2026",
                code=segno.make(reference, error="m", micro=False).png_data_uri(border=4),
                words=MarkdownIt().render(words),
            )
        )
    html = PAGE.format(body="".join(letters))
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
            "rct's time is that of the whole command: people read from the vault, letters filled and checked, QR codes "
            "drawn, typst in child processes (about four fifths of the processor's time), the vendor's files, everything "
            "synced and logged. WeasyPrint's is from HTML to PDF alone: its letters are filled, and their QR codes drawn "
            "as PNG, before the clock starts. Both print the same words from the same templates, letterhead, address, "
            "reference, QR code and blank backs; the layouts are alike, not equal."
        ],
        "QR codes as sums of a few (a quarter of all time before), a sheet's rows written without openpyxl's cells, and in "
        "typst one round without questions of place, paragraphs alike in all letters shaped once; they stand. No gain: "
        "other fonts, no kerning or ligatures, larger steps of memory. Lists take a fifth of typst's time, for their tags.",
    )

"""Values that are code elsewhere go through a whole trial: everything that it writes holds them as text, or not at all."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader
from support import Road, definition

NAMES = [
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    "$x^2$ \\alpha #eval(1)",
    "*star* _under_ `tick` ~wave~",
    "[a](javascript:alert(1)) ![b](c.png)",
    "{{ 7*7 }} {% if 1 %}",
    "&lt;b&gt; &amp; &#65;",
    "\"quoted\" 'single' // /* */",
    "= heading",
    "1. list",
    "- item",
    "# heading",
    "> quote",
    "=1+1",
    '=HYPERLINK("http://x.example","y")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "|cmd",
    "%00 %s %n",
    "../../etc/passwd",
    "'; DROP TABLE event;--",
    "\\u001b[2J \\x1b",
    "O'Brien & Núñez",
    "''--''",
    "a\\b\\c",
    "@label <ref> ~",
    "---",
]
TITLE = "<img src=x onerror=alert(1)> #panic() {{ 7*7 }} [x](javascript:y) `*_"
LABEL = "=cmd|' /c calc'!A0 <b>bold</b> $e$ "
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    road = Road(tmp_path_factory.mktemp("values"))
    toml = definition(
        start=date.today(),
        arms=(
            f'[arms.control]\nlabel = {json.dumps(LABEL)}\ncontrol = true\ntemplate = "a.md"\n\n'
            f'[arms.letter]\nlabel = {json.dumps(TITLE)}\ntemplate = "b.md"\n'
        ),
        frame='id = "account"\ncategories = ["group"]\ncontact = ["name"]',
        outcomes=f'[outcomes.paid]\nlabel = {json.dumps(TITLE)}\nkind = "binary"\nprimary = true\nmissing = "zero"\n',
    )
    road.define(
        toml.replace('"Does a letter get bills paid?"', json.dumps(TITLE)).replace('"Ana"', json.dumps(LABEL))
    )
    for name in ("a.md", "b.md"):
        (road.folder / "templates" / name).write_text(
            "{{ name }}\nMain Street\n\nDear {{ name }},\n\nplease pay.\n"
        )
    out = io.StringIO()
    rows = [(f"={i}{name}", name, "<i>x</i>" if i % 2 else "=1") for i, name in enumerate(NAMES * 2)]
    csv.writer(out).writerows([("account", "name", "group"), *rows])
    people = road.file("people.csv", out.getvalue())
    bad = out.getvalue() + '=1+1,"a\x1b[2Jb",=2\n'
    road.no("frame", "bills", road.file("bad.csv", bad))
    road.refused = (road.private / "bills" / "refused.csv").read_text("utf-8-sig")  # type: ignore[attr-defined]
    road.ok("frame", "bills", people)
    road.ok("lock", "bills", "--yes")
    road.ok("draw", "bills", "--yes")
    road.ok("letters", "bills")
    road.ok("handover", "bills")
    paid = io.StringIO()
    csv.writer(paid).writerows([("account", "paid"), *((r[0], i % 2) for i, r in enumerate(rows))])
    road.ok("outcomes", "bills", road.file("paid.csv", paid.getvalue()))
    road.ok("analyze", "bills")
    road.ok("report", "bills")
    road.ok("decide", "bills", "adapt", "--note", TITLE)
    return road


def squeezed(text: str) -> str:
    """Without what a page may put into a value to break its line: spaces, and places where a long word may end."""
    return re.sub(r"[\s\u200b]", "", text)


def test_letters_hold_each_name_as_it_is(road: Road) -> None:
    (pdf,) = (road.private / "bills" / "letters").glob("letters-*.pdf")
    pages = [squeezed(page.extract_text()) for page in PdfReader(pdf).pages]
    for name in NAMES:
        wanted = squeezed(unicodedata.normalize("NFC", name))
        assert sum(wanted in page for page in pages) >= 2, name
    assert not any("root:x:" in page or "Dear49" in page for page in pages)


@pytest.mark.parametrize("file", ["letters/vendor.xlsx", "handover.xlsx"])
def test_workbooks_hold_text_and_no_formula(road: Road, file: str) -> None:
    sheet = openpyxl.load_workbook(road.private / "bills" / file).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    held = " ".join(str(cell.value) for cell in cells)
    wanted = NAMES if "vendor" in file else [f"={i}{name}" for i, name in enumerate(NAMES)]
    assert all(name in held for name in wanted)
    assert not (road.private / "bills" / file.replace(".xlsx", ".csv")).exists(), "a spreadsheet would run it"


def test_refused_rows_run_nothing(road: Road) -> None:
    text: str = road.refused  # type: ignore[attr-defined]
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    assert not HIDDEN.search(text.replace("\r\n", "\n").replace("\ufeff", ""))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("file", ["plan.html", "memo.html", "appendix.html"])
def test_pages_gain_no_tag_and_no_link(road: Road, file: str) -> None:
    found = Tags()
    text = (road.out / file).read_text(encoding="utf-8")
    found.feed(text)
    assert not found.tags & {"script", "iframe", "object", "i"}
    assert not [a for a, _ in found.attributes if a.startswith("on")]
    assert not [v for a, v in found.attributes if a in ("href", "src") and (v or "").startswith("javascript")]
    assert "<img src=x" in squeezed("".join(found.text)).replace("<imgsrc=x", "<img src=x")
    assert "default-src 'none'" in text.replace("&#39;", "'")


def test_pdfs_show_the_title_as_it_is(road: Road) -> None:
    for file in ("plan.pdf", "memo.pdf"):
        text = squeezed("".join(page.extract_text() for page in PdfReader(road.out / file).pages))
        assert squeezed("#panic() {{ 7*7 }}") in text, file


def test_the_terminal_gets_no_hidden_character(road: Road) -> None:
    for command in (
        ("status",),
        ("status", "bills"),
        ("log", "bills"),
        ("check", "bills"),
        ("verify",),
        ("report", "bills"),
    ):
        for more in ((), ("--json",)):
            ran = road.rct(*command, *more)
            assert ran.code == 0, ran.err
            assert not HIDDEN.search(ran.out.replace("\n", "")), command
            assert not more or ran.out.isascii()


def test_names_and_ids_stay_out_of_the_registry(road: Road) -> None:
    data = (road.folder / "rct.db").read_bytes()
    for name in NAMES[:4]:
        assert name.encode() not in data, name
    assert not [p for p in Path(road.folder).rglob("*") if "passwd" in p.name]

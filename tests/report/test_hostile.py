"""Nothing from data is read as markup: labels come out as text in HTML, Markdown and PDF."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader
from report import cases

from rct.report.documents import appendix_documents, memo_documents, plan_documents
from rct.report.printers.markdown import escaped
from rct.report.record import DeviationRecord, MemoRecord

HOSTILE = [
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "*x* _y_ `z` [a](javascript:b) ![c](d)",
    "$y$ \\alpha #eval(1)",
    "{{ 7*7 }} {% include 'x' %}",
    "&lt;b&gt; &amp; \" ' > <!--",
    "O'Brien & Núñez | 山田",
    "pay\u202edrah",
    "1. list",
    "# heading",
    "@preview/x www.evil.example http://evil.example",
]


def hostile(label: str) -> MemoRecord:
    """A record with the text wherever a person can write one."""
    what = cases.definition([cases.TODAY, "A"])
    # Past the check of trial.toml, which refuses control characters: a document must not lean on it.
    arm = what.arms["a1"].model_copy(update={"label": label})
    outcome = what.outcomes["paid_30"].model_copy(update={"label": label})
    trial = what.trial.model_copy(update={"title": label, "problem": label, "ethics": label})
    what = what.model_copy(
        update={"arms": {**what.arms, "a1": arm}, "outcomes": {"paid_30": outcome}, "trial": trial}
    )
    rows = [cases.row("a1", 0.032, 0.0213, 0.0432, 4e-7)]
    record = cases.memo(what, rows, ["adopt"], best="a1")
    return replace(
        record,
        locked_by=label,
        city=label,
        deviations=(DeviationRecord("x", 1, cases.DRAWN, label, label),),
        notes=(label,),
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def visible_text(label: str) -> str:
    return label.replace("\u202e", "\\u202e")


@pytest.mark.parametrize("label", HOSTILE)
def test_html_prints_the_text_and_gains_no_tag(label: str) -> None:
    record = hostile(label)
    plain = Tags()
    plain.feed(memo_documents(hostile("plain"))["memo.html"].decode())
    found = Tags()
    text = memo_documents(record)["memo.html"].decode()
    found.feed(text)
    assert found.tags == plain.tags
    assert visible_text(label) in "".join(found.text)
    assert "\u202e" not in text
    assert not {a for a in found.attributes if a.startswith("on") or a == "style"}


@pytest.mark.parametrize("label", HOSTILE)
def test_markdown_prints_the_text(label: str) -> None:
    memo = memo_documents(hostile(label))["memo.md"].decode()
    found = Tags()
    found.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(memo))
    assert visible_text(label) in "".join(found.text)
    assert not found.tags & {"script", "em", "code", "a", "img", "b"}


@pytest.mark.parametrize("label", HOSTILE)
def test_pdf_prints_the_text(label: str) -> None:
    record = hostile(label)
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(memo_documents(record)["memo.pdf"])).pages
    )
    # What no font has stands as its code; line breaks of the page don't matter.
    wanted = visible_text(label).replace("山", "\\u5c71").replace("田", "\\u7530")
    assert re.sub(r"\s", "", wanted) in re.sub(r"\s", "", text)
    assert "root:" not in text


def test_plan_and_appendix_hold_hostile_text_too() -> None:
    for label in HOSTILE:
        record = hostile(label)
        documents = {
            **plan_documents(cases.plan(record, locked_by=label, frame=None)),
            **appendix_documents(cases.appendix(record)),
        }
        for name in ("plan.html", "appendix.html"):
            found = Tags()
            found.feed(documents[name].decode())
            assert visible_text(label) in "".join(found.text), name
            assert not found.tags & {"script", "img", "iframe", "b", "i"}, name
        assert documents["plan.pdf"].startswith(b"%PDF")


def test_a_letter_is_shown_with_its_fields_and_without_its_tags() -> None:
    page = plan_documents(cases.plan())["plan.html"].decode()
    assert "{{ name }}" in page
    assert "<strong>{{ balance }}</strong>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "[picture: logo, logo.png]" in page
    assert "water.example (https://water.example/pay)" in page


def test_the_policy_admits_the_page_s_own_style_alone() -> None:
    page = memo_documents(cases.win())["memo.html"].decode()
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert f'content="{policy}"' in html.unescape(page)
    assert ' style="' not in page


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("42.0% of 1,000", "42.0% of 1,000"),
        ("1. first", "1\\. first"),
        ("- item", "\\- item"),
        ("---", "\\---"),
        ("+3.2 (1 to 2)", "+3.2 (1 to 2)"),
        ("a\n# b", "a \\# b"),
    ],
)
def test_markdown_is_escaped_only_where_it_would_be_read(text: str, markdown: str) -> None:
    assert escaped(text) == markdown

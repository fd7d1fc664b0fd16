"""Charts: what is drawn is what the words say, and nothing is cut."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import pytest
from report import cases

from rct.report.figures import chart
from rct.report.memo.page import view
from rct.report.words.finding import findings

SVG = "{http://www.w3.org/2000/svg}"
XML = {"viewBox": "0 0"}


def texts(svg: str) -> list[tuple[str, float, str, float, str]]:
    """(text, x, anchor, size, weight) of every text."""
    found = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        found.append(
            (
                element.text or "",
                float(element.attrib["x"]),
                element.attrib.get("text-anchor", "start"),
                float(element.attrib["font-size"].removesuffix("px")),
                element.attrib.get("font-weight", "400"),
            )
        )
    return found


@pytest.mark.parametrize("name", [n for n in cases.all_memos() if n != "withheld"])
def test_no_text_leaves_the_picture(name: str) -> None:
    picture = view(cases.all_memos()[name]).picture
    assert picture is not None
    width = float(ET.fromstring(picture.svg).attrib["viewBox"].split()[2])
    for text, x, anchor, size, weight in texts(picture.svg):
        wide = 72 * chart.inches(text, size, weight == "700")
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        assert left > -0.5, text
        assert left + wide < width + 0.5, text


def test_an_interval_crosses_the_control_s_line_exactly_when_it_holds_zero() -> None:
    for record in cases.all_memos().values():
        arms = findings(record, record.decision.outcome)
        drawn = chart.arms_chart(arms, 0.01, best=None)
        assert drawn is not None
        for finding, bar in zip(arms, drawn.bars, strict=True):
            crosses = bar.low <= drawn.line <= bar.high
            assert crosses == (finding.low <= 0 <= finding.high)
            assert ("across the line" in chart.alt_text([finding])) == crosses


def test_the_alt_text_has_every_arm_with_its_numbers() -> None:
    picture = view(cases.several()).picture
    assert picture is not None
    assert "“Today's letter” is a line at 42.0%." in picture.alt
    assert "“Plain words”: 44.9%, 2.9 percentage points higher (95% interval: 1.5 to 4.3" in picture.alt
    assert "clear of the line on the higher side" in picture.alt


def test_a_label_is_text_and_never_mathematics() -> None:
    what = cases.definition([cases.TODAY, "costs $5$ or $x^2$ <b>"])
    record = cases.memo(what, [cases.row("a1", 0.03, 0.02, 0.04, 1e-6)], ["adopt"], best="a1")
    picture = view(record).picture
    assert picture is not None
    assert any("$5$ or $x^2$ <b>" in text for text, *_ in texts(picture.svg))


def test_a_very_long_word_is_broken_and_a_long_label_shortened() -> None:
    lines = chart.wrapped("x" * 300, 8.5, False, 4)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert all(chart.inches(line, 8.5, False) <= chart.WIDEST for line in lines)
    assert chart.wrapped("short", 8.5, False, 4) == ("short",)


def test_the_machine_s_own_settings_change_nothing(tmp_path: Path) -> None:
    before, after = view(cases.win()).picture, view(cases.win()).picture
    assert before is not None
    assert after is not None
    drawn = before.svg, before.svg_pdf, before.png
    with mpl.rc_context({"font.family": "serif", "axes.grid": True, "svg.fonttype": "path"}):
        assert (after.svg, after.svg_pdf, after.png) == drawn


def test_charts_are_black_and_white() -> None:
    picture = view(cases.eight()).picture
    assert picture is not None
    colors = {
        value
        for element in ET.fromstring(picture.svg).iter()
        for key, value in element.attrib.items()
        if key in ("fill", "stroke")
    }
    assert colors <= {"#000000", "none", "#ffffff"}

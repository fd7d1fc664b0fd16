"""Pictures in a letter's words are printed, wherever they stand; one that can't be is found before the lock."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from pictures import SVG, huge_png, png
from PIL import Image
from support import LETTERHEAD, Road, accounts, definition

from rct.letters.picture_size import pixels

ARMS = """[arms.control]
label = "Today's letter"
control = true
template = "a.md"

[arms.street]
label = "A picture of the street"
template = "b.md"
"""
RED, GREEN = (200, 40, 40), (30, 120, 60)
ADDRESS = "{{ name }}\n1 Main Street\n\n"
WORDS = """Dear {{ name }},

![Our street](pic.png)

Inline ![a dot](dot.svg) here.

- an item ![a dot](dot.svg)

## A heading ![a dot](dot.svg)

> Quoted ![Our street](wide.png)

**Strong ![a dot](dot.svg)** {% if name %}![](pic.png){% endif %}
"""


def road_with(tmp_path: Path, words: str = WORDS, **parts: str) -> Road:
    road = Road(tmp_path)
    folder = road.folder / "templates"
    (folder / "pic.png").write_bytes(png(150, 60, RED))
    (folder / "wide.png").write_bytes(png(2_000, 500, GREEN))
    (folder / "dot.svg").write_bytes(SVG)
    (folder / "a.md").write_text(ADDRESS + "Dear {{ name }},\n\nplease pay.\n", encoding="utf-8")
    (folder / "b.md").write_text(ADDRESS + words, encoding="utf-8")
    road.define(definition(arms=ARMS, **parts))
    return road


def figures(pdf: pikepdf.Pdf) -> list[str]:
    """The description of each tagged figure, QR codes aside."""
    found = []
    todo = [pdf.Root.StructTreeRoot]
    while todo:
        node = todo.pop(0)
        if isinstance(node, pikepdf.Dictionary):
            if node.get("/S") == "/Figure" and not str(node.get("/Alt", "")).startswith("QR code"):
                found.append(str(node.get("/Alt", "")))
            kids = node.get("/K")
            if kids is not None:
                todo += list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return found


def shown(picture: bytes, color: tuple[int, int, int]) -> int:
    """How many dots of a page have this color."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return sum(n for n, c in image.getcolors(1 << 24) or [] if c == color)


def test_pictures_stand_in_letter_and_proof_with_their_descriptions(tmp_path: Path) -> None:
    road = road_with(tmp_path)
    road.ok("lock", "bills", "--yes")
    road.ok("frame", "bills", road.file("list.csv", accounts(6)))
    road.ok("draw", "bills", "--yes")
    road.ok("letters", "bills")
    with pikepdf.open(road.private / "bills" / "letters" / "letters-0001.pdf") as pdf:
        images = [
            (int(image.Width), int(image.Height))
            for page in pdf.pages
            for image in page.Resources.get("/XObject", {}).values()
            if image.Subtype == "/Image"
        ]
        assert images.count((150, 60)) == 3, "twice on each of three letters, once among the page's own"
        assert images.count((2_000, 500)) == 3
        street, dot = "Our street", "a dot"
        assert sorted(figures(pdf)) == sorted([street, dot, dot, dot, street, dot] * 3)
    road.ok("proof", "bills")
    for name in ("letter-street.png", "words-street.png"):
        page = (road.out / "proofs" / name).read_bytes()
        # Two red pictures of 150 by 60 points and a green one over the whole width, at 110 or 144 dots an inch.
        assert shown(page, RED) > 2 * 150 * 60, name
        assert shown(page, GREEN) > 200 * 50, name
        assert shown(page, (204, 0, 102)) > 4 * 300, f"{name}: the circles of the SVG"
    assert shown((road.out / "proofs" / "letter-control.png").read_bytes(), RED) == 0


@pytest.mark.parametrize("kind", ["letter", "postcard"])
def test_a_picture_is_no_larger_than_the_room_that_it_has(tmp_path: Path, kind: str) -> None:
    road = road_with(tmp_path, "Dear {{ name }},\n\n![wide](wide.png)\n")
    road.edit('channel = "letter"', f'channel = "{kind}"')
    road.ok("proof", "bills", "--to", tmp_path / "look")
    last = "letter-street.png" if kind == "letter" else "letter-street-2.png"
    page = Image.open(tmp_path / "look" / last).convert("RGB")
    green = [x for x in range(page.width) for y in range(0, page.height, 5) if page.getpixel((x, y)) == GREEN]
    assert green
    assert min(green) > 20
    assert max(green) < page.width - 20


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("pic.png", b"\x89PNG no picture", "picture_damaged"),
        ("pic.png", png(150, 60)[:-30], "picture_damaged"),
        ("pic.png", huge_png(60_000), "picture_too_large"),
        ("pic.png", huge_png(7_500), "picture_too_large"),
        ("dot.svg", b"<svg", "picture_damaged"),
        ("dot.svg", b"no picture", "picture_damaged"),
    ],
)
def test_a_picture_that_cant_be_printed_is_named_at_check_and_at_the_lock(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    road = road_with(tmp_path)
    (road.folder / "templates" / name).write_bytes(data)
    found = road.no("check", "bills", code=1)
    assert [(p["code"], p["file"]) for p in found] == [(code, f"templates/{name}")]
    assert [p["code"] for p in road.no("lock", "bills", "--yes")] == [code]


def test_a_missing_picture_is_named_at_check_under_a_condition_too(tmp_path: Path) -> None:
    road = road_with(tmp_path, "{% if name %}{% if name == 'x' %}![a](gone.png){% endif %}{% endif %}")
    assert [p["code"] for p in road.no("check", "bills", code=1)] == ["template_missing"]


@pytest.mark.parametrize(
    "words",
    [
        "![a]({{ name }}.png)",
        "![a]({{name}})",
        "![a][b]\n\n[b]: {{name}}.png",
        "![a]({% if name %}pic{% else %}wide{% endif %}.png)",
        "{% if name %}x{% else %}![a](pics/{{ name | lower }}.png){% endif %}",
    ],
)
def test_a_picture_whose_path_hangs_on_the_recipient_is_refused(tmp_path: Path, words: str) -> None:
    road = road_with(tmp_path, f"Dear {{{{ name }}}},\n\n{words}\n")
    found = road.no("check", "bills", code=1)
    assert "picture_path" in [p["code"] for p in found]
    assert {p["file"] for p in found if p["code"] == "picture_path"} == {"templates/b.md"}


def test_a_damaged_logo_is_named_at_check(tmp_path: Path) -> None:
    road = road_with(tmp_path)
    (road.folder / "templates" / "seal.png").write_bytes(huge_png(60_000))
    (road.folder / "templates" / "letterhead.toml").write_text(LETTERHEAD + 'logo = "seal.png"\n')
    assert [p["file"] for p in road.no("check", "bills", code=1)] == ["templates/seal.png"]


def test_a_font_that_is_not_there_is_an_error_and_no_other_font_takes_its_place(tmp_path: Path) -> None:
    road = road_with(tmp_path)
    (road.folder / "templates" / "letterhead.toml").write_text('font = "Public Sans"\n')
    (problem,) = road.no("proof", "bills")
    assert (problem["code"], problem["field"], problem["found"]) == ("letterhead", "font", "Public Sans")


def test_letters_of_an_odd_number_of_pages_end_with_a_back(tmp_path: Path) -> None:
    """Whether the last sheet has one hung on the page that it would be; the two took turns, and typst gave up."""
    road = road_with(tmp_path, "Dear {{ name }},\n\n" + "Please pay your bill. Call us soon.\n\n" * 30)
    road.ok("lock", "bills", "--yes")
    road.ok("frame", "bills", road.file("list.csv", accounts(6)))
    road.ok("draw", "bills", "--yes")
    road.ok("letters", "bills")
    with pikepdf.open(road.private / "bills" / "letters" / "letters-0001.pdf") as pdf:
        assert len(pdf.pages) == 12, "three letters of one page, three of two, all on sheets of their own"


@pytest.mark.parametrize(
    ("form", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_a_pictures_size_is_read_from_its_head(form: str, suffix: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (123, 45)).save(out, form)
    assert pixels(out.getvalue()) == (123, 45)
    if form == "WEBP":
        lossless = io.BytesIO()
        Image.new("RGBA", (300, 7)).save(lossless, form, lossless=True)
        assert pixels(lossless.getvalue()) == (300, 7)
    for cut in range(40):
        pixels(out.getvalue()[:cut])  # never raises

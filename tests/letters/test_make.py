"""Letters after the draw: every page is its own recipient's, counts match, files are tagged, nothing is read as code."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections import Counter
from pathlib import Path

import openpyxl
import pikepdf
import pypdf
import pytest
from pictures import png
from support import LETTERHEAD, Road, definition

from rct.letters.reference import check_code

ARMS = """[arms.control]
label = "Today's letter"
control = true
template = "a.md"

[arms.social]
label = "Neighbors pay"
template = "b.md"
share = 2

[arms.nothing]
label = "No letter"
"""
FRAME = 'id = "account"\ncontact = ["name", "street", "unit", "city"]\ncovariates = ["balance"]'
ADDRESS = "{{ name }}\n{{ street }}\n{{ unit }}\n{{ city }}\n\n# Your bill\n\n"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}")
FEW = ["Ana", "Ben", "Eva", "Ute"] * 3
HOSTILE = [
    '#read("/etc/passwd")',
    "*x* _y_ **z**",
    "$y$ $$x^2$$",
    "{{7*7}} {% if %}",
    "<script>alert(1)</script>",
    "O'Brien",
    "Núñez-Đỗ",
    "= 1+1 [a](b) ![p](q)",
    "\\#set page(width: 1cm)",
    "`code` // comment /* x */",
    'Müller; "quoted", & more',
    "X" * 200,
]


def templates(road: Road) -> None:
    folder = road.folder / "templates"
    (folder / "a.md").write_text(
        ADDRESS + "Dear {{ name }},\n\nYou owe {{ balance | money }}.\n", encoding="utf-8"
    )
    (folder / "b.md").write_text(
        ADDRESS + "Dear {{ name }},\n\nNine in ten pay. You owe {{ balance | money }}.\n", encoding="utf-8"
    )


def drawn(road: Road, people: str, **parts: str) -> None:
    templates(road)
    road.define(definition(**{"arms": ARMS, "frame": FRAME, **parts}))
    road.ok("lock", road.name, "--yes")
    road.ok("frame", road.name, road.file("people.csv", people))
    road.ok("draw", road.name, "--yes")


def people(names: list[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["account", "name", "street", "unit", "city", "balance"])
    for i, name in enumerate(names):
        writer.writerow(
            [f"{i:05d}", name, f"{i} Main Street", "" if i % 2 else "Apt 4", "Springfield", f"{i + 0.5}"]
        )
    return out.getvalue()


def folder_of(road: Road) -> Path:
    return road.folder / "private" / road.name / "letters"


def vendor(road: Road) -> list[dict[str, str]]:
    sheet = openpyxl.load_workbook(folder_of(road) / "vendor.xlsx").active
    assert sheet is not None
    rows = [["" if c.value is None else str(c.value) for c in row] for row in sheet.iter_rows()]
    assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "inlineStr", "n"}
    assert all(c.value is None for row in sheet.iter_rows() for c in row if c.data_type == "n")
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def pages_of(road: Road) -> dict[str, list[str]]:
    return {
        p.name: [page.extract_text() for page in pypdf.PdfReader(p).pages]
        for p in sorted(folder_of(road).glob("letters-*.pdf"))
    }


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Road:
    road = Road(tmp_path_factory.mktemp("many"))
    drawn(road, people([f"Person {i:05d} Surname" for i in range(3_000)]))
    staff = road.file("staff.csv", "name,street,unit,city\nSam Staff,1 Hall,,Town\nTina Staff,2 Hall,,Town\n")
    road.ok("letters", road.name, "--seeds", staff)
    return road


def test_two_thousand_letters_each_page_is_its_own_recipients(many: Road) -> None:
    rows = vendor(many)
    assert len(rows) == 3_000 * 3 // 4 + 4
    pages = pages_of(many)
    for row in rows:
        text = pages[row["file"]][int(row["page"]) - 1]
        assert row["address_1"] in text
        assert f"Dear {row['field_name']}," in text
        assert set(CODE.findall(text)) == {row["reference"]}
        assert check_code(row["reference"])
    assert len({row["reference"] for row in rows}) == len(rows)
    assert [row["serial"] for row in rows] == [str(i) for i in range(1, len(rows) + 1)]
    blank = [t for texts in pages.values() for t in texts if not t.strip()]
    assert len(blank) == len(rows)


def test_counts_agree_everywhere(many: Road) -> None:
    rows = vendor(many)
    manifest = json.loads((folder_of(many) / "manifest.json").read_bytes())
    event = next(e for e in many.ok("log", many.name)["events"] if e["kind"] == "letters")["body"]
    by_version = Counter(row["version"] for row in rows)
    assert manifest["versions"] == dict(by_version)
    assert event["versions"] == {v: {"seeds": 2, "by_hand": 0} for v in by_version}
    assert sum((Counter(f["versions"]) for f in manifest["files"]), Counter()) == by_version
    drawn_event = next(e for e in many.ok("log", many.name)["events"] if e["kind"] == "draw")["body"]
    assert sorted(n - 2 for n in by_version.values()) == sorted(
        [drawn_event["units"]["control"], drawn_event["units"]["social"]]
    )


def test_every_file_is_tagged_and_titled(many: Road) -> None:
    files = sorted(folder_of(many).glob("letters-*.pdf"))
    assert len(files) == 5
    for file in files:
        with pikepdf.open(file) as opened:
            assert opened.Root.MarkInfo.Marked
            assert "/StructTreeRoot" in opened.Root
            assert (
                not opened.check_pdf_syntax() if hasattr(opened, "check_pdf_syntax") else not opened.check()
            )
            with opened.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
                assert "Letters " in str(metadata["dc:title"])


def test_the_vendor_sees_no_arm_and_no_id(many: Road) -> None:
    for file in folder_of(many).iterdir():
        if file.name in ("seeds.csv",):
            continue
        data = file.read_bytes()
        assert b"social" not in data
        assert b"Neighbors pay" not in data
    assert "account" not in (folder_of(many) / "vendor.csv").read_text(encoding="utf-8").splitlines()[0]
    layout = (folder_of(many) / "record-layout.md").read_text(encoding="utf-8")
    assert "serial" in layout


def test_the_mailing_mixes_the_versions(many: Road) -> None:
    rows = vendor(many)
    share = Counter(row["version"] for row in rows)
    for start in range(0, 2_000, 100):
        counts = Counter(row["version"] for row in rows[start : start + 100])
        for version, n in share.items():
            assert abs(counts[version] - 100 * n / len(rows)) <= 1.5


def test_only_the_office_may_read_the_letters(many: Road) -> None:
    assert stat.S_IMODE(folder_of(many).stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder_of(many).iterdir()} == {0o600}


def test_the_same_letters_again_change_nothing(many: Road) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in folder_of(many).iterdir()}
    said = many.ok("letters", many.name, "--seeds", many.root / "staff.csv")
    assert said["fresh"] is False
    assert {p.name: p.stat().st_mtime_ns for p in folder_of(many).iterdir()} == before
    assert many.ok("verify", many.name)["ok"] is True


def test_a_changed_print_file_is_found_and_forgetting_takes_the_letters_away(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(FEW))
    road.ok("letters", road.name)
    assert road.ok("verify", road.name)["ok"] is True
    with (folder_of(road) / "vendor.csv").open("ab") as file:
        file.write(b"x")
    failures = road.rct("verify", road.name, "--json").json["failures"]
    assert [(f["code"], f["file"]) for f in failures] == [
        ("document_changed", "private/bills/letters/vendor.csv")
    ]
    assert road.ok("letters", road.name)["fresh"] is True
    assert road.ok("verify", road.name)["ok"] is True
    road.ok("forget", road.name, "--yes")
    assert not folder_of(road).exists()
    assert road.ok("verify", road.name)["ok"] is True


def test_hostile_names_come_out_literal(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(HOSTILE * 4))
    said = road.ok("letters", road.name)
    assert said["pieces"] == len(HOSTILE) * 3
    pages = pages_of(road)
    seen = set()
    for row in vendor(road):
        text = squeezed(pages[row["file"]][int(row["page"]) - 1])
        name = row["field_name"]
        seen.add(name)
        assert name in HOSTILE
        assert f"Dear{squeezed(name)}," in text
        assert text.count(squeezed(name)) == 2
        assert "root:" not in text
        assert int(row["pages"]) == 1
    assert len(seen) > 8


def test_an_empty_line_of_the_address_leaves_no_gap(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(["A Person", "B Person", "C Person", "D Person"] * 3))
    road.ok("letters", road.name)
    for row in vendor(road):
        lines = [row[f"address_{i}"] for i in range(1, 5) if f"address_{i}" in row]
        assert lines[0].endswith("Person")
        assert lines[2] in ("Apt 4", "Springfield")


def test_a_cell_that_a_spreadsheet_would_run_goes_to_the_workbook_alone(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(["=HYPERLINK(1)"] * 12))
    said = road.ok("letters", road.name)
    assert "vendor.csv" not in said["files"]
    assert {row["field_name"] for row in vendor(road)} == {"=HYPERLINK(1)"}
    ran = road.rct("letters", road.name)
    assert "vendor.xlsx" in ran.out


def test_a_name_that_no_font_prints_stops_the_letters_until_it_is_listed(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(["山田 太郎", "Ana", "Ben", "Eva"] * 3))
    found = road.no("letters", road.name)
    assert {p["code"] for p in found} == {"no_glyph"}
    assert not folder_of(road).exists()
    said = road.ok("letters", road.name, "--by-hand")
    hand = list(
        csv.DictReader(io.StringIO((folder_of(road) / "by-hand.csv").read_text(encoding="utf-8-sig")))
    )
    assert {row["name"] for row in hand} == {"山田 太郎"}
    assert sum(n["by_hand"] for n in said["versions"].values()) == len(hand) == len(found)
    assert all(check_code(row["reference"]) for row in hand)
    assert "山田" not in "".join(t for texts in pages_of(road).values() for t in texts)


def test_directional_overrides_never_reach_a_letter(tmp_path: Path) -> None:
    road = Road(tmp_path)
    templates(road)
    road.define(definition(arms=ARMS, frame=FRAME))
    road.ok("lock", road.name, "--yes")
    found = road.no("frame", road.name, road.file("p.csv", people(["Ana \u202egnp.exe", *FEW])))
    assert found[0]["field"] == "name"
    staff = road.file("staff.csv", people(["Ana \u202egnp", "Ben"]))
    road.ok("frame", road.name, road.file("q.csv", people(FEW)))
    road.ok("draw", road.name, "--yes")
    road.ok("letters", road.name, "--seeds", staff)
    text = "".join(t for texts in pages_of(road).values() for t in texts)
    assert "\u202e" not in text
    assert "\\u202egnp" in text


def test_letters_need_a_draw_and_the_locked_words(tmp_path: Path) -> None:
    road = Road(tmp_path)
    templates(road)
    road.define(definition(arms=ARMS, frame=FRAME))
    assert road.no("letters", road.name)[0]["code"] == "not_drawn"
    drawn(road, people(FEW))
    (road.folder / "templates" / "a.md").write_text(ADDRESS + "Dear {{ name }}, pay now.", encoding="utf-8")
    assert road.no("letters", road.name)[0]["code"] == "edited_after_lock"


def test_an_amount_that_is_no_number_is_refused_before_anything_is_printed(tmp_path: Path) -> None:
    road = Road(tmp_path)
    (road.folder / "templates" / "c.md").write_text(ADDRESS + "By {{ city | date }}.", encoding="utf-8")
    drawn(road, people(FEW), arms=ARMS.replace("a.md", "c.md"))
    found = road.no("letters", road.name)
    assert {(p["code"], p["field"]) for p in found} == {("letter_value", "city")}


def test_other_paper_is_other_letters_and_old_files_go(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(FEW))
    road.ok("letters", road.name)
    road.ok("letters", road.name, "--paper", "a4", "--simplex")
    with pikepdf.open(folder_of(road) / "letters-0001.pdf") as opened:
        assert [round(float(x)) for x in opened.pages[0].mediabox] == [0, 0, 595, 842]
        assert len(opened.pages) == 9
    assert len([e for e in road.ok("log", road.name)["events"] if e["kind"] == "letters"]) == 2


def test_a_letter_of_two_pages_starts_on_a_sheet_of_its_own(tmp_path: Path) -> None:
    road = Road(tmp_path)
    long = ADDRESS + "Dear {{ name }},\n\n" + "Many words that fill the page, line by line.\n\n" * 45
    (road.folder / "templates" / "c.md").write_text(long, encoding="utf-8")
    drawn(road, people([f"Person {i:02d}" for i in range(12)]), arms=ARMS.replace("a.md", "c.md"))
    road.ok("letters", road.name)
    pages = pages_of(road)["letters-0001.pdf"]
    two = 0
    for row in vendor(road):
        first, count = int(row["page"]), int(row["pages"])
        assert first % 2 == 1
        assert f"Dear {row['field_name']}," in pages[first - 1]
        for page in range(first, first + count):
            assert set(CODE.findall(pages[page - 1])) == {row["reference"]}
        assert ("Page 2" in pages[first]) == (count == 2)
        two += count == 2
    assert two == 3
    assert len(pages) == 18


def test_a_picture_that_was_damaged_since_the_lock_is_named_and_nothing_is_stored(tmp_path: Path) -> None:
    road = Road(tmp_path)
    seal = road.folder / "templates" / "seal.png"
    seal.write_bytes(png(40, 20))
    (road.folder / "templates" / "letterhead.toml").write_text(LETTERHEAD + 'logo = "seal.png"\n')
    drawn(road, people(FEW))
    seal.write_bytes(png(40, 20)[:-30])  # its head is sound: only who opens it can tell
    before = road.ok("log", road.name)["events"]
    problem = road.no("letters", road.name)[0]
    assert (problem["code"], problem["file"]) == ("picture_damaged", "templates/seal.png")
    assert road.ok("log", road.name)["events"] == before
    assert not [p for p in road.folder.rglob("*") if ".tmp-" in p.name]


def test_too_many_words_for_a_postcard_are_refused(tmp_path: Path) -> None:
    road = Road(tmp_path)
    (road.folder / "templates" / "c.md").write_text(
        ADDRESS + "Many words for a card. " * 300, encoding="utf-8"
    )
    text = definition(arms=ARMS.replace("b.md", "c.md"), frame=FRAME)
    templates(road)
    road.define(text.replace('channel = "letter"', 'channel = "postcard"'))
    road.ok("lock", road.name, "--yes")
    road.ok("frame", road.name, road.file("p.csv", people(FEW)))
    road.ok("draw", road.name, "--yes")
    assert road.no("letters", road.name)[0]["code"] == "postcard_too_long"
    assert not list(folder_of(road).glob("*"))


def test_postcards_have_two_sides(tmp_path: Path) -> None:
    road = Road(tmp_path)
    card = definition(arms=ARMS, frame=FRAME).replace('channel = "letter"', 'channel = "postcard"')
    templates(road)
    road.define(card)
    road.ok("lock", road.name, "--yes")
    road.ok("frame", road.name, road.file("p.csv", people(FEW)))
    road.ok("draw", road.name, "--yes")
    road.ok("letters", road.name)
    pages = pages_of(road)["letters-0001.pdf"]
    assert len(pages) == 18
    for row in vendor(road):
        front, back = pages[int(row["page"]) - 1], pages[int(row["page"])]
        assert row["address_1"] in front
        assert f"Dear {row['field_name']}," in back
        assert row["reference"] in front
        assert row["reference"] in back


def test_languages_choose_the_letter_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    road = Road(tmp_path)
    arms = ARMS.replace(
        'template = "a.md"', 'language = "lang"\ntemplates = { en = "a.md", es = "es.md" }'
    ).replace('template = "b.md"', 'language = "lang"\ntemplates = { en = "b.md", es = "es.md" }')
    (road.folder / "templates" / "es.md").write_text(ADDRESS + "Estimada {{ name }}:", encoding="utf-8")
    frame = FRAME + '\ncategories = ["lang"]'
    rows = people(FEW * 2).splitlines()
    listed = "\n".join(
        [rows[0] + ",lang", *(f"{r},{'es' if i % 2 else 'en'}" for i, r in enumerate(rows[1:]))]
    )
    drawn(road, listed + "\n", arms=arms, frame=frame)
    road.ok("letters", road.name)
    pages = pages_of(road)
    for row in vendor(road):
        text = pages[row["file"]][int(row["page"]) - 1]
        assert ("Estimada" in text) == (row["language"] == "es")
        assert ("Para uso de la oficina" in text) == (row["language"] == "es")
        assert ("For office use" in text) == (row["language"] == "en")
        assert text.count(row["reference"]) == 1  # above the address
    other = Road(tmp_path / "other")
    (other.folder / "templates" / "es.md").write_text(ADDRESS + "Estimada {{ name }}:", encoding="utf-8")
    drawn(other, listed.replace(",es", ",fr") + "\n", arms=arms, frame=frame)
    assert {p["code"] for p in other.no("letters", other.name)} == {"letter_language"}


def test_a_paragraph_longer_than_a_page_breaks_and_the_others_of_its_file_stay_whole(tmp_path: Path) -> None:
    road = Road(tmp_path)
    long = (
        ADDRESS
        + "Dear {{ name }},\n\n"
        + "Many words that fill the page, line by line. " * 150
        + "\n\nThe end."
    )
    (road.folder / "templates" / "c.md").write_text(long, encoding="utf-8")
    drawn(road, people([f"Person {i:02d}" for i in range(12)]), arms=ARMS.replace("a.md", "c.md"))
    road.ok("letters", road.name)
    pages = pages_of(road)["letters-0001.pdf"]
    counts = Counter(int(row["pages"]) for row in vendor(road))
    assert counts == {1: 6, 2: 3}
    for row in vendor(road):
        first, count = int(row["page"]), int(row["pages"])
        text = " ".join(pages[first - 1 : first - 1 + count])
        assert f"Dear {row['field_name']}," in text
        if count == 2:
            assert text.count("Many ") + text.count("Many\n") == 150
            assert "Many" in pages[first - 1]
            assert "The end." in pages[first]


def test_a_name_is_written_by_hand_as_it_is_spelled(tmp_path: Path) -> None:
    """Envelopes are written from the list: a joiner inside a name is no escape code to be copied."""
    road = Road(tmp_path)
    sinhala = "\u0dc1\u0dca\u200d\u0dbb\u0dd3 Perera"
    drawn(road, people([sinhala, "\u200d=1+1", *FEW]))
    road.ok("letters", road.name, "--by-hand")
    text = (road.private / road.name / "letters" / "by-hand.csv").read_bytes().decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    if "00000" in rows:  # drawn to an arm that is sent a letter
        assert rows["00000"]["name"] == sinhala
    assert "\\u200d" not in text
    assert all(not row["name"].lstrip("\u200d").startswith("=") for row in rows.values())


def test_a_linked_folder_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    road = Road(tmp_path)
    drawn(road, people(FEW))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in (road.private / road.name).iterdir() if (road.private / road.name).is_dir() else ():
        file.rename(elsewhere / file.name)
    if (road.private / road.name).is_dir():
        (road.private / road.name).rmdir()
    (road.private / road.name).symlink_to(elsewhere)
    assert road.no("letters", road.name)
    assert not (elsewhere / "letters").exists()


def test_a_font_collection_of_billions_and_a_damaged_font_are_named(tmp_path: Path) -> None:
    road = Road(tmp_path)
    templates(road)
    road.define(definition(arms=ARMS, frame=FRAME))
    fonts = road.folder / "templates" / "fonts"
    fonts.mkdir()
    bomb = fonts / "bomb.ttc"
    bomb.write_bytes(b"ttcf\x00\x01\x00\x00\xff\xff\xff\xff" + b"\0" * 100)
    for command, code in (("check", 1), ("proof", 2), ("lock", 2)):
        (problem,) = road.no(command, road.name, code=code)
        assert (problem["code"], problem["file"]) == ("font_damaged", "templates/fonts/bomb.ttc")
    bomb.unlink()
    (fonts / "broken.ttf").write_bytes(b"no font")
    (problem,) = road.no("frame", road.name, road.file("list.csv", people(["\u5c71 Ana", *FEW])))
    assert (problem["code"], problem["file"]) == ("font_damaged", "templates/fonts/broken.ttf")

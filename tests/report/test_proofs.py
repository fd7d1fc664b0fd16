"""Pictures of letters: those of the letters that the plan in force names, and of no others."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread, imsave
from pypdf import PdfReader
from report import cases, gallery
from support import Road, road_at

from rct.letters.proof import NARROW_PPI
from rct.report.memo.apart import letter_pictures, top_of
from rct.report.record import Proof, Said

SOCIAL = "This is the social letter."


def edit(road: Road, words: str = "Another letter altogether.") -> None:
    path = road.folder / "templates" / "bills" / "social.md"
    path.write_text(path.read_text().replace(SOCIAL, words))


def test_the_plan_shows_the_letters_of_a_proof_made_before(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    road.ok("proof", "bills")
    road.ok("lock", "bills")
    page = (road.out / "plan.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 2
    assert "The letters, as an invented recipient gets them" in page
    pages = PdfReader(road.out / "plan.pdf").pages
    assert sum(len(page.images) for page in pages) >= 2


def test_a_proof_of_a_letter_that_was_changed_before_the_lock_is_not_shown(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    road.ok("proof", "bills")
    edit(road)
    road.ok("lock", "bills")
    assert (road.out / "plan.html").read_text(encoding="utf-8").count("<img ") == 1


def test_a_proof_of_a_letter_changed_after_the_lock_is_refused(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    edit(road)
    before = road.tree()
    (problem,) = road.no("proof", "bills")
    assert problem["code"] == "proof_not_planned"
    assert "letter bills/social.md changed" in problem["rule"]
    assert road.tree() == before
    road.ok("proof", "bills", "--to", tmp_path / "look")
    road.ok("amend", "bills", "--reason", "shorter words")
    road.ok("proof", "bills")


def test_another_letter_for_an_arm_is_refused_too(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    road.edit('template = "bills/social.md"', 'template = "bills/plain.md"')
    assert road.no("proof", "bills")[0]["code"] == "proof_not_planned"


@pytest.mark.parametrize("proofed", [True, False])
def test_the_memo_never_shows_a_letter_that_was_not_tested(proofed: bool, tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    if proofed:
        road.ok("proof", "bills")
    edit(road)
    road.ok("report", "bills")
    page = (road.out / "memo.html").read_text(encoding="utf-8")
    # A proof made before is the tested letter still; without one, only the letter that is as it was is drawn.
    assert page.count("<img ") == (2 if proofed else 1)
    assert "Another letter" not in page
    assert ("the social letter" in page) is proofed
    assert "Another letter" not in (road.out / "appendix.html").read_text(encoding="utf-8")


def test_without_a_proof_the_memo_draws_the_letters_itself(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    assert (road.out / "memo.html").read_text(encoding="utf-8").count("<img ") == 2
    assert (road.out / "appendix.html").read_text(encoding="utf-8").count("<img ") == 2
    assert not (road.out / "proofs").exists()


def test_a_picture_changed_by_hand_is_no_proof(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    road.ok("proof", "bills")
    edit(road)
    path = road.out / "proofs" / "letter-social.png"
    path.write_bytes(path.read_bytes() + b" ")
    road.ok("report", "bills")
    assert (road.out / "memo.html").read_text(encoding="utf-8").count("<img ") == 1


def test_the_words_that_set_a_letter_apart_are_those_the_other_lacks() -> None:
    what = cases.definition([cases.TODAY, cases.SOCIAL])
    first = (Said("Your bill", False), Said("You owe $5.", True), Said("Pay now.", False))
    then = (Said("Your bill", False), Said("Nine in ten pay.", True), Said("Pay now.", False))
    png = cases.png(850, 1100)
    made = letter_pictures(what, [Proof("a0", png, "Your bill", first), Proof("a1", png, "Your bill", then)])
    assert [p.words for p in made] == ["You owe $5.", "Nine in ten pay."]
    same = letter_pictures(what, [Proof("a0", png, "", first[:1]), Proof("a1", png, "", first[:1])])
    assert [p.words for p in same] == ["Its words are the same."] * 2
    long = (*then, Said("x" * 90 + " and so on, " * 90, True))
    (_, cut) = letter_pictures(what, [Proof("a0", png, "", first), Proof("a1", png, "", long)])
    assert cut.words.endswith(" …")
    assert len(cut.brief) < len(cut.words) < 340


def test_the_beginning_of_a_letters_picture_ends_between_two_lines() -> None:
    pixels = np.ones((400, 200, 3), dtype=np.float32)
    for top in range(20, 380, 30):
        pixels[top : top + 12, 20:180] = 0  # a line of words
    made = io.BytesIO()
    imsave(made, pixels, format="png")
    what = cases.definition([cases.TODAY, cases.SOCIAL])
    (picture,) = letter_pictures(what, [Proof("a0", b"a page", "Your bill", narrow=made.getvalue())])
    assert len(picture.cuts) == 11
    top = imread(io.BytesIO(top_of(picture, 0.6)))[..., :3]
    assert 90 <= len(top) <= 120
    assert top[0].min() == top[-1].min() == 1.0
    assert (top == 0).any()
    assert top_of(picture, 2.0) == picture.png


def test_the_memo_shows_a_letters_words_in_a_column_where_they_can_be_read() -> None:
    proof = gallery.letters()["social"]
    wide, high = struct.unpack(">II", proof.narrow[16:24])
    assert wide == 3.5 * NARROW_PPI
    assert high > wide
    assert proof.narrow != proof.png

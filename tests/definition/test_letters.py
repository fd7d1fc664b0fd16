"""Letters and their pictures: files inside templates/, text in UTF-8, nothing from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from rct.codes import CODES
from rct.definition.letters import LetterError, letter_files, pictures, read_letter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    templates = tmp_path / "templates"
    (templates / "water").mkdir(parents=True)
    (templates / "water" / "a.md").write_text("Hello\n")
    (tmp_path / "secret.md").write_text("secret")
    return templates


def refused(folder: Path, template: str) -> LetterError:
    with pytest.raises(LetterError) as raised:
        letter_files(folder, template)
    assert raised.value.code in CODES
    assert raised.value.fix
    return raised.value


@pytest.mark.parametrize(
    "path", ["../secret.md", "/etc/hosts", "water/../../secret.md", "a\\b.md", "x\0.md", "//h/x.md"]
)
def test_a_path_that_leads_out_is_refused(folder: Path, path: str) -> None:
    assert refused(folder, path).code == "outside_templates"


@pytest.mark.parametrize("path", ["http://x.y/a.md", "file:///etc/hosts", "data:text/plain,x"])
def test_a_link_is_no_file(folder: Path, path: str) -> None:
    assert refused(folder, path).code == "outside_templates"


def test_a_link_that_leads_out_is_not_followed_and_one_inside_is(folder: Path) -> None:
    (folder / "out.md").symlink_to(folder.parent / "secret.md")
    (folder / "in.md").symlink_to(folder / "water" / "a.md")
    assert refused(folder, "out.md").code == "outside_templates"
    assert read_letter(folder, "in.md") == "Hello\n"


def test_a_loop_of_links_is_a_plain_sentence(folder: Path) -> None:
    (folder / "a.md").symlink_to(folder / "b.md")
    (folder / "b.md").symlink_to(folder / "a.md")
    assert refused(folder, "a.md").code == "template_missing"


@pytest.mark.parametrize("path", ["water/b.md", "water", "x" * 5000 + ".md", "none/a.md", "."])
def test_what_is_no_file_is_refused(folder: Path, path: str) -> None:
    assert refused(folder, path).code in {"template_missing", "letter_kind"}


def test_the_nearest_letter_is_suggested(folder: Path) -> None:
    assert refused(folder, "wter/a.md").fix == "Did you mean water/a.md?"


def test_a_letter_is_markdown_or_text(folder: Path) -> None:
    (folder / "a.docx").write_bytes(b"PK")
    assert refused(folder, "a.docx").code == "letter_kind"


def test_a_letter_is_utf8_and_the_line_that_is_not_is_named(folder: Path) -> None:
    (folder / "b.md").write_bytes("one\ntwo\nCréteil".encode("windows-1252"))
    assert "line 3 of b.md" in refused(folder, "b.md").rule
    (folder / "b.md").write_bytes(b"a\0b")
    assert refused(folder, "b.md").code == "letter_encoding"


def test_a_byte_order_mark_is_no_part_of_a_letter(folder: Path) -> None:
    (folder / "b.md").write_bytes(b"\xef\xbb\xbfHello\r\n")
    assert read_letter(folder, "b.md") == "Hello\n"
    assert letter_files(folder, "b.md")["b.md"] == letter_files(folder, "water/a.md")["water/a.md"]


def test_a_letter_is_small_and_a_picture_not_huge(folder: Path) -> None:
    (folder / "b.md").write_text("x" * (64 * 1024 + 1))
    assert "64 KiB" in refused(folder, "b.md").rule


def test_a_picture_must_be_there_inside_and_a_picture(folder: Path) -> None:
    letter = folder / "b.md"
    letter.write_text("![x](none.png)")
    assert refused(folder, "b.md").code == "template_missing"
    letter.write_text("![x](http://a.b/c.png)")
    assert refused(folder, "b.md").code == "outside_templates"
    letter.write_text("![x](../secret.png)")
    assert refused(folder, "b.md").code == "outside_templates"
    letter.write_text("![x](water/a.md)")
    assert refused(folder, "b.md").code == "picture_kind"


def test_pictures_are_found_as_markdown_means_them() -> None:
    text = "![a](a.png 'title') ![b][r] `![c](c.png)` **![d](d%20d.png)** [![e](e.png)](x) ![a](a.png)\n\n[r]: r.png\n"
    assert pictures(text) == ["a.png", "r.png", "d d.png", "e.png"]

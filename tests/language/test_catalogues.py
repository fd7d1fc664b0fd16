"""A catalogue is what translators' tools write: read, renewed and written without losing anything."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rct import language
from rct.language import catalogue, sentences
from rct.language.reading import reading_of, readings

TOY = """msgid ""
msgstr ""
"Language: de_DE\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Page"
msgstr "Seite"

#, fuzzy
msgid "Reference"
msgstr "Referenz?"

msgid "For office use"
msgstr ""

msgid "letter"
msgid_plural "letters"
msgstr[0] "Brief"
msgstr[1] "Briefe"
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> language.Language:
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    (tmp_path / "de.po").write_text(TOY, encoding="utf-8")
    return language.language_of("de")


def test_a_catalogue_alone_gives_sentences_days_lists_numbers_and_money(german: language.Language) -> None:
    assert language.languages() == ("en", "de")
    with language.speaking("de"):
        assert language.t("Page") == "Seite"
        assert [language.tn("letter", "letters", n) for n in (1, 2)] == ["Brief", "Briefe"]
        assert language.day(date(2026, 3, 2)) == "2. März 2026"
        assert language.listed(["a", "b", "c"]) == "a, b und c"
        assert language.listed(["a", "b"], "or") == "a oder b"
        assert language.number(1234567) == "1.234.567"
    assert german.money("1,234.50", "EUR") == "1.234,50\u00a0€"
    assert german.named("es") == "Spanisch"


def test_what_is_not_translated_or_only_guessed_is_said_in_english(german: language.Language) -> None:
    assert german.t("Reference") == "Reference"
    assert german.t("For office use") == "For office use"
    assert german.tn("piece", "pieces", 2) == "pieces"


def test_a_language_without_words_is_measured_by_its_sentences_alone() -> None:
    assert reading_of("de").formula is None
    assert {each.code for each in readings()} == {"en", "es"}
    assert language.language_of("fr").day(date(2026, 3, 2)) == "2026-03-02"


def test_a_sentence_that_is_told_can_be_told_again_in_another_language() -> None:
    inner = language.tell("letter")
    said = language.tell("Page")
    assert said == "Page"
    with language.speaking("es"):
        assert language.retold(said) == "Página"
        assert language.retold(inner) == "carta"
        assert language.retold("what somebody typed") == "what somebody typed"


def test_what_pybabel_extracts_is_every_sentence_of_the_code() -> None:
    """A call that its extractor does not see (inside an f-string, or deep in another call) would never be translated."""
    found = set()
    for path in sentences.CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in sentences.KEYWORDS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    assert found == {each if isinstance(each, str) else each[0] for each in sentences.sentences()}


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


@pytest.mark.parametrize("code", language.languages()[1:])
def test_every_catalogue_is_just_what_make_language_would_write(code: str) -> None:
    path = catalogue.HERE / f"{code}.po"
    with path.open("rb") as file:
        renewed = sentences.renewed(sentences.read_po(file))
    assert sentences.written(renewed) == path.read_bytes()


def test_a_new_language_begins_with_every_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    sentences.main("fr", "fr_CA")
    made = language.language_of("fr")
    assert made.tag == "fr-CA"
    assert made.messages == {}
    assert made.day(date(2026, 3, 2)) == "2 mars 2026"


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["lock", "--help"], ["status"]])
def test_commands_start_without_babel(arguments: list[str], tmp_path: Path) -> None:
    asked = f"import sys; sys.argv = ['rct', *{arguments!r}]\nfrom rct.cli.main import main\n"
    asked += "try:\n    main()\nexcept SystemExit:\n    pass\nassert 'babel' not in sys.modules"
    subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, cwd=tmp_path)

"""The memo in other languages: no sentence is missing, none loses a value, and all numbers are the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from report import cases

import rct
from rct import language
from rct.errors import RctError
from rct.language.sentences import sentences
from rct.report.documents import memo_documents
from rct.report.memo.page import MemoView, view
from rct.report.record import DeviationRecord, MemoRecord
from rct.report.words.deviating import told


def asked() -> dict[str, str | None]:
    """Every sentence of the code, with its plural or None."""
    return dict((each, None) if isinstance(each, str) else each for each in sentences())


OTHERS = [code for code in language.languages() if code != language.SOURCE.code]


def places(text: str) -> list[str]:
    """The named places of a sentence; a place that is no plain name would let a value be read as a template."""
    found = [
        (name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None
    ]
    assert all(name.isidentifier() and not spec and conversion is None for name, spec, conversion in found), (
        text
    )
    return sorted(name for name, _, _ in found)


def spoken(record: MemoRecord, code: str) -> MemoView:
    with language.speaking(code):
        return view(record)


def everything(memo: MemoView) -> str:
    table = next(s.table for s in memo.sections if s.table)
    cells = [*table.header, *(cell for row in table.rows for cell in row)]
    return "\n".join([*memo.running_text(), *memo.notes, *memo.footer, memo.eyebrow, *cells])


def test_spanish_is_there() -> None:
    assert "es" in OTHERS


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(code: str) -> None:
    assert set(language.language_of(code).messages) == set(asked())


@pytest.mark.parametrize("code", OTHERS)
def test_every_translation_has_the_places_of_its_sentence(code: str) -> None:
    catalogue = language.language_of(code)
    for message, plural in asked().items():
        forms = catalogue.messages[message]
        assert all(forms), message
        if plural is None:
            assert len(forms) == 1, message
            assert sorted(set(places(forms[0]))) == sorted(set(places(message))), message
            continue
        assert len(forms) == max(catalogue.plural(n) for n in range(200)) + 1, message
        for form in forms:
            assert set(places(form)) - {"count"} == set(places(message)) - {"count"}, message
            assert set(places(form)) <= {*places(plural), "count"}


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_the_numbers_are_the_same_in_every_language(name: str, code: str) -> None:
    record = cases.all_memos()[name]
    english, other = everything(spoken(record, "en")), everything(spoken(record, code))
    number = re.compile(r"\d[\d,.]*\d%?|\d%?")
    assert Counter(number.findall(english)) == Counter(number.findall(other))


def test_the_spanish_memo_is_spanish_throughout() -> None:
    memo = spoken(cases.win(), "es")
    assert memo.answer == (
        "“9 in 10 neighbours pay on time” subió “Paid in full within 30 days” en 3.2 puntos porcentuales"
        " (intervalo del 95%: 2.1 a 4.3)."
    )
    assert memo.lead.startswith("La regla dice: adoptar “9 in 10 neighbours pay on time”.")
    assert memo.verdict == "ADOPTAR"
    assert "12 de enero de 2026" in everything(memo)
    # Without the city's own words nothing English is left.
    ours = re.sub(
        r"“[^”]*”",
        "",
        everything(memo).replace(cases.win().definition.trial.problem, "").replace("City of", ""),
    )
    left = set(
        re.findall(r"\b(the|of|and|was|with|more|rule|if|by|on|version|chance|agreed)\b", ours.lower())
    )
    assert left == set(), left


def test_deviations_are_told_by_kind_and_day_where_the_logs_own_words_are_of_another_language() -> None:
    text = "The plan was changed after results were seen (the mayor asked): alpha: 0.05 → 0.10."
    changed = DeviationRecord("amended_after_results", 9, cases.ANALYZED, "Sam Okafor", text)
    ratio = DeviationRecord(
        "sample_ratio", None, cases.ANALYZED, "Sam Okafor", "The outcome paid was observed in …"
    )
    record = replace(cases.win(), deviations=(changed, ratio))
    assert text in everything(spoken(record, "en"))
    spanish = everything(spoken(record, "es"))
    assert "El plan se cambió después de ver resultados. (El 2 de marzo de 2026; el motivo" in spanish
    assert "Un resultado se observó en otras proporciones que las sorteadas." in spanish
    assert "mayor" not in spanish


def test_every_deviation_that_the_software_finds_can_be_told_in_another_language() -> None:
    package = Path(rct.__file__).parent
    sources = [(package / "audit" / f"{name}.py").read_text() for name in ("deviations", "mail")]
    told_of = r'(?:yield \(?|return |Deviation\(|seen else |analysis" else )\s*"([a-z_]+)"(?= if|,)'
    found = {code for source in sources for code in re.findall(told_of, source)}
    assert {"early", "amended_late", "amended_after_results", "mailed_differs", "imbalance"} <= found
    with language.speaking("es"):
        for each in found:
            assert told(DeviationRecord(each, None, cases.ANALYZED, "Sam", "English")) != "English.", each


def test_the_files_of_a_language_carry_its_code() -> None:
    made = memo_documents(cases.null(), "es")
    assert set(made) == {f"memo.es.{kind}" for kind in ("md", "html", "json", "pdf", "docx")}
    assert b'<html lang="es">' in made["memo.es.html"]
    assert "¿Qué encontramos?" in made["memo.es.html"].decode()


def test_a_language_ends_where_it_is_spoken() -> None:
    with language.speaking("es"):
        assert language.spoken().code == "es"
    assert language.spoken().code == "en"


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(RctError) as refused, language.speaking("xx"):
        pass
    assert refused.value.problems[0].code == "memo_language"


def test_a_value_is_never_read_as_a_template() -> None:
    assert language.t("Keep {control}.", control="{arm} {0.__class__}") == "Keep {arm} {0.__class__}."

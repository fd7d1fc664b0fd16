"""The letters of a trial, measured one by one; the sample stands in for the recipient."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rct.definition import Definition
from rct.letters.compose import Composer
from rct.letters.letterhead import read_letterhead
from rct.letters.lint import Lint, lint
from rct.letters.sample import read_sample, sample_fields
from rct.letters.template import LetterTemplate
from rct.letters.tree import Tree, lines_of, read_tree
from rct.letters.words import UnfitValue
from rct.registry.workspace import Workspace

_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_FIELD = re.compile(r"\{\{[-+ ]*(\w+)[^}]*\}\}")
_DATE_NAME = re.compile(r"date|day|deadline|due|fecha|plazo", re.IGNORECASE)


@dataclass(frozen=True)
class LetterLint:
    arm: str
    key: str
    path: str
    lint: Lint


def lint_letters(ws: Workspace, definition: Definition) -> list[LetterLint]:
    """Every letter in the order of the arms; each file once. Raises `RctError` where one can't be read."""
    composer = Composer(ws, definition, read_letterhead(ws))
    sample = read_sample(ws)
    lints: dict[str, LetterLint] = {}
    for (arm, key), letter in composer.letters.items():
        if letter.path in lints:
            continue
        head = composer.head
        contact = any(head.text(k, letter.language) for k in ("phone", "email", "web"))
        open_text = _TAG.sub("", letter.text)  # every branch of every condition is read
        every = LetterTemplate(letter.path, open_text, letter.language, letter.currency)
        try:
            filled = every.fill(sample_fields(sample, definition, key))
        except UnfitValue:
            filled = LetterTemplate(letter.path, _plainly(open_text), letter.language).fill(
                sample_fields(sample, definition, key)
            )
        tree = read_tree(filled.text, addressed=composer.kind != "message")
        lines = lines_of(Tree((), tree.body, ()), tree.values(filled, lenient=True))
        body = _FIELD.findall(_without_address(open_text) if tree.address else open_text)
        measured = lint(
            lines,
            letter.language,
            has_date=any(_DATE_NAME.search(f) for f in body) or bool(re.search(r"\|\s*date\b", letter.text)),
            contact_around=contact,
            may_be_empty=_may_be_empty(definition, body, letter.text),
        )
        lints[letter.path] = LetterLint(arm, key, letter.path, measured)
    return list(lints.values())


def _plainly(text: str) -> str:
    """Fields without their filters: for a sample that no filter fits."""
    return _FIELD.sub(r"{{ \1 }}", text)


def _without_address(text: str) -> str:
    return text.lstrip().partition("\n\n")[2]


def _may_be_empty(definition: Definition, body: list[str], text: str) -> list[str]:
    """Fields of the body that can be empty and that no condition asks for."""
    numbers = definition.frame.covariates
    asked = set(re.findall(r"\w+", " ".join(re.findall(r"\{%-?\s*(?:if|elif)\b(.*?)%\}", text, re.DOTALL))))
    return [
        field
        for field in dict.fromkeys(body)
        if field not in asked and (field not in numbers or definition.frame.missing_covariates != "refuse")
    ]

"""The list for a mail, e-mail or SMS system: id, version letter, reference code, and each person's message."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.errors import Problem, stop
from rct.letters.compose import Composer
from rct.letters.letterhead import read_letterhead
from rct.letters.messages import message
from rct.letters.recipients import Recipient
from rct.letters.reference import reference_code
from rct.letters.segments import length
from rct.letters.unfit import refuse
from rct.letters.words import UnfitValue
from rct.letters.workbook import MAX_CELL, MAX_ROWS, exact_csv, string_workbook
from rct.registry import keys, optout
from rct.registry.workspace import Workspace

SYSTEM_OF = {"letter": "mail", "postcard": "mail", "email": "email", "sms": "sms"}
_KIND = {"email": "email", "sms": "phone"}
MOST_DIGITS = 15  # of a number with its country's code: ITU-T E.164
_INTERNATIONAL = re.compile(r"\+[0-9 ().\-/\u00a0\u2010-\u2015]+")
_DIGEST = b"rct.handover.1\n"


def digest_of(key: bytes, header: tuple[str, ...], table: list[tuple[str, ...]]) -> str:
    """A keyed digest of the list."""
    return hmac.digest(key, _DIGEST + exact_csv(header, table), hashlib.sha256).hex()


def sent_arms(definition: Definition) -> list[str]:
    """The arms to whom something is sent: those with a template, or all where everything is made elsewhere."""
    named = [a for a, arm in definition.arms.items() if arm_templates(arm)]
    return named or list(definition.arms)


class Listed:
    """The list row by row; for an e-mail or SMS trial with templates, with each person's message."""

    def __init__(
        self,
        ws: Workspace,
        definition: Definition,
        system: str,
        letters: Mapping[str, str],
        people: list[Recipient],
    ):
        self._ws, self._definition, self._letters, self._people = ws, definition, letters, people
        self._key = keys.read_key(ws)
        self._contact = [
            c for c in definition.frame.contact if system in _KIND and optout.kind_of(c) == _KIND[system]
        ]
        self._composer = None
        more: tuple[str, ...] = ()
        if system == definition.trial.channel and system in _KIND:
            self._composer = Composer(ws, definition, read_letterhead(ws))
            if self._composer.letters:
                more = ("subject", "text", "html") if system == "email" else ("text", "segments")
        self._messages = bool(more)
        self.header = ("id", "version", "reference", *self._contact, *more)
        self.segments: dict[str, int] = {}  # segments → people, for text messages

    def table(self) -> list[tuple[str, ...]]:
        """Raises `RctError` naming each person whose message can't be filled."""
        rows: list[tuple[str, ...]] = []
        bad: list[tuple[str, Problem]] = []
        for person in self._people:
            code = reference_code(self._key, self._definition.name, person.unit)
            contact = [dialled(str(person.fields[c])) for c in self._contact]
            made: Problem | tuple[str, ...] = self._message(person) if self._messages else ()
            if isinstance(made, Problem):
                bad.append((person.id, made))
            else:
                rows.append((person.id, self._letters[person.arm], code, *contact, *made))
        if bad:
            refuse(self._ws, self._definition.name, bad)
        return rows

    def _message(self, person: Recipient) -> Problem | tuple[str, ...]:
        if self._composer is None:
            raise AssertionError("only where there are messages")
        key = person.language(self._definition)
        letter = self._composer.letters.get((person.arm, key))
        if letter is None:
            column = self._definition.arms[person.arm].language
            return _unfit(
                "letter_language", "The arm has no template in this person's language.", column, key
            )
        lacking = next((c for c in person.missing if c in letter.fields), None)
        if lacking is not None:
            return _unfit("letter_value", "The list has no number here; a mean stands in its place.", lacking)
        try:
            made = message(letter.fill(person.fields), self._definition.trial.channel)
        except UnfitValue as error:
            field = next((f for f in letter.fields if str(person.fields[f]).strip() == error.value), None)
            return _unfit("letter_value", f"The template asks for {error.wanted} here.", field)
        if self._definition.trial.channel == "email":
            return made.subject, made.text, made.html
        many = str(length(made.text).segments)
        self.segments[many] = self.segments.get(many, 0) + 1
        return made.text, many


def dialled(text: str) -> str:
    """An international number as senders take it, `+1 (617) 555-0142` as `+16175550142`: with signs between its digits a
    spreadsheet would reckon it. Anything else stays as it is."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    whole = _INTERNATIONAL.fullmatch(text.strip()) and 7 <= len(digits) <= MOST_DIGITS
    return f"+{digits}" if whole else text


def _unfit(code: str, rule: str, field: str | None = None, found: str | None = None) -> Problem:
    return Problem(
        code=code, field=field, found=found, rule=rule,
        fix="Add a template for it, or take the field out of the template; rct amend records either.",
    )  # fmt: skip


def files_of(header: tuple[str, ...], table: list[tuple[str, ...]], running: list[int]) -> dict[str, bytes]:
    files = {}
    if not running:
        files["handover.csv"] = exact_csv(header, table)
    if len(table) <= MAX_ROWS and all(len(text) <= MAX_CELL for row in table for text in row):
        files["handover.xlsx"] = string_workbook(header, table)
    if not files:
        stop(
            "too_many_for_a_sheet",
            f"A sheet holds {MAX_ROWS:,} rows of cells of {MAX_CELL:,} characters, and this list has more; "
            "as a CSV a spreadsheet would run some of its cells.",
            "Change the ids, addresses or messages that start with = + - or @.",
        )
    return files

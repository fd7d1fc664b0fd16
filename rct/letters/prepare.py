"""Every piece of a trial before it is set: filled, coded, in the order of mailing; and those that can't be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rct.errors import Problem
from rct.letters.compose import MAX_ADDRESS, MAX_ADDRESS_LINES, Composer, Piece
from rct.letters.recipients import Recipient
from rct.letters.reference import reference_code
from rct.letters.versions import interleaved
from rct.letters.words import UnfitValue, Value
from rct.tables.glyphs import PLAIN, known_characters, script


@dataclass(frozen=True)
class Serial:
    """A piece with its place: `serial` from 1 in the order of mailing; `seed` is a staff address."""

    serial: int
    version: str
    piece: Piece
    fields: dict[str, Value]
    seed: bool


@dataclass(frozen=True)
class ByHand:
    """A piece that can't be printed by rct: someone writes it by hand."""

    recipient: Recipient
    version: str
    reference: str
    problem: Problem


@dataclass(frozen=True)
class Prepared:
    pieces: list[Serial]
    by_hand: list[ByHand]
    opted_out: dict[str, int]  # by version


def prepare(
    composer: Composer,
    key: bytes,
    order_key: str,
    versions: dict[str, str],
    recipients: Sequence[Recipient],
    seeds: Sequence[dict[str, Value]],
) -> Prepared:
    """Fill every letter. `versions` is arm → version letter; `order_key` is the draw's K."""
    trial = composer.definition.name
    glyphs = _Glyphs(composer.ws.templates / "fonts")
    ready: dict[str, tuple[str, Piece, dict[str, Value], bool]] = {}
    by_hand: list[ByHand] = []
    opted_out: dict[str, int] = {}
    for person in recipients:
        version = versions[person.arm]
        if person.opted_out:
            opted_out[version] = opted_out.get(version, 0) + 1
            continue
        code = reference_code(key, trial, person.unit)
        piece = _filled(composer, person, code, glyphs)
        if isinstance(piece, Problem):
            by_hand.append(ByHand(person, version, code, piece))
        else:
            ready[person.unit] = (version, piece, person.fields, False)
    for arm in composer.arms:
        for number, fields in enumerate(seeds, start=1):
            unit = f"seed|{versions[arm]}|{number}"
            stand_in = Recipient(unit, arm, f"(staff address {number})", dict(fields))
            piece = _filled(composer, stand_in, reference_code(key, trial, unit), glyphs, seed=True)
            if isinstance(piece, Problem):
                by_hand.append(ByHand(stand_in, versions[arm], "", piece))
            else:
                ready[unit] = (versions[arm], piece, stand_in.fields, True)
    order = interleaved(order_key, [(unit, version) for unit, (version, *_) in ready.items()])
    pieces = [Serial(i, *ready[unit]) for i, unit in enumerate(order, start=1)]
    return Prepared(pieces, by_hand, opted_out)


def problems(by_hand: Sequence[ByHand]) -> list[tuple[str, Problem]]:
    """What stops the letters: each person's own id, and what is wrong."""
    return [(hand.recipient.id, hand.problem) for hand in by_hand]


def _filled(
    composer: Composer, person: Recipient, code: str, glyphs: _Glyphs, *, seed: bool = False
) -> Piece | Problem:
    language = person.language(composer.definition)
    if seed and (person.arm, language) not in composer.letters:
        language = next(key for arm, key in composer.letters if arm == person.arm)
    letter = composer.letters.get((person.arm, language))
    if letter is None:
        known = ", ".join(key for arm, key in composer.letters if arm == person.arm)
        rule = f"There is no letter in this person's language; the arm has {known}."
        return _problem("letter_language", rule, found=language[:40],
                        field=composer.definition.arms[person.arm].language)  # fmt: skip
    for column in person.missing:
        if column in letter.fields:
            rule = (
                "The letter prints a number that the list lacked for this person; a mean stands in its place."
            )
            return _problem("letter_value", rule, field=column)
    try:
        piece = composer.piece(person.arm, language, person.fields, code)
    except UnfitValue as error:
        field = next((f for f in letter.fields if str(person.fields[f]).strip() == error.value), None)
        return _problem("letter_value", f"The letter asks for {error.wanted} here.", field=field)
    lacking = glyphs.lacking([*piece.address, *piece.filled.values])
    if lacking:
        rule = f"No font that rct has can print a value of this letter (script {lacking})."
        return _problem("no_glyph", rule, found=lacking)
    if composer.kind in ("letter", "postcard"):
        if piece.tree.address and not piece.address:
            return _problem("letter_address", "Every line of the address is empty.")
        if len(piece.address) > MAX_ADDRESS_LINES or sum(map(len, piece.address)) > MAX_ADDRESS:
            return _problem("letter_address", "The address is too long for the envelope's window.")
    return piece


def _problem(code: str, rule: str, *, field: str | None = None, found: str | None = None) -> Problem:
    fixes = {
        "no_glyph": "Put a font that has the script into templates/fonts/, or list these rows with --by-hand.",
        "letter_language": "Name a letter for it in the arm's templates, or list these rows with --by-hand.",
    }
    fix = fixes.get(code, "Correct the list before the draw, or list these rows with --by-hand.")
    return Problem(code=code, rule=rule, fix=fix, field=field, found=found)


class _Glyphs:
    """Which characters can be printed; the fonts are asked only when a value is unusual."""

    def __init__(self, fonts: Path):
        self._fonts = fonts
        self._known: frozenset[int] | None = None

    def lacking(self, texts: Sequence[str]) -> str | None:
        """The script of the first character that no font has."""
        for c in set("".join(texts)):
            if ord(c) > PLAIN:
                if self._known is None:
                    self._known = known_characters(self._fonts)
                if ord(c) not in self._known:
                    return script(c)
        return None

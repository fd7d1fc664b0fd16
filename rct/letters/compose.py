"""From templates and recipients to what the typst file is given: one `Composer` a trial, one `Piece` a recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from rct.definition import Definition
from rct.definition.letters import pictures, read_letter
from rct.definition.links import linked
from rct.definition.syntax import Fields
from rct.language import SOURCE
from rct.language.reading import readings
from rct.letters import qr, reference
from rct.letters.letterhead import Letterhead, read_letterhead
from rct.letters.pictures import read_pictures
from rct.letters.setting import Job
from rct.letters.template import Filled, LetterTemplate, sound
from rct.letters.tree import Tree, address_lines, read_tree
from rct.letters.words import Value, plain
from rct.registry.workspace import Workspace

KINDS = {"letter": "letter", "postcard": "postcard", "email": "message", "sms": "message"}
LONG_LINE, LONG_ADDRESS = 42, 6  # an address beyond these is set smaller
MAX_ADDRESS_LINES, MAX_ADDRESS = 8, 420  # characters that surely fit at the smallest size


@dataclass(frozen=True)
class Piece:
    """One letter, ready to be set: `values` fill the tree's places in order."""

    reference: str
    arm: str
    language: str
    address: tuple[str, ...]
    tree: Tree
    filled: Filled
    values: tuple[str, ...]


class Composer:
    """The letters of a trial by arm and language, with the letterhead."""

    def __init__(self, ws: Workspace, definition: Definition, head: Letterhead):
        self.ws, self.definition, self.head = ws, definition, head
        self.kind = KINDS[definition.trial.channel]
        self.letters: dict[tuple[str, str], LetterTemplate] = {}
        fields = letter_fields(definition)
        for name, arm in definition.arms.items():
            templates = {"": arm.template} if arm.template else dict(arm.templates or {})
            for key, path in templates.items():
                text = read_letter(ws.templates, path)
                self.letters[name, key] = sound(path, text, fields, language_of(key), ws.settings.currency)

    @cached_property
    def arms(self) -> list[str]:
        """The arms that send something, in the definition's order."""
        return list(dict.fromkeys(arm for arm, _ in self.letters))

    def columns(self) -> list[str]:
        """The fields that the letters name, each once."""
        return list(dict.fromkeys(f for letter in self.letters.values() for f in letter.fields))

    def links(self) -> set[str]:
        """The fields that are whole addresses of links."""
        return {each.column for letter in self.letters.values() for each in linked(letter.text)}

    def piece(self, arm: str, key: str, fields: Mapping[str, Value], reference: str) -> Piece:
        """One recipient's piece. Raises `words.UnfitValue`; KeyError where the arm has no letter `key`."""
        letter = self.letters[arm, key]
        filled = letter.fill(fields)
        tree = read_tree(filled.text, addressed=self.kind != "message")
        address = tuple(address_lines(tree, filled))
        return Piece(reference, arm, letter.language, address, tree, filled, tree.values(filled))

    def job(self, pieces: Sequence[Piece], title: str, time: int, **how: Any) -> Job:
        """The pieces as one job for typst."""
        trees: dict[int, int] = {}
        kept: list[Tree] = []
        languages = list(dict.fromkeys(p.language for p in pieces))
        for piece in pieces:
            if id(piece.tree) not in trees:
                trees[id(piece.tree)] = len(kept)
                kept.append(piece.tree)
        heads = [self.head.data(self.definition, self.ws.settings.city, language) for language in languages]
        codes, side = self._codes(pieces)
        names = list(dict.fromkeys([*self.head.pictures, *(n for t in kept for n in t.pictures)]))
        files = read_pictures(self.ws.templates, names)
        own = {name: f"p{i}{PurePosixPath(name).suffix.lower()}" for i, name in enumerate(names)}
        data = {
            "title": title,
            "lang": languages[0] if languages else SOURCE.code,
            "kind": self.kind,
            "paper": self.head.paper,
            "duplex": self.head.duplex,
            "fonts": [self.head.font] if self.head.font else [],
            "qr_side": side,
            "pictures": own,
            "heads": heads,
            "trees": [list(t.body) for t in kept],
            "pieces": [
                {
                    "ref": piece.reference,
                    "qr": code,
                    "qr_alt": plain(f"QR code: {self._coded(piece)}"),
                    "address": list(piece.address),
                    "long": len(piece.address) > LONG_ADDRESS
                    or any(len(a) > LONG_LINE for a in piece.address),
                    "tree": trees[id(piece.tree)],
                    "values": list(piece.values),
                    "lang": piece.language,
                    "head": languages.index(piece.language),
                }
                for piece, code in zip(pieces, codes, strict=True)
            ],
        }
        fonts = self.ws.templates / "fonts"
        step = (2 if self.head.duplex else 1) if self.kind == "letter" else 0
        return Job("letter.typ", data, {own[n]: b for n, b in files.items()}, fonts, time, step=step, **how)

    def _coded(self, piece: Piece) -> str:
        link = self.head.text("qr", piece.language)
        return link.replace("{reference}", piece.reference) if link else piece.reference

    def _codes(self, pieces: Sequence[Piece]) -> tuple[list[list[int]], int]:
        """Each piece's QR code as numbers for typst, module by module, and how many modules a side has."""
        found: dict[str, list[int]] = {}
        side = 0
        for link in dict.fromkeys(self.head.text("qr", p.language) for p in pieces):
            of_link = [p.reference for p in pieces if self.head.text("qr", p.language) == link]
            modules = qr.codes(link, of_link, self._version)
            side = modules.shape[1]
            colors = (255 * (1 - modules)).reshape(len(of_link), -1).tolist()
            found |= dict(zip(of_link, colors, strict=True))
        return [found[p.reference] for p in pieces], side

    @cached_property
    def _version(self) -> int:
        """One size of QR code for all: the one that the longest link needs."""
        links = {self.head.text("qr", letter.language) for letter in self.letters.values()}
        return qr.version_for(["", *links], reference.LENGTH + 2)


def printed_pictures(ws: Workspace, definition: Definition) -> list[str]:
    """The pictures that are printed in the trial: those of its letters, the survey's page and the letterhead."""
    survey = [definition.survey.template] if definition.survey else []
    paths = survey if KINDS[definition.trial.channel] == "message" else definition.template_paths
    if not paths:
        return []
    named = [p for path in paths for p in pictures(read_letter(ws.templates, path))]
    return list(dict.fromkeys([*named, *read_letterhead(ws).pictures]))


def language_of(key: str) -> str:
    """The language that a key of `templates` stands for: `es`, `ES` and `Spanish` are one; '' is English."""
    word = key.strip().lower()
    named = next((each.code for each in readings() if word in each.called), None)
    if named is not None:
        return named
    return word if 2 <= len(word) <= 3 and word.isascii() and word.isalpha() else SOURCE.code


def letter_fields(definition: Definition) -> Fields:
    """What letters of this trial may use."""
    numbers = definition.frame.covariates
    text = [c for c in [*definition.frame.contact, *definition.registry_columns] if c not in numbers]
    return Fields(text, numbers)

"""The frame file row by row: excluded, refused, or gathered into packed columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from rct.definition import eligible
from rct.definition.links import Linked
from rct.errors import Problem
from rct.frame.eligibility import Eligible
from rct.frame.wanted import Wanted
from rct.registry.optout import Ledger, kind_of
from rct.tables import BadId, Refusals, Table, clean_id
from rct.tables.judge import NONE, Chunk, Judge
from rct.tables.packed import Floats, Rising, Texts
from rct.tables.values import SPELLING, parse_web_address

Mask = NDArray[np.bool_]


@dataclass
class Units:
    """The rows that are sound in themselves, as columns in the file's order, and an account of the others."""

    refusals: Refusals
    columns: list[str]  # every column that was read
    warnings: list[Problem] = field(default_factory=list)  # what to look at in the whole file
    rows: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    excluded_ids: dict[str, str] = field(default_factory=dict)  # id → not_eligible or opted_out
    bad_ids: list[tuple[str, int, int]] = field(default_factory=list)  # id, row, line of rows refused already
    ids: Texts = field(default_factory=Texts)
    number: Rising = field(default_factory=Rising)
    line: Rising = field(default_factory=Rising)
    text: dict[str, Texts] = field(default_factory=dict)
    covariates: dict[str, Floats] = field(default_factory=dict)

    def only(self, keep: Mask) -> None:
        """Drop the units that `keep` doesn't mark."""
        self.ids = self.ids.only(keep)
        self.number, self.line = self.number.only(keep), self.line.only(keep)
        for name, cells in self.text.items():
            self.text[name] = cells.only(keep)
        for name, column in self.covariates.items():
            self.covariates[name] = column.only(keep)


def gather(table: Table, wanted: Wanted, refusals: Refusals, ledger: Ledger | None = None) -> Units:
    """Read every row once. Who stands in `ledger`, the workspace's opt-outs, is excluded.

    Raises `RctError` where a column is missing or the file can't be read to its end.
    """
    return _FrameGatherer(table, wanted, refusals, ledger).run()


class _FrameGatherer:
    def __init__(self, table: Table, wanted: Wanted, refusals: Refusals, ledger: Ledger | None):
        self._table = table
        self._wanted = wanted
        self._ledger = ledger
        rule = None if wanted.eligible is None else eligible.compile(wanted.eligible)
        names = wanted.names()
        if rule is not None:
            names += [name for name in rule.columns if name not in names]
        self._judge = Judge(table, names, refusals)
        self._rule = None if rule is None else Eligible(rule, self._judge)
        self._units = Units(refusals, names)
        text = [*wanted.blocks, *wanted.categories, *wanted.contact]
        text += [wanted.clusters] if wanted.clusters is not None else []
        self._units.text = {name: Texts() for name in text}
        self._units.covariates = {name: Floats() for name in wanted.covariates}

    def run(self) -> Units:
        units = self._units
        for block in self._table.blocks():
            units.rows += len(block.rows)
            chunk, blank = self._judge.whole(block)
            self._exclude("blank_line", blank)
            if self._rule is not None:
                chunk = self._leave_out(chunk, self._rule.leaves_out(chunk), "not_eligible")
            if self._wanted.opt_out is not None:
                chunk = self._leave_out(chunk, self._opted_out(chunk, self._wanted.opt_out), "opted_out")
            if self._ledger:
                chunk = self._leave_out(chunk, self._in_ledger(chunk, self._ledger), "opted_out")
            self._take(chunk)
        if self._rule is not None:
            units.warnings += self._rule.warnings(self._table.file)
        return units

    # -- who takes part: a row that can't be judged is refused, and stays so that its other defects are found

    def _opted_out(self, chunk: Chunk, name: str) -> list[bool]:
        _, answers = self._judge.yes_no(chunk, name, "unreadable_opt_out")
        return [
            good and answer is True for good, answer in zip(self._judge.sound(chunk), answers, strict=True)
        ]

    def _in_ledger(self, chunk: Chunk, ledger: Ledger) -> list[bool]:
        """Whose id, e-mail address or phone number is one that opted out in an earlier trial."""
        out = []
        for text in self._judge.raw(chunk, self._wanted.id):
            try:
                out.append(ledger.holds("id", clean_id(text)))
            except BadId:
                out.append(False)  # refused later, for what it is
        for name in self._wanted.contact:
            if kind := kind_of(name):
                out = [
                    o or ledger.holds(kind, t) for o, t in zip(out, self._judge.raw(chunk, name), strict=True)
                ]
        return out

    def _leave_out(self, chunk: Chunk, out: list[bool], reason: str) -> Chunk:
        """`chunk` without the rows marked in `out`, which are counted, and their ids kept apart."""
        if not any(out):
            return chunk
        gone = chunk.only(out)
        self._exclude(reason, len(gone))
        ids = self._units.excluded_ids
        for text in self._judge.raw(gone, self._wanted.id):
            try:
                unit = clean_id(text)
            except BadId:
                continue  # it is left out anyway
            if ids.get(unit) != "opted_out":  # a wish weighs more than a rule
                ids[unit] = reason
        return chunk.only([not o for o in out])

    def _exclude(self, reason: str, n: int) -> None:
        if n:
            self._units.excluded[reason] = self._units.excluded.get(reason, 0) + n

    # -- the rows that take part

    def _take(self, chunk: Chunk) -> None:
        """Read the columns of the rows that take part, and keep the sound ones."""
        wanted, judge = self._wanted, self._judge
        ids = judge.text(chunk, wanted.id)
        self._refuse_empty(chunk, ids, "empty_id", wanted.id)
        text: dict[str, Sequence[str]] = {}
        for name in self._units.text:
            text[name] = judge.text(chunk, name, kept=SPELLING if name in wanted.contact else NONE)
        for link in wanted.links:
            if link.column in text:
                self._refuse_dead(chunk, link, text[link.column])
        if wanted.clusters is not None:
            self._refuse_empty(chunk, text[wanted.clusters], "empty_cluster", wanted.clusters)
        numbers: dict[str, NDArray[np.float64]] = {}
        for name in wanted.covariates:
            numbers[name], empty = judge.number(chunk, name)
            for i in () if wanted.impute else empty:
                judge.refuse(chunk, i, "missing_covariate", name)
        self._keep(chunk, ids, text, numbers)

    def _refuse_empty(self, chunk: Chunk, cells: Sequence[str], code: str, name: str) -> None:
        if any(
            not cell or cell.isspace() for cell in set(cells)
        ):  # U+3000 alone is no more an id than a space is
            for i, cell in enumerate(cells):
                if not cell or cell.isspace():
                    self._judge.refuse(chunk, i, code, name)

    def _refuse_dead(self, chunk: Chunk, link: Linked, cells: Sequence[str]) -> None:
        """Refuse what a letter would have as the address of a link and what is none."""
        dead = {
            c for c in set(cells) if not (link.optional and not c) and not parse_web_address(link.scheme + c)
        }
        wanted = (
            f"what follows {link.scheme} in an address" if link.scheme else "a whole web address (https://…)"
        )
        for i, cell in enumerate(cells) if dead else ():
            if cell in dead:
                self._judge.refuse(chunk, i, "not_an_address", link.column, cell, wanted)

    def _keep(
        self,
        chunk: Chunk,
        ids: Sequence[str],
        text: dict[str, Sequence[str]],
        numbers: dict[str, NDArray[np.float64]],
    ) -> None:
        units = self._units
        number, line = chunk.number, chunk.line
        sound = self._judge.sound(chunk)
        if not all(sound):
            refused = zip(ids, number, line, sound, strict=True)
            units.bad_ids += [(unit, row, at) for unit, row, at, good in refused if unit and not good]
            ids = list(compress(ids, sound))
            number, line = list(compress(number, sound)), list(compress(line, sound))
            text = {name: list(compress(cells, sound)) for name, cells in text.items()}
            numbers = {name: column[np.array(sound)] for name, column in numbers.items()}
        units.ids.extend(ids)
        units.number.extend(number)
        units.line.extend(line)
        for name, cells in text.items():
            units.text[name].extend(cells)
        for name, column in numbers.items():
            units.covariates[name].extend(column.tolist())

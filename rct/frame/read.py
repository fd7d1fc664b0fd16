"""A frame file against a definition: which rows are units, which are left out and why, which can't be trusted.

The order of judgement, row by row: number of values → eligibility → opt-out → everything else. A row that is not
eligible or opted out is excluded before its other cells are looked at. All defects of a row are listed.

Equal ids. Two rows of one id that both take part: neither can be trusted, both are refused. A row that takes part
and one that opted out: the first is refused, since nobody is mailed against their word. A row that takes part and
one that is not eligible (an account's closed line beside its open one): the first is kept, a warning says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from rct.errors import Problem, stop, visible
from rct.frame.rows import BLOCK_JOINER, FrameRows
from rct.frame.wanted import Wanted
from rct.tables import BadId, Counts, Refusals, Table, clean_id, parse_yes_no
from rct.tables.columns import NUMBER_NOTES, Chunk, Judge, Words, chunks
from rct.tables.twins import equal_groups, lookalikes
from rct.tables.values import SPELLING

if TYPE_CHECKING:
    from rct.definition import Definition

_MOST_WARNED = 100  # groups of look-alike ids that are listed
NONE: frozenset[str] = frozenset()
T = TypeVar("T", bound=np.generic)


def read_frame(table: Table, definition: Definition) -> FrameRows:
    """Read `table` as the frame of `definition`. Stores nothing, and never raises for a defective row.

    Raises `RctError` for what concerns the whole file: missing columns, a file that can't be read to its end, a
    covariate to impute that has no value at all. Call `FrameRows.settle` to raise for defects.
    """
    return read_wanted(table, Wanted.of(definition))


def read_wanted(table: Table, wanted: Wanted) -> FrameRows:
    """`read_frame` for columns named directly."""
    return _Reader(table, wanted).read()


class _Reader:
    def __init__(self, table: Table, wanted: Wanted):
        self._table = table
        self._wanted = wanted
        self._rule = None
        names = wanted.names()
        if wanted.eligible is not None:
            from rct.definition import eligible as eligibility

            personal = {wanted.id, *wanted.contact}
            self._rule = eligibility.compile(
                wanted.eligible, [h for h in table.header if h and h not in personal]
            )
            names += [name for name in self._rule.columns if name not in names]
        self._names = names
        hidden = frozenset(wanted.contact) | ({wanted.clusters} if wanted.clusters else set())
        self._refusals = Refusals(table.file, frozenset(hidden))
        self._judge = Judge(table, names, self._refusals)
        self._rows = 0
        self._excluded: dict[str, int] = {}
        self._excluded_ids: dict[str, str] = {}
        self._bad_ids: list[tuple[str, int, int]] = []  # id, row, line of rows refused for something else
        self._ids: list[str] = []
        self._number: list[NDArray[np.int64]] = []
        self._line: list[NDArray[np.int64]] = []
        text = [
            *wanted.blocks,
            *wanted.categories,
            *wanted.contact,
            *([wanted.clusters] if wanted.clusters else []),
        ]
        self._text: dict[str, list[str]] = {name: [] for name in text}
        self._words = {name: Words() for name in self._text}
        self._numbers: dict[str, list[NDArray[np.float64]]] = {name: [] for name in wanted.covariates}

    def read(self) -> FrameRows:
        for rows in chunks(self._table):
            self._rows += len(rows)
            chunk, blank = self._judge.whole(rows)
            if blank:
                self._excluded["blank_line"] = self._excluded.get("blank_line", 0) + blank
            self._take(self._taking_part(chunk))
        return self._finish()

    # -- row by row ----------------------------------------------------------------------------------

    def _taking_part(self, chunk: Chunk) -> Chunk:
        """The rows that are eligible and have not opted out; those that can't be judged are refused and stay."""
        if self._rule is not None:
            chunk = self._leave_out(chunk, self._not_eligible(chunk), "not_eligible")
        if self._wanted.opt_out is not None:
            chunk = self._leave_out(chunk, self._opted_out(chunk, self._wanted.opt_out), "opted_out")
        return chunk

    def _not_eligible(self, chunk: Chunk) -> list[bool]:
        rule = self._rule
        assert rule is not None
        from rct.definition.eligible import BadValue

        columns = list(rule.columns)
        cells = [
            self._judge.text(chunk, name, allow=NUMBER_NOTES if name in rule.numbers else NONE)
            for name in columns
        ]
        sound = self._judge.sound(chunk)
        out = [False] * len(chunk)
        for i, values in enumerate(zip(*cells, strict=True)):
            if sound[i]:
                try:
                    out[i] = not rule.test(dict(zip(columns, values, strict=True)))
                except BadValue as bad:
                    self._judge.refuse(chunk, i, "not_a_number", bad.column, bad.found)
        return out

    def _opted_out(self, chunk: Chunk, name: str) -> list[bool]:
        cells = self._judge.text(chunk, name, allow=NUMBER_NOTES)
        sound = self._judge.sound(chunk)
        answers = {word: parse_yes_no(word) for word in set(cells)}
        out = [False] * len(chunk)
        for i, cell in enumerate(cells):
            answer = answers[cell]
            if answer is None and sound[i]:
                self._judge.refuse(chunk, i, "unreadable_opt_out", name, cell)
            out[i] = sound[i] and answer is True
        return out

    def _leave_out(self, chunk: Chunk, out: list[bool], reason: str) -> Chunk:
        """`chunk` without the rows marked in `out`, which are counted, and their ids kept apart."""
        if not any(out):
            return chunk
        gone = chunk.only(out)
        self._excluded[reason] = self._excluded.get(reason, 0) + len(gone)
        for text in self._judge.raw(gone, self._wanted.id):
            try:
                unit = clean_id(text)
            except BadId:
                continue  # it is left out anyway
            if self._excluded_ids.get(unit) != "opted_out":  # opting out weighs more than not being eligible
                self._excluded_ids[unit] = reason
        return chunk.only([not gone for gone in out])

    def _take(self, chunk: Chunk) -> None:
        """Read every other column of the rows that take part, and keep the sound ones."""
        wanted, judge = self._wanted, self._judge
        ids = judge.text(chunk, wanted.id)
        for i, unit in enumerate(ids):
            if not unit:
                judge.refuse(chunk, i, "empty_id", wanted.id)
        text: dict[str, Sequence[str]] = {}
        for name in self._text:
            text[name] = judge.text(chunk, name, kept=SPELLING if name in wanted.contact else NONE)
        if wanted.clusters is not None:
            for i, label in enumerate(text[wanted.clusters]):
                if not label:
                    judge.refuse(chunk, i, "empty_cluster", wanted.clusters)
        values: dict[str, NDArray[np.float64]] = {}
        for name in wanted.covariates:
            values[name], empty = judge.number(chunk, name)
            if not wanted.impute:
                for i in empty:
                    judge.refuse(chunk, i, "missing_covariate", name)
        self._keep(chunk, ids, text, values)

    def _keep(
        self,
        chunk: Chunk,
        ids: Sequence[str],
        text: dict[str, Sequence[str]],
        values: dict[str, NDArray[np.float64]],
    ) -> None:
        number, line = np.array(chunk.number, np.int64), np.array(chunk.line, np.int64)
        sound = self._judge.sound(chunk)
        if not all(sound):
            bad = [i for i, good in enumerate(sound) if not good]
            self._bad_ids += [(ids[i], chunk.number[i], chunk.line[i]) for i in bad if ids[i]]
            ids = list(compress(ids, sound))
            text = {name: list(compress(cells, sound)) for name, cells in text.items()}
            mask = np.array(sound)
            values = {name: column[mask] for name, column in values.items()}
            number, line = number[mask], line[mask]
        self._ids.extend(ids)
        self._number.append(number)
        self._line.append(line)
        for name, cells in text.items():
            self._text[name].extend(self._words[name].share(cells))
        for name, column in values.items():
            self._numbers[name].append(column)

    # -- the whole file ------------------------------------------------------------------------------

    def _finish(self) -> FrameRows:
        wanted = self._wanted
        number, line = _joined(self._number, np.int64), _joined(self._line, np.int64)
        covariates = {name: _joined(parts, np.float64) for name, parts in self._numbers.items()}
        blocks = self._joined_blocks()
        clusters = self._text[wanted.clusters] if wanted.clusters is not None else None
        keep = np.ones(len(self._ids), np.bool_)
        warnings = list(self._table.warnings)
        self._refuse_twins(number, line, keep, warnings)
        if clusters is not None and blocks is not None:
            self._refuse_split(clusters, blocks, number, line, keep)
        refused_ids = {unit for unit, _, _ in self._bad_ids}
        ids, text = self._ids, self._text
        if not keep.all():
            refused_ids.update(compress(ids, ~keep))
            ids = list(compress(ids, keep))
            text = {name: list(compress(cells, keep)) for name, cells in text.items()}
            covariates = {name: column[keep] for name, column in covariates.items()}
            blocks = list(compress(blocks, keep)) if blocks is not None else None
            number, line = number[keep], line[keep]
        self._refusals.sort()
        missing, means = self._impute(covariates)
        self._warn_lookalikes(ids, number, warnings)
        excluded = sum(self._excluded.values())
        refused = len(self._refusals.rows)
        return FrameRows(
            file=self._table.file,
            sha256=self._table.sha256,
            encoding=self._table.encoding,
            delimiter=self._table.delimiter,
            ids=ids,
            number=number,
            line=line,
            clusters=text[wanted.clusters] if wanted.clusters is not None else None,
            blocks=blocks,
            block_values={name: text[name] for name in wanted.blocks},
            covariates=covariates,
            missing=missing,
            means=means,
            categories={name: text[name] for name in wanted.categories},
            contact={name: text[name] for name in wanted.contact},
            excluded_ids=self._excluded_ids,
            refused_ids=sorted(refused_ids),
            counts=Counts(self._rows, len(ids), excluded, refused, self._excluded | self._refusals.reasons()),
            refusals=self._refusals,
            warnings=warnings,
            ignored=self._table.ignored(self._names),
        )

    def _joined_blocks(self) -> list[str] | None:
        columns = [self._text[name] for name in self._wanted.blocks]
        if len(columns) <= 1:
            return columns[0] if columns else None
        return Words().share([BLOCK_JOINER.join(values) for values in zip(*columns, strict=True)])

    def _refuse_twins(
        self,
        number: NDArray[np.int64],
        line: NDArray[np.int64],
        keep: NDArray[np.bool_],
        warnings: list[Problem],
    ) -> None:
        """Refuse what the docstring of this module says about equal ids."""
        field, n = self._wanted.id, len(self._ids)
        bad = self._bad_ids
        twins = equal_groups([*self._ids, *(unit for unit, _, _ in bad)] if bad else self._ids)
        place = {n + i: (row, at) for i, (_, row, at) in enumerate(bad)}
        for group in twins:
            where = [place.get(i) or (int(number[i]), int(line[i])) for i in group]
            rows = sorted(row for row, _ in where)
            unit = self._ids[group[0]] if group[0] < n else bad[group[0] - n][0]
            detail = f"rows {_listed(rows)}"
            for i, (row, at) in zip(group, where, strict=True):
                self._refusals.add("duplicate_id", row, at, field, unit, detail)
                if i < n:
                    keep[i] = False
        if not self._excluded_ids:
            return
        beside = 0
        for i, unit in enumerate(self._ids):
            reason = self._excluded_ids.get(unit)
            if reason == "opted_out" and keep[i]:
                detail = "another row, which says that the person opted out"
                self._refusals.add("duplicate_id", int(number[i]), int(line[i]), field, unit, detail)
                keep[i] = False
            elif reason == "not_eligible":
                beside += 1
                del self._excluded_ids[unit]
        if beside:
            warnings.append(
                Problem(
                    code="excluded_twin",
                    rule=f"{beside:,} units also stand in rows that are not eligible; the eligible row counts.",
                    fix="Check that the eligible row of these ids is the right one.",
                    file=self._table.file,
                    field=field,
                )
            )

    def _refuse_split(
        self,
        clusters: list[str],
        blocks: list[str],
        number: NDArray[np.int64],
        line: NDArray[np.int64],
        keep: NDArray[np.bool_],
    ) -> None:
        """All rows of a cluster that lies in two blocks."""
        first: dict[str, str] = {}
        split: dict[str, set[str]] = {}
        for cluster, block in zip(clusters, blocks, strict=True):
            known = first.setdefault(cluster, block)
            if known is not block and known != block:
                split.setdefault(cluster, {known}).add(block)
        if not split:
            return
        for i, cluster in enumerate(clusters):
            if cluster in split:
                named = ", ".join(
                    f"'{visible(b.replace(BLOCK_JOINER, ' / '))}'" for b in sorted(split[cluster])[:5]
                )
                self._refusals.add(
                    "split_cluster", int(number[i]), int(line[i]), self._wanted.clusters, cluster, named
                )
                keep[i] = False

    def _impute(
        self, covariates: dict[str, NDArray[np.float64]]
    ) -> tuple[dict[str, NDArray[np.bool_]], dict[str, float]]:
        """Put the frame's mean where a value is missing; the mean is exact, whatever the order of rows."""
        missing: dict[str, NDArray[np.bool_]] = {}
        means: dict[str, float] = {}
        for name, column in covariates.items():
            empty = np.isnan(column)
            if not empty.any():
                continue
            if empty.all():
                stop(
                    "covariate_without_values",
                    f"The column '{visible(name)}' is empty in every row: it has no mean to put in.",
                    "Fill the column, or take it out of covariates.",
                    file=self._table.file,
                    field=name,
                )
            means[name] = math.fsum(column[~empty]) / int((~empty).sum())
            column[empty] = means[name]
            missing[name] = empty
        return missing, means

    def _warn_lookalikes(self, ids: list[str], number: NDArray[np.int64], warnings: list[Problem]) -> None:
        groups = lookalikes(ids)
        for group in groups[:_MOST_WARNED]:
            rows = [int(number[i]) for i in group]
            shown = " and ".join(f"'{visible(ids[i])}'" for i in group[:5])
            warnings.append(
                Problem(
                    code="lookalike_ids",
                    rule=f"The ids in rows {_listed(rows)} differ only by zeros, '.0', case or look-alike letters: {shown}.",
                    fix="They are kept as different units. Check that they are not one.",
                    file=self._table.file,
                    row=rows[0],
                    line=None,
                    field=self._wanted.id,
                    found=shown,
                )
            )
        if len(groups) > _MOST_WARNED:
            more = len(groups) - _MOST_WARNED
            rule = f"{more:,} more groups of ids differ only by zeros, '.0', case or look-alike letters."
            warnings.append(
                Problem(code="lookalike_ids", rule=rule, file=self._table.file, field=self._wanted.id)
            )


def _joined(parts: list[NDArray[T]], kind: type[T]) -> NDArray[T]:
    whole = np.concatenate(parts) if parts else np.empty(0, kind)
    parts.clear()
    return whole


def _listed(rows: list[int]) -> str:
    """`3, 9 and 12`; after ten, how many more."""
    if len(rows) > 10:
        return ", ".join(map(str, rows[:10])) + f" and {len(rows) - 10:,} more"
    return ", ".join(map(str, rows[:-1])) + (" and " if len(rows) > 1 else "") + str(rows[-1])

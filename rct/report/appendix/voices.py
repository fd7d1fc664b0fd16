"""What residents said: who answered the survey, and what people asked for or objected to, in the appendix."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rct.analysis.voices import BY_ARM, Response, Theme
from rct.disclosure import hide_levels
from rct.errors import visible
from rct.language import number, phrase, t
from rct.report import suppress
from rct.report.blocks import Block, Heading, Para, TableBlock
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import quoted, unquoted

KINDS = {
    "asked": phrase("asked"),
    "objected": phrase("objected"),
    "praised": phrase("praised"),
    "other": phrase("other"),
}


def voices(memo: MemoRecord) -> list[Block]:
    """Response to the survey, then remarks; nothing where nobody was asked and nothing was coded."""
    return [*_answered(memo), *_themes(memo), *_kinds(memo)]


def _answered(memo: MemoRecord) -> list[Block]:
    blocks: list[Block] = []
    for outcome in dict.fromkeys(r.outcome for r in memo.responses):
        mine = [r for r in memo.responses if r.outcome == outcome]
        label = quoted(memo.definition.outcomes[outcome].label)
        few = {arm for of, arm in suppress.kept_back(memo).observed if of == outcome}
        hidden = withheld(mine, memo.threshold, few, suppress.telling_levels(memo))
        rows = tuple(_row(memo, r, gone=r in hidden) for r in mine)
        header = (t("Group"), t("Drawn"), t("Answered"), t("Rate"))
        blocks += [
            Heading(3, t("Who answered: {outcome}", outcome=label), f"answered-{outcome}"),
            Para(
                t(
                    "Who answers a survey chooses to. Rates that differ between arms, or between groups, can make arms look "
                    "different that are not."
                )
            ),
            TableBlock(t("Response by arm and by group"), header, rows, (False, True, True, True)),
        ]
    return blocks


def withheld(
    rows: Sequence[Response],
    threshold: int,
    arms: Collection[str] = (),
    telling: Collection[tuple[str, str]] = (),
) -> set[Response]:
    """Rows whose counts are too small to print, and those that would give one away.

    arms     those whose observed outcomes are withheld: their answers are the same people
    telling  (column, level) whose people over all arms would tell what another table hides
    """
    hidden: set[Response] = set()
    for outcome, column in dict.fromkeys((r.outcome, r.column) for r in rows):
        mine = [r for r in rows if (r.outcome, r.column) == (outcome, column)]
        also = set(arms) if column == BY_ARM else {level for of, level in telling if of == column}
        gone = hide_levels({r.level: (r.drawn, r.answered) for r in mine}, threshold, also)
        hidden |= {r for r in mine if r.level in gone}
    return hidden


def _row(memo: MemoRecord, row: Response, *, gone: bool) -> tuple[str, ...]:
    if gone:
        return (_group(memo, row), *([t("withheld")] * 3))
    rate = show.percent(row.answered / row.drawn) if row.drawn else ""
    return (_group(memo, row), number(row.drawn), number(row.answered), rate)


def _group(memo: MemoRecord, row: Response) -> str:
    if row.column == BY_ARM:
        return t("arm: {arm}", arm=unquoted(memo.definition.arms[row.level].label))
    return f"{visible(row.column)}: {visible(row.level)}"


def _themes(memo: MemoRecord) -> list[Block]:
    if not memo.themes:
        return []
    shown = [each for each in memo.themes if each.units >= memo.threshold]
    rows = [(_kind(each.kind), visible(each.theme), number(each.units)) for each in shown]
    few = _few(memo.themes, memo.threshold)
    blocks: list[Block] = [
        Heading(3, t("What people asked for or objected to"), "remarks"),
        Para(
            t("Staff read what people wrote or said, and coded it. One person may have said several things.")
        ),
    ]
    if rows:
        blocks.append(
            TableBlock(
                t("Themes, by the number of people"),
                (t("Kind"), t("Theme"), t("People")),
                tuple(rows),
                (False, False, True),
            )
        )
    if few:
        least = memo.threshold
        more = (
            t("More themes were named by fewer than {count} people each; they are not listed.", count=least)
            if rows
            else t("Themes were named by fewer than {count} people each; they are not listed.", count=least)
        )
        blocks.append(Para(more))
    return blocks


def _kind(kind: str) -> str:
    return t(KINDS[kind]) if kind in KINDS else visible(kind)


def _few(themes: Sequence[Theme], threshold: int) -> bool:
    return any(each.units < threshold for each in themes)


def _kinds(memo: MemoRecord) -> list[Block]:
    if not memo.remark_kinds:
        return []
    drawn, gone = dict(memo.draw.units), suppress.kinds_hidden(memo)
    rows = []
    for kind in memo.remark_kinds:
        people = t("withheld") if (kind.kind, kind.arm) in gone else number(kind.units)
        rows.append(
            (
                _kind(kind.kind),
                unquoted(memo.definition.arms[kind.arm].label),
                number(drawn[kind.arm]),
                people,
            )
        )
    return [
        TableBlock(
            t("People who said something, by arm"),
            (t("Kind"), t("Arm"), t("Drawn"), t("People")),
            tuple(rows),
            (False, False, True, True),
        )
    ]

"""The hostile corpus: every case of every kind, in order, with the fate that fates.tsv gives it.

The table is written by hand: a case without its line, or a line without its case, is an error.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from itertools import chain
from pathlib import Path

from hostile import definitions, letters, lists, word, workbooks
from hostile.case import LISTED, Case

TABLE = Path(__file__).with_name("fates.tsv")


@cache
def cases() -> tuple[Case, ...]:
    head, *lines = TABLE.read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert head == "kind\tname\tfate\trow\tfield\twarning"
    fates = {tuple(line.split("\t")[:2]): line.split("\t")[2:] for line in lines}
    assert len(fates) == len(lines), "a line stands twice"
    made = chain(lists.cases(), workbooks.cases(), definitions.cases(), letters.cases(), word.cases())
    found = tuple(_with_fate(case, *fates.pop((case.kind, case.name))) for case in made)
    assert not fates, f"no case has these names: {list(fates)[:5]}"
    return found


def _with_fate(case: Case, fate: str, row: str, field: str, warning: str) -> Case:
    code = None if fate == "accepted" else fate
    assert case.code in (LISTED, code), f"{case.kind}: {case.name} is {fate} in fates.tsv"
    assert code is None or case.row in (None, int(row or 0)), f"{case.kind}: {case.name}: row"
    return dataclasses.replace(
        case, code=code, row=int(row) if row else None, field=field or None, warns=warning or None
    )

"""The hostile corpus: every case of every kind, in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hostile import definitions, letters, lists, workbooks
from hostile.case import Case


def cases() -> Iterator[Case]:
    return chain(lists.cases(), workbooks.cases(), definitions.cases(), letters.cases())

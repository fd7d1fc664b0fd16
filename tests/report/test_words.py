"""The memo's key sentences, case by case."""

from __future__ import annotations

from dataclasses import replace

import cases
import pytest

from rct.report.memo import MemoView, view
from rct.report.record import Cost, SampleRatio


def said(memo: MemoView) -> str:
    """Every sentence of the memo."""
    parts = [memo.answer, *memo.details]
    for section in memo.sections:
        parts += [section.title, section.verdict, section.lead, *section.texts, *section.bullets]
        parts += [f"{c.title}. {c.text}" for c in section.checks]
    return "\n".join(parts)

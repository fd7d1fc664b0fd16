"""What was made elsewhere, in words: a draw that was read in, mail that rct did not make."""

from __future__ import annotations

from rct.definition.sending import Sent, sending
from rct.language import t
from rct.report.record import MemoRecord
from rct.report.words.phrases import piece


def who_sends(record: MemoRecord) -> dict[str, Sent]:
    """Who sends what each arm gets: rct, someone else, or nobody."""
    told = {p.arm for p in record.pieces if p.pieces}
    return sending(record.definition, replayed=record.draw.replayed, told=told)


def sent_words(record: MemoRecord, arm: str) -> str:
    """What an arm was sent, in a cell of the memo's table."""
    kind = who_sends(record)[arm]
    if kind == "rct":
        return piece(record.definition.trial.channel)
    if kind == "elsewhere":
        return t("made elsewhere")
    return t("not by this software") if kind == "unknown" else t("nothing")

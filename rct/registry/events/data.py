"""What went into a trial and came out of it: list, draw, letters, pieces, outcomes, remarks, results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rct.registry.events.parts import (
    COUNTS,
    COUNTS_BY_NAME,
    HASHES,
    TEXTS,
    VERDICT,
    Replay,
    Until,
    Verdict,
    part,
)
from rct.registry.events.record import GONE, OLDER, Body, field
from rct.registry.events.shapes import DAY, FLAG, TEXT, WHOLE, by_name, maybe, one_of, several

_LEDGER = "the number of the last opt-out that was known"
_RENAMED = by_name(TEXT, "text by name")


class RowsBody(Body):
    """What is said of every file that is loaded: rows = kept + excluded + refused."""

    rows: int = field(WHOLE, "rows in the file")
    kept: int = field(WHOLE, "rows that were taken")
    excluded: Mapping[str, int] = field(COUNTS, "rows left out as the plan says, by reason")
    refused: Mapping[str, int] = field(COUNTS, "defective rows that were left out, by reason")
    reason: str = field(TEXT, "why, where rows were refused or values corrected; else empty")
    rename: Mapping[str, str] = field(_RENAMED, "columns that were renamed: the file's name to ours")
    encoding: str = field(TEXT, "the encoding that was given; else empty")
    sheet: str | None = field(
        TEXT, "the sheet of the workbook that was asked for", default=None, absent="none was asked for"
    )
    header_row: int | None = field(
        WHOLE, "the line with the column names that was given", default=None, absent="none was given"
    )

    @property
    def adds_up(self) -> bool:
        """Whether no row was lost."""
        return self.rows == self.kept + sum(self.excluded.values()) + sum(self.refused.values())


class FrameBody(RowsBody):
    kind: ClassVar[str] = "frame"
    when: ClassVar[str] = "a list is loaded"

    trial: str = field(TEXT, "the trial's name")
    reads: str = field(TEXT, "hash of what the plan says of reading a list")
    frame_hash: str = field(TEXT, "hash of units, blocks and clusters: the draw starts from it")
    clusters: int = field(WHOLE, "clusters; 0 without any")
    blocks: int = field(WHOLE, "blocks; 0 without any")
    imputed: Mapping[str, int] = field(COUNTS, "missing values that were filled in, by column")
    rows_digest: str = field(TEXT, "digest of all stored columns")
    people: str = field(TEXT, "keyed digest of the vault's rows")
    freezes: int = field(WHOLE, "how many lists were loaded so far")
    ledger: int | None = field(WHOLE, _LEDGER, default=None, absent=OLDER)
    left_out: str | None = field(TEXT, "digest of who was left out", default=None, absent=OLDER)


class DrawBody(Body):
    kind: ClassVar[str] = "draw"
    when: ClassVar[str] = "the trial is drawn, or a draw made elsewhere is read in"

    seed: str = field(TEXT, "the seed that the lock committed to")
    beacon: str = field(TEXT, "the public randomness that was used; empty without any")
    key: str | None = field(maybe(TEXT), "the draw's key, null for a draw made elsewhere")
    plan_hash: str = field(TEXT, "SHA-256 of the plan in force")
    frame_hash: str = field(TEXT, "hash of the list")
    assignment: str = field(TEXT, "digest of the assignment")
    files: Mapping[str, str] = field(
        by_name(TEXT, HASHES.words, holds=("assignment.csv",)), "`assignment.csv`"
    )
    scheme: str = field(TEXT, "the scheme")
    shares: tuple[int, ...] = field(several(WHOLE, "list of whole numbers"), "the arms' shares")
    units: Mapping[str, int] = field(COUNTS, "units by arm")
    clusters: Mapping[str, int] = field(COUNTS, "clusters by arm; none for a draw of units")
    blocks: int = field(WHOLE, "blocks that were drawn in")
    strata: str = field(TEXT, "hash of the strata that the analysis uses; empty without any")
    merged_blocks: int = field(WHOLE, "small blocks that are analyzed together with others")
    locks: int = field(WHOLE, "lock and amendments before the draw")
    freezes: int = field(WHOLE, "lists that were loaded before it")
    draws: int = field(WHOLE, "always 1")
    replay: Replay | None = field(
        maybe(part(Replay)), "what is said of a draw that was made elsewhere, null for one of rct's own"
    )


class LettersBody(Body):
    kind: ClassVar[str] = "letters"
    when: ClassVar[str] = "the print files are made"

    letterhead: str = field(TEXT, "SHA-256 of the letterhead")
    paper: str = field(TEXT, "the paper's size")
    duplex: bool = field(FLAG, "whether it is printed on both sides")
    sent_as: str = field(TEXT, "letter or postcard", key="kind")
    versions: Mapping[str, Mapping[str, int]] = field(
        by_name(by_name(WHOLE, holds=("seeds", "by_hand")), COUNTS_BY_NAME.words),
        "by version staff addresses (`seeds`) and pieces `by_hand`; older: `units`, `opted_out`",
    )
    left_out: Mapping[str, int] | None = field(
        COUNTS, "how many `opted_out` since the list", default=None, absent=OLDER
    )
    pieces: int = field(WHOLE, "pieces in all")
    pages: int | None = field(WHOLE, "pages in all", default=None, absent=GONE)
    files: Mapping[str, str] = field(HASHES, "what was written into private/")
    running: tuple[int, ...] = field(
        several(WHOLE, "list of whole numbers"), "rows that a spreadsheet would run, at most 100"
    )
    input: str = field(TEXT, "keyed digest of all that went in")
    again: int = field(WHOLE, "how often letters were made before")
    ledger: int | None = field(WHOLE, _LEDGER, default=None, absent=OLDER)


class HandoverBody(Body):
    kind: ClassVar[str] = "handover"
    when: ClassVar[str] = "a list for a sending system is written"

    system: str = field(TEXT, "for which kind of system", key="for")
    columns: tuple[str, ...] = field(TEXTS, "the list's columns")
    rows: int = field(WHOLE, "units on it")
    left_out: Mapping[str, int] = field(COUNTS, "how many `opted_out` since the list")
    digest: str = field(TEXT, "keyed digest of the list")
    files: Mapping[str, str] | None = field(
        HASHES, "what was written into private/", default=None, absent=OLDER
    )
    versions: Mapping[str, int] | None = field(COUNTS, "units by version", default=None, absent=GONE)
    segments: Mapping[str, int] | None = field(COUNTS, "text messages by length", default=None, absent=GONE)


class MailedBody(RowsBody):
    kind: ClassVar[str] = "mailed"
    when: ClassVar[str] = "the vendor's counts or the fate of pieces are loaded"

    of: str = field(one_of("counts", "pieces"), "which of the two")
    new: int = field(WHOLE, "versions or pieces not told before")
    unchanged: int = field(WHOLE, "told before, and the same")
    changed: int = field(WHOLE, "told before, and corrected")
    versions: Mapping[str, Mapping[str, int]] = field(
        COUNTS_BY_NAME, "by version the vendor's counts, or what became of pieces on the way"
    )
    digest: str = field(TEXT, "digest of all pieces and counts as they then stand")
    sources: str | None = field(
        TEXT, "digest of which event each of them came with", default=None, absent=OLDER
    )
    disagreements: tuple[str, ...] | None = field(
        TEXTS, "sentences on counts that do not agree with what was handed over",
        default=None, absent="no counts",
    )  # fmt: skip
    statuses: Mapping[str, int] | None = field(
        COUNTS, "rows by what became of the piece", default=None, absent="no pieces"
    )
    report: str | None = field(
        TEXT, "the kind of report, as `--kind` named it", default=None, absent="no kind was named"
    )
    opted_out: int | None = field(
        WHOLE, "people who asked for no more letters, newly entered", default=None, absent="no pieces"
    )
    ledger: int | None = field(WHOLE, _LEDGER, default=None, absent="nobody was entered")
    ledger_digest: str | None = field(
        TEXT, "keyed digest of all opt-outs up to that one", default=None, absent="nobody was entered"
    )


class OutcomesBody(RowsBody):
    kind: ClassVar[str] = "outcomes"
    when: ClassVar[str] = "outcomes are loaded"

    outcomes: tuple[str, ...] = field(TEXTS, "which outcomes the file held")
    outside: Mapping[str, int] = field(COUNTS, "rows outside the window, by outcome")
    unobserved: Mapping[str, int] = field(COUNTS, "rows without a value, by outcome")
    until: Mapping[str, Until] | None = field(
        by_name(part(Until), "object by outcome (`last`: the last day in the file or null; `busy`; `loaded`)"),
        "how far the records reach", default=None, absent=OLDER,
    )  # fmt: skip
    unplaced: int | None = field(
        WHOLE, "refused rows that name nobody on the list", default=None, absent=OLDER
    )
    new: int = field(WHOLE, "values not loaded before")
    unchanged: int = field(WHOLE, "loaded before, and the same")
    changed: int = field(WHOLE, "loaded before, and corrected")
    digest: str = field(TEXT, "digest of all outcomes as they then stand")
    sources: str | None = field(
        TEXT, "digest of which event each of them came with", default=None, absent=OLDER
    )
    by: str | None = field(
        TEXT, "what the rows name people by", default=None, absent="rows name people by the city's own id"
    )


class SurveyBody(Body):
    kind: ClassVar[str] = "survey"
    when: ClassVar[str] = "the survey's pages are made"

    pieces: int = field(WHOLE, "pages in all")
    files: Mapping[str, str] = field(HASHES, "what was written into private/")
    input: str = field(TEXT, "keyed digest of all that went in")


class RemarksBody(RowsBody):
    kind: ClassVar[str] = "remarks"
    when: ClassVar[str] = "coded remarks of residents are loaded"

    new: int = field(WHOLE, "remarks not loaded before")
    unchanged: int = field(WHOLE, "loaded before")
    kinds: Mapping[str, int] = field(COUNTS, "remarks by kind")
    by: str = field(TEXT, "what the rows name people by")
    digest: str = field(TEXT, "digest of all remarks as they then stand")
    sources: str | None = field(
        TEXT, "digest of which event each of them came with", default=None, absent=OLDER
    )


class AnalyzeBody(Body):
    kind: ClassVar[str] = "analyze"
    when: ClassVar[str] = "results are computed"

    run: int = field(WHOLE, "the how-manieth run")
    plan_hash: str = field(TEXT, "SHA-256 of the plan in force")
    outcomes: str = field(TEXT, "digest of all outcomes")
    files: Mapping[str, str] = field(
        by_name(TEXT, HASHES.words, holds=("results.csv",)), "`results.csv` and `results.json`"
    )
    early: bool = field(FLAG, "whether it came before its date")
    reason: str = field(TEXT, "why it came early; else empty")
    due: str = field(DAY, "its date")
    verdict: Verdict = field(VERDICT, "what the agreed rule says")
    notes: tuple[str, ...] = field(TEXTS, "what was done otherwise than planned")
    not_analyzed: tuple[str, ...] = field(TEXTS, "planned outcomes that no file held")
    numpy: str | None = field(TEXT, "the version of numpy that computed them", default=None, absent=OLDER)
    refused: tuple[str, ...] | None = field(
        TEXTS, "outcomes whose files leave out more of some arms", default=None, absent=OLDER
    )
    dropped: tuple[str, ...] | None = field(
        TEXTS, "columns that the analysis left out", default=None, absent=OLDER
    )
    workspace: str | None = field(
        TEXT, "the hash that the workspace's log ended with before this event was entered there",
        default=None, absent=OLDER,
    )  # fmt: skip

"""No small count can be worked out from memo and appendix, by any arithmetic on all their numbers together."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Hashable
from dataclasses import replace
from typing import Any

import pytest
from privacy import attacker
from privacy.trials import Trial, trial
from report import cases

from rct.disclosure import Cell, is_small
from rct.disclosure.audit import Hiding, PrintedTables
from rct.report import suppress
from rct.report.record import OutcomeFlow, PieceFlow, PieceRatio

SEEDS = range(12)
THRESHOLD = 10


@pytest.fixture(scope="module")
def trials() -> dict[int, Trial]:
    return {seed: trial(seed) for seed in SEEDS}


def small_counts(made: Trial) -> list[tuple[Any, ...]]:
    """Every count that the rule hides, by its own size: people, with the outcome, without it."""
    found = []
    for cell in made.record.cells:
        if is_small(cell, THRESHOLD):
            kinds = ("n",) if cell.events is None else ("n", "events", "others")
            counts = [(kind, *cell.key) for kind in kinds]
            found += [c for c in counts if made.counts[c] < THRESHOLD]
    found += [c for c, n in made.counts.items() if c[0] == "drawn" and 0 < n < THRESHOLD]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_small_count_may_be_any_of_eleven(seed: int, trials: dict[int, Trial]) -> None:
    made = trials[seed]
    appendix = made.appendix()
    known = attacker.learn(appendix, made.structure)
    small = small_counts(made)
    bounds = known.bounds(small)
    assert not suppress.kept_back(made.record).exposed
    pinned = {count: b for count, b in bounds.items() if b[1] - b[0] < THRESHOLD}
    assert pinned == {}
    for count, (low, high) in bounds.items():
        assert low <= made.counts[count] <= high, "what the attacker takes for known is true"


def test_the_attacker_finds_what_is_not_hidden(trials: dict[int, Trial]) -> None:
    """With nothing withheld every small count is known exactly: the search above can fail."""
    for made in list(trials.values())[:4]:
        bare = replace(made, record=replace(made.record, threshold=0))
        known = attacker.learn(bare.appendix(), made.structure)
        small = [c for c in small_counts(made) if c[0] in ("n", "events")]
        assert small
        bounds = known.bounds(small)
        assert all(low == high == made.counts[count] for count, (low, high) in bounds.items())


def test_hiding_only_the_small_cells_would_not_do(
    trials: dict[int, Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacker beats suppression without complements: it is them that hold."""
    import rct.disclosure.trial as tables

    def only_the_small(
        printed: PrintedTables, hidden: Collection[Hashable], *_: object, **__: object
    ) -> Hiding:
        return Hiding(frozenset(hidden), {})

    tables.hide.cache_clear()
    monkeypatch.setattr(tables, "complementary", only_the_small)
    beaten = 0
    some = list(trials.values())[:6]
    for made in some:
        known = attacker.learn(made.appendix(), made.structure)
        beaten += any(low == high for low, high in known.bounds(small_counts(made)).values())
    tables.hide.cache_clear()
    assert beaten >= len(some) // 2


@pytest.mark.parametrize("seed", range(4))
def test_page_and_memo_print_no_number_that_the_data_withhold(seed: int, trials: dict[int, Trial]) -> None:
    """Tables of the page hold no figure where appendix.json has null, and memo no arm's rate that is withheld."""
    made = trials[seed]
    appendix = made.appendix()
    html, memo = made.pages()
    tables = attacker.read_tables(html)
    labels = {a: arm.label for a, arm in made.record.definition.arms.items()}
    for caption, rows in tables.items():
        for row in rows:
            if "Std. error" in row and "withheld" in row.values():
                assert {v for k, v in row.items() if k not in ("Arm", "Group")} <= {"", "withheld"}, caption
    flow = {(r["Outcome"].strip("“”"), r["Arm"]): r for r in tables["Outcomes observed"]}
    for o in appendix["outcomes"]:
        row = flow[made.record.definition.outcomes[o["outcome"]].label, labels[o["arm"]]]
        if o["observed"] is None:
            assert (row["Observed"], row["Missing"]) == ("withheld", "withheld")
    outcome = made.record.decision.outcome
    gone = {
        r["arm"]
        for r in appendix["results"]
        if r["withheld"] and r["outcome"] == outcome and not r["subgroup"]
    }
    for row in made.record.results:
        if row.arm in gone and row.outcome == outcome and row.subgroup is None and row.estimate is not None:
            assert not re.search(rf"\| “{labels[row.arm]}” \|.*\d%", memo)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_function_of_a_hidden_count_is_printed(seed: int, trials: dict[int, Trial]) -> None:
    """A chi-squared, d², an adjusted p or a test's df at full precision would pin a small count down by trying."""
    made = trials[seed]
    appendix = made.appendix()
    hidden = suppress.kept_back(made.record)
    for test in [*appendix["sample_ratio"], *appendix["attrition"]]:
        assert all(o["observed"] is not None for o in appendix["outcomes"] if o["outcome"] == test["outcome"])
    if hidden.levels:
        assert appendix["balance"]["d2"] is None
        assert appendix["balance"]["p_value"] in (None, round(appendix["balance"]["p_value"] or 0, 2))
    for row in appendix["results"]:
        if row["p_adjusted"] not in (None, 1.0):
            assert attacker.holm_sources(row, appendix["results"])
        if row["withheld"]:
            assert all(row[name] is None for name in suppress.FIGURES)


# --- what vendor and post said


def pieces(**counts: tuple[int, int]) -> Any:
    made = trial(0)
    drawn = {"a0": 500, "a1": 500}
    return replace(
        made.record,
        pieces=tuple(
            PieceFlow(status, arm, drawn[arm], n)
            for status, both in counts.items()
            for arm, n in zip(drawn, both, strict=True)
        ),
        piece_ratio=tuple(PieceRatio(status, 1.0, 1, 0.3) for status in counts),
    )


def test_few_returned_are_hidden_and_so_is_their_complement() -> None:
    record = pieces(mailed=(500, 500), delivered=(497, 450), returned=(3, 50))
    shown = {(p.status, p.arm): suppress.pieces(record, p) for p in record.pieces}
    assert shown == {
        ("mailed", "a0"): 500, ("mailed", "a1"): 500, ("delivered", "a0"): None, ("delivered", "a1"): 450,
        ("returned", "a0"): None, ("returned", "a1"): 50,
    }  # fmt: skip
    assert [r.status for r in suppress.published_ratios(record)] == ["mailed"]


def test_what_is_left_of_all_sent_is_not_told() -> None:
    record = pieces(mailed=(450, 450), delivered=(400, 400), forwarded=(47, 30), returned=(3, 20))
    gone = {(p.status, p.arm) for p in record.pieces if suppress.pieces(record, p) is None}
    assert gone == {("returned", "a0"), ("forwarded", "a0")}


def test_none_who_answered_is_few() -> None:
    record = pieces(opened=(0, 60), replied=(495, 200))
    gone = {(p.status, p.arm) for p in record.pieces if suppress.pieces(record, p) is None}
    assert gone == {("opened", "a0"), ("replied", "a0")}


def test_the_log_in_the_appendix_holds_no_small_count() -> None:
    from rct.report.record import LogEvent

    def event(seq: int, kind: str, **body: object) -> LogEvent:
        text = json.dumps({"token": f"{seq:032x}", **body})
        return LogEvent(seq, "2026-01-01T00:00:00Z", "Dana", kind, text, f"sha256:{seq:064x}")

    log = [
        event(1, "lock", plan_hash="ab"),
        event(2, "frame", rows=1200, kept=1197, excluded={"opted_out": 3}),
        event(3, "frame", rows=1200, kept=1200, excluded={}),
        event(4, "mailed", versions={"A": {"returned": 300}}),
        event(5, "handover", rows=800),
        event(6, "printed", of="memo", threshold=3, files={"memo.html": "cd"}),
        event(7, "printed", of="memo", threshold=10, files={"memo.html": "cd"}),
        event(8, "outcomes", new=1000, token="7" * 32),
        event(9, "stop", reason="enough", token="7" * 32),
    ]
    shown = suppress.published_log(cases.win(), log)
    assert [e.seq for e in shown if e.body.startswith("withheld: ")] == [2, 3, 4, 5, 6]
    assert [e.hash for e in shown] == [e.hash for e in log]
    for e in shown:
        assert e.body == log[e.seq - 1].body or "token" not in e.body
    few = replace(cases.win(), outcomes=(OutcomeFlow("paid_30", "a0", 2500, 4), *cases.win().outcomes[1:]))
    shown = suppress.published_log(few, [*log, event(10, "analyze", files={"results.csv": "ef"})])
    gone = [e.seq for e in shown if e.body.startswith("withheld: ")]
    assert gone == [2, 3, 4, 5, 6, 8, 9, 10], "the stop was written in one change with outcomes that stay"


def test_a_cell_by_itself() -> None:
    assert is_small(Cell("paid", "a", None, None, 500, 0), 10), "that nobody did says it of everybody"

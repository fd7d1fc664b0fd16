"""Who benefits: every figure against one worked out by hand, and small groups nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from mailed_support import Mail
from report import cases
from support import definition

from rct.analysis.stored import current
from rct.registry.trial import opened
from rct.registry.workspace import find
from rct.report.appendix.equity import Equity, equity, published_reach
from rct.report.gather import memo_record
from rct.report.record import Cell, MemoRecord, ReachCount


def test_gap_before_and_after_by_hand() -> None:
    """Calls: en 1.1 without, 0.92 with; es 1.4 without, 1.15 with. Gap 0.30, then 0.23; change -0.07."""
    (group,) = equity(cases.clustered()).of("calls")
    assert (group.column, group.base, group.tested, group.p_least) == ("language", "en", 1, 0.61)
    (gap,) = group.gaps
    assert gap.gap_control == pytest.approx(0.3)
    assert gap.gap_arm == pytest.approx(0.23)
    assert gap.gap_arm == pytest.approx(group.effects[1].mean_arm - group.effects[0].mean_arm)
    assert (gap.change, gap.conf_low, gap.conf_high) == (-0.07, -0.34, 0.2)
    assert [(e.level, e.mean_control, e.mean_arm) for e in group.effects] == [
        ("en", 1.1, pytest.approx(0.92)),
        ("es", 1.4, pytest.approx(1.15)),
    ]
    assert not group.withheld


def test_a_small_group_leaves_no_figure() -> None:
    record = cases.clustered()
    small = Cell("calls", "a1", "language", "es", 9, None)
    cells = tuple(small if c.key == small.key else c for c in record.cells)
    (group,) = equity(replace(record, cells=cells)).of("calls")
    assert group.withheld
    assert group.p_least is None
    assert (group.gaps[0].gap_control, group.gaps[0].change) == (None, None)
    assert {e.estimate for e in group.effects} == {None}


def test_nothing_planned_nothing_said() -> None:
    assert equity(cases.win()) == Equity()


# --- who was never reached


def counts(*levels: tuple[str, int, int]) -> list[ReachCount]:
    return [ReachCount("district", *level) for level in levels]


def test_reach_is_a_share_of_those_to_whom_something_was_sent() -> None:
    found = published_reach(counts(("North", 200, 30), ("South", 300, 15)), 10)
    assert [(r.level, r.sent, r.unreached, r.share) for r in found] == [
        ("North", 200, 30, 0.15),
        ("South", 300, 15, 0.05),
    ]


@pytest.mark.parametrize("missed", [0, 3, 198])
def test_a_small_count_goes_with_another_that_would_give_it_away(missed: int) -> None:
    found = published_reach(counts(("East", 200, missed), ("North", 200, 30), ("South", 300, 25)), 10)
    assert [r.level for r in found if r.unreached is None] == ["East", "North"]
    assert [r.sent for r in found] == [None, None, 300]


def test_columns_are_told_one_by_one() -> None:
    both = [*counts(("North", 200, 30), ("South", 300, 15)), ReachCount("language", "es", 500, 45)]
    assert [r.unreached for r in published_reach(both, 10)] == [30, 15, 45]


# --- through the commands


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> MemoRecord:
    """400 accounts in two languages and two districts; some mail comes back; outcomes differ by language."""
    mail = Mail(tmp_path_factory.mktemp("equity"))
    mail.define(
        definition(
            start=date.today() - timedelta(days=1),
            arms='[arms.none]\nlabel = "No letter"\ncontrol = true\n\n'
            '[arms.plain]\nlabel = "Plain"\ntemplate = "plain.md"\n',
            frame='id = "account"\ncontact = ["name"]\ncategories = ["language"]',
            design='scheme = "blocked"\nblocks = ["district"]',
            analysis='estimator = "difference_in_means"\nsubgroups = ["language"]',
        )
    )
    (mail.folder / "templates" / "plain.md").write_text(
        "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay.\n"
    )
    rows = [f"{i:05d},P{i},{'es' if i % 4 == 0 else 'en'},{'N' if i < 200 else 'S'}" for i in range(400)]
    mail.ok(
        "frame", "bills", mail.file("list.csv", "\n".join(["account,name,language,district", *rows]) + "\n")
    )
    mail.ok("lock", "bills")
    mail.ok("draw", "bills")
    today = date.today().isoformat()
    arms = mail.arms_of(400)
    sent = [i for i in range(400) if arms[i] == "plain"]
    back = [(i, "returned", "moved", today) for i in sent if i % 3 == 0]
    again = [(i, "delivered", "", today) for i in sent if i % 9 == 0]
    mail.ok("mailed", "bills", mail.pieces([*back, *again]))
    paid = {i: int((i * 7) % 10 < (3 if i % 4 == 0 else 6)) for i in range(400)}
    mail.ok(
        "outcomes",
        "bills",
        mail.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{p}\n" for i, p in paid.items())),
    )
    mail.ok("analyze", "bills")
    mail.ok("report", "bills")
    ws = find(mail.folder)
    with opened(ws, "bills") as trial:
        made = memo_record(current(trial))
    (mail.root / "truth.json").write_text(json.dumps({"arms": arms, "paid": paid}))
    object.__setattr__(made, "truth", (arms, paid, mail.out))
    return made


def test_the_figures_are_those_of_the_rows(record: MemoRecord) -> None:
    arms, paid, _ = record.truth  # type: ignore[attr-defined]

    def mean(language: str, arm: str) -> float:
        """By district, weighed by everyone of this language, as the blocked estimator does."""
        of = [i for i in range(400) if (i % 4 == 0) == (language == "es")]
        total = 0.0
        for district in (True, False):
            here = [i for i in of if (i < 200) == district]
            total += len(here) / len(of) * float(np.mean([paid[i] for i in here if arms[i] == arm]))
        return total

    (group,) = equity(record).of("paid")
    (gap,) = group.gaps
    assert gap.gap_control == pytest.approx(mean("es", "none") - mean("en", "none"), abs=1e-12)
    assert gap.gap_arm == pytest.approx(mean("es", "plain") - mean("en", "plain"), abs=1e-12)
    assert gap.change == pytest.approx(gap.gap_arm - gap.gap_control, abs=1e-12)
    assert gap.conf_low < gap.change < gap.conf_high
    for effect in group.effects:
        assert effect.mean_arm == pytest.approx(mean(effect.level, "plain"), abs=1e-12)


def test_who_was_never_reached_counts_those_of_whom_only_returned_mail_is_known(record: MemoRecord) -> None:
    arms, _, _ = record.truth  # type: ignore[attr-defined]
    sent = [i for i in range(400) if arms[i] == "plain"]
    lost = [i for i in sent if i % 3 == 0 and i % 9 != 0]
    expected = [
        *(("language", level, sum((i % 4 == 0) == es for i in sent), sum((i % 4 == 0) == es for i in lost))
          for level, es in (("en", False), ("es", True))),
        *(("district", level, sum((i < 200) == north for i in sent), sum((i < 200) == north for i in lost))
          for level, north in (("N", True), ("S", False))),
    ]  # fmt: skip
    assert [(r.column, r.level, r.sent, r.unreached) for r in record.reach] == expected


def test_memo_and_appendix_say_it_and_the_data_hold_it(record: MemoRecord) -> None:
    _, _, out = record.truth  # type: ignore[attr-defined]
    (group,) = equity(record).of("paid")
    (gap,) = group.gaps
    memo = (out / "memo.md").read_text(encoding="utf-8")
    assert (
        f"With “No letter”, “es” was {abs(100 * gap.gap_control):.1f} percentage points lower than “en”"
        in memo
    )
    assert "mail came back most for" in memo or all(r.share is None for r in equity(record).reach)
    page = (out / "appendix.html").read_text(encoding="utf-8")
    assert "Who benefits" in page
    assert "Never reached, by" in page
    data = json.loads((out / "appendix.json").read_text())["equity"]
    assert data["groups"][0]["gaps"][0]["change"] == gap.change
    assert [r["unreached"] for r in data["reach"]] == [r.unreached for r in equity(record).reach]

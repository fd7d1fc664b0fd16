"""No confident page beside doubtful records: cautions beside the verdict, through the commands; none of an honest trial."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from support import Road, accounts, definition

from rct.design.tickets import unit_id

N = 400
START = date.today() - timedelta(days=60)
LOCKED_LATE = "Caution: the plan was locked late."  # so is every trial here whose window is over


def drawn(root: Path, n: int = N, **parts: Any) -> Road:
    road = Road(root)
    road.define(definition(**parts))
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("list.csv", accounts(n)))
    road.ok("draw", "bills")
    return road


def by_arm(road: Road, n: int = N) -> dict[str, list[int]]:
    arm = dict(road.sql("select unit, arm from assignment_bills"))
    key = (road.private / "key").read_bytes()
    found: dict[str, list[int]] = {}
    for i in range(n):
        found.setdefault(arm[unit_id(key, "bills", f"{i:05d}")], []).append(i)
    return found


def rows(said: Mapping[int, str]) -> str:
    return "account,paid\n" + "".join(f"{i:05d},{word}\n" for i, word in said.items())


def load(road: Road, text: str, *options: str, name: str = "paid.csv") -> dict[str, Any]:
    return dict(road.ok("outcomes", "bills", road.file(name, text), *options))


REFUSE = ("--refuse-bad-rows", "--reason", "They could not be read")


def told(road: Road) -> dict[str, Any]:
    """What `analyze` gives; its cautions must stand in terminal, memo (all formats that are text) and appendix too."""
    found = dict(road.ok("analyze", "bills"))
    road.ok("report", "bills")
    terminal = " ".join(road.rct("analyze", "bills").out.split())
    memo, page = ((road.out / f"memo.{kind}").read_text() for kind in ("md", "html"))
    assert json.loads((road.out / "appendix.json").read_text())["cautions"] == found["cautions"]
    for caution in found["cautions"]:
        assert caution in terminal
        assert caution in memo.split("##")[0]
        assert caution in page.split("<figure")[0]
    if not found["cautions"]:
        assert "Caution" not in memo + page + terminal
    road.ok("verify", "bills")
    return found


def codes(found: Mapping[str, Any]) -> set[str]:
    return {d["code"] for d in found["deviations"]}


def verdict(road: Road) -> str:
    return str(json.loads((road.out / "appendix.json").read_text())["decision"]["verdict"])


def main_row(found: Mapping[str, Any]) -> dict[str, Any]:
    return dict(found["results"][0])


def test_an_honest_trial_has_none(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    of = by_arm(road)
    yes = {*of["letter"][:100], *of["control"][:50]}
    load(road, rows({i: "yes" if i in yes else "no" for i in range(N)}))
    found = told(road)
    assert found["cautions"] == []
    assert verdict(road) == "adopt"


# --- refused rows under missing = "zero"


def test_a_refused_row_is_unknown_and_no_no(tmp_path: Path) -> None:
    """Yeses of the control are unreadable: counted as no, they would make the gap look larger than any that can be."""
    road = drawn(tmp_path)
    of = by_arm(road)
    said = dict.fromkeys(of["letter"][:50], "yes")
    said |= dict.fromkeys(of["control"][:20], "yes") | dict.fromkeys(of["control"][20:60], "paid!")
    load(road, rows(said), *REFUSE)
    found = told(road)
    row = main_row(found)
    assert row["n_missing"] == 40
    assert row["n_control"] == 160
    assert row["mean_control"] == pytest.approx(0.125)
    assert row["estimate"] == pytest.approx(0.125)
    assert found["cautions"] == [
        "Caution: more of one group are missing than lots would make; the difference may be theirs."
    ]
    assert {"attrition", "sample_ratio", "outcomes_refused"} <= codes(found)
    memo = (road.out / "memo.md").read_text()
    assert "40 of 400 (10.0%) have no outcome." in memo
    assert "Rows of some were refused: what they said is not known." in memo
    # 50 of 200 against 60 of 200 if all had said yes, against 20 of 200 if none.
    assert "the difference could be anywhere: 5.0 points lower to 15.0 points higher." in memo
    road.ok("share", "bills")
    assert road.ok("verify", road.out / "bundle.zip")["ok"]
    # The repaired rows say what was open, and need no correction.
    loaded = load(road, rows(dict.fromkeys(of["control"][20:60], "yes")), name="repaired.csv")
    assert (loaded["new"], loaded["changed"]) == (40, 0)
    found = told(road)
    assert main_row(found)["n_missing"] == 0
    assert main_row(found)["estimate"] == pytest.approx(-0.05)
    assert found["cautions"] == ["Caution: outcomes were added after results were seen."]


def test_twins_leave_a_unit_unknown_and_another_file_settles_it(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    load(road, rows({0: "yes", 1: "yes"}), name="first.csv")
    text = rows({i: "yes" if i % 2 else "no" for i in range(2, N - 20)})
    load(road, text + "00000,no\n00000,yes\n00399,yes\n00399,no\n", *REFUSE)
    assert main_row(told(road))["n_missing"] == 1  # 399; of 0 the first file had told
    again = road.ok(
        "outcomes",
        "bills",
        road.file("paid.csv", text + "00000,no\n00000,yes\n00399,yes\n00399,no\n"),
        *REFUSE,
    )
    assert not again["fresh"]


EVENTS = (
    '[outcomes.{name}]\nlabel = "Paid"\nkind = "{kind}"\nprimary = true\nmissing = "zero"\nrows = "event"\n'
    'column = "paid"\ndate_column = "day"\nwindow_days = 30\naggregate = "{aggregate}"\n'
)


@pytest.mark.parametrize(("kind", "aggregate", "missing"), [("binary", "any", 1), ("count", "sum", 2)])
def test_a_refused_event_leaves_a_sum_open_and_no_yes(
    kind: str, aggregate: str, missing: int, tmp_path: Path
) -> None:
    """Unit 0 has a sound event and a refused one, unit 1 a refused one alone: a yes stays a yes, a sum is not known."""
    road = drawn(tmp_path, start=START, outcomes=EVENTS.format(name="paid", kind=kind, aggregate=aggregate))
    day = START + timedelta(days=29)
    text = "account,paid,day\n" + "".join(f"{i:05d},1,{day}\n" for i in [0, *range(2, N, 2)])
    load(road, text + f"00000,?,{day}\n00001,1,soon\n", *REFUSE)
    found = told(road)
    assert main_row(found)["n_missing"] == missing


def test_refused_rows_of_nobody_known_are_counted_beside_the_verdict(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    text = rows({i: "yes" if i % 3 else "no" for i in range(N)})
    text += "".join(f"x{i},yes\n" for i in range(11)) + "00001,yes,2,3\n"
    load(road, text, *REFUSE)
    found = told(road)
    assert found["cautions"] == ["Caution: of 12 refused rows it is not known whose they are."]
    assert main_row(found)["n_missing"] == 0


def test_few_refused_rows_are_not_counted(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    load(road, rows({i: "yes" if i % 3 else "no" for i in range(N)}) + "x,yes\n", *REFUSE)
    assert told(road)["cautions"] == ["Caution: of some refused rows it is not known whose they are."]


def test_under_drop_a_refused_row_is_missing_as_before(tmp_path: Path) -> None:
    drop = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'
    road = drawn(tmp_path, outcomes=drop)
    said = {i: "yes" if i % 3 else "no" for i in range(N)}
    load(road, rows({**said, 0: "?"}), *REFUSE)
    found = told(road)
    assert main_row(found)["n_missing"] == 1
    assert found["cautions"] == []


# --- a list of people that lacks part of one arm


def half_of_one(road: Road, noes: int) -> dict[int, str]:
    """Nearly all pay in both arms; the file lacks half of the control."""
    of = by_arm(road)
    named = [*of["letter"], *of["control"][:100]]
    return {i: "no" if k % (len(named) // noes) == 0 and k // (len(named) // noes) < noes else "yes"
            for k, i in enumerate(named)}  # fmt: skip


@pytest.mark.parametrize("noes", [1, 9])
def test_a_list_of_people_who_nearly_all_pay_and_half_an_arm(noes: int, tmp_path: Path) -> None:
    road = drawn(tmp_path)
    said = half_of_one(road, noes)
    assert list(said.values()).count("no") == noes
    loaded = load(road, rows(said))
    assert loaded["warnings"] == []  # who is named may be the result: nothing is told before its date
    found = told(road)
    assert found["refused"] == ["paid"]
    assert found["cautions"] == []
    memo = (road.out / "memo.md").read_text()
    assert "NOT SETTLED: No verdict." in memo
    assert "ADOPT" not in memo
    assert "LOOK: Records leave people out" in memo


def test_payments_alone_keep_their_verdict_however_many_pay(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    of = by_arm(road)
    load(road, rows(dict.fromkeys([*of["letter"][:190], *of["control"][:150]], "yes")))
    found = told(road)
    assert (found["refused"], found["cautions"], verdict(road)) == ([], [], "adopt")


def test_payments_with_refunds_keep_it_with_a_caution(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    of = by_arm(road)
    said = dict.fromkeys([*of["letter"][:95], *of["control"][:40]], "yes") | {of["letter"][96]: "no"}
    load(road, rows(said))
    found = told(road)
    assert (found["refused"], verdict(road)) == ([], "adopt")
    assert found["cautions"] == ["Caution: the records may leave out people of some groups."]
    assert "LOOK: Records may leave people out" in (road.out / "memo.md").read_text()


# --- who is missing


DROP = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'


def attrited(road: Road, control: Iterable[str], letter: Iterable[str]) -> None:
    of = by_arm(road)
    said = dict(zip(of["control"], control, strict=False)) | dict(zip(of["letter"], letter, strict=False))
    load(road, rows(said))


def test_heavy_lopsided_attrition(tmp_path: Path) -> None:
    """41 % of the letter's people are missing, those who would have said no."""
    road = drawn(tmp_path, outcomes=DROP)
    attrited(road, ["yes"] * 100 + ["no"] * 100, ["yes"] * 100 + ["no"] * 18)
    found = told(road)
    assert verdict(road) == "adopt"  # the rule is as agreed
    assert found["cautions"] == [
        "Caution: more of one group are missing than lots would make; the difference may be theirs."
    ]
    assert main_row(found)["n_missing"] == 82
    road.ok("site")
    for page in ("index.html", "trials/bills/index.html"):
        assert found["cautions"][0] in (road.folder / "site" / page).read_text()
    (trial,) = json.loads((road.folder / "site" / "data" / "trials.json").read_text())["trials"]
    assert trial["cautions"] == found["cautions"]
    # All 82 no: 100 of 200 against 100 of 200. All yes: 182 of 200.
    assert "could be anywhere: 0.0 to 41.0 points higher." in (road.out / "memo.md").read_text()


def test_attrition_that_no_missing_could_turn(tmp_path: Path) -> None:
    road = drawn(tmp_path, outcomes=DROP)
    attrited(road, ["yes"] * 20 + ["no"] * 180, ["yes"] * 150 + ["no"] * 20)
    found = told(road)
    assert verdict(road) == "adopt"
    assert found["cautions"] == ["Caution: more of one group are missing than lots would make."]
    assert "could be anywhere: 65.0 to 80.0 points higher." in (road.out / "memo.md").read_text()


def test_missing_as_lots_would_have_it_is_no_caution(tmp_path: Path) -> None:
    road = drawn(tmp_path, outcomes=DROP)
    attrited(road, ["yes"] * 60 + ["no"] * 120, ["yes"] * 110 + ["no"] * 65)
    assert told(road)["cautions"] == []


# --- what came after results were seen


def test_a_rule_changed_after_results(tmp_path: Path) -> None:
    road = drawn(tmp_path, decision="worthwhile = 0.2")
    of = by_arm(road)
    yes = {*of["letter"][:80], *of["control"][:50]}
    load(road, rows({i: "yes" if i in yes else "no" for i in range(N)}))
    assert told(road)["cautions"] == []
    road.edit("worthwhile = 0.2", "worthwhile = 0.1")
    road.ok("amend", "bills", "--reason", "Less is worth having")
    assert told(road)["cautions"] == ["Caution: the rule was changed after results were seen."]
    assert verdict(road) == "adopt"


def test_a_rule_changed_once_outcomes_were_there(tmp_path: Path) -> None:
    road = drawn(tmp_path, analysis="alpha = 0.05")
    load(road, rows({i: "yes" if i % 3 else "no" for i in range(N)}))
    road.edit("alpha = 0.05", "alpha = 0.1")
    road.ok("amend", "bills", "--reason", "A looser test")
    assert told(road)["cautions"] == ["Caution: the rule was changed after outcomes came in."]


def test_a_change_that_the_rule_does_not_rest_on_is_none(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    load(road, rows({i: "yes" if i % 3 else "no" for i in range(N)}))
    road.edit('owner = "Water Department"', 'owner = "Water Works"')
    road.ok("amend", "bills", "--reason", "Renamed")
    assert told(road)["cautions"] == []


def test_outcomes_corrected_after_results(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    said = {i: "yes" if i % 3 else "no" for i in range(N)}
    load(road, rows(said))
    fix = ("--correct", "--reason", "Typed wrong")
    load(road, rows({**said, 1: "no"}), *fix)  # before anyone saw a result
    assert told(road)["cautions"] == []
    letter = by_arm(road)["letter"]
    load(road, rows({**said, 1: "no"} | dict.fromkeys(letter[:60], "yes")), *fix)
    found = told(road)
    assert found["cautions"] == ["Caution: outcomes were corrected after results were seen."]
    assert "outcomes_corrected" in codes(found)


def test_yeses_added_after_results(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    of = by_arm(road)
    load(road, rows(dict.fromkeys([*of["letter"][:60], *of["control"][:50]], "yes")))
    assert told(road)["cautions"] == []
    load(road, rows(dict.fromkeys(of["letter"][60:110], "yes")), name="more.csv")
    assert told(road)["cautions"] == ["Caution: outcomes were added after results were seen."]


# --- records that end early


DAYS = EVENTS.format(name="paid", kind="binary", aggregate="any").replace('column = "paid"\n', "")


def events(road: Road, days: Mapping[int, int], name: str = "events.csv") -> dict[str, Any]:
    text = "".join(f"{i:05d},{START + timedelta(days=d)}\n" for i, d in days.items())
    return load(road, "account,day\n" + text, name=name)


def test_records_that_end_early_for_all(tmp_path: Path) -> None:
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    events(road, {i: i % 8 for i in range(200)})
    found = told(road)
    assert found["cautions"] == [LOCKED_LATE, "Caution: the records end early."]
    assert "records_end_early" in codes(found)


def test_records_of_the_whole_window(tmp_path: Path) -> None:
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    events(road, {i: i % 31 for i in range(200)})
    assert told(road)["cautions"] == [LOCKED_LATE]


def test_records_that_end_early_for_one_arm(tmp_path: Path) -> None:
    """As many pay in both groups; the control's file stops on day 12."""
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    of = by_arm(road)
    days = {i: k % 31 for k, i in enumerate(of["letter"][:93])}
    days |= {i: k % 31 for k, i in enumerate(of["control"][:93]) if k % 31 <= 12}
    text = "".join(f"{i:05d},{START + timedelta(days=d)}\n" for i, d in days.items())
    loaded = load(road, "account,day\n" + text)
    warning = next(w for w in loaded["warnings"] if w["code"] == "records_cut")
    assert "control" not in str(warning)  # not of which arm, nor the day
    assert str(START + timedelta(days=12)) not in str(warning)
    found = told(road)
    assert found["cautions"] == [LOCKED_LATE, "Caution: the records of one group end before those of others."]
    assert "records_cut" in codes(found)
    assert found["refused"] == []
    assert verdict(road) == "adopt"  # of a letter that did nothing
    assert "LOOK: Records of one group end early." in (road.out / "memo.md").read_text()
    # The rest of the control's records mends it.
    rest = {i: k % 31 for k, i in enumerate(of["control"][:93]) if k % 31 > 12}
    assert {w["code"] for w in events(road, rest)["warnings"]}.isdisjoint({"records_cut"})
    found = told(road)
    assert found["cautions"] == [LOCKED_LATE, "Caution: outcomes were added after results were seen."]
    assert main_row(found)["estimate"] == pytest.approx(0)


def test_a_file_an_arm_each_to_its_own_day(tmp_path: Path) -> None:
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    of = by_arm(road)
    events(road, {i: k % 31 for k, i in enumerate(of["letter"][:93])}, name="letter.csv")
    events(road, {i: k % 13 for k, i in enumerate(of["control"][:39])}, name="control.csv")
    assert "records_cut" in codes(told(road))


def test_a_faster_letter_and_few_late_payers_are_no_cut(tmp_path: Path) -> None:
    """With the letter most pay early, and a few late; of six late payers none is the letter's by lot, now and then."""
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    of = by_arm(road)
    days = {i: k % 20 for k, i in enumerate(of["letter"][:100])} | {of["letter"][101]: 27}
    days |= {i: k % 31 for k, i in enumerate(of["control"][:60])}
    events(road, days)
    assert "records_cut" not in codes(told(road))


def test_the_log_tells_no_day_by_arm(tmp_path: Path) -> None:
    road = drawn(tmp_path, start=START, outcomes=DAYS)
    of = by_arm(road)
    events(road, {i: k % 13 for k, i in enumerate(of["control"][:39])} | dict.fromkeys(of["letter"][:40], 30))
    text = next(json.loads(t) for _, _, t in reversed(road.events()) if '"outcomes"' in t)
    assert "control" not in json.dumps(text)
    assert str(START + timedelta(days=12)) not in json.dumps(text)


def test_no_more_cautions_than_the_page_has_room_for(tmp_path: Path) -> None:
    """Six of them: four, and a word that there are more."""
    road = drawn(tmp_path, start=date.today() - timedelta(days=40), outcomes=DAYS)
    start = date.today() - timedelta(days=40)
    of = by_arm(road)
    text = "".join(f"{i:05d},{start + timedelta(days=k % 8)}\n" for k, i in enumerate(of["control"][:80]))
    text += "".join(f"{i:05d},never\n" for i in of["letter"][:60]) + f"x,{start}\n"
    load(road, "account,day\n" + text, *REFUSE)
    told(road)
    road.edit("worthwhile = 0.01", "worthwhile = 0.02")
    road.ok("amend", "bills", "--reason", "More")
    load(road, f"account,day\n{of['control'][90]:05d},{start}\n", name="more.csv")
    found = told(road)
    assert (
        found["cautions"]
        == [
            LOCKED_LATE,
            "Caution: the rule was changed after results were seen.",
            "Caution: outcomes were added after results were seen.",
            "Caution: more of one group are missing than lots would make.",  # the letter does worse even at its best
            "More cautions stand below.",
        ]
    )
    road.ok("report", "bills", "--lang", "es")
    for name in ("memo", "memo.es"):
        assert len(PdfReader(road.out / f"{name}.pdf").pages) == 1
    assert "Más advertencias abajo." in (road.out / "memo.es.md").read_text()

"""A draw and mail that were made elsewhere are told as that, in every paper and at the terminal."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from support import Road, accounts, canary_id, definition, road_at

N = 400
ARMS = """[arms.legal]
label = "Legal notice only"
control = true

[arms.open]
label = "Letter: come any day"

[arms.specific]
label = "Letter: come on this day"
"""
# What holds of lots that rct drew, and of nothing that was read in.
FALSE = (
    r"A lottery split|lots were drawn on|Draw \d+ of \d+|committed seed stops|drawn by lot|By lot,|\d blocks?\b|Else done"
    r"|Planned before the draw|before the draw: \{|locked before the draw|A randomized trial|Nobody can know an arm"
    r"|Un sorteo repartió|El sorteo fue|Sorteo \d|Tickets are|draw are the rule"
)


def replayed(root: Path, *, arms: str = ARMS, toss: bool = True, outcomes: bool = True) -> Road:
    """Hand-picked: whoever pays got the letter (`toss`: in numbers that the shares can't give)."""
    road = Road(root)
    road.define(definition(arms=arms, frame='id = "account"\ncontact = ["name"]'))
    road.file("people.csv", accounts(N))
    names = re.findall(r"\[arms\.(\w+)\]", arms)
    most = 2 * N // 5 if toss else N // len(names)
    arm = [names[min(i // most, len(names) - 1)] for i in range(N)]
    road.file("sent.csv", "account,treat\n" + "".join(f"{i:05d},{a}\n" for i, a in enumerate(arm)))
    road.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{int(i % 3 > 0)}\n" for i in range(N)))
    road.ok("lock", "bills")
    road.ok("frame", "bills", root / "people.csv")
    road.ok("draw", "bills", "--replay", root / "sent.csv", "--column", "treat")
    if outcomes:
        road.ok("outcomes", "bills", root / "paid.csv")
        road.ok("analyze", "bills")
        road.ok("report", "bills", "--lang", "es")
    return road


def text_of(path: Path) -> str:
    return re.sub(r"<style.*?</style>|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_no_paper_tells_a_draw_that_was_read_in_as_one_of_its_own(tmp_path: Path) -> None:
    road = replayed(tmp_path)
    for form in ("aea", "osf", "aspredicted", "ctgov", "egap"):
        road.ok("register", "bills", "--format", form)
    for command in (("consort", "bills"), ("share", "bills"), ("certify",), ("site",)):
        road.ok(*command)
    road.edit('label = "Letter: come any day"', 'label = "Letter: any day"')
    road.ok("amend", "bills", "--reason", "A better name")  # prints the plan anew, after the replay
    papers = [p for p in road.out.iterdir() if p.suffix in (".md", ".html")]
    papers += [road.folder / "certification" / "evidence.md", road.folder / "site" / "index.html"]
    papers += [road.folder / "site" / "trials" / "bills" / "index.html"]
    with zipfile.ZipFile(road.out / "bundle.zip") as bundle:
        texts = {"readme": bundle.read("readme.md").decode()}
    texts |= {p.name: text_of(p) for p in papers}
    assert len(texts) > 15
    for name, text in texts.items():
        found = re.search(FALSE, text)
        assert found is None, (name, text[max(0, found.start() - 80) : found.end() + 80])
    for name in ("readme", "memo.md", "plan.md", "appendix.html", "register-aea.md", "evidence.md"):
        assert re.search("made elsewhere|decided elsewhere", texts[name]), name
    assert "Groups made elsewhere" in texts["memo.md"]
    assert "Grupos hechos en otro lugar" in texts["memo.es.md"]
    assert "is assumed here and not known" in texts["appendix.html"]
    assert "The draw was made elsewhere: write how, by whom" in texts["consort.md"]


def test_the_same_words_stand_where_they_are_true(tmp_path: Path) -> None:
    """What the test above looks for is there of a draw by rct: it can fail."""
    road = road_at("reported", tmp_path)
    text = text_of(road.out / "memo.html")
    assert {m[0] for m in re.finditer(FALSE, text)} >= {
        "A lottery split",
        "lots were drawn on",
        "Draw 1 of 1",
    }
    assert not [d for d in appendix(road)["deviations"] if d["code"] == "drawn_elsewhere"]


def appendix(road: Road) -> dict[str, object]:
    return dict(json.loads((road.out / "appendix.json").read_text()))


def test_a_replay_that_the_plan_did_not_announce_is_a_deviation(tmp_path: Path) -> None:
    road = replayed(tmp_path)
    told = {d["code"]: d["text"] for d in appendix(road)["deviations"]}
    assert told["drawn_elsewhere"] == (
        "The draw was made elsewhere and read in: rct can't vouch for it. The plan said that rct draws."
    )
    assert told["impossible_counts"] == (
        "The shares could not have given these group sizes; tossing a coin for each unit could."
    )
    memo = (road.out / "memo.md").read_text()
    assert told["drawn_elsewhere"] in memo
    assert "Caution: the groups were made elsewhere." in memo
    assert "The 400 on the list were in three groups made elsewhere, one for each version." in memo


def test_counts_of_blocks_are_told_only_where_there_are_blocks(tmp_path: Path) -> None:
    from event_bodies import sample

    from rct.audit.deviations import impossible_counts
    from rct.registry.events import DrawBody

    def said(scheme: str, blocks: int) -> str:
        clusters = {"a": 1} if "clustered" in scheme else {}
        replay = {"column": "arm", "impossible": [], "impossible_blocks": blocks}
        body = DrawBody.read(sample("draw", scheme=scheme, clusters=clusters, replay=replay))
        assert body.replay is not None
        return impossible_counts(body, body.replay)

    assert "block" not in said("complete", 1) + said("clustered", 1)
    assert said("clustered", 1).endswith("tossing a coin for each cluster could.")
    assert said("blocked", 1) == "The shares could not have given the group sizes in 1 block."
    assert said("blocked_clustered", 3) == "The shares could not have given the group sizes in 3 blocks."


def test_a_coin_toss_entered_by_its_counts_is_no_impossible_count(tmp_path: Path) -> None:
    """The way that docs/replay.md shows: the shares are the counts themselves."""
    counts = (160, 160, 80)
    arms = ARMS
    for name, n in zip(("legal", "open", "specific"), counts, strict=True):
        arms = arms.replace(f"[arms.{name}]\n", f"[arms.{name}]\nshare = {n}\n")
    road = replayed(tmp_path, arms=arms)
    assert [d["code"] for d in appendix(road)["deviations"]] == ["drawn_elsewhere"]


def test_verify_says_that_nothing_of_the_draw_is_derived(tmp_path: Path) -> None:
    road = replayed(tmp_path)
    said = " ".join(road.rct("verify", "bills").out.split())
    assert "re-derived: plan, list, outcomes, results, documents." in said
    assert "The draw was made elsewhere, so nothing of it can be derived." in said
    drawn = " ".join(road_at("reported", tmp_path / "other").rct("verify", "bills").out.split())
    assert "re-derived: plan, list, draw, outcomes, results, documents." in drawn
    assert "made elsewhere" not in drawn


# --- mail that was made elsewhere


def sent_column(road: Road) -> list[str]:
    rows = re.findall(r"^\| “.*", (road.out / "memo.md").read_text(), re.MULTILINE)
    return [row.split("|")[2].strip() for row in rows]


def test_no_money_and_no_nothing_for_mail_made_elsewhere(tmp_path: Path) -> None:
    road = replayed(tmp_path)
    assert sent_column(road) == ["not by this software", "made elsewhere", "made elsewhere"]
    memo = (road.out / "memo.md").read_text()
    assert "$" not in memo
    assert all(a["cost"] is None for a in appendix(road)["decision"]["arms"])  # type: ignore[index]
    cards = text_of(road.out / "appendix.html")
    assert "Made elsewhere: this software does not hold them." in cards
    assert "Nothing is sent." not in cards


def test_a_cost_that_is_named_for_every_arm_is_told(tmp_path: Path) -> None:
    arms = ARMS.replace("control = true\n", "control = true\nunit_cost = 0.5\n")
    arms = re.sub(r"(label = \"Letter[^\n]*\n)", r"\1unit_cost = 0.75\n", arms)
    road = replayed(tmp_path, arms=arms)
    assert sent_column(road) == ["made elsewhere"] * 3
    costs = [a["cost"] for a in appendix(road)["decision"]["arms"]]  # type: ignore[index]
    assert [c["extra_cost"] for c in costs] == [0.25, 0.25]


def test_pieces_that_were_told_say_that_something_was_sent(tmp_path: Path) -> None:
    road = replayed(tmp_path)
    rows = "".join(f"{i:05d},mailed\n" for i in range(N))
    road.file("mailed.csv", f"account,status\n{rows}")
    road.ok("mailed", "bills", tmp_path / "mailed.csv")
    road.ok("report", "bills")
    assert sent_column(road) == ["made elsewhere"] * 3
    assert "mailed: 160 of 160" in text_of(road.out / "appendix.html")


@pytest.mark.parametrize(
    ("stage", "then"), [("drawn", "outcomes"), ("outcomes", "analyze"), ("reported", "report")]
)
def test_after_mailed_comes_what_the_trial_waits_for(tmp_path: Path, stage: str, then: str) -> None:
    road = road_at(stage, tmp_path)
    road.file("mailed.csv", f"account,status\n{canary_id(1)},mailed\n")
    said = road.rct("mailed", "bills", tmp_path / "mailed.csv").out
    assert re.search(rf"Next: rct {then} bills\b", said), said

"""rct site: what is finished is shown whole, nothing else is, and the folder is replaced in one step or not at all."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from csv import DictReader
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from evidence.city import city
from support import CANARY, Road, road_at

from rct.evidence.site.data import csv_of_results
from rct.registry import chain
from rct.registry.results import NAMES, Result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """The city with its portfolio; no test writes there."""
    road = city(tmp_path_factory.mktemp("city"))
    road.ok(
        "site",
        "--url",
        "https://city.example/trials",
        "--license",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    )
    return road


def site(road: Road) -> Path:
    return road.folder / "site"


def text(road: Road, file: str) -> str:
    return (site(road) / file).read_text(encoding="utf-8")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


class Links(HTMLParser):
    """Every address in a page, and every id."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value and tag not in ("use",):
                self.found.append(value)
            if name == "id" and value:
                self.ids.add(value)


def test_what_is_finished_is_shown_and_nothing_else(built: Road) -> None:
    page = text(built, "index.html")
    for name in ("bills", "alike", "again"):
        assert f"trials/{name}/index.html" in page
    assert {p.name for p in (site(built) / "trials").iterdir()} == {"bills", "alike", "again"}
    assert "1 trial is under way" in page
    assert "Does overdue &lt;i&gt;get&lt;/i&gt; bills &amp; fees paid? (due" in page
    for file, data in everything(site(built)).items():
        assert b"zebra" not in data, file
        assert b"dry-run" not in data, file


def test_every_link_leads_to_a_file_of_the_site_and_every_picture_is_there(built: Road) -> None:
    pages = list(site(built).rglob("*.html"))
    assert len(pages) >= 4 + 2 * 3
    for page in pages:
        links = Links(page.read_text(encoding="utf-8"))
        for link in links.found:
            path, _, anchor = link.partition("#")
            assert "://" not in link, (page, link)
            if path and not path.startswith("data:"):
                assert (page.parent / path).is_file(), (page, link)
            elif anchor:
                assert anchor in links.ids, (page, link)


def test_each_page_names_its_policy_and_asks_nothing_of_others(built: Road) -> None:
    for page in site(built).rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
        assert policy.startswith("default-src &#39;none&#39;") or policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert ("script-src" in policy) == (page.name == "trials.html")
        assert not re.search(r'(src|href)="(https?:)?//', html)


def test_a_trial_s_page_holds_its_memo_word_for_word_its_letters_plan_and_files(built: Road) -> None:
    page, memo = (
        text(built, "trials/alike/index.html"),
        (built.folder / "trials/alike/out/memo.html").read_text(),
    )
    plain = re.sub(r'<a href="letter-\d.png"><img src="[^"]+" (alt="[^"]*")></a>', r"<img \1>", page)
    body = re.sub(r'<img src="data:[^"]+" ', "<img ", re.findall(r"<main>\n(.*)</main>", memo, re.DOTALL)[0])
    assert body in plain
    out = built.folder / "trials" / "alike" / "out"
    pictures = {
        base64.b64decode(png) for png in re.findall(r'<img src="data:image/png;base64,([^"]+)"', memo)
    }
    assert len(pictures) == 2
    assert {(site(built) / f"trials/alike/letter-{n}.png").read_bytes() for n in (1, 2)} == pictures
    assert (site(built) / "trials/alike/letter-letter.pdf").read_bytes() == (
        out / "proofs/letter-letter.pdf"
    ).read_bytes()
    for file in ("memo.pdf", "plan.pdf", "plan.html", "memo.docx"):
        assert (site(built) / "trials" / "alike" / file).read_bytes() == (out / file).read_bytes()
    lock = next(e for e in built.ok("log", "alike")["events"] if e["kind"] == "lock")
    assert f"{lock['time'][:10]} {lock['time'][11:16]} UTC" in page


def test_a_decision_is_shown_as_it_was_made(built: Road) -> None:
    page = text(built, "trials/bills/index.html")
    assert "by Mayor Lee. Too dear &lt;for&gt; us." in page
    assert "Nothing is decided yet." in text(built, "trials/alike/index.html")
    assert "Decided: 1 to drop; 2 not decided yet." in text(built, "index.html")


def test_machine_files_say_what_the_pages_say(built: Road) -> None:
    data: dict[str, Any] = json.loads((site(built) / "data/trials.json").read_bytes())
    assert {t["trial"] for t in data["trials"]} == {"bills", "alike", "again"}
    rows = list(DictReader(io.StringIO((site(built) / "data/trials.csv").read_bytes().decode("utf-8-sig"))))
    for trial, row in zip(data["trials"], rows, strict=True):
        appendix = json.loads((built.folder / f"trials/{trial['trial']}/out/appendix.json").read_bytes())
        assert trial["results"] == [
            {k: v for k, v in r.items() if k != "withheld"} for r in appendix["results"]
        ]
        assert row["trial"] == trial["trial"]
        assert row["rule"] == trial["rule"] == appendix["decision"]["verdict"]
        assert row["cautions"] == " ".join(trial["cautions"]) == " ".join(appendix["cautions"])
        assert int(row["units"]) == sum(appendix["draw"]["units"].values())
    results = list(DictReader(io.StringIO((site(built) / "data/results.csv").read_text("utf-8-sig"))))
    assert len(results) == sum(len(t["results"]) for t in data["trials"])


def test_no_cell_for_people_runs_in_a_spreadsheet() -> None:
    row = dict.fromkeys(NAMES) | {
        "subgroup": "lang",
        "level": "=cmd|' /C calc'!A0",
        "estimate": -0.25,
    }
    text = csv_of_results([Result.of(row)]).decode("utf-8-sig")
    (read,) = DictReader(io.StringIO(text))
    assert read["level"] == "'=cmd|' /C calc'!A0"
    assert float(read["estimate"]) == -0.25


def test_the_data_set_is_described_for_search_engines(built: Road) -> None:
    (found,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', text(built, "data.html"), re.DOTALL
    )
    said = json.loads(found)
    assert (said["@context"], said["@type"]) == ("https://schema.org", "Dataset")
    assert 50 <= len(said["description"]) <= 5000
    for file in said["distribution"]:
        path = file["contentUrl"].removeprefix("https://city.example/trials/")
        assert hashlib.sha256((site(built) / path).read_bytes()).hexdigest() == file["sha256"]
    assert said["license"].startswith("https://creativecommons.org/")


def test_what_was_shared_lies_there_as_a_bundle(built: Road) -> None:
    data = (built.folder / "trials/again/out/bundle.zip").read_bytes()
    assert (site(built) / "trials/again/bundle.zip").read_bytes() == data
    assert not (site(built) / "trials/alike/bundle.zip").exists()
    page = text(built, "data.html")
    assert 'href="trials/again/bundle.zip"' in page
    assert hashlib.sha256(data).hexdigest() in page
    assert built.ok("verify", site(built) / "trials/again/bundle.zip")["ok"]


def test_the_feed_is_atom(built: Road) -> None:
    feed = ET.parse(site(built) / "feed.xml").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.tag == f"{atom}feed"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 3
    for element in (feed, *entries):
        assert all(element.findtext(f"{atom}{name}") for name in ("id", "title", "updated"))
    links = [link.attrib["href"] for e in entries for link in e.findall(f"{atom}link")]
    assert "https://city.example/trials/trials/alike/index.html" in links
    assert "<i>get</i> bills & fees" in str([e.findtext(f"{atom}title") for e in entries])


def test_no_trace_of_a_person_and_no_row(built: Road) -> None:
    units = {row[0] for row in built.sql("select unit from frame_bills union select unit from frame_alike")}
    for file, data in everything(site(built)).items():
        assert CANARY.lower().encode() not in data.lower(), file
        assert not any(unit.encode() in data for unit in units), file


def test_small_cells_stay_out_by_the_threshold_of_today(tmp_path: Path) -> None:
    road = city(tmp_path)
    road.edit("threshold = 10", "threshold = 150", road.folder / "rct.toml")
    assert {p["code"] for p in road.no("site")} == {"document_threshold"}
    for name in ("bills", "alike", "again"):
        road.ok("report", name)
    road.ok("site")
    for trial in json.loads((site(road) / "data/trials.json").read_bytes())["trials"]:
        assert trial["results"][0]["estimate"] is None
        assert trial["result"] == "none"
    assert "gave no answer" in text(road, "index.html")


def test_what_became_of_a_decision_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=200)

    monkeypatch.setattr(chain, "date", Later)
    road = city(tmp_path)
    road.ok(
        *(
            "followup",
            "bills",
            "--adopted",
            "partly",
            "--to",
            "district 1",
            "--arm",
            "social",
            "--cost",
            "640",
        ),
        *("--dropped", "--note", "New <vendor>"),
    )
    road.ok("site")
    said = "in part, for district 1, at a cost of $640; it was given up since. New &lt;vendor&gt;."
    assert said in text(road, "trials/bills/index.html")
    assert "Put to use: 1 of 1 trial asked about (1 only in part, 1 given up since)." in text(
        road, "index.html"
    )
    row = next(
        t
        for t in json.loads((site(road) / "data/trials.json").read_bytes())["trials"]
        if t["trial"] == "bills"
    )
    assert (row["adopted"], row["kept"]) == ("partly", "no")


def test_trials_with_one_outcome_stand_together_and_are_pooled_as_rct_pool_does(built: Road) -> None:
    page = text(built, "outcomes.html")
    answer = built.ok("pool", "paid", "bills", "alike", "again")["main"]
    assert "Pooled over 3 of 3 trials" in page
    assert f"{100 * abs(answer['estimate']):.1f} percentage points" in page
    low, high = 100 * answer["conf_low"], 100 * answer["conf_high"]
    assert f"({low:.1f} to {high:.1f})".replace("-", "−") in page
    assert "its versions share one control and are first made one" in page


def test_too_many_trials_with_several_versions_are_shown_and_not_pooled(built: Road) -> None:
    from rct.evidence.site import forests
    from rct.evidence.site.published import finished, publish
    from rct.registry import state
    from rct.registry.trial import locked_trials
    from rct.registry.workspace import find

    ws = find(built.folder)
    with state.reading(ws) as db:
        done = [publish(d) for d in locked_trials(ws, db) if d.real and finished(d)]
    (one,) = forests.shared(done)
    assert forests.several_versions([one]) == ["bills"]
    said = forests.plot(one, {})
    assert any("Too few trials can be pooled" in n for n in said["notes"])
    more = forests.SharedOutcome(one.name, one.label, (*one.trials, *one.trials))
    said = forests.plot(more, {})
    assert any("Pooled over 4 of 6 trials" in n for n in said["notes"])
    assert any("not pooled" in n and "bills" in n for n in said["notes"])
    assert not any("one more such trial" in n for n in said["notes"])
    eight = forests.plot(replace(more, trials=more.trials * 2), {})["notes"]
    assert any("No range is given for one more such trial" in n for n in eight)
    assert all("All are of this city" in n for n in eight if "Pooled over" in n)


def test_a_pooled_line_says_how_many_of_its_trials_are_fragile_and_why(built: Road) -> None:
    from rct.evidence.site import forests
    from rct.evidence.site.published import Published, finished, publish
    from rct.registry import state
    from rct.registry.trial import locked_trials
    from rct.registry.workspace import find

    ws = find(built.folder)
    with state.reading(ws) as db:
        done = [publish(d) for d in locked_trials(ws, db) if d.real and finished(d)]
    (one,) = forests.shared(done)
    single = [t for t in one.trials if len(t.findings) == 1]

    def notes(*fragile: str) -> list[str]:
        """Of four trials, each with the reason that is given for it."""
        made: list[Published] = []
        for i, code in enumerate(fragile):
            trial = single[i % 2]
            named = replace(trial.locked, state=replace(trial.locked.state, name=f"trial-{i}"))
            findings = tuple(replace(f, row=replace(f.row, fragile=code or None)) for f in trial.findings)
            made.append(replace(trial, locked=named, findings=findings))
        return list(forests.plot(replace(one, trials=tuple(made)), {})["notes"])

    shaky = "their standard errors can mislead, and the"
    assert f"Of those pooled, 1 of 4 trials rests on few events: {shaky} pool weighs by them." in notes(
        "few_events", "", "", ""
    )
    assert (
        f"Of those pooled, 2 of 4 trials rest on few events or few groups: {shaky} pool weighs by them."
        in notes("few_events", "few_clusters", "", "")
    )
    assert (
        f"Of those pooled, 4 of 4 trials rest on a few large values: {shaky} pooled interval may be too narrow."
        in notes(*["skewed"] * 4)
    )
    assert not any("Of those pooled" in n for n in notes("", "", "", ""))


def test_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    road = city(tmp_path)
    before = road.events()
    road.ok("site")
    first = everything(site(road))
    manifest = json.loads(first.pop("site.json"))
    assert manifest["files"] == {path: hashlib.sha256(data).hexdigest() for path, data in first.items()}
    (site(road) / "stray.html").write_text("left from an older portfolio")
    road.ok("site")
    again = everything(site(road))
    again.pop("site.json")
    assert again == first
    assert road.events() == before
    modes = {oct(p.stat().st_mode & 0o777) for p in site(road).rglob("*") if p.is_file()}
    assert modes == {"0o644"}
    assert road.ok("verify")["ok"]


def test_practice_is_shown_only_when_asked_and_marked(tmp_path: Path) -> None:
    road = city(tmp_path)
    road.ok("site", "--practice")
    for file in ("index.html", "trials.html", "data.html", "trials/dry-run/index.html"):
        assert "PRACTICE" in text(road, file), file
    assert "not a real trial" in text(road, "trials/dry-run/index.html")
    assert "not a real trial" not in text(road, "trials/alike/index.html")


def test_nothing_appears_before_its_date_not_even_where_it_was_seen_early(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=9)
    road.ok("analyze", "bills", "--early", "--reason", "The council meets today")
    road.ok("report", "bills")
    refused = road.no("site")
    assert {p["code"] for p in refused} == {"site_empty"}
    assert any(p["field"] == "bills" and "due on" in p["fix"] for p in refused)
    assert not site(road).exists()


@pytest.mark.parametrize("stage", ["new", "locked", "drawn", "analyzed"])
def test_a_site_without_a_finished_trial_is_refused_with_what_to_do(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    refused = road.no("site")
    assert refused[0]["code"] == "site_empty"
    assert stage != "analyzed" or any(p["fix"] == "rct report bills" for p in refused)
    assert not site(road).exists()


def test_new_outcomes_take_a_trial_off_until_it_is_reported_again(tmp_path: Path) -> None:
    road = city(tmp_path)
    rows = "account,paid\n" + "".join(f"{i:05d},yes\n" for i in range(200))
    road.ok("outcomes", "again", road.file("more.csv", rows), "--correct", "--reason", "A wrong file before")
    road.ok("site")
    assert "trials/again/" not in text(road, "index.html")
    assert "Due by their plan, and not reported yet" in text(road, "index.html")


@pytest.mark.parametrize("file", ["memo.json", "appendix.json", "memo.pdf", "plan.html"])
def test_a_changed_document_is_named_and_the_old_site_stays(file: str, tmp_path: Path) -> None:
    road = city(tmp_path)
    road.ok("site")
    before = road.tree()
    path = road.folder / "trials" / "again" / "out" / file
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a", b"b", 1))
    (refused,) = road.no("site")
    assert (refused["code"], refused["file"]) == ("document_changed", f"trials/again/out/{file}")
    path.write_bytes(data)
    assert road.tree() == before


@pytest.mark.parametrize("to", ["trials", "private/site", "templates/x", ".", "mine", "link"])
def test_no_folder_of_others_is_replaced(to: str, tmp_path: Path) -> None:
    road = city(tmp_path)
    (road.folder / "mine").mkdir()
    (road.folder / "mine" / "site.json").write_text("[1]")
    (road.folder / "link").symlink_to(road.folder / "mine")
    before = road.tree()
    assert road.no("site", "--to", road.folder / to)[0]["code"] == "folder_in_the_way"
    assert road.tree() == before


@pytest.mark.parametrize(
    "url", ["city.example", "javascript:alert(1)", "https://", "https://x/?q=1", "https://ü.example"]
)
def test_an_address_is_an_address(url: str, tmp_path: Path) -> None:
    road = city(tmp_path)
    assert road.no("site", "--url", url)[0]["code"] == "site_url"


def test_killed_while_it_builds_the_old_one_stays_and_the_next_run_tidies(tmp_path: Path) -> None:
    road = city(tmp_path)
    road.ok("site")
    before = everything(site(road))
    script = (
        "import os, signal\nfrom rct.evidence.site import folder as site\n"
        "def killed(*_):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"site._data_page = killed\nfrom rct.cli.main import main\nmain(['-C', {str(road.folder)!r}, 'site'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, env={**os.environ}
    )
    assert done.returncode == -signal.SIGKILL
    assert everything(site(road)) == before
    assert len(list(road.folder.glob("site.tmp-*"))) == 1
    road.ok("site")
    assert list(road.folder.glob("site.tmp-*")) == []
    assert everything(site(road)) == before

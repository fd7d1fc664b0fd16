"""rct share and rct verify: what is in a bundle, what is not, and that a change anywhere is found and named."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
from pathlib import Path

import pytest
from evidence.bundles import bundle_of, edit, forge, members_of, payments, read, replace, shared_road, walk
from frictionless import Package
from killing import ask
from support import CANARY, Road, accounts, definition, road_at, run

from rct.design.tickets import unit_id
from rct.errors import RctError
from rct.evidence.bundle import steps_file, tables_file
from rct.evidence.bundle.container import pack, unpack
from rct.evidence.bundle.lineage import why_not_same
from rct.evidence.bundle.log import read_log
from rct.evidence.bundle.opening import read_bundle
from rct.evidence.bundle.signing import key_file, trusted
from rct.evidence.gathering import from_bundle, from_trial
from rct.registry.workspace import find


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return shared_road(tmp_path)


# --- what is in it


def test_it_holds_and_says_whose_it_is(road: Road) -> None:
    said = road.ok("verify", bundle_of(road))
    assert (said["ok"], said["signed_by"], said["trial"]) == (True, "Testville", "bills")
    told = road.rct("verify", bundle_of(road)).out
    assert "nothing was" in told
    assert "On trust: the sums of residuals" in told
    head = said["head"]
    assert road.rct("verify", bundle_of(road), "--head", head).code == 0
    wrong = road.ok("head", "bills")["heads"][0]["head"]  # the shared event's own, which comes after
    assert road.rct("verify", bundle_of(road), "--head", wrong).code == 1


def test_the_same_evidence_is_the_same_bytes_and_changes_nothing(road: Road) -> None:
    before = road.tree()
    again = road.ok("share", "bills")
    assert (again["fresh"], again["sha256"]) == (
        False,
        hashlib.sha256(bundle_of(road).read_bytes()).hexdigest(),
    )
    assert road.tree() == before
    members = members_of(bundle_of(road))
    assert pack(dict(reversed(list(members.items())))) == bundle_of(road).read_bytes()


def test_a_later_decision_makes_another_bundle_whose_log_tells_of_it(road: Road) -> None:
    road.ok("decide", "bills", "drop", "--note", "Not worth its postage.")
    assert road.ok("share", "bills")["fresh"]
    bundle = read(road, bundle_of(road))
    assert bundle.failures == ()
    assert bundle.evidence is not None
    assert bundle.evidence.decided == "drop"
    assert [e.kind for e in bundle.log.events][-2:] == ["shared", "decide"]


def test_evidence_from_the_bundle_is_that_of_the_trial(road: Road) -> None:
    ws = find(road.folder)
    there, here = from_bundle(bundle_of(road), trusted(ws)), from_trial(ws, "bills")
    assert there.lines == here.lines
    assert there.covariances == here.covariances
    assert (there.source, there.signed_by) == ("bundle", "Testville")
    assert there.digest == hashlib.sha256(bundle_of(road).read_bytes()).hexdigest()


def test_nothing_of_a_person_block_or_household_is_in_it(road: Road) -> None:
    texts = {n: d.decode("latin-1").lower() for n, d in members_of(bundle_of(road)).items()}
    pseudonyms = [u for (u,) in road.sql("select unit from frame_bills")]
    clusters = {c for (c,) in road.sql("select cluster from frame_bills")}
    assert len(pseudonyms) == 240
    for name, text in texts.items():
        assert CANARY.lower() not in text, name
        assert not any(u in text for u in pseudonyms), name
        assert not any(c in text for c in clusters), name
        assert not re.search(r"\bd[012]\b", text) or name.endswith((".png", ".html")), name


def test_a_key_of_its_own_kept_to_the_office(road: Road) -> None:
    assert key_file(find(road.folder)).stat().st_mode & 0o777 == 0o600
    shown = road.ok("key")
    assert shown["fingerprint"] == road.ok("share", "bills")["fingerprint"]
    private = key_file(find(road.folder)).read_text().splitlines()[1]
    assert all(private not in d.decode("latin-1") for d in members_of(bundle_of(road)).values())


def test_it_is_a_data_package_that_others_can_read(road: Road, tmp_path: Path) -> None:
    folder = tmp_path / "out of the zip"
    folder.mkdir()
    for name, data in members_of(bundle_of(road)).items():
        (folder / name).write_bytes(data)
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message"])
    assert {task.name for task in report.tasks} >= {"results", "cells", "evidence"}


def test_the_readme_reads_like_one(road: Road) -> None:
    text = members_of(bundle_of(road))["readme.md"].decode()
    for name in members_of(bundle_of(road)):
        assert f"| {name} |" in text
    assert text.startswith("# Does a letter get bills paid?\n")


def test_the_definition_in_it_makes_the_same_plan(road: Road) -> None:
    from rct.definition import check_text
    from rct.definition.plan import plan_json

    members = members_of(bundle_of(road))
    again = check_text(members["trial.toml"].decode(), "bills")
    assert plan_json(again, road.folder / "templates") == members["plan.json"]


# --- small counts


@pytest.fixture
def few(tmp_path: Path) -> Road:
    """Three opted out, two refused; one language of 4, one of 25; few events among some."""
    road = Road(tmp_path)
    text = definition(
        frame='id = "account"\ncontact = ["name"]\ncategories = ["language"]\ncovariates = ["age"]\nopt_out = "out"',
        analysis='subgroups = ["language"]\nestimator = "ols"',
    )
    road.define(text)
    language = lambda i: "vi" if i % 60 == 7 else "es" if i % 8 == 0 else "en"  # noqa: E731
    rows = accounts(
        243,
        columns="language,age,out",
        row=lambda i: f"{language(i)},{20 + i % 50},{'yes' if i > 239 else ''}",
    )
    return walk(road, rows, payments(i % 5 < 2 for i in range(240)))


def test_no_small_count_leaves(few: Road) -> None:
    members = members_of(bundle_of(few))
    flow = json.loads(members["flow.json"])
    assert (flow["excluded"]["opted_out"], flow["rows"], flow["units"]) == (None, None, 240)
    log = read_log(members["log.json"])
    withheld = [e.kind for e in log.events if e.seq in log.withheld]
    assert withheld == ["frame", "analyze"]  # which holds the hash of the results in full
    levels = {line.split(",")[3] for line in members["cells.csv"].decode().splitlines()[1:]}
    assert "vi" not in levels
    rows = tables_file.read_results(members["results.csv"])
    assert [r.level for r in rows if r.level == "vi" and r.n_arm is not None] == []
    sums, steps = steps_file.read_steps(members["steps.json"])
    assert not any(key[4] == "vi" for key in steps)
    assert not any(s.full for s in sums if s.columns), "a category of few is among the columns"
    assert {c for s in sums for c in s.columns} == {"letter"}
    told = few.rct("verify", bundle_of(few)).out
    assert "by their hash alone" in told
    assert few.rct("verify", bundle_of(few)).code == 0


def test_without_small_groups_the_covariates_sums_leave_too(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(
        definition(
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["age"]', analysis='estimator = "ols"'
        )
    )
    people = accounts(240, columns="age", row=lambda i: str(20 + i % 50))
    walk(road, people, payments(i % 5 < 2 for i in range(240)))
    sums, _ = steps_file.read_steps(members_of(bundle_of(road))["steps.json"])
    assert [s.columns for s in sums] == [("letter", "age")]
    assert road.rct("verify", bundle_of(road)).code == 0


def test_a_cell_under_the_threshold_is_found_by_the_reader(road: Road, tmp_path: Path) -> None:
    spoiled = forge(
        bundle_of(road),
        tmp_path / "s.zip",
        lambda m: m.update({"cells.csv": m["cells.csv"] + b"paid,plain,,,9,,\n"}),
    )
    assert [p.code for p in read(road, spoiled).failures] == ["small_cell"]


# --- what can't be shared


def test_what_is_not_reported_is_not_shared(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    assert road.no("share", "bills")[0]["code"] == "not_reported"
    assert not bundle_of(road).exists()
    road = road_at("drawn", tmp_path / "other")
    assert road.no("share", "bills")[0]["code"] == "not_analyzed"
    assert road.no("share", "nothing")[0]["code"] == "no_trial"


def test_a_memo_that_was_edited_is_not_shared(road: Road) -> None:
    memo = road.out / "memo.html"
    memo.write_bytes(memo.read_bytes() + b" ")
    assert road.no("share", "bills")[0]["code"] == "document_changed"


def test_a_lost_key_is_not_made_anew_unasked(road: Road) -> None:
    key_file(find(road.folder)).unlink()
    assert road.no("share", "bills")[0]["code"] == "signing_key"
    key_file(find(road.folder)).write_text("no key")
    assert road.no("key")[0]["code"] == "signing_key"
    old = read(road, bundle_of(road)).key
    assert road.ok("key", "--new", "--yes")["public"] != old
    assert road.ok("share", "bills")["fresh"]
    assert read(road, bundle_of(road)).signed_by == "Testville"


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.95, 0.98])
def test_killed_while_the_key_is_made_there_is_one_key_and_it_is_the_logged_one(
    tmp_path: Path, share: float
) -> None:
    road, whole = Road(tmp_path / "road"), Road(tmp_path / "whole")
    calls = ask(whole.folder, ("key",))["calls"]
    assert ask(road.folder, ("key",), call=int(calls * share), after=False)["killed"]
    public = road.ok("key")["public"]
    assert [e["body"]["public"] for e in road.ok("log")["events"] if e["kind"] == "key"] == [public]
    assert road.leftovers() == []


# --- a change anywhere


def test_any_byte_changed_is_found_and_named(road: Road, tmp_path: Path) -> None:
    """150 bytes anywhere and every kind of place in the zip's own structure; a change of a member names it."""
    whole = bundle_of(road).read_bytes()
    members = members_of(bundle_of(road))
    places, end = {}, 0
    for name in sorted(members):
        start = end + 30 + len(name)
        end = start + len(members[name])
        places[name] = (start, end)
    rng = random.Random(7)
    ends = {*range(60), *range(len(whole) - 90, len(whole))}
    sample = ends | {rng.randrange(len(whole)) for _ in range(150)}
    path, ours = tmp_path / "flipped.zip", trusted(find(road.folder))
    for at in sorted(sample):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :])
        try:
            failures = list(read_bundle(path, ours).failures)
        except RctError as error:
            failures = error.problems
        assert failures, at
        assert failures[0].rule
        inside = [n for n, (low, high) in places.items() if low <= at < high]
        named = f"{failures[0].file} {failures[0].rule}"
        if inside and inside[0] not in ("datapackage.json", "signature.json"):
            assert inside[0] in named, (at, inside, failures[0])


def test_a_byte_more_or_less_is_found(road: Road, tmp_path: Path) -> None:
    whole, path = bundle_of(road).read_bytes(), tmp_path / "other.zip"
    for data in (whole + b"\0", b"\0" + whole, whole[:-1], whole[: len(whole) // 2], whole[: -22 - 50], b""):
        path.write_bytes(data)
        ran = road.rct("verify", path, "--json")
        assert ran.code in (1, 2), len(data)
        found = (ran.json.get("failures") or ran.json.get("problems"))[0]["code"]
        assert found in ("bundle_altered", "not_a_bundle", "bundle_unsafe")


def line(**figures):
    return edit("evidence.json", lambda e: e["lines"][0].update(figures))


@pytest.mark.parametrize(
    ("change", "code", "file"),
    [
        (replace("results.csv", b"paid,", b"payed,"), "evidence", None),
        (line(estimate=0.5, conf_high=0.9), "member_altered", "evidence.json"),
        (edit("evidence.json", lambda e: e.update(rule_says="never")), "evidence", "evidence.json"),
        (edit("evidence.json", lambda e: e.update(name="other")), "member_altered", "evidence.json"),
        (edit("steps.json", lambda s: s["sums"][0].update(base=0.9)), "step_differs", "results.csv"),
        (edit("steps.json", lambda s: s["sums"][0]["meat"][0].__setitem__(0, 9.0)), "step_differs", "results.csv"),
        (edit("steps.json", lambda s: s["lines"].pop(0)), "step_differs", "results.csv"),
        (edit("steps.json", lambda s: s["lines"][0]["step"]["pieces"][0].update(of=99)), "bundle_steps", "steps.json"),
        (edit("steps.json", lambda s: s["lines"][0]["step"]["freedom"].update(trace=2.0)), "step_differs", "results.csv"),
        (edit("log.json", lambda e: e["events"][0].update(person="Nobody")), "bundle_log", "log.json"),
        (edit("log.json", lambda e: e["events"].pop(3)), "bundle_log", "log.json"),
        (edit("log.json", lambda e: e["events"].pop()), "bundle_log", "log.json"),
        (edit("log.json", lambda e: e["events"][0].update(text="{}")), "bundle_log", "log.json"),
        (lambda m: m.update({"memo.md": m["memo.md"] + b"And it is a great success.\n"}), "bundle_log", "memo.md"),
        (replace("plan.json", b'"0.05"', b'"0.5"'), "bundle_log", "plan.json"),
        (lambda m: m.update({"proof_1.png": m["proof_2.png"]}), "bundle_log", "proof_1.png"),
        (lambda m: m.update({"template_1.md": b"Pay now."}), "member_altered", "template_1.md"),
        (lambda m: m.pop("steps.json"), "member_altered", "steps.json"),
        (lambda m: m.update({"extra.md": b"hello"}), "member_altered", "extra.md"),
        (edit("datapackage.json", lambda p: p.update(rct_head="sha256:" + "0" * 64)), "bundle_log", "log.json"),
    ],
)  # fmt: skip
def test_a_forger_with_a_key_of_their_own_is_found(
    road: Road, tmp_path: Path, change, code: str, file: str | None
) -> None:
    """The list fits and the signature holds: what is said contradicts what else is said."""
    path = forge(bundle_of(road), tmp_path / "forged.zip", change)
    try:
        failures = read(road, path).failures
    except RctError as error:
        failures = tuple(error.problems)
    assert failures
    if file is None:
        assert failures[0].code in ("member_altered", "evidence")
    else:
        assert (code, file) in {(p.code, p.file) for p in failures}
    ran = road.rct("verify", path)
    assert ran.code == 1
    assert "Traceback" not in ran.err


def test_the_office_finds_sums_that_are_not_those_of_the_rows(road: Road) -> None:
    """What the reader took on trust: another meat, with an error to match, signed by the city itself."""
    from rct.evidence.bundle.resharing import _differing

    steps = json.loads(members_of(bundle_of(road))["steps.json"])
    other = json.loads(json.dumps(steps))
    assert list(_differing(steps, other, "")) == []
    other["sums"][0]["meat"][0][0] *= 1 + 1e-6
    assert list(_differing(steps, other, "")) == ["sums.0.meat.0.0"]
    path = bundle_of(road)
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    ran = road.rct("verify", "bills", "--json")
    assert (ran.code, ran.json["failures"][0]["code"]) == (1, "bundle_differs")
    path.unlink()
    assert road.rct("verify", "bills", "--json").json["failures"][0]["code"] == "bundle_differs"


# --- whose it is


def test_a_stranger_is_refused_with_the_fingerprint_and_trusted_by_name(road: Road, tmp_path: Path) -> None:
    theirs = forge(bundle_of(road), tmp_path / "theirs.zip", lambda m: None)
    refused = road.no("verify", theirs)[0]
    assert refused["code"] == "stranger"
    shown = refused["found"]
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", shown)
    assert road.rct("verify", theirs, "--fingerprint", shown.replace(" ", ":").upper()).code == 0
    assert road.no("verify", theirs, "--fingerprint", "0" * 32)[0]["code"] == "stranger"
    assert road.no("trust", theirs, "--as", "Oldtown", "--fingerprint", "0" * 32)[0]["code"] == "stranger"
    assert road.no("trust", theirs, "--as", "testville")[0]["code"] == "trust_name_taken"
    assert road.no("trust", theirs, "--as", "a\nb\0")[0]["code"] == "bad_trust_name"
    road.ok("trust", theirs, "--as", "Oldtown", "--fingerprint", shown)
    assert road.ok("verify", theirs)["signed_by"] == "Oldtown"
    assert {t["name"] for t in road.ok("trust")["trusted"]} == {"Oldtown", "Testville"}
    again = len(road.events())
    road.ok("trust", theirs, "--as", "Oldtown")
    assert len(road.events()) == again
    road.ok("trust", "--forget", "oldtown")
    road.ok("trust", "--forget", "Oldtown")  # so it is already
    assert road.no("trust", "--forget", "Newtown")[0]["code"] == "nobody_trusted"
    assert road.no("verify", theirs)[0]["code"] == "stranger"
    assert road.rct("verify").code == 0


def test_unsigned_is_refused_unless_it_is_said(road: Road, tmp_path: Path) -> None:
    path = forge(bundle_of(road), tmp_path / "unsigned.zip", lambda m: None, key=None)
    assert road.no("verify", path)[0]["code"] == "bundle_unsigned"
    assert road.no("trust", path, "--as", "X")[0]["code"] == "bundle_unsigned"
    told = road.rct("verify", path, "--unsigned")
    assert told.code == 0
    assert "nobody answers for it" in told.out


def test_outside_of_any_workspace_everyone_is_a_stranger(road: Road, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    ran = run("-C", place, "verify", bundle_of(road), "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "stranger")
    assert run("-C", place, "verify", bundle_of(road), "--fingerprint", ran.problems[0]["found"]).code == 0


def test_another_cities_bundle_enters_the_library_once_it_is_trusted(road: Road, tmp_path: Path) -> None:
    theirs = forge(bundle_of(road), tmp_path / "theirs.zip", lambda m: None)
    assert road.no("library", "add", theirs)[0]["code"] == "stranger"
    road.ok("trust", theirs, "--as", "Oldtown")
    assert road.ok("library", "add", theirs)["added"]


def test_a_later_version_says_so(road: Road, tmp_path: Path) -> None:
    for change in (
        edit("datapackage.json", lambda p: p.update(rct_bundle=2)),
        edit("evidence.json", lambda e: e.update(rct_evidence=4)),
    ):
        path = forge(bundle_of(road), tmp_path / "later.zip", change)
        ran = road.rct("verify", path, "--json")
        problems = ran.json.get("problems") or ran.json["failures"]
        assert problems[0]["code"] == "future_version"
        assert "newer rct" in problems[0]["fix"]


def test_another_trial_under_the_same_name_has_another_origin(road: Road, tmp_path: Path) -> None:
    other = shared_road(tmp_path / "other")
    assert read(other, bundle_of(other)).origin == read(road, bundle_of(road)).origin
    fresh = Road(tmp_path / "third")
    fresh.define(definition())
    walk(fresh, accounts(80), payments(i % 2 == 0 for i in range(80)))
    assert read(fresh, bundle_of(fresh)).origin != read(road, bundle_of(road)).origin
    assert "another trial" in (
        why_not_same(bundle_of(road).read_bytes(), bundle_of(fresh).read_bytes()) or ""
    )
    road.ok("library", "add", bundle_of(road))
    road.ok("trust", bundle_of(fresh), "--as", "Testville the second")
    assert road.no("library", "add", bundle_of(fresh), "--replace")[0]["code"] == "library_other_trial"
    road.ok("decide", "bills", "drop", "--note", "Not worth its postage.")
    road.ok("share", "bills")
    assert road.ok("library", "add", bundle_of(road), "--replace")["replaced"] == 1
    swapped = unpack(bundle_of(fresh).read_bytes(), "b").members
    path = forge(
        bundle_of(road), tmp_path / "mixed.zip", lambda m: m.update({"log.json": swapped["log.json"]})
    )
    assert read(road, path).failures


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_a_stranger_is_shown_and_trusted_by_name(
    road: Road, tmp_path: Path, monkeypatch
) -> None:
    theirs = forge(bundle_of(road), tmp_path / "theirs.zip", lambda m: None)
    monkeypatch.setattr("sys.stdin", _Terminal("n\n"))
    assert road.rct("verify", theirs).code == 2
    monkeypatch.setattr("sys.stdin", _Terminal("y\nOldtown\n"))
    told = road.rct("verify", theirs)
    assert told.code == 0
    assert re.search(r"Fingerprint: ([0-9a-f]{4} ){7}[0-9a-f]{4}", told.out)
    assert "Signed by Oldtown" in told.out
    monkeypatch.setattr("sys.stdin", _Terminal(""))
    assert road.ok("verify", theirs)["signed_by"] == "Oldtown"


@pytest.mark.parametrize("share", [0.15, 0.5, 0.85, 0.97])
def test_killed_anywhere_there_is_a_whole_bundle_or_none(tmp_path: Path, share: float) -> None:
    road = road_at("reported", tmp_path / "road")
    whole = road_at("reported", tmp_path / "whole")
    calls = ask(whole.folder, ("share", "bills"))["calls"]
    before = road.ok("log", "bills")["events"]
    assert ask(road.folder, ("share", "bills"), call=int(calls * share), after=False)["killed"]
    events = road.ok("log", "bills")["events"]
    assert events in (before, [*before, events[-1]])
    if len(events) > len(before):
        assert road.rct("verify", "bills").code == 0
    said = road.ok("share", "bills")
    assert road.ok("verify", road.out / "bundle.zip")["ok"]
    assert road.leftovers() == []
    assert hashlib.sha256(bundle_of(road).read_bytes()).hexdigest() == said["sha256"]


def test_a_withheld_arm_is_taken_out_of_the_sums_of_the_others(tmp_path: Path) -> None:
    """Few events in one of four arms: its line and its column go, the others' steps still give their figures."""
    road = Road(tmp_path)
    arms = "".join(
        f'[arms.{name}]\nlabel = "{name}"\n{"control = true" if name == "a" else ""}\n\n' for name in "abcd"
    )
    road.define(
        definition(
            arms=arms,
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["age"]',
            analysis='estimator = "ols"',
        )
    )
    road.file("people.csv", accounts(128, columns="age", row=lambda i: str(20 + i % 50)))
    for command in (("lock", "bills"), ("frame", "bills", tmp_path / "people.csv"), ("draw", "bills")):
        road.ok(*command)
    arm_of = dict(road.sql("select unit, arm from assignment_bills"))
    key = (road.private / "key").read_bytes()
    units = [unit_id(key, "bills", f"{i:05d}") for i in range(128)]  # in the file's order
    seen: dict[str, int] = dict.fromkeys("abcd", 0)
    paid = []
    for unit in units:
        arm = arm_of[unit]
        seen[arm] += 1
        paid.append(seen[arm] % (9 if arm == "c" else 2) == 0)
    road.ok("outcomes", "bills", road.file("paid.csv", payments(paid)))
    for command in ("analyze", "report", "share"):
        road.ok(command, "bills")
    sums, steps = steps_file.read_steps(members_of(bundle_of(road))["steps.json"])
    assert [key[1] for key in steps] == ["b", "d"]
    assert [s.columns for s in sums] == [("b", "d")]
    assert read(road, bundle_of(road)).failures == ()

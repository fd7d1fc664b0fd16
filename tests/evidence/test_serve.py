"""rct serve: real Datasette on a copy that holds no person, no row, no result before its date."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from evidence.city import city
from support import CANARY, Road, road_at

from rct.evidence.site import serving
from rct.evidence.site.copy import TABLES
from rct.evidence.site.serving import QUERIES
from rct.registry.workspace import find


class Client:
    """Datasette as `rct serve` prepares it, asked in this process."""

    def __init__(self, road: Road, datasette: Any):
        self.road = road
        self.datasette = datasette
        self.loop = asyncio.new_event_loop()

    def page(self, path: str) -> tuple[int, str]:
        return self.loop.run_until_complete(serving.one_page(self.datasette, path))

    def got(self, path: str) -> Any:
        status, text = self.page(path)
        assert status == 200, (path, text)
        return json.loads(text)

    def rows(self, table: str, more: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.got(f"/registry/{table}.json?_shape=array&_size=max{more}")
        return found


@contextmanager
def browsed(road: Road) -> Iterator[Client]:
    with serving.prepared(find(road.folder)) as datasette:
        client = Client(road, datasette)
        yield client
        client.loop.close()


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    return city(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(road: Road) -> Iterator[Client]:
    with browsed(road) as opened:
        yield opened


def test_trials_results_logs_and_decisions_are_there(client: Client, road: Road) -> None:
    trials = {t["name"]: t for t in client.rows("trial")}
    assert set(trials) == {"bills", "alike", "again", "dry-run", "zebra-run", "overdue"}
    assert trials["alike"]["finished"] == 1
    assert trials["dry-run"]["mark"] == "PRACTICE"
    appendix = json.loads((road.folder / "trials/bills/out/appendix.json").read_bytes())
    served = [
        {k: v for k, v in r.items() if k not in ("rowid", "trial")}
        for r in client.rows("result", "&trial=bills")
    ]
    assert served == [{k: v for k, v in r.items() if k != "withheld"} for r in appendix["results"]]
    log = road.ok("log", "bills")["events"]
    assert [e["hash"] for e in client.rows("event", "&trial=bills&_sort=seq")] == [e["hash"] for e in log]
    (decision,) = client.rows("decision")
    assert (decision["person"], decision["verdict"]) == ("Mayor Lee", "drop")


def test_every_page_that_people_click_opens(client: Client) -> None:
    """As HTML, with its links to the trial that a row belongs to: what programs ask for is another road."""
    for table in TABLES:
        status, text = client.page(f"/registry/{table}")
        assert status == 200, (table, text[-500:])
        if table != "trial" and client.rows(table):
            assert '<a href="/registry/trial/' in text, f"{table}: a row leads to its trial"
    for path in (
        "/",
        "/registry",
        "/registry/trial/bills",
        "/registry/trial?_facet=stage",
        "/registry/trial?_search=pay",
    ):
        assert client.page(path)[0] == 200, path
    for row in client.rows("arm", "&trial=bills"):
        assert client.page(f"/registry/arm/bills,{row['arm']}")[0] == 200
    for query in QUERIES:
        assert client.page(f"/registry/{query}?outcome=paid")[0] == 200, query


def test_nothing_personal_and_no_row_can_be_reached(client: Client, road: Road) -> None:
    tables = client.got("/registry.json")["tables"]
    shown = {t["name"] for t in tables if not t["hidden"]}
    assert shown == {
        *("trial", "arm", "outcome", "result", "event", "amendment", "decision", "followup", "document")
    }
    units = [row[0] for row in road.sql("select unit from frame_bills")]
    everything = json.dumps([client.rows(t["name"]) for t in tables])
    assert CANARY.lower() not in everything.lower()
    assert not any(unit in everything for unit in units)
    seed = json.loads(road.sql("select text from event where kind = 'draw' and trial = 'bills'")[0][0])[
        "body"
    ]["seed"]
    assert seed not in everything
    databases = client.got("/-/databases.json")
    assert [(d["name"], d["is_mutable"]) for d in databases] == [("registry", False)]


def test_nothing_before_its_date_not_even_where_it_was_seen_early(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=9)
    road.ok("analyze", "bills", "--early", "--reason", "The council meets today")
    road.ok("report", "bills")
    road.ok("decide", "bills", "adopt", "--note", "All districts")
    with browsed(road) as client:
        (trial,) = client.rows("trial")
        assert (trial["finished"], trial["result"], trial["rule"], trial["answer"]) == (0, None, None, None)
        for table in ("result", "decision", "followup"):
            assert client.rows(table) == []
        assert [d for d in client.rows("document") if d["file"].startswith("memo")] == []


@pytest.mark.parametrize(
    "path",
    [
        "/rct",
        "/rct.db",
        "/registry.db",
        "/_internal",
        "/registry/frame_bills",
        "/registry/assignment_bills.json",
        "/registry.json?sql=attach+'rct.db'+as+x",
        "/registry.json?sql=select+readfile('rct.db')",
        "/registry.json?sql=select+load_extension('x')",
        "/registry.json?sql=delete+from+trial",
        "/registry.json?sql=with+x+as+(select+1)+delete+from+trial",
        "/registry.json?sql=pragma+writable_schema=1",
        "/-/../rct.db",
    ],
)
def test_what_is_not_to_be_seen_has_no_address(path: str, client: Client, road: Road) -> None:
    before = road.tree()
    status, text = client.page(path)
    assert status in (400, 403, 404, 500), text
    assert CANARY.lower() not in text.lower()
    assert road.tree() == before


def test_one_page_is_printed_without_a_server(road: Road) -> None:
    assert len(json.loads(road.rct("serve", "--get", "/registry/trial.json?_shape=array").out)) == 6
    ran = road.rct("serve", "--get", "/registry/frame_bills")
    assert ran.code == 2
    assert "There is no such page." in ran.err
    assert "Traceback" not in ran.err


def test_every_ready_query_answers_and_search_and_facets_work(client: Client) -> None:
    for name in QUERIES:
        found = client.got(f"/registry/{name}.json?_shape=array&outcome=paid")
        assert isinstance(found, list), name
    names = {r["trial"] for r in client.got("/registry/one_outcome.json?_shape=array&outcome=paid")}
    assert names == {"bills", "alike", "again", "dry-run"}
    assert [r["name"] for r in client.got("/registry/not_reported.json?_shape=array")] == ["overdue"]
    assert [t["name"] for t in client.rows("trial", "&_search=zebra")] == ["zebra-run"]
    facets = client.got("/registry/trial.json")["facet_results"]
    assert {"stage", "department", "result"} <= set(facets)
    assert "What worked, what did not" in client.page("/registry")[1]
    assert "Testville: registry of trials" in client.page("/")[1]


def test_without_the_extra_it_says_what_to_install(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "datasette"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "datasette", None)
    (refused,) = road.no("serve")
    assert refused["code"] == "serve_missing"
    assert "pip install 'rct[serve]'" in refused["fix"]


@contextmanager
def served(road: Road, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "rct", "-C", str(road.folder), "serve", "--port", "0", "--json"]
    folder.mkdir()
    server = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
        assert server.stdout is not None
        yield server, json.loads(server.stdout.readline())["url"]
    finally:
        server.kill()
        server.communicate()


def fetch(url: str, host: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    for _ in range(200):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except urllib.error.URLError:  # not listening yet
            continue
    raise AssertionError("the server never answered")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_listens_to_this_machine_alone_and_leaves_nothing(
    ending: signal.Signals, road: Road, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    with served(road, folder) as (server, url):
        assert url.startswith("http://127.0.0.1:")
        status, text = fetch(f"{url}/trial.json?_shape=array")
        assert status == 200
        assert len(json.loads(text)) == 6
        status, text = fetch(url, host="evil.example")
        assert status == 421
        assert "trial" not in text
        (copy,) = folder.glob("rct-serve-*")
        assert copy.stat().st_mode & 0o777 == 0o700
        server.send_signal(ending)
        assert server.wait(60) == 0
    assert list(folder.glob("rct-serve-*")) == []


def test_a_port_that_is_taken_is_named(road: Road, tmp_path: Path) -> None:
    with served(road, tmp_path / "temporary") as (_, url):
        fetch(url)
        port = url.split(":")[2].split("/")[0]
        (refused,) = road.no("serve", "--port", port)
        assert (refused["code"], refused["found"]) == ("port_taken", port)


def test_what_stands_beside_a_verdict_stands_beside_its_answer(tmp_path: Path) -> None:
    road = road_at("analyzed", tmp_path)
    road.ok("report", "bills")
    cautions = json.loads((road.folder / "trials/bills/out/appendix.json").read_bytes())["cautions"]
    assert "Caution: the records end early." in cautions
    with browsed(road) as client:
        (trial,) = client.rows("trial")
        assert trial["answer"]
        assert trial["cautions"] == " ".join(cautions)
        (found,) = client.got("/registry/what_worked.json?_shape=array")
        assert found["cautions"] == trial["cautions"]

"""`rct serve`: the copy of the registry (`rct.evidence.site.copy`) in Datasette, for this machine alone."""

from __future__ import annotations

import signal
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rct.errors import stop
from rct.evidence.site.copy import write_copy
from rct.registry.workspace import Workspace
from rct.report.words.phrases import prose

if TYPE_CHECKING:
    from datasette.app import Datasette

HOST = "127.0.0.1"
NAME = "registry"
App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

FACETS = {
    "trial": ["stage", "department", "channel", "result", "decided"],
    "result": ["trial", "outcome", "role", "term"],
    "event": ["kind", "person", "trial"],
    "decision": ["verdict", "rule"],
    "followup": ["adopted", "months"],
    "arm": ["nudge"],
    "amendment": ["after", "trial"],
}
ABOUT = {
    "trial": "Every locked trial. Result, rule and answer are there once its memo is printed and its date reached.",
    "arm": "The versions that each plan names.",
    "outcome": "The outcomes that each plan names.",
    "result": "Published results: the columns of docs/results.md, small counts suppressed as in memo and appendix.",
    "event": "The logs, without what the events hold: who did what when, and the hash that guards it.",
    "amendment": "Every change of a locked plan, field by field, with its reason and what had happened by then.",
    "decision": "What was decided, beside what the agreed rule said.",
    "followup": "What became of decisions, 6 and 12 months on.",
    "document": "Printed plans and memos with the SHA-256 of each file.",
}
QUERIES = {
    "what_worked": (
        "What worked, what did not",
        "Every finished trial with its answer, wins and nulls alike; harm first.",
        "select name, title, result, rule, decided, answer, cautions from trial where finished order by "
        "case result when 'harm' then 0 when 'worked' then 1 when 'unclear' then 2 else 3 end, start desc",
    ),
    "one_outcome": (
        "One outcome over all trials",
        "Each version's planned effect on one outcome, by its name; fragile: where the usual test's figures can mislead.",
        "select r.trial, t.title, a.label as version, r.estimate, r.conf_low, r.conf_high, r.p_value, r.p_adjusted, r.n, "
        "r.fragile "
        "from result r join trial t on t.name = r.trial join arm a on a.trial = r.trial and a.arm = r.arm "
        "where r.outcome = :outcome and r.term = 'arm' and r.subgroup is null and r.role = 'confirmatory' "
        "order by t.start, r.trial",
    ),
    "groups": (
        "Effects by group",
        "The interaction of every planned subgroup: does the effect differ between groups?",
        "select trial, outcome, arm, subgroup, level, estimate, conf_low, conf_high, p_value, p_adjusted from result "
        "where term = 'interaction' and role = 'confirmatory' order by p_adjusted is null, p_adjusted, p_value",
    ),
    "not_reported": (
        "Due and not reported",
        "Trials whose analysis date is over and that have no memo.",
        "select name, title, due, stage, owner from trial where not finished and due <= date('now') order by due",
    ),
    "against_the_rule": (
        "Decisions against the rule",
        "Where people decided otherwise than the agreed rule.",
        "select trial, time, person, verdict, rule, note from decision where not as_ruled order by time desc",
    ),
    "put_to_use": (
        "Put to use",
        "The last that was told of each decision.",
        "select trial, max(time) as time, months, adopted, to_whom, cost, currency, kept, note from followup "
        "group by trial order by time desc",
    ),
    "by_nudge": (
        "By kind of nudge",
        "How the versions of each kind did.",
        "select a.nudge, t.result, count(distinct t.name) as trials from arm a join trial t on t.name = a.trial "
        "where a.nudge is not null and t.finished group by 1, 2 order by 1, 2",
    ),
}


@contextmanager
def prepared(ws: Workspace) -> Iterator[Datasette]:
    """Datasette on a copy that goes when the block ends. RctError where the extra isn't installed."""
    datasette = _datasette()
    with tempfile.TemporaryDirectory(prefix="rct-serve-") as folder:
        path = Path(folder) / f"{NAME}.db"
        write_copy(ws, path)
        yield datasette(
            immutables=[str(path)],
            metadata=metadata(ws),
            settings={
                "allow_download": False,
                "max_returned_rows": 2_000,
                "sql_time_limit_ms": 2_000,
                "default_page_size": 100,
                "suggest_facets": False,
            },
        )


def metadata(ws: Workspace) -> dict[str, Any]:
    """Titles, facets and ready queries, as Datasette reads them."""
    city = prose(ws.settings.city or "")
    return {
        "title": f"{city}: registry of trials" if city else "Registry of trials",
        "description": "A copy made when rct serve began. No person, no row and no result before its date is in it.",
        "databases": {
            NAME: {
                "tables": {
                    table: {
                        "description": about,
                        "facets": FACETS.get(table, []),
                        **({"sort_desc": "start", "fts_table": "trial_search"} if table == "trial" else {}),
                    }
                    for table, about in ABOUT.items()
                },
                "queries": {
                    key: {"title": title, "description": text, "sql": sql}
                    for key, (title, text, sql) in QUERIES.items()
                },
            }
        },
    }


def guarded(app: App, port: int) -> App:
    """`app` for callers on this machine: a page elsewhere that has its own name point here gets nothing."""
    known = {f"{name}:{port}".encode() for name in (HOST, "localhost")}

    async def only_here(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        hosts = [value for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] == "http" and (len(hosts) != 1 or hosts[0] not in known):
            await send(
                {"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]}
            )
            await send({"type": "http.response.body", "body": b"This is served to this machine alone.\n"})
            return
        await app(scope, receive, send)

    return only_here


def listening(port: int) -> socket.socket:
    """A socket on this machine alone; port 0 takes any that is free."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((HOST, port))
        opened.listen()  # who comes before the server is ready waits
    except OSError:
        opened.close()
        stop(
            "port_taken",
            "Another program listens on this port.",
            "Choose another: rct serve --port 0 takes any that is free.",
            field="--port",
            found=str(port),
        )
    return opened


def run(datasette: Datasette, opened: socket.socket) -> None:
    """Serve until Ctrl+C, or until the system ends it; either way what is behind it can be tidied up."""
    import uvicorn

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = guarded(datasette.app(), opened.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    with suppress(KeyboardInterrupt):
        server.run(sockets=[opened])


async def one_page(datasette: Datasette, path: str) -> tuple[int, str]:
    """Status and text of one address, without a server."""
    await datasette.invoke_startup()
    answer = await datasette.client.get(path, follow_redirects=True)
    return answer.status_code, answer.text


def _datasette() -> type[Datasette]:
    try:
        from datasette.app import Datasette
    except ImportError:
        stop(
            "serve_missing",
            "rct serve needs Datasette, which is not installed here.",
            "Install it with: pip install 'rct[serve]'",
        )
    from datasette import handle_exception  # only now: imported first, it would never be registered

    handle_exception.rich = None  # with it each page that isn't there prints a traceback with every variable
    found: type[Datasette] = Datasette
    return found

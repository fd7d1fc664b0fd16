"""`rct site`: a static portfolio of every finished trial, from what was printed, whole or not at all.

No server, nothing fetched from elsewhere, readable from a folder and without JavaScript. The same registry on any
later day gives the same bytes, but for trials whose date has come.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rct import fs
from rct.definition import plan
from rct.errors import Problem, RctError, stop
from rct.evidence import documents
from rct.evidence.certify.criteria import adapted_from
from rct.evidence.documents import printed
from rct.evidence.gathering import from_trial
from rct.evidence.site import data as site_data
from rct.evidence.site import forests, portfolio
from rct.evidence.site.published import Published, finished, memo_page, publish
from rct.evidence.target import require_target
from rct.registry import state
from rct.registry.events import AmendBody
from rct.registry.trial import Locked, locked_trials
from rct.registry.workspace import Workspace
from rct.report.plan.document import banner
from rct.report.printers import pages
from rct.report.words import numbers as show
from rct.report.words.phrases import day_of, moment, prose, quoted, sentence

MARK, MANIFEST = "rct_site", "site.json"
_HERE = Path(__file__).parent / "html"
_FILES = {  # printed documents that others may have: file → what it is called
    "memo.pdf": "The memo as PDF",
    "memo.docx": "The memo for Word",
    "memo.md": "The memo as plain text (Markdown)",
    "plan.html": "The locked plan as a page",
    "plan.pdf": "The locked plan as PDF",
    "plan.md": "The locked plan as plain text (Markdown)",
}
_LANGUAGE = re.compile(r"(memo|plan)\.([a-z]{2,3}(-[a-z]+)?)\.(html|pdf)")


@dataclass(frozen=True)
class Built:
    """What was written."""

    folder: Path
    trials: tuple[Published, ...]
    files: int
    first_page: int  # bytes


@dataclass(frozen=True)
class _Site:
    """What every page needs to know."""

    ws: Workspace
    db: sqlite3.Connection
    folder: Path
    shown: dict[str, Any]
    style: str

    def page(
        self,
        file: str,
        template: str,
        title: str,
        *,
        marks: str | None = None,
        script: str = "",
        **values: Any,
    ) -> bytes:
        depth = file.count("/")
        page = {
            "file": file,
            "root": "../" * depth,
            "title": title,
            "banner": None,
            "memo": False,
            **values.pop("page", {}),
        }
        return pages.page(
            template,
            {"site": self.shown, "page": page, "meta": (), **values},
            banner=marks,
            paper=self.ws.settings.paper,
            folder=_HERE,
            more_style=self.style,
            script=script,
        )


def build(
    ws: Workspace, to: Path, *, practice: bool = False, url: str = "", license_url: str | None = None
) -> Built:
    """Write the portfolio into the folder `to`. Practice and simulated trials only if asked, and marked."""
    folder = require_target(ws, to, MANIFEST, MARK)
    base = _address(url)
    with state.reading(ws) as db:
        known = [t for t in locked_trials(ws, db) if practice or t.real]
        lockeds = [t for t in known if finished(t)]
        if not lockeds:
            raise RctError(_nothing(ws, db, practice=practice))
        trials = sorted((publish(t) for t in lockeds), key=lambda t: t.name)
        trials.sort(key=lambda t: t.analyzed_at, reverse=True)
        with fs.whole_folder(folder) as new:
            digests: dict[str, str] = {}
            first = 0
            for path, data in _everything(ws, db, folder, trials, known, base, license_url):
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                digests[path] = hashlib.sha256(data).hexdigest()
                if path == "index.html":
                    first = len(data)
            manifest = {MARK: site_data.VERSION, "files": dict(sorted(digests.items()))}
            (new / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="ascii")
    return Built(folder, tuple(trials), len(digests) + 1, first)


def _everything(
    ws: Workspace,
    db: sqlite3.Connection,
    folder: Path,
    trials: Sequence[Published],
    known: Sequence[Locked],
    base: str,
    license_url: str | None,
) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: (path, bytes)."""
    city = prose(ws.settings.city or "") or "The city"
    together = forests.shared(trials)
    links = [
        ("index.html", "Overview"),
        ("trials.html", "All trials"),
        *([("outcomes.html", "Same outcome")] if together else []),
        ("data.html", "Open data"),
    ]
    shown = {
        "name": f"{city}: trials of letters and messages",
        "links": [{"page": page, "text": text} for page, text in links],
        "as_of": f"As of {day_of(site_data.last_change(trials))}, from the registry's log; made by rct.",
    }
    site = _Site(ws, db, folder, shown, (_HERE / "site.css").read_text(encoding="utf-8"))
    marks = _marks(trials)
    front = portfolio.front(ws, trials, portfolio.still_open(known))
    yield (
        "index.html",
        site.page(
            "index.html", "front.html.j2", front["title"], marks=marks, front=front, page={"banner": marks}
        ),
    )
    yield (
        "trials.html",
        site.page(
            "trials.html",
            "list.html.j2",
            "All trials",
            marks=marks,
            script=(_HERE / "filter.js").read_text(encoding="utf-8"),
            trials=[portfolio.entry(t) for t in trials],
            filters=portfolio.filters(trials),
            page={"banner": marks},
        ),
    )
    if together:
        yield "outcomes.html", _outcomes(site, together, marks)
    for t in trials:
        yield from _trial(site, t)
    files = site_data.data_files(ws, trials)
    for path, (data, _) in files.items():
        yield path, data
    yield "data.html", _data_page(site, trials, files, base, license_url, marks)
    feed = pages.page("feed.xml.j2", {"feed": site_data.feed(ws, trials, base)}, banner=None, folder=_HERE)
    yield "feed.xml", feed


def _outcomes(site: _Site, together: Sequence[forests.SharedOutcome], marks: str | None) -> bytes:
    texts = (
        "Trials that share the outcome by which they are judged. Each was planned for itself; side by side they show "
        "whether an effect holds from one to the next. What was tried differs, so an average over them is one of what was "
        "tried, not of one wording.",
    )
    derived = {name: from_trial(site.ws, name) for name in forests.several_versions(together)}
    plots = [forests.plot(one, derived) for one in together]
    title = "Trials with the same outcome"
    return site.page(
        "outcomes.html",
        "outcomes.html.j2",
        title,
        marks=marks,
        texts=texts,
        plots=plots,
        page={"banner": marks},
    )


def _trial(site: _Site, t: Published) -> Iterator[tuple[str, bytes]]:
    """A trial's page, its letters and its downloads."""
    home = f"trials/{t.name}"
    memo = memo_page(t.locked)
    files: dict[str, tuple[bytes, str]] = {}
    trial_state = t.locked.state
    papers = printed(trial_state, "memo", after=trial_state.analysis) | printed(trial_state, "plan")
    for file, document in papers.items():
        called = _FILES.get(file) or _in_language(file)
        if called:
            files[file] = documents.read(site.ws, site.db, t.name, document), called
    files |= _letters(site, t)
    files["results.csv"] = site_data.csv_of_results(t.results), "The published results (CSV)"
    shared = documents.bundle(trial_state)
    if shared is not None:
        data = documents.read(site.ws, site.db, t.name, shared)
        files[shared.file] = data, "The bundle: all evidence, signed, for another city"
    yield from ((f"{home}/{file}", data) for file, (data, _) in files.items())
    yield from ((f"{home}/{name}", png) for name, png in memo.letters)
    order = [*_FILES, *sorted(f for f in files if f not in _FILES)]
    listed = [
        {"href": file, "text": files[file][1], "size": site_data.size(files[file][0])}
        for file in order
        if file in files
    ]
    sections = [
        _after(t),
        _plan(t),
        {"key": "files", "title": "Downloads", "texts": (), "facts": (), "files": listed},
    ]
    one = t.locked
    marks = banner(
        practice=one.state.practice or one.definition.practice,
        simulated=one.state.simulated or one.definition.simulated,
    )
    yield (
        f"{home}/index.html",
        site.page(
            f"{home}/index.html",
            "trial.html.j2",
            t.title,
            marks=marks,
            memo=memo.page,
            sections=sections,
            page={"memo": True},  # the memo brings its own banner
        ),
    )


def _letters(site: _Site, t: Published) -> dict[str, tuple[bytes, str]]:
    """The letters as PDF, as `rct proof` made them; none where the plan names others than it was made from."""
    trial_state = t.locked.state
    event = next(reversed(trial_state.printed("proofs")), None)
    planned = plan.read_plan(state.read_plan(site.ws, site.db, trial_state))["templates"]
    if event is None or event.body.templates is None:
        return {}
    if any(planned.get(p) != h for p, h in event.body.templates.items()):
        return {}
    files = {}
    for file, document in sorted(printed(trial_state, "proofs").items()):
        name = file.rpartition("/")[2]
        arm = re.fullmatch(r"letter-([a-z0-9_-]+)(?:\.([^.]+))?\.pdf", name)
        if arm and arm[1] in t.locked.definition.arms:
            language = f", {arm[2]}" if arm[2] else ""
            called = f"The letter {quoted(t.locked.definition.arms[arm[1]].label)}{language} as PDF"
            files[name] = documents.read(site.ws, site.db, t.name, document), called
    return files


def _after(t: Published) -> dict[str, Any]:
    """What was decided, and what became of it."""
    texts = []
    if t.decision is None:
        texts.append("Nothing is decided yet.")
    else:
        body = t.decision.body
        ruled = "as the rule said" if body.rule == body.verdict else f"though the rule said {body.rule}"
        texts.append(
            f"{day_of(t.decision.time)}: {body.verdict}, {ruled}, by {prose(t.decision.person)}. "
            f"{sentence(prose(body.note))}"
        )
        texts += [portfolio.told_words(event) for event in t.told] or [
            "What became of it is asked 6 and 12 months after."
        ]
    return {
        "key": "after",
        "title": "What was decided, and what became of it",
        "texts": texts,
        "facts": (),
        "files": (),
    }


def _plan(t: Published) -> dict[str, Any]:
    """The locked plan: when, by whom, its hash and the head to compare."""
    lock, changes = t.locked.lock, t.locked.state.all(AmendBody)
    approved = f", approved by {prose(lock.body.approved_by)}" if lock.body.approved_by else ""
    facts = [
        ("Locked", f"{moment(lock.time)} by {prose(lock.person)}{approved}"),
        ("Changed since", f"{len(changes)} times, in the open: see the plan" if changes else "never"),
        ("Plan hash", show.in_fours(t.plan_hash)),
        ("Head of the log", show.in_fours(t.head)),
    ]
    source = adapted_from(t.locked)
    if source is not None:
        facts.insert(0, ("Replicates", source))
    if len(changes) == 1:
        facts[-3] = ("Changed since", "once, in the open: see the plan")
    return {
        "key": "plan",
        "title": "The plan, locked before the groups were read in"
        if t.replayed
        else "The plan, locked before the draw",
        "texts": (),
        "facts": facts,
        "files": (),
    }


def _data_page(
    site: _Site,
    trials: Sequence[Published],
    files: dict[str, tuple[bytes, str]],
    base: str,
    license_url: str | None,
    marks: str | None,
) -> bytes:
    texts = [
        "Everything that these pages show, for spreadsheets and programs. Counts of few people, and whatever would give "
        "them away, are suppressed as in the memos.",
        f"License: {license_url}" if license_url else "The license is the city's to name.",
    ]
    listed = [
        {"href": path, "text": text, "size": site_data.size(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, (data, text) in files.items()
    ]
    return site.page(
        "data.html",
        "data.html.j2",
        "Open data",
        marks=marks,
        texts=texts,
        files=listed,
        bundles=_bundles(site, trials),
        columns=list(site_data.COLUMNS.items()),
        linked=site_data.as_linked_data(site.ws, trials, files, base, license_url),
        page={"banner": marks},
    )


def _bundles(site: _Site, trials: Sequence[Published]) -> list[dict[str, str]]:
    """Every trial's bundle, where it was shared."""
    found = []
    for t in trials:
        shared = documents.bundle(t.locked.state)
        if shared is not None:
            data = documents.read(site.ws, site.db, t.name, shared)
            href = f"trials/{t.name}/{shared.file}"
            found.append(
                {"href": href, "text": t.title, "size": site_data.size(data), "sha256": shared.sha256}
            )
    return found


def _marks(trials: Sequence[Published]) -> str | None:
    """What stands on top of pages that tell of trials that aren't real."""
    several = sorted({mark for t in trials for mark in t.marks})
    return f"Some of these trials are not real; they are marked {' or '.join(several)}." if several else None


def _in_language(file: str) -> str | None:
    match = _LANGUAGE.fullmatch(file)
    if match is None:
        return None
    what = "memo" if match[1] == "memo" else "locked plan"
    return f"The {what} in another language ({match[2]}) as {'a page' if match[4] == 'html' else 'PDF'}"


def _address(url: str) -> str:
    """The site's own address, ending in a slash; '' where it isn't given."""
    if not url:
        return ""
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or parts.query
        or parts.fragment
        or not url.isascii()
    ):
        stop(
            "site_url",
            "--url is the address that the site will have.",
            "For example: https://city.example/trials/",
            field="--url",
            found=url[:100],
        )
    return url if url.endswith("/") else f"{url}/"


def _nothing(ws: Workspace, db: sqlite3.Connection, *, practice: bool) -> list[Problem]:
    """Why there is no finished trial, and what to do about each."""
    lockeds = locked_trials(ws, db)
    problems = [
        Problem(
            code="site_empty",
            rule="No trial is finished, so there is nothing to show yet.",
            fix="A trial is finished when its memo is printed and its analysis date is reached. See: rct status",
        )
    ]
    if any(finished(t) for t in lockeds) and not practice:
        problems[0] = Problem(
            code="site_empty",
            rule="The only finished trials are for practice or simulated, and those are left out.",
            fix="Add --practice to show them, marked as what they are.",
        )
    for t in lockeds[:10]:
        if t.real and not finished(t):
            fix = (
                f"rct report {t.name}"
                if t.due and t.state.analysis
                else f"due on {t.definition.analysis.date}; see: rct status {t.name}"
            )
            problems.append(
                Problem(code="site_empty", rule="This trial is not finished.", fix=fix, field=t.name)
            )
    return problems

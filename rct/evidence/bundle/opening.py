"""A bundle that came from somewhere: opened without extracting, and looked at as if it came from an enemy.

In order: the file's form, the list of members, the signature and whose it is, every member's digest, then each
member by itself and against the others. What can't be opened at all is an `RctError` (exit 2); what was opened and
does not hold is a list of failures, the first one first (exit 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from rct.definition.plan import from_plan, read_plan
from rct.errors import Problem, RctError, stop
from rct.evidence.bundle import log, package, signing, steps_file, tables_file
from rct.evidence.bundle.codec import from_json
from rct.evidence.bundle.container import Unpacked, read_file, unpack
from rct.evidence.record import OF_ROW, Evidence
from rct.registry import chain
from rct.registry.events import AmendBody, LockBody, PlanBody, PrintedBody
from rct.registry.results import Result

T = TypeVar("T")
_FIX = "Ask whoever sent it for the file again; don't use what it says."


@dataclass(frozen=True)
class OpenedBundle:
    """What was read. digest: sha256 of the file; key: the public key that signed it (None: nobody did); signed_by:
    the name under which the reader trusts that key; origin: hash of the log's first event, which no other trial has.

    Members, evidence and log are only to be used where `failures` is empty.
    """

    file: str
    digest: str
    members: Mapping[str, bytes]
    listed: package.Package
    key: str | None
    signed_by: str | None
    evidence: Evidence | None
    log: log.BundleLog | None
    rows: tuple[Result, ...]
    failures: tuple[Problem, ...]

    @property
    def origin(self) -> str:
        return "" if self.log is None else self.log.origin


def read_bundle(path: Path, trusted: Mapping[str, str]) -> OpenedBundle:
    """Open and check a bundle. trusted: public key -> name.

    Raises RctError where there is no bundle to check: `no_bundle`, `bundle_too_large`, `not_a_bundle`,
    `bundle_unsafe`, `future_version`.
    """
    return check_bundle(path.name, read_file(path), trusted)


def check_bundle(file: str, data: bytes, trusted: Mapping[str, str]) -> OpenedBundle:
    """The same of bytes in hand: what whoever receives them will find."""
    opened = unpack(data, file)
    listed = package.read_package(opened.members, file)
    return _BundleCheck(file, data, opened, listed, trusted).run()


def require_sound(
    bundle: OpenedBundle, *, unsigned: bool = False, fingerprint: str | None = None
) -> Evidence:
    """The evidence of a bundle that holds and is signed by someone trusted. Raises RctError with what does not hold.

    unsigned: take one that nobody signed. fingerprint: trust this key for now, as a person compared it.
    """
    if bundle.failures:
        raise RctError(bundle.failures)
    require_known(bundle, unsigned=unsigned, fingerprint=fingerprint)
    if bundle.evidence is None:
        raise AssertionError("a bundle without evidence has a failure")
    return bundle.evidence


def require_known(bundle: OpenedBundle, *, unsigned: bool = False, fingerprint: str | None = None) -> None:
    """RctError `bundle_unsigned` or `stranger` unless the signer is trusted, or it was said to go on."""
    if bundle.key is None:
        if not unsigned:
            stop(
                "bundle_unsigned",
                "Nobody signed this bundle, so nobody answers for it.",
                "Ask for a signed one. To read it all the same: --unsigned",
                file=bundle.file,
            )
        return
    if bundle.signed_by is not None:
        return
    shown = signing.fingerprint(bundle.key)
    if fingerprint is None:
        stop(
            "stranger",
            f"This bundle was signed by a key that you don't know, fingerprint {shown}.",
            'Ask the city for its fingerprint by another way. If it is the same: rct trust BUNDLE --as "NAME", or '
            "for this once --fingerprint.",
            file=bundle.file,
            found=shown,
        )
    if not signing.same_fingerprint(bundle.key, fingerprint):
        stop(
            "stranger",
            "The key that signed this bundle has another fingerprint than the one given.",
            "Do not use it. Ask the city what happened.",
            file=bundle.file,
            field="--fingerprint",
            found=shown,
        )


class _BundleCheck:
    """Collects what does not hold."""

    def __init__(
        self, file: str, data: bytes, opened: Unpacked, listed: package.Package, trusted: Mapping[str, str]
    ):
        self._file, self._members, self._listed = file, opened.members, listed
        self._data, self._trusted = data, trusted
        self._failures: list[Problem] = []
        self._fault = opened.fault

    def run(self) -> OpenedBundle:
        for name, what in package.unlike(self._listed, self._members):
            self._fail("member_altered", f"{name}: {what}", file=name)
        key = self._signer()
        evidence = rows = bundle_log = None
        if not self._failures:
            evidence = self._read("evidence.json", lambda data: from_json(data, source="bundle"))
            rows = self._read("results.csv", tables_file.read_results)
            bundle_log = self._read(log.FILE, log.read_log)
            if evidence is not None and rows is not None:
                evidence = _with_reasons(evidence, rows)
            self._together(evidence, rows, bundle_log)
        if self._fault is not None and not self._failures:
            self._failures.append(self._fault)
        signed_by = None if key is None else self._trusted.get(key)
        digest = hashlib.sha256(self._data).hexdigest()
        if evidence is not None:
            evidence = replace(evidence, digest=digest, signed_by=signed_by)
            if bundle_log is not None:
                evidence = replace(evidence, origin=bundle_log.origin, events=len(bundle_log.events))
        return OpenedBundle(
            self._file,
            digest,
            self._members,
            self._listed,
            key,
            signed_by,
            evidence,
            bundle_log,
            tuple(rows or ()),
            tuple(self._failures),
        )

    def _signer(self) -> str | None:
        document = self._members.get(package.SIGNATURE)
        if document is None:
            return None
        key = signing.signer(document, self._members[package.FILE])
        if key is None:
            self._fail(
                "bad_signature",
                "the signature is not one of datapackage.json as it is: one of the two was changed",
                file=package.SIGNATURE,
            )
        return key

    def _read(self, name: str, reader: Callable[[bytes], T]) -> T | None:
        if name not in self._members:
            self._fail("member_altered", f"{name}: a bundle has one, and this has none", file=name)
            return None
        try:
            return reader(self._members[name])
        except RctError as error:
            self._failures += error.problems
            return None

    def _together(
        self, evidence: Evidence | None, rows: list[Result] | None, bundle_log: log.BundleLog | None
    ) -> None:
        """What one member says of another."""
        if evidence is not None and rows is not None:
            for field, what, number in _differing(evidence, rows):
                self._fail("member_altered", what, file="evidence.json", field=field, row=number)
        if rows is not None:
            steps = self._read(steps_file.FILE, steps_file.read_steps)
            if steps is not None:
                self._failures += steps_file.failures(*steps, rows)
        if bundle_log is not None:
            self._failures += list(self._told(bundle_log, evidence))
        self._cells()

    def _told(self, bundle_log: log.BundleLog, evidence: Evidence | None) -> Iterator[Problem]:
        """Names, head, plans, memo and proofs against the log's own digests."""
        names = {self._listed.trial, bundle_log.events[0].trial, *([evidence.name] if evidence else [])}
        if len(names) > 1:
            yield _problem("bundle_log", "log, list and evidence are of different trials", file=log.FILE)
        if bundle_log.head != self._listed.head:
            yield _problem("bundle_log", "the log ends with another event than was listed", file=log.FILE)
        plans = [e for e in bundle_log.events if e.kind in (LockBody.kind, AmendBody.kind)]
        for number, event in enumerate(plans, start=1):
            name = "plan.json" if number == 1 else f"plan_{number}.json"
            if isinstance(event.body, PlanBody) and self._sha(name) != event.body.plan_hash:
                yield _problem("bundle_log", f"it is not the plan of event {event.seq}", file=name)
        analysis = next((e for e in reversed(bundle_log.events) if e.kind == "analyze"), None)
        # Other papers print the analysis' head too (a checklist, a certification): only a memo is compared with one.
        memo = _last(bundle_log, "memo", lambda body: analysis is not None and body.head == analysis.hash)
        for name in ("memo.html", "memo.md"):
            if memo is None or self._sha(name) != memo.body.files.get(name):
                yield _problem("bundle_log", "it is not the memo that the log tells of", file=name)
        proofs = _last(bundle_log, "proofs")
        for name, of in self._listed.of("rct_proof"):
            if proofs is None or self._sha(name) != proofs.body.files.get(f"proofs/{of}"):
                yield _problem("bundle_log", "it is not the proof that the log tells of", file=name)
        yield from self._plan(evidence)

    def _plan(self, evidence: Evidence | None) -> Iterator[Problem]:
        """The plan in force is this trial's, and its letters are the templates that are here."""
        plans = [n for n in self._members if n.startswith("plan") and n.endswith(".json")]
        last = max(plans, key=lambda n: (len(n), n), default=None)
        if last is None:
            yield _problem("bundle_log", "there is no plan", file="plan.json")
            return
        try:
            definition = from_plan(self._members[last], last)
        except RctError as error:
            yield from error.problems
            return
        if evidence is not None and (
            definition.name != evidence.name
            or list(definition.arms) != [a.name for a in evidence.arms]
            or list(definition.outcomes) != [o.name for o in evidence.outcomes]
            or definition.decision.worthwhile != evidence.worthwhile
        ):
            yield _problem(
                "member_altered", "arms, outcomes or rule are not the plan's", file="evidence.json"
            )
        templates = read_plan(self._members[last], last)["templates"]
        for name, path in self._listed.of("rct_template"):
            if templates.get(path) != self._sha(name):
                yield _problem("member_altered", "it is not the template of the plan", file=name)

    def _cells(self) -> None:
        """No cell speaks of few people, or of people who all did the same."""
        least = self._listed.threshold
        small = self._read("cells.csv", lambda data: tables_file.small_cells(data, least))
        for number in small or ():
            self._fail("small_cell", f"a cell under {least}", file="cells.csv", row=number)

    def _sha(self, name: str) -> str | None:
        data = self._members.get(name)
        return None if data is None else hashlib.sha256(data).hexdigest()

    def _fail(self, code: str, what: str, **where: Any) -> None:
        self._failures.append(_problem(code, what, **where))


def _last(
    bundle_log: log.BundleLog, of: str, fits: Callable[[PrintedBody], bool] = lambda _: True
) -> chain.Event[PrintedBody] | None:
    """The last event by which documents `of` this kind were printed."""
    printed = reversed(bundle_log.told(PrintedBody))
    return next((e for e in printed if e.body.of == of and fits(e.body)), None)


def _problem(code: str, what: str, **where: Any) -> Problem:
    return Problem(code=code, rule=f"This does not hold: {what}.", fix=_FIX, **where)


def _with_reasons(evidence: Evidence, rows: list[Result]) -> Evidence:
    """Where evidence.json was written before fragile lines were marked in it, their reasons from results.csv."""
    if len(evidence.lines) != len(rows) or any(line.fragile is not None for line in evidence.lines):
        return evidence
    lines = (replace(line, fragile=row.fragile) for line, row in zip(evidence.lines, rows, strict=True))
    return replace(evidence, lines=tuple(lines))


def _differing(evidence: Evidence, rows: list[Result]) -> Iterator[tuple[str, str, int]]:
    """Figures of evidence.json that are not those of results.csv."""
    if len(evidence.lines) != len(rows):
        yield "lines", f"{len(evidence.lines)} lines beside {len(rows)} results", 1
        return
    for number, (line, row) in enumerate(zip(evidence.lines, rows, strict=True), start=1):
        for field in OF_ROW:
            if getattr(line, field) != getattr(row, field):
                yield f"lines.{number - 1}.{field}", f"{field} is not that of results.csv", number
                break

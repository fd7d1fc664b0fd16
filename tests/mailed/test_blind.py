"""Who opted out is a result: before its date no command tells it by arm or version, nor what it can be had from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from event_bodies import sample
from mailed_support import Mail

from rct.audit import blind
from rct.registry import chain, state

TODAY = date.today().isoformat()
STOPPED = {"control": 3, "plain": 9}  # of 20 each; 28 of 40 are left
TELLING = {3, 9, 17, 11}


def wished(mail: Mail) -> Mail:
    told = [
        (account, "stopped" if i % 2 else "opted_out", "", TODAY)
        for arm, n in STOPPED.items()
        for i, account in enumerate(mail.accounts_of(arm)[:n])
    ]
    mail.ok("mailed", "bills", mail.pieces(told))
    return mail


def numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def said(mail: Mail, *command: object) -> str:
    ran = mail.rct(*command)
    assert ran.code == 0, ran.err
    return ran.out + ran.err


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=60)

    monkeypatch.setattr(chain, "date", Later)


@pytest.mark.parametrize("command", ["letters", "handover"])
def test_a_list_without_them_is_not_counted_by_version(mail: Mail, command: str) -> None:
    wished(mail)
    text = said(mail, command, "bills")
    assert "withheld" in text
    assert "12 opted out" in text
    assert not TELLING & {int(n) for n in re.findall(r"(?<![\w./-])\d+(?![\w./-])", text)}
    told = mail.ok(command, "bills")
    files = told.pop("files", None)  # names and hashes
    assert files is None or all(isinstance(v, str) for v in files.values())
    assert not TELLING & set(numbers(told))
    assert told["left_out"] == {"opted_out": 12}


def test_the_log_holds_no_such_count(mail: Mail) -> None:
    wished(mail)
    for command in ("letters", "handover"):
        mail.ok(command, "bills")
    for event in mail.ok("log", "bills")["events"]:
        if event["kind"] in ("letters", "handover"):
            # Pieces by hand stay with the letters: one less says that their reader opted out.
            assert (event["text"] is None) == (event["kind"] == "letters")
            body = {k: v for k, v in event["body"].items() if k not in ("ledger", "again")}
            assert not TELLING & set(numbers(body)), event


def test_the_vendors_counts_are_still_held_against_what_was_handed_over(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished(mail)
    mail.ok("letters", "bills")
    letters = mail.letters()
    left = {letters[arm]: 20 - n for arm, n in STOPPED.items()}
    right = mail.counts(*(f"{v},{n},{n},{n},0" for v, n in sorted(left.items())))
    assert mail.ok("mailed", "bills", right)["disagreements"] == []
    wrong = mail.counts(*(f"{v},20,20,20,0" for v in sorted(left)))
    told = mail.ok("mailed", "bills", wrong, "--correct", "--reason", "the vendor counted again")
    assert told["disagreements"] == [
        f"version {v}: the vendor's pieces are not as many as were handed over" for v in sorted(left)
    ]
    event = mail.ok("log", "bills")["events"][-1]
    assert (event["text"], event["body"]["versions"]) == (None, blind.WITHHELD)
    later(monkeypatch)
    event = mail.ok("log", "bills")["events"][-1]
    assert event["body"]["versions"][sorted(left)[0]]["printed"] == 20


def test_what_was_sent_by_arm_waits_where_they_were_left_out(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished(mail)
    gone = {a for arm, n in STOPPED.items() for a in mail.accounts_of(arm)[:n]}
    mail.ok("letters", "bills")
    sent = [(a, "mailed", "", TODAY) for arm in STOPPED for a in mail.accounts_of(arm) if a not in gone]
    told = mail.ok("mailed", "bills", mail.pieces(sent))
    assert (told["delivery"], told["statuses"]) == ([], {"mailed": 28})
    later(monkeypatch)
    told = mail.ok("mailed", "bills", mail.pieces(sent))
    assert {d["status"]: d["arms"]["plain"] for d in told["delivery"]} == {
        "mailed": 11, "stopped": 4, "opted_out": 5
    }  # fmt: skip


def test_from_the_date_on_it_is_told(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    wished(mail)
    later(monkeypatch)
    letters = mail.letters()
    assert mail.ok("letters", "bills")["versions"][letters["plain"]]["opted_out"] == 9
    assert mail.ok("handover", "bills")["versions"][letters["control"]]["units"] == 17


def test_nobody_left_out_is_no_secret(mail: Mail) -> None:
    assert {v["units"] for v in mail.ok("handover", "bills")["versions"].values()} == {20}
    assert {v["units"] for v in mail.ok("letters", "bills")["versions"].values()} == {20}


def test_an_older_event_is_withheld_when_it_is_read(
    drawn: Callable[..., Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older rct wrote the counts into the events; what was hashed can't change, what is printed can."""
    mail = wished(drawn())
    letters = mail.letters()
    versions = {
        letters[arm]: {"units": 20 - n, "seeds": 0, "by_hand": 0, "opted_out": n}
        for arm, n in STOPPED.items()
    }
    units = {v: n["units"] for v, n in versions.items()}
    older = [
        chain.of_text(
            chain.Stored(
                "bills",
                i,
                f"sha256:{i}",
                "",
                "2026-01-01T00:00:00Z",
                "Dana",
                kind,
                json.dumps({"body": body}),
            )
        )
        for i, (kind, body) in enumerate(
            [
                ("letters", lacking("left_out", sample("letters", versions=versions, pages=39, pieces=28))),
                (
                    "handover",
                    sample("handover", versions=units, left_out={"opted_out": 12}, segments={"1": 17}),
                ),
                ("mailed", sample("mailed", of="counts", versions={letters["plain"]: {"file": 11}})),
            ],
            1,
        )
    ]
    from rct.registry.workspace import find

    assert state.left_out(older[0].body) == state.left_out(older[1].body) == 12
    told = blind.log_of(find(mail.folder), older)
    assert all(t.text is None for t in told)
    assert not (TELLING | {39}) & {n for t in told for n in numbers(t.body)}
    later(monkeypatch)
    assert [t.body for t in blind.log_of(find(mail.folder), older)] == [dict(e.said) for e in older]


def lacking(key: str, body: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k != key}

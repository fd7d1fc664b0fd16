"""`rct mailed` with a pieces file: every row kept, excluded or refused; doses stored; nothing filtered."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from mailed_support import Mail, N
from support import Road, accounts, definition

from rct.letters.reference import ALPHABET

TODAY = date.today().isoformat()


def rows(mail: Mail, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(mail.folder / "rct.db")) as db:
        return db.execute(sql).fetchall()


def test_what_became_of_each_piece_is_stored_as_doses(mail: Mail) -> None:
    sent = [*mail.accounts_of("control"), *mail.accounts_of("plain")]
    file = mail.pieces(
        [
            *((i, "mailed", "", TODAY) for i in sent),
            (sent[0], "Returned", "Insufficient Address", TODAY),
            (sent[1], "returned", "moved", ""),
            (sent[2], "forwarded", "moved", TODAY),
        ]
    )
    loaded = mail.ok("mailed", "bills", file)
    assert loaded["of"] == "pieces"
    assert (loaded["rows"], loaded["kept"], loaded["new"]) == (len(sent) + 3, len(sent) + 3, len(sent) + 3)
    assert loaded["statuses"] == {"mailed": len(sent), "returned": 2, "forwarded": 1}
    assert rows(
        mail, 'select status, reason, date is null from dose_bills where status = "returned" order by 2'
    ) == [
        ("returned", "insufficient_address", 0),
        ("returned", "moved", 1),
    ]
    by_arm = {d["status"]: d for d in loaded["delivery"]}
    assert by_arm["mailed"]["arms"] == by_arm["mailed"]["drawn"] == {"control": 20, "plain": 20}
    assert by_arm["mailed"]["p_value"] == 1.0
    assert not any(d["warns"] for d in loaded["delivery"])
    versions = mail.event("mailed")["versions"]
    assert {v: n["mailed"] for v, n in versions.items() if n} == {
        letter: 20 for arm, letter in mail.letters().items() if arm != "none"
    }
    assert mail.ok("verify", "bills")["ok"]


def test_the_same_file_again_changes_nothing(mail: Mail) -> None:
    file = mail.pieces([(i, "mailed", "", TODAY) for i in range(5)])
    mail.ok("mailed", "bills", file)
    before = (mail.folder / "rct.db").read_bytes()
    again = mail.ok("mailed", "bills", file)
    assert (again["fresh"], again["new"], again["unchanged"]) == (False, 0, 5)
    assert (mail.folder / "rct.db").read_bytes() == before
    more = mail.ok("mailed", "bills", mail.pieces([(i, "mailed", "", TODAY) for i in range(8)]))
    assert (more["new"], more["unchanged"]) == (3, 5)


def test_a_code_is_read_as_it_is_typed(mail: Mail) -> None:
    code = mail.code(7).replace("-", " ").lower().replace("0", "o")
    file = mail.file("typed.csv", f"reference,status\n{code},returned\n")
    assert mail.ok("mailed", "bills", file)["kept"] == 1


def test_pieces_may_be_named_by_the_citys_own_id(mail: Mail) -> None:
    file = mail.file("opens.csv", "acct,status\n00004,opened\n99999,opened\n")
    problems = mail.no("mailed", "bills", file, "--rename", "acct=account")
    assert [(p["code"], p["row"]) for p in problems] == [("unknown_unit", 2)]
    file = mail.file("opens.csv", "acct,status\n00004,opened\n")
    assert mail.ok("mailed", "bills", file, "--rename", "acct=account")["kept"] == 1
    assert rows(mail, "select status from dose_bills") == [("opened",)]


def test_every_defect_is_named_by_row_and_line_and_nothing_is_stored(mail: Mail) -> None:
    good, other = mail.code(0), mail.code(1)
    wrong = ALPHABET[(ALPHABET.index(good[0]) + 1) % 32] + good[1:]
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    file = mail.file(
        "bad.csv",
        "reference,status,reason,date\n"
        f"{good},mailed,,{TODAY}\n"
        f"{wrong},mailed,,\n"
        "0000-0000-0000,mailed,,\n"
        f"{other},lost,,\n"
        f"{other},returned,tired,\n"
        f"{other},returned,,03/02/2026\n"
        f"{other},returned,,{tomorrow}\n"
        ",mailed,,\n"
        "\n"
        f"{other},mailed\n"
        f"{good},mailed,,\n",
    )
    problems = mail.no("mailed", "bills", file)
    assert [(p["code"], p["row"], p["line"], p["field"]) for p in problems] == [
        ("reference_twice", 1, 2, "reference"),
        ("reference_mistyped", 2, 3, "reference"),
        ("reference_unknown", 3, 4, "reference"),
        ("unknown_status", 4, 5, "status"),
        ("unknown_reason", 5, 6, "reason"),
        ("not_a_date", 6, 7, "date"),
        ("date_in_future", 7, 8, "date"),
        ("empty_id", 8, 9, "reference"),
        ("field_count", 10, 11, None),
        ("reference_twice", 11, 12, "reference"),
    ]
    assert rows(mail, "select count(*) from sqlite_master where name = 'dose_bills'") == [(0,)]
    refused = (mail.folder / "private" / "bills" / "refused.csv").read_text(encoding="utf-8-sig")
    assert refused.count("\n") == 11
    file.write_text(file.read_text() + f"{mail.code(2)},mailed,,\n")
    loaded = mail.ok("mailed", "bills", file, "--refuse-bad-rows", "--reason", "typed by hand")
    assert (loaded["rows"], loaded["kept"], loaded["excluded"], loaded["refused"]) == (12, 1, 1, 10)
    assert sum(loaded["reasons"].values()) == 11
    assert mail.ok("verify", "bills")["ok"]


def test_a_file_that_is_neither_is_refused(mail: Mail) -> None:
    problems = mail.no("mailed", "bills", mail.file("other.csv", "account,paid\n00001,1\n"))
    assert [p["code"] for p in problems] == ["mailed_kind"]
    both = mail.file("both.csv", "reference,status,version,printed\na,mailed,A,1\n")
    assert [p["code"] for p in mail.no("mailed", "bills", both)] == ["mailed_kind"]


def test_a_file_without_a_piece_of_ours_is_refused(mail: Mail) -> None:
    file = mail.file("empty.csv", "reference,status\n0000-0000-0000,mailed\n")
    problems = mail.no("mailed", "bills", file, "--refuse-bad-rows", "--reason", "another trial")
    assert [p["code"] for p in problems] == ["no_piece_rows"]


def test_another_reason_for_the_same_piece_needs_a_correction(mail: Mail) -> None:
    mail.ok("mailed", "bills", mail.pieces([(3, "returned", "moved", TODAY)]))
    file = mail.pieces([(3, "returned", "vacant", TODAY)])
    assert [p["code"] for p in mail.no("mailed", "bills", file)] == ["mailed_changed"]
    loaded = mail.ok("mailed", "bills", file, "--correct", "--reason", "read wrongly")
    assert (loaded["changed"], loaded["new"]) == (1, 0)
    assert rows(mail, "select reason from dose_bills") == [("vacant",)]
    assert mail.ok("verify", "bills")["ok"]


def test_what_a_sending_system_writes_twice_counts_once_with_its_first_date(mail: Mail) -> None:
    earlier = (date.today() - timedelta(days=2)).isoformat()
    file = mail.pieces([(3, "opened", "", TODAY), (3, "opened", "", earlier), (3, "clicked", "", TODAY)])
    loaded = mail.ok("mailed", "bills", file)
    assert (loaded["rows"], loaded["kept"], loaded["reasons"]) == (3, 2, {"repeated_status": 1})
    assert rows(mail, "select date from dose_bills where status = 'opened'") == [(earlier,)]
    again = mail.ok("mailed", "bills", mail.pieces([(3, "opened", "", TODAY)]))
    assert (again["fresh"], again["unchanged"]) == (False, 1)


def test_what_people_did_is_not_shown_by_arm_before_the_date(drawn: Callable[..., Mail]) -> None:
    mail = drawn()
    file = mail.pieces([(i, "opened", "", TODAY) for i in range(N)])
    ran = mail.rct("mailed", "bills", file)
    assert ran.code == 0
    assert "60  opened" in ran.out
    assert "control" not in ran.out
    assert mail.ok("mailed", "bills", file)["delivery"] == []
    assert all(n == {} for n in mail.event("mailed")["versions"].values())


def test_from_the_date_on_it_is_shown(drawn: Callable[..., Mail]) -> None:
    mail = drawn(wait=0)
    shown = mail.ok("mailed", "bills", mail.pieces([(i, "opened", "", TODAY) for i in range(N)]))["delivery"]
    assert [(d["status"], d["arms"], d["p_value"]) for d in shown] == [
        ("opened", {"control": 20, "plain": 20, "none": 20}, None)
    ]


def test_delivery_that_differs_by_arm_is_a_deviation_and_filters_nobody(drawn: Callable[..., Mail]) -> None:
    mail = drawn(wait=0)
    mail.ok(
        "mailed", "bills", mail.pieces([(i, "returned", "moved", TODAY) for i in mail.accounts_of("plain")])
    )
    paid = mail.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(N)))
    mail.ok("outcomes", "bills", paid)
    done = mail.ok("analyze", "bills")
    assert [(d["code"], d["text"]) for d in done["deviations"]] == [
        (
            "delivery_ratio",
            "Pieces were returned in other proportions than the arms were drawn (p < .001).",
        )
    ]
    assert {row["n"] for row in done["results"]} == {40}
    assert mail.ok("report", "bills")
    appendix = (mail.out / "appendix.html").read_text(encoding="utf-8")
    table = appendix[appendix.index("Pieces sent") :]
    assert re.findall(r"<td[^>]*>(.*?)</td>", table[: table.index("</table>")], re.DOTALL)[:10] == [
        *("Came back", "Today&#39;s letter", "20", "0", "p &lt; 0.001"),
        *("Came back", "Plain words", "20", "20", "p &lt; 0.001"),
    ]
    assert json.loads((mail.out / "appendix.json").read_text())["pieces"][1]["pieces"] == 20
    assert mail.ok("verify", "bills")["ok"]


def test_a_small_count_is_not_printed(drawn: Callable[..., Mail]) -> None:
    mail = drawn(wait=0)
    mail.ok("mailed", "bills", mail.pieces([(mail.accounts_of("plain")[0], "returned", "moved", TODAY)]))
    paid = mail.file("paid.csv", "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(N)))
    mail.ok("outcomes", "bills", paid)
    mail.ok("analyze", "bills")
    mail.ok("report", "bills")
    written = json.loads((mail.out / "appendix.json").read_text())
    pieces = written["pieces"]
    assert written["piece_ratio"] == []  # nor its p-value, from which it could be had
    assert [(p["arm"], p["pieces"]) for p in pieces] == [("control", 0), ("plain", None)]
    assert "withheld" in (mail.out / "appendix.html").read_text(encoding="utf-8")


def test_a_changed_dose_is_found_by_verify(mail: Mail) -> None:
    mail.ok("mailed", "bills", mail.pieces([(3, "returned", "moved", TODAY)]))
    with closing(sqlite3.connect(mail.folder / "rct.db")) as db, db:
        db.execute("update dose_bills set reason = 'vacant'")
    ran = mail.rct("verify", "bills", "--json")
    assert ran.code == 1
    assert [p["code"] for p in ran.json["failures"]] == ["doses_changed"]


def test_before_the_draw_there_is_nothing_to_tell(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    road.ok("frame", "bills", road.file("list.csv", accounts(12)))
    road.ok("lock", "bills")
    file = road.file("pieces.csv", "reference,status\n0000-0000-0000,mailed\n")
    assert [p["code"] for p in road.no("mailed", "bills", file)] == ["not_drawn"]


def test_a_wish_goes_into_the_ledger_and_out_of_the_next_list(mail: Mail) -> None:
    loaded = mail.ok(
        "mailed",
        "bills",
        mail.pieces([(3, "opted_out", "", TODAY), (4, "stopped", "", TODAY), (5, "replied", "", "")]),
    )
    assert loaded["opted_out"] == 2
    assert mail.ok("mailed", "bills", mail.pieces([(3, "stopped", "", TODAY)]))["opted_out"] == 0
    definition = mail.folder / "trials" / "bills" / "trial.toml"
    second = mail.folder / "trials" / "second" / "trial.toml"
    second.parent.mkdir()
    second.write_text(definition.read_text())
    # 00003 by id, 00004 under another id with the same e-mail address, 00009 with the cell phone of 00003
    file = mail.file(
        "next.csv",
        "account,name,email,cell\n00003,A,,\nX4,B,P4@EXAMPLE.org,\n00009,C,,+1 555 010 0003\n"
        + "".join(f"{i:05d},P,,\n" for i in range(20, 40)),
    )
    listed = mail.ok("frame", "second", file)
    assert (listed["kept"], listed["reasons"]) == (20, {"opted_out": 3})


def test_a_status_or_reason_that_is_none_is_shown_as_it_stands_in_the_file(mail: Mail) -> None:
    one, two = mail.accounts_of("control")[:2]
    file = mail.pieces([(one, "RTS", "", ""), (two, "returned", '"Moved, left no address"', "")])
    assert [(p["code"], p["found"]) for p in mail.no("mailed", "bills", file)] == [
        ("unknown_status", "RTS"),
        ("unknown_reason", "Moved, left no address"),
    ]

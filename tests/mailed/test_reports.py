"""Reports as vendors export them: matched through the vault, counted row by row, and nothing personal kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from mailed_support import Mail

from rct.letters.profiles import kinds, read_profile
from rct.letters.reports import day_of, reason_of

TODAY = date.today()
TWILIO = (
    "From,To,Body,Status,SentDate,ApiVersion,NumSegments,ErrorCode,AccountSid,Sid,Direction,Price,PriceUnit\n"
)


def phone(i: int) -> str:
    return f"+1555010{i:04d}"


def sent(i: int, status: str, day: str | None = None) -> str:
    day = f"{TODAY.isoformat()}T00:00:00" if day is None else day
    return f'+16175550100,{phone(i)},"Please pay,\nReply STOP",{status},{day},2010-04-01,1,,AC1,SM{i},outbound-api,,USD\n'


def came(i: int, text: str) -> str:
    return f'{phone(i)},+16175550100,"{text}",received,{TODAY.isoformat()}T00:00:00,2010-04-01,1,,AC1,SM,inbound,,USD\n'


def test_twilio_log_by_number(mail: Mail) -> None:
    log = mail.file(
        "log.csv",
        TWILIO
        + sent(1, "delivered") + sent(2, "sent") + sent(3, "undelivered") + sent(4, "failed") + sent(5, "queued")
        + sent(1, "delivered") + sent(77, "delivered") + sent(6, "delivered", "2019-02-01T10:00:00")
        + came(1, "Thanks,\nI paid") + came(2, " Stop. ") + came(3, "ALTO") + came(88, "STOP"),
    )  # fmt: skip
    loaded = mail.ok("mailed", "bills", log, "--kind", "twilio")
    assert loaded["statuses"] == {"mailed": 3, "delivered": 1, "returned": 2, "replied": 1, "stopped": 2}
    assert loaded["rows"] == 12
    assert loaded["kept"] == 7
    assert loaded["reasons"] == {
        "nothing_yet": 1, "repeated_status": 1, "unmatched": 2, "before_draw": 1
    }  # fmt: skip
    lines = log.read_text().splitlines()
    (first, second) = loaded["unmatched_lines"]
    assert phone(88) in lines[second - 1]
    assert phone(77) in lines[first - 1]
    assert loaded["opted_out"] == 2
    assert mail.event("mailed")["report"] == "twilio"
    assert not mail.ok("mailed", "bills", log, "--kind", "twilio")["fresh"]
    assert mail.ok("verify", "bills")["ok"]


def test_nothing_personal_of_a_report_is_kept_or_shown(mail: Mail) -> None:
    log = mail.file("log.csv", TWILIO + sent(1, "delivered") + came(2, "Hush9 my secret") + sent(77, "sent"))
    ran = mail.rct("mailed", "bills", log, "--kind", "twilio")
    assert ran.code == 0
    bad = mail.file("bad.csv", TWILIO + sent(1, "exploded") + came(2, "Hush9 my secret"))
    refused = mail.no("mailed", "bills", bad, "--kind", "twilio")
    said = ran.out + ran.err + json.dumps(refused) + (mail.folder / "rct.db").read_bytes().decode("latin-1")
    for secret in ("5550100", "Hush9", "P1@", "010-0001"):
        assert secret not in said
    assert refused[0]["code"] == "unknown_status"
    assert refused[0]["line"] == 2


def test_what_is_of_two_people_is_told_of_neither_and_a_wish_of_both(drawn: Callable[..., Mail]) -> None:
    shared = drawn(number=lambda i: 7 if i == 8 else i)
    log = shared.file("log.csv", TWILIO + sent(7, "delivered") + came(7, "STOP") + sent(20, "delivered"))
    loaded = shared.ok("mailed", "bills", log, "--kind", "twilio")
    assert loaded["reasons"] == {"shared_contact": 1}
    assert loaded["kept"] == 2
    assert loaded["statuses"] == {"mailed": 1, "delivered": 1, "stopped": 2}
    assert len(loaded["shared_lines"]) == 2
    assert loaded["opted_out"] == 2


def test_mailchimp_by_address_and_its_list_of_bounces(mail: Mail) -> None:
    rows = "Email Address,First Name,Last Name,MEMBER_RATING,Opens,Clicks\n"
    rows += "p1@EXAMPLE.org,P,1,2,3,1\nP2@example.org,P,2,2,1,0\nP3@example.org,P,3,2,0,0\nnobody@example.org,,,2,9,9\n"
    loaded = mail.ok("mailed", "bills", mail.file("sent.csv", rows), "--kind", "mailchimp")
    assert loaded["statuses"] == {"mailed": 3, "opened": 2, "clicked": 1}
    assert loaded["unmatched_lines"] == [5]
    bounced = mail.file("bounced.csv", "Email Address,First Name\nP4@example.org,P\n")
    assert mail.ok("mailed", "bills", bounced, "--kind", "mailchimp", "--status", "returned")["statuses"] == {
        "returned": 1
    }


def test_govdelivery_by_what_a_destination_holds(mail: Mail) -> None:
    day = TODAY.strftime("%m/%d/%Y 12:00 AM")
    rows = "Destination,Status,Date Sent,Opened,Clicked\n"
    rows += (
        f"P1@example.org,Delivered,{day},Yes,No\n5550100002,Failed,{day},0,0\nP3@example.org,Sent,{day},2,1\n"
    )
    loaded = mail.ok("mailed", "bills", mail.file("bulletin.csv", rows), "--kind", "govdelivery")
    assert loaded["statuses"] == {"mailed": 3, "delivered": 1, "returned": 1, "opened": 2, "clicked": 1}
    assert mail.sql("select distinct date from dose_bills") == [(TODAY.isoformat(),)]


def test_returned_mail_as_the_post_labels_it(mail: Mail) -> None:
    a, b, c, d = (mail.code(i) for i in mail.accounts_of("plain")[:4])
    day = TODAY.strftime("%m/%d/%Y")
    rows = (
        f"Reference,Endorsement,Date Returned\n{a},Attempted—Not Known,{day}\n{b},MLNA,{day}\n"
        f"{c},RETURN TO SENDER - VACANT - UNABLE TO FORWARD,{day}\n{d},No Such Number,{day}\n"
    )
    loaded = mail.ok("mailed", "bills", mail.file("yellow.csv", rows), "--kind", "usps")
    assert loaded["statuses"] == {"returned": 4}
    reasons = [r for (r,) in mail.sql("select reason from dose_bills order by reason")]
    assert reasons == ["insufficient_address", "moved", "other", "vacant"]
    twice = mail.file("twice.csv", f"Reference,Endorsement\n{a},Vacant\n{a},Refused\n")
    assert {p["code"] for p in mail.no("mailed", "bills", twice, "--kind", "usps")} == {"reference_twice"}
    odd = mail.file("odd.csv", f"Reference,Endorsement\n{a},Eaten by a dog\n")
    (problem,) = mail.no("mailed", "bills", odd, "--kind", "usps")
    assert (problem["code"], problem["line"]) == ("unknown_reason", 2)


def test_a_list_of_returned_pieces_alone(mail: Mail) -> None:
    codes = "reference\n" + "".join(f"{mail.code(i)}\n" for i in mail.accounts_of("plain")[:3])
    file = mail.file("back.csv", codes)
    assert mail.no("mailed", "bills", file)[0]["code"] == "mailed_kind"
    assert mail.ok("mailed", "bills", file, "--status", "returned")["statuses"] == {"returned": 3}
    both = mail.file("both.csv", f"reference,status\n{mail.code(1)},mailed\n")
    assert mail.no("mailed", "bills", both, "--status", "returned")[0]["code"] == "status_twice"


def test_a_date_before_the_draw_is_a_defect_of_a_piece(mail: Mail) -> None:
    piece = mail.code(mail.accounts_of("plain")[0])
    old = (TODAY - timedelta(days=40)).isoformat()
    file = mail.file("old.csv", f"reference,reason,date\n{piece},vacant,{old}\n")
    assert mail.no("mailed", "bills", file, "--kind", "usps")[0]["code"] == "date_before_draw"
    assert mail.sql("select count(*) from sqlite_master where name = 'dose_bills'") == [(0,)]


def test_a_report_of_another_vendor_is_refused_and_named(mail: Mail) -> None:
    log = mail.file("log.csv", TWILIO + sent(1, "delivered"))
    (problem,) = mail.no("mailed", "bills", log, "--kind", "mailchimp")
    assert problem["code"] == "report_columns"
    (problem,) = mail.no("mailed", "bills", log)
    assert problem["code"] == "mailed_kind"
    assert "--kind twilio" in problem["fix"]
    assert mail.no("mailed", "bills", log, "--kind", "pigeon")[0]["code"] == "unknown_profile"


def test_a_report_of_nobody_in_this_trial_is_refused(mail: Mail) -> None:
    log = mail.file("log.csv", TWILIO + sent(500, "delivered") + sent(501, "delivered"))
    assert mail.no("mailed", "bills", log, "--kind", "twilio")[0]["code"] == "no_piece_rows"


def test_a_new_vendor_is_one_file(mail: Mail) -> None:
    mail.file(
        "pigeon.toml",
        'title = "the pigeon post\'s log"\ndates = ["%d.%m.%Y"]\n[[rows]]\nemail = ["Nest"]\ndate = ["Flown"]\n'
        'status = ["Fate"]\n[rows.statuses]\nlanded = ["mailed", "delivered"]\n',
    )
    file = mail.file("flights.csv", f"Nest,Fate,Flown\nP5@example.org,Landed,{TODAY:%d.%m.%Y}\n")
    loaded = mail.ok("mailed", "bills", file, "--kind", mail.root / "pigeon.toml")
    assert loaded["statuses"] == {"mailed": 1, "delivered": 1}
    assert mail.event("mailed")["report"] == "pigeon"


@pytest.mark.parametrize(
    "text",
    [
        "[[rows]]\n",
        "title = 'x'\nrows = []\n",
        "title = 'x'\n[[rows]]\nemail = ['E']\nalways = ['eaten']\n",
        "= \xff",
    ],
)
def test_a_bad_profile_is_refused(mail: Mail, text: str) -> None:
    profile = mail.file("bad.toml", text.encode("latin-1"))
    log = mail.file("log.csv", TWILIO + sent(1, "delivered"))
    assert mail.no("mailed", "bills", log, "--kind", profile)[0]["code"] == "bad_profile"
    assert mail.no("mailed", "bills", log, "--kind", "missing.toml")[0]["code"] == "bad_profile"


def test_swapped_boxes_are_told_and_analyzed_as_drawn(mail: Mail) -> None:
    letters = mail.letters()
    mine = mail.accounts_of("plain")
    rows = [(i, "other_version", letters["control"], "") for i in mine[:12]] + [
        (mine[12], "other_version", "", "")
    ]
    before = mail.sql("select * from assignment_bills order by unit")
    loaded = mail.ok("mailed", "bills", mail.pieces(rows))
    assert loaded["statuses"] == {"other_version": 13}
    (arms,) = [d["arms"] for d in loaded["delivery"] if d["status"] == "other_version"]
    assert arms["plain"] == 13
    assert mail.sql("select * from assignment_bills order by unit") == before
    own = mail.pieces([(mine[13], "other_version", letters["plain"], "")], "own.csv")
    assert mail.no("mailed", "bills", own)[0]["code"] == "own_version"
    none = mail.pieces([(mine[13], "other_version", "Z", "")], "none.csv")
    assert mail.no("mailed", "bills", none)[0]["code"] == "not_a_version"
    assert mail.ok("verify", "bills")["ok"]


def test_every_profile_can_be_read_and_its_page_names_it() -> None:
    page = (Path(__file__).parents[2] / "docs" / "mailed.md").read_text()
    for kind in kinds():
        assert read_profile(kind).profile.title
        assert f"`{kind}`" in page


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-01-11", date(2027, 1, 11)),
        ("2027-01-11 02:03 PM", date(2027, 1, 11)),
        ("01/11/2027 02:03 PM", date(2027, 1, 11)),
        (
            "Mon, 11 Jan 2027 12:00:00 +0000",
            datetime.fromisoformat("2027-01-11T12:00:00+00:00").astimezone().date(),
        ),
        ("11/01/27", None),
        ("2027-02-30", None),
        ("20270111", None),
        ("2027-W02-1", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_of(text, read_profile("twilio").profile.dates) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Moved, Left No Address", "moved"),
        ("NSN", "insufficient_address"),
        ("RETURN TO SENDER / FORWARD TIME EXP / UNABLE TO FORWARD", "moved"),
        ("Insufficient Address", "insufficient_address"),
        ("deceased", "deceased"),
        ("Ilse moved the vacuum", ""),
        ("", ""),
    ],
)
def test_endorsements(text: str, reason: str) -> None:
    profile = read_profile("usps").profile
    assert reason_of(text, profile.reasons, phrases=profile.phrases) == reason


def test_a_number_that_a_spreadsheet_cut_is_refused_by_line(mail: Mail) -> None:
    log = mail.file(
        "log.csv", TWILIO + sent(1, "delivered") + sent(2, "sent").replace(phone(2), "1.5551E+10")
    )
    (problem,) = mail.no("mailed", "bills", log, "--kind", "twilio")
    assert (problem["code"], problem["found"]) == ("number_spoiled", None)


def test_the_memo_says_that_some_got_another_version(drawn: Callable[..., Mail]) -> None:
    mail = drawn(wait=0)
    mail.ok(
        "mailed", "bills", mail.pieces([(i, "other_version", "", "") for i in mail.accounts_of("plain")[:12]])
    )
    paid = "account,paid\n" + "".join(f"{i:05d},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    mail.ok("outcomes", "bills", mail.file("paid.csv", paid))
    told = {d["code"]: d["text"] for d in mail.ok("analyze", "bills")["deviations"]}
    assert told["other_version"] == (
        "12 pieces had another version than was drawn. All are analyzed as they were drawn."
    )
    mail.ok("report", "bills", "--lang", "es")
    assert "Had another version" in (mail.out / "appendix.html").read_text()
    assert "Algunas personas recibieron otra versión" in (mail.out / "memo.es.md").read_text()

"""E-mail and text arms: subject, body, limits, a way out; and the lists for the sending systems."""

from __future__ import annotations

import csv
import html
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support import Road, definition

from rct.definition.readings import CLOSE, OPEN
from rct.letters.handover import dialled
from rct.letters.messages import has_subject, message
from rct.letters.plain_text import plain_text
from rct.letters.template import LetterTemplate

ARMS = """[arms.control]
label = "No message"
control = true

[arms.short]
label = "A short one"
template = "short.md"

[arms.warm]
label = "A warm one"
template = "warm.md"
"""
SHORT = "Hello {{ name }}, your bill is due on March 2. Reply STOP to end."
WARM = "Hello {{ name }}, thank you for paying last year. Your bill is due on March 2. Reply STOP to end."
EMAIL = """Subject: {{ name }}, your bill is due

Dear {{ name }},

please **pay** [here](https://pay.example/{{ name }}).

Unsubscribe here.
"""
HOSTILE = [
    '#read("/etc/passwd")',
    "*x*",
    "$y$",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "O'Brien & Sons",
    "Núñez",
    "山田",
    "[a](javascript:alert(1))",
    "a" * 200,
]


def road(tmp_path: Path, channel: str, templates: dict[str, str], names: list[str] | None = None) -> Road:
    made = Road(tmp_path)
    text = definition(arms=ARMS, frame='id = "account"\ncontact = ["name", "email", "cell"]', wait=30)
    made.define(text.replace('channel = "letter"', f'channel = "{channel}"'))
    for name, words in templates.items():
        (made.folder / "templates" / name).write_text(words, encoding="utf-8")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["account", "name", "email", "cell"])
    for i in range(30):
        name = names[i % len(names)] if names else f"Person {i}"
        writer.writerow([f"{i:05d}", name, f"p{i}@example.org", f"+1555010{i:04d}"])
    made.file("list.csv", out.getvalue())
    return made


def drawn(tmp_path: Path, channel: str, templates: dict[str, str], names: list[str] | None = None) -> Road:
    made = road(tmp_path, channel, templates, names)
    made.ok("frame", "bills", made.root / "list.csv")
    made.ok("lock", "bills")
    made.ok("draw", "bills")
    return made


def listed(made: Road) -> list[dict[str, str]]:
    text = (made.folder / "private" / "bills" / "handover.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_check_says_how_long_each_text_message_is(tmp_path: Path) -> None:
    made = road(tmp_path, "sms", {"short.md": SHORT, "warm.md": WARM.replace("thank", "’thank")})
    ran = made.rct("check", "bills")
    assert ran.code == 0, ran.out
    assert "short: 1 segment" in ran.out
    assert "(GSM-7)" in ran.out
    assert "warm: 2 segments" in ran.out
    assert "not in GSM-7: ’" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("channel", "words", "codes"),
    [
        ("sms", "Pay by March 2.", ["no_way_out"]),
        ("sms", "Stop paying late. Don't UNSTOPPABLE.", ["no_way_out"]),
        ("sms", "Responda ALTO para no recibir más.", []),
        ("sms", "Reply STOP to end." + "a" * 1_530, ["message_too_long"]),
        ("email", EMAIL, []),
        ("email", "Dear {{ name }}, unsubscribe here.", ["subject_missing"]),
        ("email", "Subject:\n\nunsubscribe", ["subject_missing"]),
        ("email", "Subject: A bill\n\nPay now.", ["no_way_out"]),
        ("email", "Subject: " + "long " * 16 + "\n\nTo opt out, reply STOP.", ["subject_too_long"]),
    ],
)
def test_check_names_what_a_message_lacks(tmp_path: Path, channel: str, words: str, codes: list[str]) -> None:
    good = EMAIL if channel == "email" else SHORT
    made = road(tmp_path, channel, {"short.md": words, "warm.md": good})
    ran = made.rct("check", "bills", "--json")
    assert [p["code"] for p in ran.json["problems"]] == codes
    assert {p["file"] for p in ran.json["problems"]} <= {"templates/short.md"}
    assert ran.code == (1 if codes else 0)


def test_lock_and_amend_ask_for_what_check_asks_for(tmp_path: Path) -> None:
    made = road(tmp_path, "sms", {"short.md": SHORT, "warm.md": "Hello {{ name }}, pay by March 2."})
    before = made.tree()
    assert [p["code"] for p in made.no("lock", made.name)] == ["no_way_out"]
    assert made.tree() == before
    good = made.folder / "templates" / "warm.md"
    good.write_text(WARM, encoding="utf-8")
    made.ok("lock", made.name)
    good.write_text("Hello {{ name }}, pay by March 3.", encoding="utf-8")
    before = made.tree()
    assert [p["code"] for p in made.no("amend", made.name, "--reason", "a later day")] == ["no_way_out"]
    assert made.tree() == before


def test_a_picture_can_not_go_into_a_message(tmp_path: Path) -> None:
    made = road(tmp_path, "email", {"short.md": EMAIL + "\n![us](seal.png)\n", "warm.md": EMAIL})
    (made.folder / "templates" / "seal.png").write_bytes(b"\x89PNG")
    problems = made.rct("check", "bills", "--json").json["problems"]
    assert [(p["code"], p["found"]) for p in problems] == [("picture_in_message", "seal.png")]


def test_each_person_gets_the_text_of_their_arm(tmp_path: Path) -> None:
    made = drawn(tmp_path, "sms", {"short.md": SHORT, "warm.md": WARM})
    done = made.ok("handover", "bills")
    assert done["columns"] == ["id", "version", "reference", "cell", "text", "segments"]
    assert (done["rows"], done["segments"]) == (20, {"1": 20})
    arms = {letter: v["arm"] for letter, v in done["versions"].items()}
    for row in listed(made):
        words = {"short": SHORT, "warm": WARM}[arms[row["version"]]]
        assert row["text"] == words.replace("{{ name }}", f"Person {int(row['id'])}")
        assert row["cell"] == f"+1555010{int(row['id']):04d}"
    assert not made.ok("handover", "bills")["fresh"]
    assert made.ok("verify", "bills")["ok"]


def test_a_name_can_turn_a_message_to_ucs_2_and_the_count_says_so(tmp_path: Path) -> None:
    made = drawn(tmp_path, "sms", {"short.md": SHORT, "warm.md": WARM}, ["Núñez"])
    assert made.ok("handover", "bills")["segments"] == {"1": 10, "2": 10}
    assert "10  of 2 segments" in made.rct("handover", "bills").out


def test_names_come_out_as_they_are_and_never_as_code(tmp_path: Path) -> None:
    made = drawn(tmp_path, "email", {"short.md": EMAIL, "warm.md": EMAIL}, HOSTILE)
    made.ok("handover", "bills")
    for row in listed(made):
        name = HOSTILE[int(row["id"]) % len(HOSTILE)]
        assert row["subject"] == f"{name}, your bill is due"
        assert row["text"].startswith(f"Dear {name},\n")
        assert "Subject" not in row["text"]
        assert f"<p>Dear {html.escape(name)},</p>" in row["html"]
        assert "<script>" not in row["html"]
        assert row["html"].count("<a ") == 1
        assert row["html"].count("<strong>") == 1
        assert 'href="https://pay.example/' in row["html"]


def test_a_subject_that_a_spreadsheet_would_run_leaves_the_workbook_alone(tmp_path: Path) -> None:
    made = drawn(tmp_path, "email", {"short.md": EMAIL, "warm.md": EMAIL}, ["=1+1"])
    done = made.ok("handover", "bills")
    assert (len(done["running"]), done["paths"]) == (20, ["private/bills/handover.xlsx"])


def test_a_mail_list_of_the_same_trial_holds_no_message(tmp_path: Path) -> None:
    made = drawn(tmp_path, "email", {"short.md": EMAIL, "warm.md": EMAIL})
    assert made.ok("handover", "bills", "--for", "mail")["columns"] == ["id", "version", "reference"]
    assert made.ok("handover", "bills", "--for", "sms")["columns"] == ["id", "version", "reference", "cell"]


def test_what_the_sending_system_tells_comes_in_by_code_and_stop_replies_fill_the_ledger(
    tmp_path: Path,
) -> None:
    made = drawn(tmp_path, "sms", {"short.md": SHORT, "warm.md": WARM})
    made.ok("handover", "bills")
    rows = listed(made)
    today = date.today().isoformat()
    told = "reference,status,date\n" + "".join(f"{r['reference']},delivered,{today}\n" for r in rows)
    told += f"{rows[0]['reference']},stopped,{today}\n{rows[1]['reference']},replied,{today}\n"
    loaded: Any = made.ok("mailed", "bills", made.file("told.csv", told))
    assert loaded["statuses"] == {"delivered": 20, "replied": 1, "stopped": 1}
    assert loaded["opted_out"] == 1
    assert [d["status"] for d in loaded["delivery"]] == ["delivered"]
    again = made.ok("handover", "bills")
    assert (again["rows"], again["left_out"]) == (19, {"opted_out": 1})


def test_a_subject_is_the_first_line_alone() -> None:
    assert has_subject("Subject: a\nb")
    assert not has_subject("\nSubject: a")
    assert not has_subject("Subject:   \n")
    made = message(
        LetterTemplate("x.md", "Subject: Hi {{ a }}\nSubject: two\n").fill({"a": "Bcc: x"}), "email"
    )
    assert (made.subject, made.text) == ("Hi Bcc: x", "Subject: two\n")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**Your benefits stop** *soon*.", "Your benefits stop soon.\n"),
        ("# Renew\n\nby March 2\nat noon", "Renew\n\nby March 2\nat noon\n"),
        ("[Renew now](https://city.example/r?a=1&b=2)", "Renew now (https://city.example/r?a=1&b=2)\n"),
        ("<https://city.example/r>", "https://city.example/r\n"),
        ("[city.example/r](https://city.example/r)", "https://city.example/r\n"),
        (
            "[write](mailto:pay@city.example) or [call](tel:+16175550142)",
            "write (pay@city.example) or call (+16175550142)\n",
        ),
        ("- one\n- **two**\n  - three\n\nEnd", "- one\n- two\n  - three\n\nEnd\n"),
        ("3. three\n4. four", "3. three\n4. four\n"),
        ("> said\n> so", "> said\n> so\n"),
        ("a\n\n---\n\nb", "a\n\n--------------------\n\nb\n"),
        ("`x*y` and 2 \\* 3 &amp; <b>", "x*y and 2 * 3 & <b>\n"),
        ("![map](map.png)", "!map (map.png)\n"),
        ("one\\\ntwo", "one\ntwo\n"),
    ],
)
def test_the_text_part_says_the_same_without_marks(markdown: str, text: str) -> None:
    assert plain_text(markdown, ()) == text


def test_a_value_in_the_text_part_is_never_read_as_markdown() -> None:
    text = f"Dear {OPEN}0{CLOSE},\n\n[pay](https://city.example/{OPEN}1{CLOSE}) at https://city.example/{OPEN}1{CLOSE}."
    values = ("**Ana** _[x](y)_", "a b&c")
    assert plain_text(text, values) == (
        "Dear **Ana** _[x](y)_,\n\npay (https://city.example/a%20b%26c) at https://city.example/a%20b%26c.\n"
    )


@pytest.mark.parametrize(
    ("written", "handed"),
    [
        ("+1 (617) 555-0142", "+16175550142"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+16175550142", "+16175550142"),
        ("(617) 555-0142", "(617) 555-0142"),
        ("+1", "+1"),
        ("+1617555014200000", "+1617555014200000"),
        ("+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0"),
        ("ana+b@city.example", "ana+b@city.example"),
    ],
)
def test_an_international_number_leaves_without_signs_between_its_digits(written: str, handed: str) -> None:
    assert dialled(written) == handed

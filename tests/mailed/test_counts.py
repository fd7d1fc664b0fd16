"""`rct mailed` with the vendor's counts, held against what was handed over."""

from __future__ import annotations

from mailed_support import Mail


def sent(mail: Mail) -> list[str]:
    return sorted(letter for arm, letter in mail.letters().items() if arm != "none")


def test_counts_that_agree_are_stored_and_are_no_deviation(mail: Mail) -> None:
    one, two = sent(mail)
    file = mail.counts(f"{one},20,22,20,2", f"{two.lower()},20,20,20,")
    loaded = mail.ok("mailed", "bills", file)
    assert (loaded["of"], loaded["rows"], loaded["kept"], loaded["disagreements"]) == ("counts", 2, 2, [])
    assert loaded["versions"][one] == {
        "version": one, "file": 20, "printed": 22, "mailed": 20, "spoilage": 2
    }  # fmt: skip
    assert mail.event("mailed")["versions"] == {
        one: {"file": 20, "printed": 22, "mailed": 20, "spoilage": 2},
        two: {"file": 20, "printed": 20, "mailed": 20, "spoilage": 0},
    }
    again = mail.ok("mailed", "bills", file)
    assert (again["fresh"], again["unchanged"]) == (False, 2)
    assert mail.ok("verify", "bills")["ok"]


def test_counts_that_do_not_agree_are_stored_and_told(mail: Mail) -> None:
    one, two = sent(mail)
    ran = mail.ok("mailed", "bills", mail.counts(f"{one},19,19,19,0", f"{two},20,20,18,1"))
    assert ran["disagreements"] == [
        f"version {one}: the vendor's file had 19 pieces, 20 were handed over",
        f"version {one}: 19 mailed of 20 that were to be sent",
        f"version {two}: 20 printed and 1 spoiled, but 18 mailed",
        f"version {two}: 18 mailed of 20 that were to be sent",
    ]
    shown = mail.rct("mailed", "bills", mail.counts(f"{one},19,19,19,0", f"{two},20,20,18,1")).out
    assert "does not agree" in shown


def test_every_defect_of_the_counts_is_named(mail: Mail) -> None:
    one, two = sent(mail)
    none = mail.letters()["none"]
    file = mail.counts(
        f"{one},20,20,20,0", f"{one},20,20,20,0", f"{two},20,twenty,-1,0", f"{none},1,1,1,0", ""
    )
    problems = mail.no("mailed", "bills", file)
    assert [(p["code"], p["row"], p["field"]) for p in problems] == [
        ("version_twice", 1, "version"),
        ("version_twice", 2, "version"),
        ("count_not_whole", 3, "printed"),
        ("count_not_whole", 3, "mailed"),
        ("unknown_version", 4, "version"),
    ]


def test_a_version_that_is_left_out_is_asked_for(mail: Mail) -> None:
    one, two = sent(mail)
    assert [p["code"] for p in mail.no("mailed", "bills", mail.counts(f"{one},20,20,20,0"))] == [
        "version_missing"
    ]
    mail.ok("mailed", "bills", mail.counts(f"{one},20,20,20,0", f"{two},20,20,20,0"))
    file = mail.counts(f"{one},20,21,20,1")
    assert [p["code"] for p in mail.no("mailed", "bills", file)] == ["mailed_changed"]
    assert mail.ok("mailed", "bills", file, "--correct", "--reason", "a late note")["changed"] == 1
    assert mail.ok("verify", "bills")["ok"]


def test_a_number_that_is_empty_is_asked_of_the_vendor(mail: Mail) -> None:
    one, two = sent(mail)
    (problem,) = mail.no("mailed", "bills", mail.counts(f"{one},20,,20,0", f"{two},20,20,20,0"))
    assert (problem["code"], problem["field"], problem["found"]) == ("count_not_whole", "printed", "")
    assert "leave it empty" not in problem["fix"]
    assert "write 0 only where there was none" in problem["fix"]


def test_batches_of_a_version_are_to_be_added_up(mail: Mail) -> None:
    one, two = sent(mail)
    batches = (f"{one},15,15,15,0", f"{one},5,5,5,0", f"{two},20,20,20,0")
    problems = mail.no("mailed", "bills", mail.counts(*batches))
    assert {p["code"] for p in problems} == {"version_twice"}
    assert all("add their numbers up in one row" in p["fix"] for p in problems)
    ran = mail.ok("mailed", "bills", mail.counts(f"{one},20,20,20,0", batches[2]))
    assert ran["disagreements"] == []


def test_an_unknown_version_is_shown_as_it_stands_in_the_file(mail: Mail) -> None:
    one, two = sent(mail)
    file = mail.counts(f"{one},20,20,20,0", f"{two},20,20,20,0", "Version a,1,1,1,0")
    (problem,) = mail.no("mailed", "bills", file)
    assert (problem["code"], problem["found"]) == ("unknown_version", "Version a")

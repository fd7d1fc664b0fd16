"""A theme may not hold the person's own name or address, however staff wrote it; words of every day may be used."""

from __future__ import annotations

import json

import pytest

from rct.outcomes.own_names import Own, own_of, tells


def person(name: str, street: str = "12 Old Mill Lane", **more: str) -> Own:
    return own_of(json.dumps({"name": name, "street": street, "city": "Springfield", **more}))


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        ("Canary1 Zyxwv", "Mrs Zyxwv wants to pay in parts"),
        ("Canary2 Zyxwv", "canary2 wants to pay"),
        ("Canary5 Zyxwv", "Zyxwv, Canary5"),
        ("Canary6 Zyxwv", "canary6-zyxwv"),
        ("Canary6 Zyxwv", "zyxwv's bill"),
        ("Canary6 Zyxwv", "the Zyxwvs are away"),
        ("María Núñez", "nunez asks for Spanish"),
        ("Maria Nunez", "NÚÑEZ asks for Spanish"),
        ("Sean O'Brien", "obrien called"),
        ("Sean O'Brien", "O’Brien called"),
        ("Anne-Marie Kowalski", "marie called"),
        ("Bo Li", "Mr Li wants time"),
        ("Bo Li", "bo li wants time"),
        ("Grace Park", "Ms Park called"),
        ("Grace Park", "grace park called"),
        ("Grace Park", "asked by Grace"),
        ("Will May", "wants Will to call"),
        ("Zoe Quill", "lives at 12 old mill lane"),
        ("Zoe Quill", "noise in Old Mill Lane"),
        ("Zoe Quill", "mail to zoe.q@example.org"),
        ("Zoe Quill", "call (555) 010-0042"),
    ],
)
def test_the_persons_own_name_or_address_is_found(name: str, theme: str) -> None:
    assert tells(theme, person(name, email="zoe.q@example.org", cell="(555) 010-0042"))


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        ("Will May", "will pay in may"),
        ("Will May", "Will pay later"),
        ("Grace Park", "grace period"),
        ("Grace Park", "parking near the park"),
        ("Bill Rich", "bills too high"),
        ("Rosa Fuentes", "rosa"),
        ("Bo Li", "wants to pay in parts"),
        ("Al Xu", "almost paid"),
        ("Zoe Quill", "lane is closed"),
        ("Zoe Quill", "wants a mill rate notice"),
        ("Zoe Quill", "springs a leak"),
        ("Ann Lee", "annual bill, sleeves"),
        ("", "wants to pay"),
    ],
)
def test_words_of_every_day_can_be_coded(name: str, theme: str) -> None:
    assert not tells(theme, person(name))

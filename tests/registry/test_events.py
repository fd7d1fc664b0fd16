"""Records of events: read only from bodies as rct writes them, and written back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from event_bodies import MARKS, SAMPLES, sample

from rct.definition import canonical
from rct.registry.events import KINDS, FollowupBody, StopBody, UnfitError, parse
from rct.registry.events.record import Body

FIELDS = [(kind, field.key) for kind, record in KINDS.items() for field in record.fields.values()]
OTHERS: list[Any] = [None, True, -1, 7, "x", [], [7], {}, {"a": {}}, {"a": 1}, {"a": "b"}]


def test_there_is_a_sample_of_every_kind_with_every_field_but_that_of_a_clock() -> None:
    assert list(SAMPLES) == list(KINDS)
    for kind, record in KINDS.items():
        assert set(sample(kind)) == {f.key for f in record.fields.values()} - {"clock_back"}, kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_comes_back_as_it_was_written(kind: str) -> None:
    for body in (sample(kind), sample(kind, clock_back=60), _least(kind)):
        record = parse(kind, body)
        assert type(record) is KINDS[kind]
        assert canonical.dumps(record.body()) == canonical.dumps(body)


@pytest.mark.parametrize(("kind", "key"), FIELDS)
def test_a_field_that_is_missing_or_of_another_type_is_named(kind: str, key: str) -> None:
    declared = next(f for f in KINDS[kind].fields.values() if f.key == key)
    without = {k: v for k, v in sample(kind).items() if k != key}
    if declared.absent:
        parse(kind, without)
    else:
        assert _refused(kind, without) == f"{key} of {kind}"
    for other in OTHERS:
        try:
            declared.shape.read(other)
        except UnfitError:
            assert _refused(kind, sample(kind, **{key: other})) == f"{key} of {kind}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_too_many_is_named(kind: str) -> None:
    assert _refused(kind, sample(kind, more=1)) == f"more of {kind}"


@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_what_is_no_object_is_no_body(body: Any) -> None:
    with pytest.raises(UnfitError):
        parse("stop", body)


def test_a_kind_that_rct_does_not_write_is_named() -> None:
    assert _refused("pause", MARKS) == "rct knows no events of the kind pause"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("followup", "adopted", "maybe"),
        ("followup", "cost", "6e2"),
        ("decide", "verdict", "wait"),
        ("lock", "start", "2026-3-2"),
        ("shared", "key", "A" * 64),
        ("draw", "files", {"other.csv": "a"}),
        ("outcomes", "until", {"paid": {"last": None, "busy": 1, "loaded": "2026-06-01"}}),
        ("amend", "changes", [{"field": "a", "old": None}]),
        ("draw", "replay", {"column": "a", "impossible": [], "impossible_blocks": 0, "more": 0}),
    ],
)
def test_a_value_that_no_reader_could_use_is_none(kind: str, key: str, value: Any) -> None:
    assert _refused(kind, sample(kind, **{key: value})) == f"{key} of {kind}"


def test_a_record_never_changes_and_tells_what_it_lacks() -> None:
    record = StopBody(reason="no budget", stage="drawn")
    with pytest.raises(AttributeError):
        record.reason = "another"  # type: ignore[misc]
    with pytest.raises(TypeError, match="lacks stage"):
        StopBody(reason="no budget")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="has no why"):
        record.but(why="")
    assert record.but(stage="ready") == StopBody(reason="no budget", stage="ready") != record
    assert "reason='no budget'" in repr(record)


def test_two_records_are_alike_whichever_change_wrote_them() -> None:
    one, other = parse("followup", sample("followup")), parse("followup", sample("followup", token="1" * 32))
    assert isinstance(one, FollowupBody)
    assert one.like(other)
    assert one != other
    assert not one.like(one.but(note="Another"))
    assert one.like(one.but(note="Another"), "note")
    assert not one.like(parse("stop", sample("stop")))


def test_every_field_says_what_it_means() -> None:
    for record in (Body, *KINDS.values()):
        assert all(f.meaning and f.shape.words for f in record.fields.values())
    assert all(record.when for record in KINDS.values())


def _least(kind: str) -> dict[str, Any]:
    """The body without all that it may lack."""
    absent = {f.key for f in KINDS[kind].fields.values() if f.absent}
    return {k: v for k, v in sample(kind).items() if k not in absent}


def _refused(kind: str, body: Any) -> str:
    with pytest.raises(UnfitError) as error:
        parse(kind, body)
    return str(error.value)

"""What the body of each kind of event holds at least, so that a chain written anew by hand is refused as a whole.

A hash shows that a text was not changed, not that rct wrote it. Whoever writes a chain anew can put anything into a
body; what reads bodies then never meets a key that isn't there or a number that is a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _count_or_none(value: Any) -> bool:
    return value is None or _count(value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(_count(v) for v in value.values())


def _digests(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _counts_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(_counts(v) for v in value.values())


def _map(value: Any) -> bool:
    return isinstance(value, dict)


def _texts_or_none(value: Any) -> bool:
    return value is None or _texts(value)


def _until(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(
            isinstance(v, dict)
            and _flag(v.get("busy"))
            and _day(v.get("loaded"))
            and (v.get("last") is None or _day(v.get("last")))
            for v in value.values()
        )
    )


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _changes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict | list | str) for v in value)


def _replay(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and _text(value.get("column")) and _texts(value.get("impossible"))
    )


_ROWS: dict[str, Check] = {"rows": _count, "kept": _count, "excluded": _counts, "refused": _counts}
SHAPES: Mapping[str, Mapping[str, Check]] = {
    "lock": {"plan_hash": _text, "seed_commitment": _text},
    "amend": {"plan_hash": _text, "changes": _changes, "reason": _text},
    "frame": {**_ROWS, "token": _text, "frame_hash": _text, "rows_digest": _text, "people": _text, "reads": _text},
    "draw": {
        "seed": _text, "beacon": _text, "key": _text_or_none, "plan_hash": _text, "frame_hash": _text,
        "assignment": _text, "files": _digests, "units": _counts, "clusters": _counts, "blocks": _count,
        "locks": _count, "freezes": _count, "draws": _count, "replay": _replay,
    },
    "letters": {"files": _digests, "versions": _counts_by_name, "input": _text},
    "handover": {"digest": _text, "rows": _count},
    "mailed": {**_ROWS, "of": _text, "digest": _text, "changed": _count, "versions": _counts_by_name},
    "outcomes": {**_ROWS, "outcomes": _texts, "digest": _text, "changed": _count, "until": _until,
        "unplaced": _count_or_none,
    },
    "analyze": {
        "run": _count, "plan_hash": _text, "outcomes": _text, "files": _digests, "early": _flag, "verdict": _text,
        "not_analyzed": _texts, "refused": _texts_or_none,
    },
    "survey": {"files": _digests},
    "remarks": {"digest": _text},
    "printed": {"of": _text, "files": _digests},
    "entered": {"trial": _text, "of": _text, "head": _text, "practice": _flag, "token": _text},
    "decide": {"verdict": _text, "note": _text, "rule": _text},
    "stop": {"reason": _text},
}  # fmt: skip


def unfit(kind: str, body: Mapping[str, Any]) -> str | None:
    """The first key of `body` that an event of this kind can't do without, or that holds something else."""
    shape = SHAPES.get(kind, {})
    return next((key for key, fits in shape.items() if not fits(body.get(key))), None)

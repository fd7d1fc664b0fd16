"""Two bundles of one name: is the one a later word of the same trial, another trial, or a log written anew?"""

from __future__ import annotations

from rct.errors import RctError
from rct.evidence import log
from rct.evidence.container import unpack


def why_not_same(one: bytes, other: bytes) -> str | None:
    """None where the shorter log is how the longer one begins; else what is wrong, in words."""
    try:
        logs = [log.read_log(unpack(data, "bundle.zip").members[log.FILE]).events for data in (one, other)]
    except (RctError, KeyError):
        return "one of the two has no log that can be read"
    short, long = sorted(logs, key=len)
    if short[0].hash != long[0].hash:
        return "it is of another trial: its log begins with another event"
    if short[-1].hash != long[len(short) - 1].hash:
        return "its log was written anew: the two part ways"
    return None

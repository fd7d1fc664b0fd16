"""Two bundles: is the one a later word of the same trial, an earlier one, another trial, or a log written anew?"""

from __future__ import annotations

from rct.errors import RctError
from rct.evidence.bundle import log
from rct.evidence.bundle.container import unpack


def log_of(data: bytes) -> log.BundleLog | None:
    """The log in a bundle's bytes; None where there is none that can be read."""
    try:
        return log.read_log(unpack(data, "bundle.zip").members[log.FILE])
    except (RctError, KeyError):
        return None


def is_older(one: bytes, other: bytes) -> tuple[int, int] | None:
    """How many events the logs of the one and of the other have, where the one's is how the other's begins."""
    logs = log_of(one), log_of(other)
    if logs[0] is None or logs[1] is None:
        return None
    short, long = logs[0].events, logs[1].events
    if len(short) >= len(long) or short[-1].hash != long[len(short) - 1].hash:
        return None
    return len(short), len(long)


def why_not_same(one: bytes, other: bytes) -> str | None:
    """None where the shorter log is how the longer one begins; else what is wrong, in words."""
    logs = log_of(one), log_of(other)
    if logs[0] is None or logs[1] is None:
        return "one of the two has no log that can be read"
    short, long = sorted((logs[0].events, logs[1].events), key=len)
    if short[0].hash != long[0].hash:
        return "it is of another trial: its log begins with another event"
    if short[-1].hash != long[len(short) - 1].hash:
        return "its log was written anew: the two part ways"
    return None

"""What is shown of a defect of ours: where it happened, and not what the values were.

The message of an exception often quotes the value that it tripped over, which may be a name or an address, and a
traceback is what people send to strangers. So the frames and the kind of error are printed, the message only
where the environment variable RCT_TRACEBACK is set to `full`.
"""

from __future__ import annotations

import os
import sys
from types import TracebackType

NOTE = "This is a defect of rct, not of your data. What was not finished does not count."
ASK = "The message is left out: it may quote a person's data. To see it, set RCT_TRACEBACK=full."


def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback to standard error; put in place as `sys.excepthook`."""
    import traceback

    if os.environ.get("RCT_TRACEBACK") == "full":
        traceback.print_exception(kind, error, trace)
        return
    for link in _chain(error):
        print("Traceback (most recent call last):", file=sys.stderr)
        print("".join(traceback.format_tb(link.__traceback__)), end="", file=sys.stderr)
        print(f"{type(link).__module__}.{type(link).__qualname__}", file=sys.stderr)
    print(f"{NOTE}\n{ASK}", file=sys.stderr)


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it came from, the first cause first."""
    found = [error]
    while (before := found[-1].__cause__ or found[-1].__context__) and before not in found:
        found.append(before)
    return found[::-1]

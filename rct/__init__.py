"""rct: run behavioral-insights randomized trials whose evidence can be trusted and reused.

What analysts use is loaded when it is first asked for, so that a command pays for none of it. docs/python.md shows it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rct.errors import Problem, RctError
    from rct.face.bundles import Bundle, read_bundle
    from rct.face.city import City, Plan, Trial
    from rct.face.city import open_city as open
    from rct.face.drawing import draw
    from rct.face.estimating import Estimates, estimate
    from rct.face.pooling import Pool, pool
    from rct.face.powering import Power, power
    from rct.face.suppressing import suppress

__version__ = "0.1.0"

__all__ = [
    "Bundle",
    "City",
    "Estimates",
    "Plan",
    "Pool",
    "Power",
    "Problem",
    "RctError",
    "Trial",
    "__version__",
    "draw",
    "estimate",
    "open",
    "pool",
    "power",
    "read_bundle",
    "suppress",
]

_HOMES = {
    "Bundle": "rct.face.bundles",
    "City": "rct.face.city",
    "Estimates": "rct.face.estimating",
    "Plan": "rct.face.city",
    "Pool": "rct.face.pooling",
    "Power": "rct.face.powering",
    "Problem": "rct.errors",
    "RctError": "rct.errors",
    "Trial": "rct.face.city",
    "open": "rct.face.city",
    "pool": "rct.face.pooling",
    "read_bundle": "rct.face.bundles",
    "suppress": "rct.face.suppressing",
}
_NAMED = {"open": "open_city"}
_CALLED = ("draw", "estimate", "power")  # packages that can be called: rct/called.py


def __getattr__(name: str) -> Any:
    if name in _CALLED:
        return import_module(f"rct.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), _NAMED.get(name, name))


def __dir__() -> list[str]:
    return sorted(__all__)

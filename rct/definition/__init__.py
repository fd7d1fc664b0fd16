"""trial.toml → Definition: load, check, plan, scaffold, JSON Schema.

Names are loaded when they are first used: the log needs `canonical` alone, and must not wait for pydantic.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rct.definition.loading import check_text, load
    from rct.definition.plan import PlanChange, difference, from_plan, plan_hash, plan_json
    from rct.definition.resolve import Definition

__all__ = [
    "Definition",
    "PlanChange",
    "check_text",
    "difference",
    "from_plan",
    "load",
    "plan_hash",
    "plan_json",
]

_HOMES = {
    "check_text": "loading",
    "load": "loading",
    "PlanChange": "plan",
    "difference": "plan",
    "from_plan": "plan",
    "plan_hash": "plan",
    "plan_json": "plan",
    "Definition": "resolve",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
